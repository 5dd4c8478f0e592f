"""The samples of one set that bear on a question, cell by cell.

However a file was read, from here on it is the same: whole nanoseconds, so that
nothing depends on the order in which files are taken, or on who reads them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

from cloudgauge.analysis.engine_query import By, CellKey, Query, Source
from cloudgauge.errors import StoreError

Integers = NDArray[np.int64]
# Within one block, of which a file has many.
SmallIntegers = NDArray[np.int32]
# A value that is only known to be longer: after all others, as in every figure.
LONGER = 2**63 - 1
# What a float still has every nanosecond of: 104 days.
MOST_NS = 2**53
COUNTED = ("visits", "samples", "failed", "resent", "known", "by_kernel")
"""What is counted in each cell; ``known`` values of the metric, of which so many are
by the kernel's clock."""
_HOURS_A_DAY = 24
_S_PER_HOUR = 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRows:
    """What a reader found in a file.

    Attributes:
        series: Target, IP version and replica of each series that has a sample.
        hours: Since 1970 by the wall clock; a single 0 where nobody asked.
        places: Shape (groups, 2): of each group its series and its hour.
        counts: Shape (groups, len(COUNTED)).
        groups: Shape (n,): which group each value is of.
        rounds: Shape (n,): its round, from 0.
        values_ns: Shape (n,): `LONGER` where that is all that is known.
    """

    series: tuple[tuple[str, str, int], ...]
    hours: tuple[int, ...]
    places: Integers
    counts: Integers
    groups: Integers
    rounds: Integers
    values_ns: Integers


@dataclass(frozen=True, slots=True, kw_only=True)
class CellRows:
    """The values of a file, cell after cell, twice: in order of time, and sorted.

    Attributes:
        keys: Of each cell.
        counts: Shape (cells, len(COUNTED)).
        begins: Shape (cells + 1,): where each cell's values begin.
        values_ns: Shape (n,): in each cell in the order of blocks.
        ordered_ns: Shape (n,): in each cell from the least on.
        block_begins: Where each block of each cell begins.
        block_cells: Of which cell each block is.
        blocks: Its number within the file.
    """

    keys: tuple[CellKey, ...]
    counts: Integers
    begins: Integers
    values_ns: Integers
    ordered_ns: Integers
    block_begins: Integers
    block_cells: Integers
    blocks: Integers

    @classmethod
    def of(cls, raw: RawRows, source: Source, query: Query) -> Self:
        """Bring the rows of each cell together.

        Raises:
            StoreError: A value is none that a phase can have.
        """
        _check_values(raw.values_ns, source)
        named = list(_keys(raw, source, query))
        met = (named[at] for at in _by_first(raw.groups, len(named)))
        keys = tuple(dict.fromkeys(key for key in met if key is not None))
        numbers: dict[CellKey | None, int] = {key: at for at, key in enumerate(keys)}
        cell_of = np.array([numbers.get(key, -1) for key in named], dtype=np.int64)
        kept = cell_of >= 0
        counts = np.zeros((len(keys), len(COUNTED)), dtype=np.int64)
        np.add.at(counts, cell_of[kept], raw.counts[kept])
        cells, blocks = cell_of[raw.groups], raw.rounds // source.width
        values = raw.values_ns
        if not kept.all():
            there = cells >= 0
            cells, blocks, values = cells[there], blocks[there], values[there]
        order = _order(cells, blocks)
        if order is not None:
            cells, blocks, values = cells[order], blocks[order], values[order]
        begins = np.searchsorted(cells, np.arange(len(keys) + 1))
        firsts = _changes(cells, blocks)
        return cls(
            keys=keys,
            counts=counts,
            begins=begins,
            values_ns=values,
            ordered_ns=_sorted(values, begins),
            block_begins=firsts,
            block_cells=cells[firsts],
            blocks=blocks[firsts],
        )

    @property
    def size_bytes(self) -> int:
        """What it takes to hold it."""
        return 2 * self.values_ns.nbytes + 3 * self.blocks.nbytes

    def slices(self) -> Iterator[tuple[CellKey, Integers]]:
        """Each cell's values from the least on, with those that are longer."""
        bounds = self.begins.tolist()
        for at, key in enumerate(self.keys):
            yield key, self.ordered_ns[bounds[at] : bounds[at + 1]]

    def places(self) -> Mapping[CellKey, int]:
        """Where each cell stands."""
        return {key: at for at, key in enumerate(self.keys)}


def _by_first(groups: Integers, many: int) -> list[int]:
    """Groups in the order in which they are met: then most files need no sorting."""
    begins = _begins(groups)
    found, firsts = np.unique(groups[begins], return_index=True)
    met = found[np.argsort(firsts)]
    return [*met.tolist(), *np.setdiff1d(np.arange(many), met).tolist()]


def _keys(raw: RawRows, source: Source, query: Query) -> Iterator[CellKey | None]:
    """The cell of each group; None for what is in none."""
    result = source.result
    regions = {
        target.target_id: (target.region.region_id, target.region.provider)
        for target in result.rows_used
    }
    for series, hour in raw.places.tolist():
        target_id, family, replica = raw.series[series]
        if replica and By.REPLICA not in query.by:
            yield None
            continue
        region, provider = regions[target_id]
        since = raw.hours[hour]
        facts: dict[By, str | int] = {
            By.VANTAGE: source.vantage,
            By.PROVIDER: provider,
            By.REGION: region,
            By.TARGET: target_id,
            By.FAMILY: family,
            By.REPLICA: replica,
            By.DAY: f"{datetime.fromtimestamp(since * _S_PER_HOUR, tz=UTC):%Y-%m-%d}",
            By.HOUR: since % _HOURS_A_DAY,
            By.RUN: result.manifest.run.run_id,
        }
        yield tuple(facts[one] for one in query.by)


def _check_values(values_ns: Integers, source: Source) -> None:
    odd = (values_ns < 0) | ((values_ns > MOST_NS) & (values_ns != LONGER))
    if odd.any():
        found = int(values_ns[np.argmax(odd)])
        problem = f"a phase took {found} ns, want 0 to {MOST_NS}"
        raise StoreError(source.path, problem)


def _order(cells: Integers, blocks: Integers) -> Integers | None:
    """Brings rows into the order of cells and blocks; None where they lie so."""
    if len(cells) < 2:
        return None
    step = np.diff(cells)
    if ((step > 0) | ((step == 0) & (np.diff(blocks) >= 0))).all():
        return None
    return np.lexsort((blocks, cells))


def _changes(cells: Integers, blocks: Integers) -> Integers:
    """Where a row's cell or block is not that of the row before."""
    if not len(cells):
        return np.zeros(0, dtype=np.int64)
    new = (cells[1:] != cells[:-1]) | (blocks[1:] != blocks[:-1])
    return np.concatenate(([0], np.flatnonzero(new) + 1))


def _sorted(values: Integers, begins: Integers) -> Integers:
    ordered = values.copy()
    bounds = begins.tolist()
    for begin, end in pairwise(bounds):
        ordered[begin:end].sort()
    return ordered


def hours_in(
    sent_ns: Integers, offset_ns: Integers, source: Source
) -> tuple[tuple[int, ...], Integers]:
    """Hours since 1970 by the wall clock, rising, and which of them each row is in.

    Raises:
        StoreError: A send lies before 1970 or beyond the year 2262.
    """
    started_ns = source.result.manifest.run.started_wall_ns
    about = sent_ns.astype(np.float64) + offset_ns.astype(np.float64) + started_ns
    if len(about) and (about.min() < 0 or about.max() >= 9.2e18):
        raise StoreError(source.path, "a send is of no year from 1970 to 2261")
    hours = (started_ns + sent_ns + offset_ns) // (_S_PER_HOUR * 10**9)
    found, places = np.unique(hours, return_inverse=True)
    return tuple(found.tolist()), places


def grouped(series: Integers, hours: Integers | None) -> tuple[Integers, Integers]:
    """Tell groups apart: the `RawRows.places` of them, and which each row is of."""
    if hours is None:
        found, groups = _dense(series)
        return np.stack([found, np.zeros_like(found)], axis=1), groups
    width = int(hours.max()) + 1 if len(hours) else 1
    found, groups = _dense(series * width + hours)
    return np.stack([found // width, found % width], axis=1), groups


def _dense(codes: Integers) -> tuple[Integers, Integers]:
    """The codes that occur, rising, and the place among them of each."""
    if not len(codes):
        return codes, codes
    # Rows of one series lie together: few changes are looked at, not every row.
    begins = _begins(codes)
    found, places = np.unique(codes[begins], return_inverse=True)
    lengths = np.diff(np.append(begins, len(codes)))
    return found, np.repeat(places, lengths)


def _begins(codes: Integers) -> Integers:
    """Where runs of equal codes begin."""
    if not len(codes):
        return np.zeros(0, dtype=np.int64)
    return np.concatenate(([0], np.flatnonzero(codes[1:] != codes[:-1]) + 1))


def counted(
    groups: Integers, masks: Sequence[NDArray[np.bool_]], many: int
) -> Integers:
    """How many rows of each group each mask holds for, shape (many, masks)."""
    return np.stack(
        [np.bincount(groups[mask], minlength=many) for mask in masks], axis=1
    ).astype(np.int64)
