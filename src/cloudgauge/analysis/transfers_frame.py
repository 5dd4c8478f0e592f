"""The frame of transfers: the rate of each, and the round trips beside it."""

import pandas as pd

from cloudgauge.analysis.columns import bin_columns_of, columns_of
from cloudgauge.analysis.frame import (
    CONTEXT_COLUMNS,
    FrameRow,
    context_cells,
    frame_column,
    framed,
    milliseconds,
)
from cloudgauge.analysis.transfers import (
    TRANSFER_BINS,
    TRANSFER_SAMPLES,
    Transfer,
    transfers_of,
)
from cloudgauge.store.resultset import ResultSet

_BYTES_PER_S_PER_MBIT = 1e6 / 8

TRANSFERS_COLUMNS = (
    *CONTEXT_COLUMNS,
    frame_column("family", "category", "IP version of the series."),
    frame_column("streams", "int32", "Connections of the transfer."),
    frame_column("seq", "int64", "The transfer: `seq` of its samples."),
    frame_column("failure", "category", "Why it failed; absent if it did not."),
    frame_column("body_bytes", "int64", "Bytes of bodies, until a failure too."),
    frame_column("settled", "bool", "It came to a rate that lasted."),
    frame_column(
        "rate_mbit_per_s", "float64", "That rate; absent if it did not settle."
    ),
    frame_column("lowest_mbit_per_s", "float64", "Its lowest level, settled or not."),
    frame_column("highest_mbit_per_s", "float64", "Its highest level."),
    frame_column("idle_n", "int64", "Small requests before it that were answered."),
    milliseconds("idle_p50_ms", "Their median first byte."),
    frame_column("loaded_n", "int64", "Small requests during it that were answered."),
    milliseconds("loaded_p50_ms", "Their median first byte."),
    milliseconds("loaded_p95_ms", "Its quantile 0.95."),
)


def transfers_frame_of(result: ResultSet) -> pd.DataFrame:
    """One row a transfer, in the order of their slots.

    Raises:
        StoreError: Samples or bins cannot be read.
    """
    if not result.objects:
        return framed(TRANSFERS_COLUMNS, [])
    samples = columns_of(result, TRANSFER_SAMPLES)
    found = transfers_of(samples, bin_columns_of(result, TRANSFER_BINS))
    return framed(TRANSFERS_COLUMNS, [_transfer_row(result, one) for one in found])


def _transfer_row(result: ResultSet, one: Transfer) -> FrameRow:
    settled = one.settled
    levels = (settled.point, settled.low, settled.high) if settled else (None,) * 3
    return (
        *context_cells(result, one.target_id),
        one.family,
        one.streams,
        one.seq,
        one.failure,
        one.body_bytes,
        settled is not None and settled.is_settled,
        *map(_mbit, levels),
        one.idle.n,
        one.idle.p50_ms,
        one.loaded.n,
        one.loaded.p50_ms,
        one.loaded.p95_ms,
    )


def _mbit(bytes_per_s: float | None) -> float | None:
    return None if bytes_per_s is None else bytes_per_s / _BYTES_PER_S_PER_MBIT
