"""The counts of a set against histograms that are made of its samples one by one."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cloudgauge.analysis.columns import columns_of
from cloudgauge.analysis.long_term_counts import counts_for_long_term
from cloudgauge.analysis.long_term_figures import Every, figures_every
from cloudgauge.analysis.summary import SUMMARISED, summarise
from cloudgauge.model.sample import FailureKind, Sample, Timings
from cloudgauge.stats.histogram import LogHistogram
from cloudgauge.store.long_term import long_term_files
from cloudgauge.store.long_term_layout import COUNTS, Metric
from cloudgauge.store.resultset import ResultSet
from cloudgauge.store.table import schema_of
from cloudgauge.workflow.monitor_bounds import Bounds
from cloudgauge.workflow.monitor_keeping import keep_parts
from tests.fakes.monitored import (
    BEGAN_NS,
    PLAN,
    keep_samples,
    part_info,
    part_samples,
)

_TIMEOUTS = {
    "connect": (FailureKind.CONNECT_TIMEOUT,),
    "tls": (FailureKind.CONNECT_TIMEOUT, FailureKind.TLS_TIMEOUT),
    "first_byte": (
        FailureKind.CONNECT_TIMEOUT,
        FailureKind.TLS_TIMEOUT,
        FailureKind.RESPONSE_TIMEOUT,
    ),
}


def _value_of(sample: Sample, metric: Metric) -> int | None:
    kernel, timings = sample.kernel, sample.timings
    match metric:
        case Metric.CONNECT:
            rtt_us = None if kernel is None else kernel.connect_rtt_us
            return None if rtt_us is None else rtt_us * 1_000
        case Metric.CONNECT_PROGRAM:
            return timings.connect_ns
        case Metric.RESOLVE:
            return timings.resolve_ns
        case Metric.TLS:
            return timings.tls_ns
        case _:
            return timings.first_byte_ns


def _expected(samples: list[Sample], metric: Metric) -> LogHistogram:
    warm, name = metric is Metric.FIRST_BYTE_WARM, metric.value
    phase = next((p for p in _TIMEOUTS if name.startswith(p)), "")
    values: list[float] = []
    for sample in samples:
        cold, kernel = sample.exchange == 0, sample.kernel
        value = _value_of(sample, metric)
        if sample.failure in _TIMEOUTS.get(phase, ()):
            came = phase == "first_byte" and value is not None
            values += [] if came or not (cold or warm) else [float("inf")]
        elif sample.failure is None and cold != warm and value is not None:
            resent = kernel is not None and kernel.syn_retransmits
            values += [] if resent and phase == "connect" else [float(value)]
    return LogHistogram.from_values(values)


def _with_every_failure(sample: Sample) -> Sample:
    """Some timeouts of each kind, an answer cut short, a SYN sent again."""
    kinds = {
        1: FailureKind.CONNECT_TIMEOUT,
        2: FailureKind.TLS_TIMEOUT,
        3: FailureKind.RESPONSE_TIMEOUT,
        4: FailureKind.REFUSED,
    }
    seq = sample.slot.seq
    if seq % 12 in kinds and sample.exchange == 0:
        timings = replace(sample.timings, first_byte_ns=None, body_ns=None)
        return replace(sample, failure=kinds[seq % 12], timings=timings, clock=None)
    if seq % 12 == 5 and sample.exchange == 1:
        return replace(sample, failure=FailureKind.RESPONSE_TIMEOUT)
    if seq % 12 == 6 and sample.kernel is not None:
        return replace(sample, kernel=replace(sample.kernel, syn_retransmits=1))
    if seq % 12 == 7:
        return replace(sample, timings=Timings(resolve_ns=0, connect_ns=1, tls_ns=0))
    return sample


@pytest.mark.parametrize("change", [lambda sample: sample, _with_every_failure])
def test_the_histograms_of_a_set_are_those_of_its_samples(
    tmp_path: Path, change: Callable[[Sample], Sample]
) -> None:
    info = part_info(0)
    samples = [change(sample) for sample in part_samples(info)]
    folder = keep_samples(tmp_path, info, samples)
    result = ResultSet.open(folder)
    keep_parts(tmp_path, Bounds(keep_ns=10**18, keep_bytes=10**12), BEGAN_NS)
    (figures,) = figures_every(long_term_files(tmp_path), Every.ALL)
    for one in figures.phases:
        mine = [
            sample
            for sample in samples
            if (sample.slot.target_id, sample.slot.replica)
            == (one.key.target_id, one.key.replica)
        ]
        assert one.histogram == _expected(mine, one.metric), (one.key, one.metric)
    summaries = summarise(
        columns_of(result, SUMMARISED), timeout_ns=PLAN.probe.timeout_ns
    )
    counts = {
        (one.key.target_id, one.key.replica, one.metric): one.histogram
        for one in figures.phases
    }
    for summary in summaries:
        key = (summary.target_id, summary.replica)
        for metric, spread in (
            (Metric.CONNECT, summary.connect),
            (Metric.FIRST_BYTE_COLD, summary.first_byte_cold),
            (Metric.FIRST_BYTE_WARM, summary.first_byte_warm),
        ):
            histogram = counts[*key, metric]
            assert histogram.count == spread.n + spread.timed_out
            assert histogram.beyond == spread.timed_out
    tallies = {(one.key.target_id, one.key.replica): one for one in figures.tallies}
    for summary in summaries:
        tally = tallies[summary.target_id, summary.replica]
        assert tally.visits == summary.visits
        assert sorted(tally.failures.items()) == sorted(
            (failure.word, failure.count) for failure in summary.failures
        )


def test_an_exchange_is_of_the_hour_in_which_it_was_sent(tmp_path: Path) -> None:
    info = part_info(0)
    # Four rounds of five seconds, of which the second ends with an hour.
    began_ns = BEGAN_NS // (3_600 * 10**9) * 3_600 * 10**9 + 3_590 * 10**9
    info = replace(info, started_wall_ns=began_ns)
    samples = [
        replace(sample, wall_ns=sample.wall_ns - BEGAN_NS + began_ns)
        for sample in part_samples(part_info(0))
    ]
    folder = keep_samples(tmp_path, info, samples)
    counts = counts_for_long_term(ResultSet.open(folder)).to_pylist()
    visits = [
        (row["begins_wall_ns"], row["count"])
        for row in counts
        if row["metric"] == "visits"
    ]
    hour_ns = 3_600 * 10**9
    edge_ns = began_ns // hour_ns * hour_ns + hour_ns
    early = sum(s.wall_ns < edge_ns for s in samples if s.exchange == 0)
    late = sum(s.wall_ns >= edge_ns for s in samples if s.exchange == 0)
    assert early > 0
    assert late > 0
    assert sum(n for at, n in visits if at == edge_ns - hour_ns) == early
    assert sum(n for at, n in visits if at == edge_ns) == late


def test_a_set_without_a_sample_has_no_counts(tmp_path: Path) -> None:
    folder = keep_samples(tmp_path, part_info(0), [])
    counts = counts_for_long_term(ResultSet.open(folder))
    assert counts.num_rows == 0
    assert counts.schema == schema_of(COUNTS.columns)
    for _ in range(2):
        kept = keep_parts(tmp_path, Bounds(keep_ns=10**18, keep_bytes=1), BEGAN_NS)
    assert kept.folded == 0
    assert not folder.exists()
