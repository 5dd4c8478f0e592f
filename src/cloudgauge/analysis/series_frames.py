"""Frames of figures by series of a set: quantiles, and failures by their kind."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from cloudgauge.analysis.columns import Columns, columns_of
from cloudgauge.analysis.frame import (
    CONTEXT_COLUMNS,
    SERIES_COLUMNS,
    FrameRow,
    context_cells,
    frame_column,
    framed,
    milliseconds,
)
from cloudgauge.analysis.series import Spread
from cloudgauge.analysis.summary import SUMMARISED, summarise
from cloudgauge.store.resultset import ResultSet

TARGETS_COLUMNS = (
    *CONTEXT_COLUMNS,
    *SERIES_COLUMNS,
    frame_column("visits", "int64", "Visits with at least one sample."),
    frame_column("samples", "int64", "Exchanges, failed ones too."),
    frame_column("failed", "int64", "Exchanges that failed; in no quantile."),
    frame_column(
        "connect_clock",
        "category",
        "Whose time `connect` is: kernel, or user where the kernel gave none at all.",
    ),
    frame_column(
        "connect_n", "int64", "Visits that the connect quantiles are made of."
    ),
    milliseconds("connect_min_ms", "Least connect phase."),
    milliseconds("connect_p50_ms", "Its median."),
    milliseconds("connect_p95_ms", "Its quantile 0.95."),
    milliseconds("connect_p99_ms", "Its quantile 0.99."),
    frame_column(
        "first_byte_n", "int64", "Warm exchanges of the first-byte quantiles."
    ),
    milliseconds("first_byte_p50_ms", "Median first byte of warm exchanges."),
    milliseconds("first_byte_p95_ms", "Its quantile 0.95."),
    milliseconds("first_byte_p99_ms", "Its quantile 0.99."),
    milliseconds("first_byte_cold_p50_ms", "Median first byte of cold exchanges."),
    milliseconds("kernel_min_rtt_ms", "Least round trip that the kernel saw."),
    milliseconds(
        "lateness_p99_ms", "Quantile 0.99 of how much later than due visits began."
    ),
    frame_column("syn_retransmitted", "int64", "Visits whose SYN was sent again."),
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
    imported = result.manifest.run.imported is not None
    rows = [
        (
            *context_cells(result, one.target_id),
            one.family,
            one.replica,
            one.visits,
            one.samples,
            one.samples - one.answered,
            "kernel" if one.connect_by_kernel else "user",
            *_spread(one.connect, least=True),
            *_spread(one.first_byte_warm, least=False),
            one.first_byte_cold.p50_ms,
            one.kernel_min_rtt_ms,
            # Where there was no schedule nothing was late, or in time.
            None if imported else one.lateness.p99_ms,
            one.syn_retransmitted,
        )
        for one in summarise(columns_of(result, SUMMARISED))
    ]
    return framed(TARGETS_COLUMNS, rows)


def _spread(spread: Spread, *, least: bool) -> FrameRow:
    quantiles = (spread.p50_ms, spread.p95_ms, spread.p99_ms)
    return (spread.n, spread.min_ms, *quantiles) if least else (spread.n, *quantiles)


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
