"""Quantiles of many result sets at once, cell by cell: exact, however many samples.

Three or four passes over the files, each of which may be anywhere: counts in the bins
of a histogram; the values of those bins which hold the wanted ranks; how many values of
each round lie below the quantiles, from which follows how sure those are; and the
values at the ends of their intervals. What a pass brings back adds up exactly.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ParamSpec, TypeVar

from cloudgauge.analysis.engine_ends import (
    QuantileCell,
    bounds_at,
    cell_of,
    end_ranks_of,
    point_ranks,
    surety_of,
)
from cloudgauge.analysis.engine_kept import KEPT, Job, Reader
from cloudgauge.analysis.engine_merge import Cell, cells_of, ordered, series_of
from cloudgauge.analysis.engine_pass import cut, pick, tally, weigh
from cloudgauge.analysis.engine_query import CellKey, Query, Source, sources_of
from cloudgauge.analysis.engine_rough import rough_bounds, rough_cell
from cloudgauge.analysis.metric import Metric
from cloudgauge.errors import MachineError
from cloudgauge.store.checksums import read_checksums
from cloudgauge.store.folder import samples_name
from cloudgauge.store.resultset import ResultSet

# From so many samples of a file on, the database takes less time to pick one row in
# five: of ten million 1.1 s of a processor where numpy takes 1.7, of one million 0.19
# and 0.15. Of first bytes four rows in five are wanted, and it takes twice as long.
DATABASE_FROM = 3_000_000
_MOST_MEMORY_BYTES = 4 * 1024**3

_P = ParamSpec("_P")
_T = TypeVar("_T")
_Pass = tuple[Source, _T]


class Engine(StrEnum):
    """By what files are read; the answers are the same."""

    AUTO = "auto"
    MEMORY = "memory"
    DUCKDB = "duckdb"


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How a question is answered.

    Attributes:
        engine: By what files are read.
        over: Where; None for here. Files must be at the same paths there.
        exact: Else quantiles are known to 1 %, and two passes are enough.
        memory_bytes: About what this process, or each of those, may take; None for
            half of the memory, 4 GiB at most.
    """

    engine: Engine = Engine.AUTO
    over: Executor | None = None
    exact: bool = True
    memory_bytes: int | None = None


def quantile_cells(
    sets: Sequence[ResultSet], query: Query, how: How
) -> tuple[QuantileCell, ...]:
    """Answer a question of result sets.

    Args:
        sets: At least one.
        query: What is asked.
        how: By what means.

    Returns:
        The cells that have a sample, in the order of their keys.

    Raises:
        StoreError: A set cannot be read, or is not as it was sealed.
        MachineError: There is too little memory, or the executor broke.
    """
    sources = sources_of(sets)
    # How far rounds depend on one another is best seen in the middle.
    inner = replace(query, shares=tuple(sorted({*query.shares, 0.5})))
    with _passes(sources, inner, how) as passes:
        try:
            found = _exact(passes, inner) if how.exact else _rough(passes, inner)
        finally:
            KEPT.forget(inner)
    return tuple(
        replace(
            cell,
            quantiles=tuple(one for one in cell.quantiles if one.share in query.shares),
        )
        for cell in found
    )


def _exact(passes: "_Passes", query: Query) -> tuple[QuantileCell, ...]:
    cells = cells_of(passes.each(tally))
    wanted = {key: point_ranks(cell, query.shares) for key, cell in cells.items()}
    values = passes.ordered(cells, wanted)
    bounds = {
        key: bounds_at(cell, query.shares, values[key]) for key, cell in cells.items()
    }
    series = series_of(passes.each(weigh, bounds))
    sure = {key: surety_of(series[key], query.shares) for key in cells if key in series}
    ends = {key: end_ranks_of(of, query.shares) for key, of in sure.items()}
    for key, found in passes.ordered(cells, ends).items():
        values[key] |= found
    return tuple(
        cell_of(key, cell, query.shares, values[key], sure.get(key))
        for key, cell in cells.items()
    )


def _rough(passes: "_Passes", query: Query) -> tuple[QuantileCell, ...]:
    cells = cells_of(passes.each(tally))
    bounds = {key: rough_bounds(cell, query.shares) for key, cell in cells.items()}
    series = series_of(passes.each(weigh, bounds))
    return tuple(
        rough_cell(key, cell, query.shares, series.get(key))
        for key, cell in cells.items()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Passes:
    """Where the files are read, and how."""

    sources: tuple[Source, ...]
    query: Query
    reader: Reader
    is_auto: bool
    here: Executor
    there: Executor

    def each(
        self, work: Callable[..., _T], *given: object
    ) -> Iterator[tuple[Source, _T]]:
        """Do the same with each file; the answers in the order of the sources."""
        futures = [self._submit(work, source, *given) for source in self.sources]
        try:
            for source, future in zip(self.sources, futures, strict=True):
                yield source, future.result()
        except BrokenExecutor as exc:
            msg = f"the executor that was to read {len(self.sources)} sets broke: {exc}"
            raise MachineError(msg) from exc
        finally:
            for future in futures:
                future.cancel()

    def _submit(
        self, work: Callable[..., _T], source: Source, *given: object
    ) -> "Future[_T]":
        # What a run that is alive had when it was opened is in this process alone.
        where = self.here if source.result.alive else self.there
        reader = self.reader
        if self.is_auto:
            reader = replace(reader, by_database=_wants_database(source, self.query))
        job = Job(source=source, query=self.query, reader=reader)
        return where.submit(work, job, *given)

    def ordered(
        self, cells: Mapping[CellKey, Cell], ranks: Mapping[CellKey, set[int]]
    ) -> dict[CellKey, dict[int, int]]:
        """The values of ranks of all files together."""
        return ordered(
            cells,
            ranks,
            lambda cuts: (answer for _, answer in self.each(cut, cuts)),
            lambda spans: (answer for _, answer in self.each(pick, spans)),
        )


@contextmanager
def _passes(sources: tuple[Source, ...], query: Query, how: How) -> Iterator[_Passes]:
    processors = _processors()
    workers = min(processors, len(sources))
    memory = how.memory_bytes or _memory_bytes()
    reader = Reader(
        by_database=how.engine is Engine.DUCKDB,
        threads=max(processors // workers, 1),
        memory_bytes=memory // 2 // workers,
        kept_bytes=memory // 2,
    )
    with ThreadPoolExecutor(max_workers=workers) as here:
        if how.over is None:
            yield _Passes(
                sources=sources,
                query=query,
                reader=reader,
                is_auto=how.engine is Engine.AUTO,
                here=here,
                there=here,
            )
            return
        yield _Passes(
            sources=tuple(_to_be_checked(source) for source in sources),
            query=query,
            # Others may be at work beside us in the same process.
            reader=replace(reader, threads=1, kept_bytes=memory // 8),
            is_auto=how.engine is Engine.AUTO,
            here=here,
            there=how.over,
        )


def _wants_database(source: Source, query: Query) -> bool:
    return query.metric is not Metric.FIRST_BYTE and source.samples >= DATABASE_FROM


def _to_be_checked(source: Source) -> Source:
    """The same for a process that has not opened it."""
    result = source.result
    if result.alive:
        return source
    sums = read_checksums(result.folder)
    return replace(source, sha256=sums[samples_name(result.manifest.run)])


def _processors() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on Linux
        return os.cpu_count() or 1


def _memory_bytes() -> int:
    try:
        whole = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # not on this system
        return _MOST_MEMORY_BYTES
    return min(whole // 2, _MOST_MEMORY_BYTES)
