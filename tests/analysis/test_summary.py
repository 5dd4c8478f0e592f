from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cloudgauge.analysis.columns import columns_of
from cloudgauge.analysis.series import Spread, WordCount
from cloudgauge.analysis.summary import SUMMARISED, SeriesSummary, summarise
from cloudgauge.model.sample import FailureKind, Sample
from cloudgauge.store.resultset import ResultSet
from tests.store.synthetic import keep_set, make_plan, make_samples
from tests.store.transfers import make_download_plan, make_transfers

PLAN = make_plan(targets=3, rounds=20, controls=1)
Change = Callable[[Sample], Sample]


def summaries_of(
    folder: Path, samples: list[Sample]
) -> dict[tuple[str, int], SeriesSummary]:
    result = ResultSet.open(keep_set(folder, PLAN, samples))
    found = summarise(columns_of(result, SUMMARISED))
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


def test_a_series_that_never_answered_has_no_figures(tmp_path: Path) -> None:
    def fail(sample: Sample) -> Sample:
        return replace(sample, failure=FailureKind.CONNECT_TIMEOUT)

    target_id = PLAN.targets[1].target_id
    samples = with_change(fail, lambda s: s.slot.target_id == target_id)
    summary = summaries_of(tmp_path, samples)[(target_id, 0)]
    nothing = Spread(
        n=0, min_ms=None, p50_ms=None, p95_ms=None, p99_ms=None, max_ms=None
    )
    assert summary.connect == nothing
    assert summary.first_byte_warm == nothing
    assert summary.kernel_min_rtt_ms is None
    assert summary.failures == (WordCount(word="connect-timeout", count=100),)


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
    wanted = summarise(columns_of(alone, SUMMARISED))
    assert summarise(columns_of(both, SUMMARISED)) == wanted
    assert both.manifest.counts.samples > alone.manifest.counts.samples
    only = ResultSet.open(
        keep_set(tmp_path / "only", plan, make_transfers(plan, bins=30))
    )
    assert summarise(columns_of(only, SUMMARISED)) == ()
