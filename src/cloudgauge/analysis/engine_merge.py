"""The answers of files put together: exact counts, exact ranks, in any order."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from cloudgauge.analysis.engine_bins import edges_ns, histogram_of
from cloudgauge.analysis.engine_pass import Blocks, Spans, Tallied
from cloudgauge.analysis.engine_query import CellKey, Source
from cloudgauge.analysis.engine_rows import (
    COUNTED,
    LONGER,
    Integers,
    SmallIntegers,
)
from cloudgauge.stats.histogram import LogHistogram

# So many values may be fetched at once; before more are, their spans are made narrower.
MOST_FETCHED = 4_000_000
_PARTS = 1_024

Cut = Callable[
    [Mapping[CellKey, Sequence[Integers]]],
    Iterable[Mapping[CellKey, tuple[Integers, ...]]],
]
Pick = Callable[
    [Mapping[CellKey, Spans]],
    Iterable[Mapping[CellKey, tuple[tuple[Integers, Integers], ...]]],
]


@dataclass(slots=True)
class Cell:
    """What all files together have of one cell.

    Attributes:
        counts: Shape (len(COUNTED),).
        longer: How many values are only known to be longer.
        least_ns: The least value; `LONGER` where none is known.
        limit_ns: How long was waited at least, where any timed out.
        held: How many values each bin holds, by its place.
    """

    counts: Integers = field(
        default_factory=lambda: np.zeros(len(COUNTED), dtype=np.int64)
    )
    longer: int = 0
    least_ns: int = LONGER
    limit_ns: int | None = None
    held: dict[int, int] = field(default_factory=dict)

    @property
    def known(self) -> int:
        """How many values are known."""
        return sum(self.held.values())

    def histogram(self) -> LogHistogram:
        """Its values, in nanoseconds."""
        places = np.array(sorted(self.held), dtype=np.int64)
        held = np.array([self.held[place] for place in places.tolist()], np.int64)
        return histogram_of(places, held, self.longer)


def cells_of(answers: Iterable[tuple[Source, Tallied]]) -> dict[CellKey, Cell]:
    """Add up what files have of each cell, in the order of the cells."""
    found: dict[CellKey, Cell] = {}
    for source, tallied in answers:
        here = [found.setdefault(key, Cell()) for key in tallied.keys]
        for at, cell in enumerate(here):
            cell.counts = cell.counts + tallied.counts[at]
            cell.least_ns = min(cell.least_ns, int(tallied.least_ns[at]))
            if longer := int(tallied.longer[at]):
                cell.longer += longer
                waited = source.result.manifest.plan.probe.timeout_ns
                known = waited if cell.limit_ns is None else cell.limit_ns
                cell.limit_ns = min(known, waited)
        bins = zip(
            *(of.tolist() for of in (tallied.cells, tallied.bins, tallied.held)),
            strict=True,
        )
        for at, place, held in bins:
            cell = here[at]
            cell.held[place] = cell.held.get(place, 0) + held
    return dict(sorted(found.items(), key=lambda item: _sortable(item[0])))


def _sortable(key: CellKey) -> tuple[tuple[int, str], ...]:
    return tuple((one, "") if isinstance(one, int) else (0, one) for one in key)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    """Values above *low* and up to *high*: so many, after so many before them."""

    low: int
    high: int
    before: int
    count: int

    @property
    def is_one_value(self) -> bool:
        return self.high - self.low == 1


def ordered(
    cells: Mapping[CellKey, Cell],
    ranks: Mapping[CellKey, Iterable[int]],
    cut: Cut,
    pick: Pick,
    most: int = MOST_FETCHED,
) -> dict[CellKey, dict[int, int]]:
    """The values of given ranks, from 0; `LONGER` for those of what timed out.

    Args:
        cells: Of all files.
        ranks: Of each cell, below how many it has with those that are longer.
        cut: Counts values between bounds, file by file.
        pick: Gives the values in spans, file by file.
        most: How many values may be fetched.
    """
    found: dict[CellKey, dict[int, int]] = {}
    spans: dict[CellKey, dict[_Span, list[int]]] = {}
    for key, wanted in ranks.items():
        found[key] = {}
        known = cells[key].known
        inside = sorted({rank for rank in wanted if rank < known})
        found[key] |= {rank: LONGER for rank in wanted if rank >= known}
        if inside:
            spans[key] = _bins(cells[key], inside)
    while spans and _to_fetch(spans) > most:
        spans = _narrowed(spans, cut)
    fetched = _fetched(spans, pick)
    for key, wanted_here in spans.items():
        for (span, inside), (values, counts) in zip(
            wanted_here.items(), fetched[key], strict=True
        ):
            places = np.searchsorted(
                np.cumsum(counts), np.array(inside) - span.before, side="right"
            )
            found[key] |= dict(zip(inside, values[places].tolist(), strict=True))
    return found


def _bins(cell: Cell, ranks: Sequence[int]) -> dict[_Span, list[int]]:
    edges = edges_ns()
    places = np.array(sorted(cell.held), dtype=np.int64)
    held = np.array([cell.held[place] for place in places.tolist()], dtype=np.int64)
    lows = np.where(places > 0, edges[places - 1], -1)
    return _spans_of(ranks, lows, edges[places], held, 0)


def _spans_of(
    ranks: Sequence[int], lows: Integers, highs: Integers, held: Integers, before: int
) -> dict[_Span, list[int]]:
    ends = before + np.cumsum(held)
    found: dict[_Span, list[int]] = {}
    for rank, at in zip(ranks, np.searchsorted(ends, ranks, side="right"), strict=True):
        span = _Span(
            low=int(lows[at]),
            high=int(highs[at]),
            before=int(ends[at] - held[at]),
            count=int(held[at]),
        )
        found.setdefault(span, []).append(rank)
    return found


def _to_fetch(spans: Mapping[CellKey, Mapping[_Span, Sequence[int]]]) -> int:
    return sum(
        span.count for of in spans.values() for span in of if not span.is_one_value
    )


def _narrowed(
    spans: Mapping[CellKey, Mapping[_Span, list[int]]], cut: Cut
) -> dict[CellKey, dict[_Span, list[int]]]:
    """The same ranks in parts of their spans."""
    bounds = {key: [_parts(span) for span in of] for key, of in spans.items()}
    held = {
        key: [np.zeros(len(of) - 1, dtype=np.int64) for of in parts]
        for key, parts in bounds.items()
    }
    for answer in cut(bounds):
        for key, counts in answer.items():
            for at, more in enumerate(counts):
                held[key][at] += more
    found: dict[CellKey, dict[_Span, list[int]]] = {}
    for key, of in spans.items():
        found[key] = {}
        for (span, ranks), edges, parts in zip(
            of.items(), bounds[key], held[key], strict=True
        ):
            found[key] |= _spans_of(ranks, edges[:-1], edges[1:], parts, span.before)
    return found


def _parts(span: _Span) -> Integers:
    many = min(span.high - span.low, _PARTS)
    steps = np.arange(many + 1, dtype=np.int64)
    # In whole numbers: a span may be longer than a float is exact.
    each, rest = divmod(span.high - span.low, many)
    return span.low + each * steps + np.minimum(steps, rest)


def _fetched(
    spans: Mapping[CellKey, Mapping[_Span, Sequence[int]]], pick: Pick
) -> dict[CellKey, list[tuple[Integers, Integers]]]:
    wanted = {
        key: tuple((span.low, span.high) for span in of) for key, of in spans.items()
    }
    parts: dict[CellKey, list[list[tuple[Integers, Integers]]]] = {
        key: [[] for _ in of] for key, of in spans.items()
    }
    for answer in pick(wanted) if wanted else ():
        for key, found in answer.items():
            for into, values in zip(parts[key], found, strict=True):
                into.append(values)
    return {key: [_together(one) for one in of] for key, of in parts.items()}


def _together(parts: Sequence[tuple[Integers, Integers]]) -> tuple[Integers, Integers]:
    """Values of several files, rising."""
    if len(parts) == 1:
        return parts[0]
    values = np.concatenate([part[0] for part in parts])
    order = np.argsort(values, kind="stable")
    return values[order], np.concatenate([part[1] for part in parts])[order]


@dataclass(slots=True)
class Series:
    """The blocks of one cell at one vantage, run after run.

    Attributes:
        sizes: How many values each has.
        below: Of each quantile how many lie below it,
        equal: and how many equal it; shape (quantiles, blocks).
    """

    sizes: SmallIntegers
    below: SmallIntegers
    equal: SmallIntegers


def series_of(
    answers: Iterable[tuple[Source, Blocks]],
) -> dict[CellKey, tuple[Series, ...]]:
    """The blocks of each cell, vantage by vantage, in order of time."""
    parts: dict[CellKey, dict[str, list[tuple[int, Series]]]] = {}
    for source, blocks in answers:
        bounds = np.searchsorted(blocks.cells, np.arange(len(blocks.keys) + 1)).tolist()
        for at, key in enumerate(blocks.keys):
            here = slice(bounds[at], bounds[at + 1])
            if here.start == here.stop:
                continue
            one = Series(
                sizes=blocks.sizes[here],
                below=blocks.below[:, here],
                equal=blocks.equal[:, here],
            )
            of = parts.setdefault(key, {}).setdefault(source.vantage, [])
            of.append((source.order, one))
    return {
        key: tuple(_in_order(of[name]) for name in sorted(of))
        for key, of in parts.items()
    }


def _in_order(runs: Sequence[tuple[int, Series]]) -> Series:
    ones = [one for _, one in sorted(runs, key=lambda run: run[0])]
    return Series(
        sizes=np.concatenate([one.sizes for one in ones]),
        below=np.concatenate([one.below for one in ones], axis=1),
        equal=np.concatenate([one.equal for one in ones], axis=1),
    )
