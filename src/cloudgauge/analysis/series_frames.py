"""Frames of figures by series of a set: quantiles, and failures by their kind."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from cloudgauge.analysis.columns import Columns, columns_of
from cloudgauge.analysis.frame import (
    CONTEXT_COLUMNS,
    SERIES_COLUMNS,
    FrameColumn,
    FrameRow,
    context_cells,
    frame_column,
    framed,
    milliseconds,
    number,
)
from cloudgauge.analysis.metric import Metric
from cloudgauge.analysis.run_rounds import round_samples, rounds_of
from cloudgauge.analysis.series import Spread
from cloudgauge.analysis.standing import Standing, standing_of
from cloudgauge.analysis.summary import SUMMARISED, SeriesSummary, summarise
from cloudgauge.store.resultset import ResultSet


def _quantile(name: str, meaning: str) -> tuple[FrameColumn, FrameColumn]:
    return (
        milliseconds(f"{name}_ms", f"{meaning}; absent where timeouts reach it."),
        milliseconds(
            f"{name}_beyond_ms", "How long was waited, where they do; else absent."
        ),
    )


def _interval(name: str, meaning: str) -> tuple[FrameColumn, ...]:
    return tuple(
        column
        for end, word in (("low", "lower"), ("high", "upper"))
        for column in _quantile(f"{name}_{end}", f"{meaning} its {word} end")
    )


TARGETS_COLUMNS = (
    *CONTEXT_COLUMNS,
    *SERIES_COLUMNS,
    frame_column("visits", "int64", "Visits with at least one sample."),
    frame_column("samples", "int64", "Exchanges, failed ones too."),
    frame_column("failed", "int64", "Exchanges that failed, timeouts too."),
    number("answered", "Share of visits whose first exchange did not fail."),
    number("answered_low", "Lower end of its interval at 95 %, by Wilson."),
    number("answered_high", "Upper end."),
    frame_column(
        "connect_clock",
        "category",
        "Whose time `connect` is: kernel, or user where the kernel gave none at all.",
    ),
    frame_column("connect_n", "int64", "Visits whose connect phase is known."),
    frame_column(
        "connect_timed_out",
        "int64",
        "Visits whose connect phase is known to be longer.",
    ),
    frame_column(
        "connect_n_eff",
        "float64",
        "As many independent visits would say as much about the median.",
    ),
    milliseconds("connect_min_ms", "Least connect phase."),
    *_quantile("connect_p50", "Its median"),
    *_interval("connect_p50", "Interval of the median at 95 %, by rounds,"),
    *_quantile("connect_p95", "Its quantile 0.95"),
    *_quantile("connect_p99", "Its quantile 0.99"),
    frame_column("first_byte_n", "int64", "Warm exchanges whose first byte is known."),
    frame_column(
        "first_byte_timed_out", "int64", "Visits that timed out before one came."
    ),
    *_quantile("first_byte_p50", "Median first byte of warm exchanges"),
    *_quantile("first_byte_p95", "Its quantile 0.95"),
    *_quantile("first_byte_p99", "Its quantile 0.99"),
    *_quantile("first_byte_cold_p50", "Median first byte of cold exchanges"),
    milliseconds("kernel_min_rtt_ms", "Least round trip that the kernel saw."),
    milliseconds(
        "lateness_p99_ms", "Quantile 0.99 of how much later than due visits began."
    ),
    frame_column("syn_retransmitted", "int64", "Visits whose SYN was sent again."),
    frame_column(
        "burst",
        "bool",
        "The run has two rounds in fewer than three quarters of a day: its figures "
        "say nothing of other hours.",
    ),
)
FAILURES_COLUMNS = (
    *CONTEXT_COLUMNS,
    *SERIES_COLUMNS,
    frame_column("kind", "category", "latency or download."),
    frame_column(
        "streams", "Int32", "Connections of the transfers; absent for latency."
    ),
    frame_column("failure", "category", "The kind of failure."),
    frame_column("failed", "int64", "Samples that failed so, at least 1."),
    frame_column("samples", "int64", "All samples of the series, good ones too."),
)


def targets_frame_of(result: ResultSet) -> pd.DataFrame:
    """One row a series of latency, in the order of target, family and replica.

    Raises:
        StoreError: The samples cannot be read.
    """
    plan, run = result.manifest.plan, result.manifest.run
    columns = columns_of(result, tuple({*SUMMARISED, *round_samples(Metric.CONNECT)}))
    imported = run.imported is not None
    rounds = rounds_of(columns, Metric.CONNECT, run.started_wall_ns, imported=imported)
    burst = bool(rounds.lines) and rounds.coverage().is_burst
    rows = [
        (
            *context_cells(result, one.target_id),
            *_series_cells(
                one, standing_of(rounds, one), imported=imported, burst=burst
            ),
        )
        for one in summarise(
            columns, timeout_ns=plan.probe.timeout_ns, imported=imported
        )
    ]
    return framed(TARGETS_COLUMNS, rows)


def _series_cells(
    one: SeriesSummary, standing: Standing, *, imported: bool, burst: bool
) -> FrameRow:
    answered, connect = standing.answered, one.connect
    return (
        one.family,
        one.replica,
        one.visits,
        one.samples,
        one.samples - one.answered,
        *((answered.point, answered.low, answered.high) if answered else (None,) * 3),
        "kernel" if one.connect_by_kernel else "user",
        connect.n,
        connect.timed_out,
        standing.effective_n,
        connect.min_ms,
        *_bounded(connect, connect.p50_ms),
        *_ends(connect, standing),
        *_bounded(connect, connect.p95_ms),
        *_bounded(connect, connect.p99_ms),
        *_first_bytes(one),
        one.kernel_min_rtt_ms,
        # Where there was no schedule nothing was late, or in time.
        None if imported else one.lateness.p99_ms,
        one.syn_retransmitted,
        burst,
    )


def _first_bytes(one: SeriesSummary) -> FrameRow:
    warm, cold = one.first_byte_warm, one.first_byte_cold
    quantiles = (warm.p50_ms, warm.p95_ms, warm.p99_ms)
    return (
        warm.n,
        warm.timed_out,
        *(cell for value in quantiles for cell in _bounded(warm, value)),
        *_bounded(cold, cold.p50_ms),
    )


def _bounded(spread: Spread, quantile_ms: float | None) -> FrameRow:
    return (quantile_ms, spread.beyond_ms(quantile_ms))


def _ends(connect: Spread, standing: Standing) -> FrameRow:
    ends = zip(standing.ends_ms(), standing.endless(), strict=True)
    return tuple(
        cell
        for end_ms, endless in ends
        for cell in (end_ms, connect.limit_ms if endless else None)
    )


_SERIES_NAMES = ("target_id", "family", "replica", "kind", "streams", "failure")


def failures_frame_of(result: ResultSet) -> pd.DataFrame:
    """One row a series, latency and downloads, and kind of failure that it had.

    Raises:
        StoreError: The samples cannot be read.
    """
    columns = columns_of(result, _SERIES_NAMES)
    rows = [
        (*context_cells(result, str(target_id)), *rest)
        for target_id, *rest in _failures(columns)
    ]
    return framed(FAILURES_COLUMNS, rows)


def _failures(columns: Columns) -> Iterator[FrameRow]:
    if not columns.count:
        return
    words, numbers = columns.words, columns.numbers
    streams = numbers["streams"]
    replicas = numbers["replica"].cells
    keys = np.stack(
        [
            words["target_id"].codes,
            words["family"].codes,
            replicas,
            words["kind"].codes,
            np.where(streams.absent, -1, streams.cells),
        ]
    )
    series, codes = np.unique(keys, axis=1, return_inverse=True)
    samples = np.bincount(codes)
    failure = words["failure"]
    width = len(failure.words)
    failed = codes[~failure.absent] * width + failure.codes[~failure.absent]
    for cell, count in zip(*np.unique(failed, return_counts=True), strict=True):
        at = cell // width
        target, family, replica, kind, many = (int(key) for key in series[:, at])
        yield (
            words["target_id"].words[target],
            words["family"].words[family],
            replica,
            words["kind"].words[kind],
            None if many < 0 else many,
            failure.words[cell % width],
            int(count),
            int(samples[at]),
        )
