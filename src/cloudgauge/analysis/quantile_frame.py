"""Cells of many result sets as a frame: one row a cell, a figure a column."""

from collections.abc import Sequence

import pandas as pd

from cloudgauge.analysis.engine_ends import QuantileCell
from cloudgauge.analysis.engine_query import By, Query
from cloudgauge.analysis.engine_words import clock_of, quantile_cells_of, quantile_name
from cloudgauge.analysis.frame import (
    FrameColumn,
    FrameRow,
    frame_column,
    framed,
    milliseconds,
    number,
)

_OF_CELLS: dict[By, FrameColumn] = {
    By.VANTAGE: frame_column("vantage", "category", "Name of the vantage."),
    By.PROVIDER: frame_column("provider", "category", "The targets' provider."),
    By.REGION: frame_column("region", "category", "Their region, `provider/code`."),
    By.TARGET: frame_column("target_id", "category", "The target, as in targets.json."),
    By.FAMILY: frame_column("family", "category", "IP version of the series."),
    By.REPLICA: frame_column(
        "replica", "int32", "1 for the second series of a control."
    ),
    By.DAY: frame_column("day", "category", "UTC date of the send by the wall clock."),
    By.HOUR: frame_column("hour", "int32", "UTC hour of the day of the send, 0 to 23."),
    By.RUN: frame_column("run_id", "category", "The run, as in the manifest."),
}
_COUNTS = (
    frame_column("visits", "int64", "Visits with at least one sample."),
    frame_column("samples", "int64", "Exchanges, failed ones too."),
    frame_column("failed", "int64", "Exchanges that failed, timeouts too."),
    frame_column("syn_retransmitted", "int64", "Visits whose SYN was sent again."),
    frame_column("n", "int64", "Values of the metric that are known."),
    frame_column("timed_out", "int64", "Values that are only known to be longer."),
    frame_column(
        "clock",
        "category",
        "Whose time the values are: kernel, user or both; absent without a value.",
    ),
    frame_column(
        "rounds", "int64", "Blocks that intervals are made of: rounds, or several."
    ),
    milliseconds("min_ms", "Least value."),
)
QUANTILE_COLUMNS = (*_OF_CELLS.values(), *_COUNTS)
"""What a frame of quantiles may have beside its quantiles."""


def quantile_columns(name: str) -> tuple[FrameColumn, ...]:
    """The columns of one quantile.

    Args:
        name: Such as ``p95``.
    """
    return (
        milliseconds(f"{name}_ms", "The quantile; absent where timeouts reach it."),
        milliseconds(f"{name}_beyond_ms", "How long was waited, where they do."),
        milliseconds(f"{name}_low_ms", "Lower end of its interval at 95 %, by rounds."),
        milliseconds(
            f"{name}_low_beyond_ms", "How long was waited, where they reach it."
        ),
        milliseconds(f"{name}_high_ms", "Upper end; absent too if too few bound it."),
        milliseconds(
            f"{name}_high_beyond_ms", "How long was waited, where they reach it."
        ),
        number(f"{name}_n_eff", "As many independent values would say as much of it."),
    )


def contract_of(query: Query) -> tuple[FrameColumn, ...]:
    """The columns of the frame that answers a question."""
    return (
        *(_OF_CELLS[one] for one in query.by),
        *_COUNTS,
        *(
            column
            for share in query.shares
            for column in quantile_columns(quantile_name(share))
        ),
    )


def quantiles_frame(query: Query, cells: Sequence[QuantileCell]) -> pd.DataFrame:
    """Cells as a frame, in their order."""
    return framed(contract_of(query), [_row(cell) for cell in cells])


def _row(cell: QuantileCell) -> FrameRow:
    return (
        *cell.key,
        cell.visits,
        cell.samples,
        cell.failed,
        cell.resent,
        cell.n,
        cell.timed_out,
        clock_of(cell),
        cell.rounds,
        cell.min_ms,
        *(one for found in cell.quantiles for one in quantile_cells_of(cell, found)),
    )
