"""The frame of rounds: what each series of latency saw in each of them."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cloudgauge.analysis.columns import Columns, columns_of
from cloudgauge.analysis.frame import (
    CONTEXT_COLUMNS,
    SERIES_COLUMNS,
    context_cells,
    frame_column,
    framed,
    milliseconds,
)
from cloudgauge.analysis.groups import Groups, Mask
from cloudgauge.analysis.series import Floats, Series
from cloudgauge.analysis.summary import SUMMARISED, latency_rows
from cloudgauge.store.resultset import ResultSet

Cells = NDArray[np.int64]

_NS_PER_MS = 1e6
_US_PER_MS = 1e3

ROUNDS_COLUMNS = (
    *CONTEXT_COLUMNS,
    *SERIES_COLUMNS,
    frame_column("round_index", "int32", "The round, from 0."),
    frame_column("wall_ns", "int64", "First send of the round by the wall clock, UTC."),
    frame_column("samples", "int64", "Exchanges, failed ones too."),
    frame_column("failed", "int64", "Exchanges that failed; in no median."),
    milliseconds("connect_rtt_ms", "Round trip of the SYN by the kernel."),
    milliseconds("connect_ms", "The connect phase by the program's clock."),
    milliseconds("first_byte_cold_ms", "First byte of the cold exchange."),
    milliseconds("first_byte_ms", "Median first byte of the warm exchanges."),
)

_ROUND_NAMES = (*SUMMARISED, "round_index", "wall_offset_ns")


def rounds_frame_of(result: ResultSet) -> pd.DataFrame:
    """One row a series of latency and round, medians of what did not fail.

    A visit whose SYN was sent again is in no connect figure. Where no good value is
    left the figure is absent.

    Raises:
        StoreError: The samples cannot be read.
    """
    columns = latency_rows(columns_of(result, _ROUND_NAMES))
    if not columns.count:
        return framed(ROUNDS_COLUMNS, [])
    series = Series.of(columns)
    rounds = columns.numbers["round_index"].cells
    width = int(rounds.max()) + 1
    groups = Groups.of(series.codes.astype(np.int64) * width + rounds)
    places = groups.cells.astype(np.int64) // width
    made = {
        **_about(result, series, places),
        "round_index": (groups.cells % width).astype(np.int32),
        **_figures(columns, groups, result.manifest.run.started_wall_ns),
    }
    return pd.DataFrame({column.name: made[column.name] for column in ROUNDS_COLUMNS})


def _about(result: ResultSet, series: Series, places: Cells) -> dict[str, Any]:
    """What is known of each row by its series, given by its place among the keys."""
    rows = [
        (*context_cells(result, key.target_id), key.family, key.replica)
        for key in series.keys
    ]
    about = framed((*CONTEXT_COLUMNS, *SERIES_COLUMNS), rows)
    return {str(name): about[name].array.take(places) for name in about.columns}


def _figures(columns: Columns, groups: Groups, started_ns: int) -> dict[str, Any]:
    numbers = columns.numbers
    good = columns.words["failure"].absent
    cold = np.equal(numbers["exchange"].cells, 0)
    connected = good & cold & ~(numbers["syn_retransmits"].floats() > 0)
    all_rows = np.ones(columns.count, dtype=np.bool_)
    wall_ns = numbers["sent_ns"].cells + numbers["wall_offset_ns"].cells
    walls_ns, samples = groups.kept(wall_ns, all_rows)
    _, failed = groups.kept(wall_ns, ~good)

    def medians(name: str, scale: float, mask: Mask) -> Floats:
        values = numbers[name].floats()
        return _medians(*groups.kept(values, mask & ~np.isnan(values))) / scale

    return {
        "wall_ns": started_ns + np.minimum.reduceat(walls_ns, groups.begins),
        "samples": samples,
        "failed": failed,
        "connect_rtt_ms": medians("connect_rtt_us", _US_PER_MS, connected),
        "connect_ms": medians("connect_ns", _NS_PER_MS, connected),
        "first_byte_cold_ms": medians("first_byte_ns", _NS_PER_MS, good & cold),
        "first_byte_ms": medians("first_byte_ns", _NS_PER_MS, good & ~cold),
    }


def _medians(values: Floats, counts: Cells) -> Floats:
    """The median of each group of values; NaN for a group with none.

    Args:
        values: Group after group.
        counts: How many each has.
    """
    starts = np.cumsum(counts) - counts
    found = np.full(len(counts), np.nan)
    # A round has a visit, and a visit a few exchanges: groups of one size at a time.
    for count in np.unique(counts[counts > 0]):
        mine = counts == count
        table = values[starts[mine][:, np.newaxis] + np.arange(count)]
        table.sort(axis=1)
        found[mine] = (table[:, (count - 1) // 2] + table[:, count // 2]) / 2
    return found
