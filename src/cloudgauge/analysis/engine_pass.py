"""What is done with each file, here or on another machine: one pass, one small answer.

Each function takes a source and gives counts, or the few values that were asked for;
the answers of several files are put together by `engine_merge`. What a process has
read it keeps as long as there is room, so that the next pass need not read it again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cloudgauge.analysis.engine_bins import edges_ns
from cloudgauge.analysis.engine_kept import KEPT, Job
from cloudgauge.analysis.engine_query import CellKey
from cloudgauge.analysis.engine_rows import LONGER, Integers, SmallIntegers

Spans = tuple[tuple[int, int], ...]
"""From above one value to another, nanoseconds."""
_NONE = np.zeros((0, 0, 2), dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tallied:
    """What one file has of each cell, in the order of `keys`.

    Attributes:
        counts: Shape (cells, len(COUNTED)).
        longer: How many values are only known to be longer.
        least_ns: The least value; `LONGER` where none is known.
        cells: Of each bin that holds something, its cell,
        bins: its place among `edges_ns`,
        held: and how many values it holds.
    """

    keys: tuple[CellKey, ...]
    counts: Integers
    longer: Integers
    least_ns: Integers
    cells: Integers
    bins: Integers
    held: Integers


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """How many values of each block lie below and at given values.

    Attributes:
        cells: Shape (blocks,): an index into `keys`.
        blocks: Shape (blocks,): numbers, rising in each cell.
        sizes: Shape (blocks,): how many values each has.
        below: Shape (values, blocks).
        equal: Shape (values, blocks).
    """

    keys: tuple[CellKey, ...]
    cells: SmallIntegers
    blocks: Integers
    sizes: SmallIntegers
    below: SmallIntegers
    equal: SmallIntegers


def tally(job: Job) -> Tallied:
    """Count the values of each cell in the bins of a histogram."""
    rows = KEPT.rows(job)
    cells = np.repeat(np.arange(len(rows.keys)), np.diff(rows.begins))
    known = rows.ordered_ns != LONGER
    bins = np.searchsorted(edges_ns(), rows.ordered_ns[known])
    cells_known = cells[known]
    firsts = _firsts(cells_known, bins)
    held = np.diff(np.append(firsts, len(bins)))
    many = len(rows.keys)
    least = np.full(many, LONGER)
    some = np.diff(rows.begins) > 0
    least[some] = rows.ordered_ns[rows.begins[:-1][some]]
    return Tallied(
        keys=rows.keys,
        counts=rows.counts,
        longer=np.bincount(cells[~known], minlength=many).astype(np.int64),
        least_ns=least,
        cells=cells_known[firsts],
        bins=bins[firsts],
        held=held,
    )


def cut(
    job: Job, cuts: Mapping[CellKey, Sequence[Integers]]
) -> dict[CellKey, tuple[Integers, ...]]:
    """Count the values between each two of rising bounds.

    Args:
        job: Of which file.
        cuts: For some cells the bounds of several spans; what equals a bound is below.
    """
    return {
        key: tuple(
            np.diff(np.searchsorted(values, bounds, side="right")).astype(np.int64)
            for bounds in cuts[key]
        )
        for key, values in KEPT.rows(job).slices()
        if key in cuts
    }


def pick(
    job: Job, spans: Mapping[CellKey, Spans]
) -> dict[CellKey, tuple[tuple[Integers, Integers], ...]]:
    """Give the values in spans: each once, rising, and how often it is there."""
    found = {}
    for key, values in KEPT.rows(job).slices():
        if key in spans:
            found[key] = tuple(_each(values, low, high) for low, high in spans[key])
    return found


def weigh(job: Job, bounds: Mapping[CellKey, Integers]) -> Blocks:
    """Count in each block the values below and at some.

    Args:
        job: Of which file.
        bounds: For each cell shape (values, 2): below what, and equal to what, of
            which -1 is nothing.
    """
    rows = KEPT.rows(job)
    sizes = np.diff(np.append(rows.block_begins, len(rows.values_ns)))
    lengths = np.diff(rows.begins)
    each = np.stack([bounds[key] for key in rows.keys]) if rows.keys else _NONE
    below, equal = [], []
    for at in range(each.shape[1]):
        values = rows.values_ns
        under = values < np.repeat(each[:, at, 0], lengths)
        same = values == np.repeat(each[:, at, 1], lengths)
        below.append(_summed(under, rows.block_begins))
        equal.append(_summed(same, rows.block_begins))
    shape = (each.shape[1], len(sizes))
    return Blocks(
        keys=rows.keys,
        cells=rows.block_cells.astype(np.int32),
        blocks=rows.blocks,
        sizes=sizes.astype(np.int32),
        below=np.array(below, dtype=np.int32).reshape(shape),
        equal=np.array(equal, dtype=np.int32).reshape(shape),
    )


def _summed(mask: NDArray[np.bool_], begins: Integers) -> Integers:
    if not len(mask):
        return np.zeros(0, dtype=np.int64)
    return np.add.reduceat(mask, begins, dtype=np.int64)


def _each(values: Integers, low: int, high: int) -> tuple[Integers, Integers]:
    begin, end = np.searchsorted(values, (low, high), side="right")
    part = values[begin:end]
    firsts = np.flatnonzero(np.diff(part, prepend=-1))
    return part[firsts], np.diff(np.append(firsts, len(part)))


def _firsts(cells: Integers, bins: Integers) -> Integers:
    if not len(cells):
        return np.zeros(0, dtype=np.int64)
    new = (cells[1:] != cells[:-1]) | (bins[1:] != bins[:-1])
    return np.concatenate(([0], np.flatnonzero(new) + 1))
