from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudgauge.analysis.columns import columns_of
from cloudgauge.analysis.series import Ordered, Spread, WordCount
from cloudgauge.analysis.summary import SUMMARISED, SeriesSummary, summarise
from cloudgauge.model.sample import FailureKind, Sample, Timings
from cloudgauge.stats.censored import survival_quantile
from cloudgauge.store.resultset import ResultSet
from tests.store.synthetic import keep_set, make_plan, make_samples
from tests.store.transfers import make_download_plan, make_transfers

PLAN = make_plan(targets=3, rounds=20, controls=1)
Change = Callable[[Sample], Sample]


def summaries_of(
    folder: Path, samples: list[Sample]
) -> dict[tuple[str, int], SeriesSummary]:
    result = ResultSet.open(keep_set(folder, PLAN, samples))
    found = summarise(columns_of(result, SUMMARISED), timeout_ns=10**10)
    assert [s.run_id for s in found] == [result.manifest.run.run_id] * len(found)
    keys = [(s.target_id, s.replica) for s in found]
    assert keys == sorted(keys)
    return dict(zip(keys, found, strict=True))


def test_figures_are_those_of_numpy_series_by_series(tmp_path: Path) -> None:
    samples = list(make_samples(PLAN, failing=0.05))
    found = summaries_of(tmp_path, samples)
    assert len(found) == 4
    for (target_id, replica), summary in found.items():
        mine = [
            s
            for s in samples
            if s.slot.target_id == target_id and s.slot.replica == replica
        ]
        good = [s for s in mine if s.failure is None]
        assert summary.samples == len(mine)
        assert summary.visits == 20
        cold = [s for s in good if s.exchange == 0]
        rtts_us = [s.kernel.connect_rtt_us for s in cold if s.kernel is not None]
        check(summary.connect, np.array(rtts_us) / 1e3)
        warm = [s for s in good if s.exchange > 0]
        first_bytes = [s.timings.first_byte_ns for s in warm]
        check(summary.first_byte_warm, np.array(first_bytes) / 1e6)
        late = [s.lateness_ns for s in mine if s.exchange == 0]
        check(summary.lateness, np.array(late) / 1e6)
        least = min(s.kernel.min_rtt_us for s in good if s.kernel is not None)
        assert summary.kernel_min_rtt_ms == pytest.approx(least / 1e3)
        assert summary.connect_by_kernel


def check(spread: Spread, values: np.ndarray) -> None:
    assert spread.n == len(values)
    found = (spread.min_ms, spread.p50_ms, spread.p95_ms, spread.p99_ms, spread.max_ms)
    wanted = np.quantile(values.astype(float), [0, 0.5, 0.95, 0.99, 1])
    assert found == pytest.approx(tuple(wanted), rel=1e-12)


def with_change(change: Change, chosen: Callable[[Sample], bool]) -> list[Sample]:
    samples = make_samples(PLAN, failing=0)
    return [change(s) if chosen(s) else s for s in samples]


def slow(sample: Sample) -> Sample:
    assert sample.kernel is not None
    return replace(
        sample,
        timings=replace(sample.timings, connect_ns=9 * 10**9, first_byte_ns=9 * 10**9),
        kernel=replace(sample.kernel, connect_rtt_us=9 * 10**6),
    )


def test_a_failed_exchange_is_counted_and_in_no_latency(tmp_path: Path) -> None:
    def fail(sample: Sample) -> Sample:
        return replace(slow(sample), failure=FailureKind.TRUNCATED_BODY)

    samples = with_change(fail, lambda s: s.slot.round_index == 3)
    for summary in summaries_of(tmp_path, samples).values():
        assert summary.failures == (WordCount(word="truncated-body", count=5),)
        assert summary.samples == 100
        assert summary.connect.n == 19
        assert summary.first_byte_warm.n == 76
        assert summary.connect.max_ms is not None
        assert summary.connect.max_ms < 1_000
        assert summary.lateness.n == 20


def test_a_syn_that_was_sent_again_is_counted_and_in_no_connect(
    tmp_path: Path,
) -> None:
    def resend(sample: Sample) -> Sample:
        late = slow(sample)
        assert late.kernel is not None
        return replace(late, kernel=replace(late.kernel, syn_retransmits=1))

    samples = with_change(resend, lambda s: s.slot.round_index < 2 and s.exchange == 0)
    for summary in summaries_of(tmp_path, samples).values():
        assert summary.syn_retransmitted == 2
        assert summary.connect.n == 18
        assert summary.connect.max_ms is not None
        assert summary.connect.max_ms < 1_000
        assert summary.first_byte_cold.n == 20


def test_without_the_kernel_the_programs_clock_is_used_and_said(
    tmp_path: Path,
) -> None:
    samples = with_change(lambda s: replace(s, kernel=None), lambda _: True)
    for summary in summaries_of(tmp_path, samples).values():
        assert not summary.connect_by_kernel
        assert summary.connect.n == 20
        assert summary.kernel_min_rtt_ms is None


def test_a_visit_that_was_held_back_was_not_late(tmp_path: Path) -> None:
    samples = [
        replace(s, failure=FailureKind.HELD_BACK, sent_ns=s.sent_ns + 10**10)
        if s.slot.round_index == 0
        else s
        for s in make_samples(PLAN, failing=0)
        if s.slot.round_index > 0 or s.exchange == 0
    ]
    for summary in summaries_of(tmp_path, samples).values():
        assert summary.visits == 20
        assert summary.lateness.n == 19
        assert summary.failures == (WordCount(word="held-back", count=1),)


@pytest.mark.parametrize(
    ("kind", "timed_out", "limit_ms"),
    [(FailureKind.CONNECT_TIMEOUT, 20, 10_000.0), (FailureKind.REFUSED, 0, None)],
)
def test_a_series_that_never_answered_has_no_figures(
    tmp_path: Path, kind: FailureKind, timed_out: int, limit_ms: float | None
) -> None:
    def fail(sample: Sample) -> Sample:
        return replace(sample, failure=kind, timings=Timings())

    target_id = PLAN.targets[1].target_id
    samples = [
        s
        for s in with_change(fail, lambda s: s.slot.target_id == target_id)
        if s.exchange == 0 or s.failure is None
    ]
    summary = summaries_of(tmp_path, samples)[(target_id, 0)]
    nothing = Spread(
        n=0,
        min_ms=None,
        p50_ms=None,
        p95_ms=None,
        p99_ms=None,
        max_ms=None,
        timed_out=timed_out,
        limit_ms=limit_ms,
    )
    assert summary.connect == nothing
    assert summary.first_byte_warm == nothing
    assert summary.kernel_min_rtt_ms is None
    assert summary.failures == (WordCount(word=kind.value, count=20),)
    assert summary.connect.beyond_ms(summary.connect.p50_ms) == limit_ms


def test_a_set_without_samples_has_no_series(tmp_path: Path) -> None:
    assert summaries_of(tmp_path, []) == {}


def test_the_quantile_between_two_values_is_interpolated(tmp_path: Path) -> None:
    # Of 20 values p95 stands at 19 * 0.95 = 18.05 from 0: a twentieth of the way
    # from the second largest to the largest.
    samples = with_change(slow, lambda s: s.slot.round_index == 0 and s.exchange == 0)
    for (target_id, replica), summary in summaries_of(tmp_path, samples).items():
        rtts_us = sorted(
            s.kernel.connect_rtt_us
            for s in samples
            if s.slot.target_id == target_id
            and s.slot.replica == replica
            and s.kernel is not None
            and s.kernel.connect_rtt_us is not None
        )
        wanted_us = rtts_us[-2] + 0.05 * (rtts_us[-1] - rtts_us[-2])
        assert summary.connect.p95_ms == pytest.approx(wanted_us / 1e3)


def test_what_belongs_to_downloads_is_in_no_figure_of_latency(tmp_path: Path) -> None:
    plan = make_download_plan(objects=1, rounds=2, bins=30)
    # The object is of the same id as a target: even then the two stay apart.
    target = plan.targets[0]
    plan = replace(plan, objects=(target,))
    visits = list(make_samples(plan))
    records = [*visits, *make_transfers(plan, bins=30)]
    alone = ResultSet.open(keep_set(tmp_path / "alone", plan, visits))
    both = ResultSet.open(keep_set(tmp_path / "both", plan, records))
    wanted = summarise(columns_of(alone, SUMMARISED), timeout_ns=10**10)
    assert summarise(columns_of(both, SUMMARISED), timeout_ns=10**10) == wanted
    assert both.manifest.counts.samples > alone.manifest.counts.samples
    only = ResultSet.open(
        keep_set(tmp_path / "only", plan, make_transfers(plan, bins=30))
    )
    assert summarise(columns_of(only, SUMMARISED), timeout_ns=10**10) == ()


TARGET_ID = PLAN.targets[1].target_id


def with_first_rounds(kind: FailureKind, count: int, **timings: int) -> list[Sample]:
    """The first exchange failed so in the first *count* rounds of one target."""

    def fail(sample: Sample) -> Sample:
        return replace(
            sample,
            failure=kind,
            kernel=None,
            timings=Timings(**{"resolve_ns": 10**6, **timings}),
        )

    return [
        fail(s) if s.slot.target_id == TARGET_ID and s.slot.round_index < count else s
        for s in make_samples(PLAN, failing=0)
        if s.exchange == 0
        or s.slot.target_id != TARGET_ID
        or s.slot.round_index >= count
    ]


def test_a_timeout_is_longer_than_all_that_is_known(tmp_path: Path) -> None:
    samples = with_first_rounds(FailureKind.CONNECT_TIMEOUT, 2)
    connect = summaries_of(tmp_path, samples)[(TARGET_ID, 0)].connect
    known_us = sorted(
        s.kernel.connect_rtt_us
        for s in samples
        if s.slot.target_id == TARGET_ID
        and s.kernel is not None
        and s.kernel.connect_rtt_us is not None
    )
    assert (connect.n, connect.timed_out, connect.limit_ms) == (18, 2, 10_000)
    # Of 20 values the median stands midway between the tenth and the eleventh.
    assert connect.p50_ms == pytest.approx((known_us[9] + known_us[10]) / 2e3)
    assert connect.max_ms == pytest.approx(known_us[-1] / 1e3)
    # p95 stands beyond the eighteenth, which is the last that is known.
    assert (connect.p95_ms, connect.p99_ms) == (None, None)
    assert connect.beyond_ms(connect.p95_ms) == 10_000
    assert connect.beyond_ms(connect.p50_ms) is None


def test_a_timeout_is_of_the_phase_it_ended_and_of_those_after_it(
    tmp_path: Path,
) -> None:
    kinds = {
        FailureKind.CONNECT_TIMEOUT: (2, 2),
        FailureKind.TLS_TIMEOUT: (0, 2),
        FailureKind.RESPONSE_TIMEOUT: (0, 2),
        FailureKind.RESET: (0, 0),
        FailureKind.HELD_BACK: (0, 0),
    }
    for kind, wanted in kinds.items():
        samples = with_first_rounds(kind, 2)
        found = summaries_of(tmp_path / kind.value, samples)[(TARGET_ID, 0)]
        assert (found.connect.timed_out, found.first_byte_warm.timed_out) == wanted
        assert found.first_byte_cold.timed_out == wanted[1]


def test_a_body_that_timed_out_had_a_first_byte(tmp_path: Path) -> None:
    samples = with_first_rounds(
        FailureKind.RESPONSE_TIMEOUT, 2, first_byte_ns=20_000_000
    )
    found = summaries_of(tmp_path, samples)[(TARGET_ID, 0)]
    assert found.first_byte_cold.timed_out == 0
    assert found.first_byte_cold.n == 18


_KNOWN = st.lists(st.integers(1, 9_999), min_size=1, max_size=150)


@given(known=_KNOWN, timeouts=st.integers(0, 40), p=st.sampled_from([0.5, 0.95, 0.99]))
def test_what_timeouts_leave_open_is_what_kaplan_and_meier_leave_open(
    known: list[int], timeouts: int, p: float
) -> None:
    values = np.sort(np.array(known, dtype=np.float64))
    ordered = Ordered(
        values=values, starts=np.array([0]), counts=np.array([len(values)])
    )
    (spread,) = ordered.spreads([timeouts], 10_000.0)
    found = {0.5: spread.p50_ms, 0.95: spread.p95_ms, 0.99: spread.p99_ms}[p]
    total = len(values) + timeouts
    longer = np.arange(total) >= len(values)
    waited = np.concatenate((values, np.full(timeouts, 10_000.0)))
    wanted = survival_quantile(waited, longer, p)
    # Between two order statistics ours interpolates, theirs takes the later one or
    # the middle: the later one is known of both, but for a part of a rank.
    if found is not None:
        assert wanted.point is not None
        assert (
            abs(np.searchsorted(values, found) - np.searchsorted(values, wanted.point))
            <= 1
        )
    elif wanted.point is not None:
        assert (total - 1) * p % 1 > 0
        assert wanted.point == values[-1]
    else:
        assert spread.beyond_ms(found) == wanted.beyond == 10_000
