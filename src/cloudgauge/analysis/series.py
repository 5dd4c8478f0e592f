"""Rows of a set by series: counts, words and quantiles of each.

A quantile is the linear interpolation between the two nearest order statistics
(type 7 of Hyndman and Fan, 1996): of n sorted values, p stands at (n - 1) p
counted from 0. What timed out counts as longer than all that did not, so where it
reaches a quantile, that is only known to be beyond what was waited: with one limit for
all this is the estimate of Kaplan and Meier (`stats.censored`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cloudgauge.analysis.columns import Columns, Numbers, Words
from cloudgauge.analysis.groups import Cells, Counts, Groups
from cloudgauge.analysis.middles import Middles

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Quantiles of one phase, milliseconds; None where there are no values.

    Attributes:
        n: Values that are known; `timed_out` more are only known to be longer.
        timed_out: They are in the quantiles, and in no minimum or maximum.
        limit_ms: How long was waited for them; None where none timed out.
    """

    n: int
    min_ms: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    max_ms: float | None
    timed_out: int = 0
    limit_ms: float | None = None

    def beyond_ms(self, quantile_ms: float | None) -> float | None:
        """What one of its quantiles is beyond; None where that is known, or nothing."""
        return self.limit_ms if quantile_ms is None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class WordCount:
    """How often a word stands in a column, at least once."""

    word: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesKey:
    """What tells a series from others."""

    run_id: str
    target_id: str
    family: str
    replica: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """Values, series after series, each from its least on.

    Attributes:
        starts: Where each series begins among them.
        counts: How many it has.
    """

    values: Floats
    starts: Counts
    counts: Counts

    def spreads(
        self, timed_out: Sequence[int] | None = None, limit_ms: float | None = None
    ) -> list[Spread]:
        """Quantiles of each series.

        Args:
            timed_out: How many more of each are only known to be longer; None for none.
            limit_ms: How long was waited for them.
        """
        longer = np.zeros_like(self.counts) if timed_out is None else timed_out
        totals = self.counts + np.asarray(longer, dtype=np.int64)
        figures = [
            self._at(self.counts, 0),
            *(self._at(totals, share) for share in (0.5, 0.95, 0.99)),
            self._at(self.counts, 1),
        ]
        return [
            Spread(
                n=int(n),
                min_ms=a,
                p50_ms=b,
                p95_ms=c,
                p99_ms=d,
                max_ms=e,
                timed_out=int(more),
                limit_ms=limit_ms if more else None,
            )
            for n, more, a, b, c, d, e in zip(
                self.counts, longer, *figures, strict=True
            )
        ]

    def _at(self, totals: Counts, share: float) -> list[float | None]:
        """The quantile at *share* of each series.

        Args:
            totals: How many it has, with those beyond all of its values.
            share: From 0 to 1.

        Returns:
            None for a series without values, and where one beyond them is reached.
        """
        if not len(self.values):
            return [None] * len(totals)
        place = (np.maximum(totals, 1) - 1) * share
        below = np.floor(place).astype(np.int64)
        above = np.ceil(place).astype(np.int64)
        last = len(self.values) - 1
        low = self.values[np.minimum(self.starts + below, last)]
        high = self.values[np.minimum(self.starts + above, last)]
        values = low + (high - low) * (place - below)
        return [
            float(value) if known else None
            for value, known in zip(values, above < self.counts, strict=True)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Which series each row belongs to.

    Attributes:
        codes: Shape (rows,): an index into `keys`.
        groups: The rows of each series, in the order of `keys`.
    """

    keys: tuple[SeriesKey, ...]
    codes: Codes
    groups: Groups

    @classmethod
    def of(cls, columns: Columns) -> "Series":
        """Tell the series of a set apart, in the order of target, family, replica.

        Args:
            columns: With at least one row.
        """
        named = [columns.words[name] for name in ("run_id", "target_id", "family")]
        replicas = columns.numbers["replica"].cells
        sizes = (*(len(column.words) for column in named), int(replicas.max()) + 1)
        cells = _cells((*(column.codes for column in named), replicas), sizes)
        groups = Groups.of(cells)
        lengths = np.diff(np.append(groups.begins, len(cells)))
        codes = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
        if groups.order is not None:
            ordered, codes = codes, np.empty_like(codes)
            codes[groups.order] = ordered
        runs, targets, families = (column.words for column in named)
        keys = tuple(
            SeriesKey(
                run_id=runs[run],
                target_id=targets[target],
                family=families[family],
                replica=int(replica),
            )
            for run, target, family, replica in zip(
                *np.unravel_index(groups.cells, sizes), strict=True
            )
        )
        return cls(keys=keys, codes=codes, groups=groups)

    def count(self, mask: Mask) -> list[int]:
        """Rows of each series where *mask* holds."""
        found = np.bincount(self.codes[mask], minlength=len(self.keys))
        return [int(count) for count in found]

    def middles(self, values: Floats, mask: Mask) -> Middles:
        """The medians and the least values where *mask* holds and there is a value."""
        return Middles.of(*self.groups.kept(values, mask & ~np.isnan(values)))

    def middles_of(self, column: Numbers, mask: Mask, scale: float) -> Middles:
        """As `middles` of a column, of which no other row is made a float."""
        cells, counts = self.groups.kept(column.cells, mask & ~column.absent)
        return Middles.of(cells / scale, counts)

    def numbers(self, column: Numbers, mask: Mask, scale: float) -> "Ordered":
        """The values of each series where *mask* holds, in their order.

        Args:
            column: Where it is absent there is no value.
            mask: Shape (rows,).
            scale: That the numbers are divided by.
        """
        cells, counts = self.groups.kept(column.cells, mask & ~column.absent)
        return _ordered(cells / scale, counts)

    def least(self, column: Numbers, mask: Mask, scale: float) -> list[float | None]:
        """The least of each series alone; None where there is none."""
        cells, counts = self.groups.kept(column.cells, mask & ~column.absent)
        some = counts > 0
        found: list[float | None] = [None] * len(counts)
        if some.any():
            least = np.minimum.reduceat(cells, (np.cumsum(counts) - counts)[some])
            for place, value in zip(np.flatnonzero(some), least, strict=True):
                found[place] = float(value / scale)
        return found

    def counts(self, column: Words) -> list[tuple[WordCount, ...]]:
        """How often each word stands in each series, commonest first."""
        there = ~column.absent
        width = len(column.words)
        # Series times words are thousands: they fit.
        cells = self.codes[there] * np.int32(width) + column.codes[there]
        table = np.bincount(cells, minlength=len(self.keys) * width)
        found = table.reshape(len(self.keys), width)
        return [tuple(_commonest(row, column.words)) for row in found]


def _cells(codes: Sequence[Codes], sizes: Sequence[int]) -> Cells:
    """One number for each row, in the order of what its codes stand for.

    Words are sorted, so codes are in their order. What is the same in every row is
    passed over: of most sets the target alone is left, and nothing is copied.
    """
    varied = [place for place, size in enumerate(sizes) if size > 1]
    if len(varied) == 1:
        return codes[varied[0]]
    return np.ravel_multi_index(tuple(codes), tuple(sizes))


def _ordered(values: Floats, counts: Counts) -> Ordered:
    """Sort the values of each series in their places."""
    ends = np.cumsum(counts)
    starts = ends - counts
    for begin, end in zip(starts, ends, strict=True):
        values[begin:end].sort()
    return Ordered(values=values, starts=starts, counts=counts)


def _commonest(row: Counts, words: Sequence[str]) -> Iterator[WordCount]:
    for place in np.argsort(-row, kind="stable"):
        if row[place]:
            yield WordCount(word=words[place], count=int(row[place]))
