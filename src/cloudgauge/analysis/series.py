"""Rows of a set by series: counts, words and quantiles of each.

A quantile is the linear interpolation between the two nearest order statistics
(type 7 of Hyndman and Fan, 1996): of n sorted values, p stands at (n - 1) p
counted from 0.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cloudgauge.analysis.columns import Columns, Words

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Quantiles of one phase, milliseconds; None where there are no values.

    Attributes:
        n: Values they are made of.
    """

    n: int
    min_ms: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    max_ms: float | None


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
class Series:
    """Which series each row belongs to: an index into `keys`."""

    keys: tuple[SeriesKey, ...]
    codes: Codes

    @classmethod
    def of(cls, columns: Columns) -> "Series":
        """Tell the series of a set apart, in the order of target, family, replica."""
        named = [columns.words[name] for name in ("run_id", "target_id", "family")]
        replicas, places = np.unique(
            columns.numbers["replica"].cells, return_inverse=True
        )
        sizes = (*(len(column.words) for column in named), len(replicas))
        # Words are sorted, so cells are in the order of what they stand for.
        cells = np.ravel_multi_index(
            (*(column.codes for column in named), places), sizes
        )
        used, codes = np.unique(cells, return_inverse=True)
        runs, targets, families = (column.words for column in named)
        keys = tuple(
            SeriesKey(
                run_id=runs[run],
                target_id=targets[target],
                family=families[family],
                replica=int(replicas[replica]),
            )
            for run, target, family, replica in zip(
                *np.unravel_index(used, sizes), strict=True
            )
        )
        return cls(keys=keys, codes=codes)

    def count(self, mask: Mask) -> list[int]:
        """Rows of each series where *mask* holds."""
        found = np.bincount(self.codes[mask], minlength=len(self.keys))
        return [int(count) for count in found]

    def nth_least(self, values: Floats, mask: Mask, nth: int) -> Floats:
        """The *nth* smallest value of each series, from 1, where *mask* holds.

        Returns:
            Shape (len(keys),); NaN for a series with fewer values.
        """
        kept = mask & ~np.isnan(values)
        chosen, codes = values[kept], self.codes[kept]
        ordered = chosen[np.lexsort((chosen, codes))]
        counts = np.bincount(codes, minlength=len(self.keys))
        ends = np.cumsum(counts)
        found = np.full(len(self.keys), np.nan)
        enough = counts >= nth
        found[enough] = ordered[(ends - counts)[enough] + nth - 1]
        return found

    def spreads(self, values: Floats, mask: Mask) -> list[Spread]:
        """Quantiles of each series over the rows where *mask* holds."""
        kept = mask & ~np.isnan(values)
        chosen, codes = values[kept], self.codes[kept]
        ordered = chosen[np.lexsort((chosen, codes))]
        counts = np.bincount(codes, minlength=len(self.keys))
        starts = np.concatenate(([0], np.cumsum(counts)[:-1]))
        figures = [
            _at(ordered, starts, counts, share) for share in (0, 0.5, 0.95, 0.99, 1)
        ]
        return [
            Spread(n=int(n), min_ms=a, p50_ms=b, p95_ms=c, p99_ms=d, max_ms=e)
            for n, a, b, c, d, e in zip(counts, *figures, strict=True)
        ]

    def counts(self, column: Words) -> list[tuple[WordCount, ...]]:
        """How often each word stands in each series, commonest first."""
        there = ~column.absent
        width = len(column.words)
        cells = self.codes[there] * width + column.codes[there]
        table = np.bincount(cells, minlength=len(self.keys) * width)
        found = table.reshape(len(self.keys), width)
        return [tuple(_commonest(row, column.words)) for row in found]


def _commonest(row: Codes, words: Sequence[str]) -> Iterator[WordCount]:
    for place in np.argsort(-row, kind="stable"):
        if row[place]:
            yield WordCount(word=words[place], count=int(row[place]))


def _at(
    ordered: Floats, starts: Codes, counts: Codes, share: float
) -> list[float | None]:
    """The quantile at *share* of each run of *ordered*; None for an empty run."""
    if not len(ordered):
        return [None] * len(counts)
    place = (np.maximum(counts, 1) - 1) * share
    below = np.floor(place).astype(np.int64)
    above = np.ceil(place).astype(np.int64)
    last = len(ordered) - 1
    low = ordered[np.minimum(starts + below, last)]
    high = ordered[np.minimum(starts + above, last)]
    values = low + (high - low) * (place - below)
    return [
        float(value) if n else None for value, n in zip(values, counts, strict=True)
    ]
