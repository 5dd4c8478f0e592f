"""The frame of rounds: what each series of latency saw in each of them."""

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
from cloudgauge.analysis.series import Series
from cloudgauge.analysis.summary import SUMMARISED, latency_rows
from cloudgauge.store.resultset import ResultSet

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
    numbers = columns.numbers
    rounds = numbers["round_index"].cells.astype(np.int64)
    width = int(rounds.max()) + 1
    cells, codes = np.unique(series.codes * width + rounds, return_inverse=True)
    failed = ~columns.words["failure"].absent
    cold = np.equal(numbers["exchange"].cells, 0)
    resent = numbers["syn_retransmits"].floats() > 0
    wall_ns = numbers["sent_ns"].cells + numbers["wall_offset_ns"].cells
    first_ns = np.full(len(cells), np.iinfo(np.int64).max)
    np.minimum.at(first_ns, codes, wall_ns)
    masks = {"connect": ~failed & cold & ~resent, "cold": ~failed & cold}
    figures = (
        _medians(columns, "connect_rtt_us", _US_PER_MS, masks["connect"], codes),
        _medians(columns, "connect_ns", _NS_PER_MS, masks["connect"], codes),
        _medians(columns, "first_byte_ns", _NS_PER_MS, masks["cold"], codes),
        _medians(columns, "first_byte_ns", _NS_PER_MS, ~failed & ~cold, codes),
    )
    counts = np.bincount(codes), np.bincount(codes[failed], minlength=len(cells))
    start_ns = result.manifest.run.started_wall_ns
    keys = [series.keys[at] for at in cells // width]
    context = {key: context_cells(result, key.target_id) for key in series.keys}
    made = zip(keys, cells % width, first_ns + start_ns, *counts, *figures, strict=True)
    rows = [(*context[key], key.family, key.replica, *rest) for key, *rest in made]
    return framed(ROUNDS_COLUMNS, rows)


def _medians(
    columns: Columns,
    name: str,
    scale: float,
    mask: NDArray[np.bool_],
    codes: NDArray[np.int64],
) -> NDArray[np.float64]:
    """The median of a column in each group of rows; NaN for a group with none."""
    values = columns.numbers[name].floats()
    kept = mask & ~np.isnan(values)
    chosen, groups = values[kept] / scale, codes[kept]
    ordered = chosen[np.lexsort((chosen, groups))]
    count = int(codes.max()) + 1
    sizes = np.bincount(groups, minlength=count)
    starts = np.cumsum(sizes) - sizes
    found = np.full(count, np.nan)
    some = sizes > 0
    low = ordered[(starts + (sizes - 1) // 2)[some]]
    high = ordered[(starts + sizes // 2)[some]]
    found[some] = (low + high) / 2
    return found
