"""Resampling from a given generator: rounds in blocks, levels from the top down.

A round is the unit: its values of all targets stay together, so that what the targets
share in a round cancels in their differences. Where neighbouring rounds depend on each
other, blocks of rounds are drawn: the circular block bootstrap of Politis and Romano
(A Circular Block-resampling Procedure for Stationary Data, 1992). No resampling brings
back a state that the rounds never saw.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cloudgauge.stats.blocks import block_length, percentile_estimate
from cloudgauge.stats.hierarchy import Resampling, hierarchical
from cloudgauge.stats.summary import Estimate
from cloudgauge.stats.values import Floats, check_level

Places = NDArray[np.int64]
Statistic = Callable[[Floats], Floats]

__all__ = [
    "Resamples",
    "Resampling",
    "Simultaneous",
    "block_bootstrap",
    "block_length",
    "hierarchical",
    "medians",
    "simultaneous",
]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Resamples:
    """A statistic of a matrix and of its resamples.

    Attributes:
        point: Shape (k,): of the matrix itself.
        values: Shape (resamples, k).
        n: Shape (k,): values that are there in each column.
        block: Rounds drawn at once.
    """

    point: Floats
    values: Floats
    n: Places
    block: int

    def estimates(self, *, confidence: float = 0.95) -> tuple[Estimate, ...]:
        """Each column's statistic with its percentile interval, by itself.

        Raises:
            ValueError: If a column has no value, or *confidence* is not in (0, 1).
        """
        check_level(confidence)
        if np.isnan(self.point).any():
            msg = f"column {int(np.argmax(np.isnan(self.point)))} has no value"
            raise ValueError(msg)
        return tuple(
            percentile_estimate(
                float(point),
                values,
                int(n),
                units=int(n) / self.block,
                confidence=confidence,
            )
            for point, values, n in zip(self.point, self.values.T, self.n, strict=True)
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Simultaneous:
    """Differences of columns whose intervals all hold at once.

    Attributes:
        first: Shape (m,): column that is taken off.
        second: Shape (m,): column it is taken off from.
        point: Shape (m,): second minus first.
        low: Shape (m,).
        high: Shape (m,).
        confidence: That all intervals hold, in (0, 1).
    """

    first: Places
    second: Places
    point: Floats
    low: Floats
    high: Floats
    confidence: float


def medians(matrix: Floats) -> Floats:
    """The median of each column's values that are there; NaN where none is."""
    missing = np.isnan(matrix)
    if not missing.any():
        return np.asarray(np.median(matrix, axis=0))
    there = ~missing.all(axis=0)
    found = np.full(matrix.shape[1], np.nan)
    found[there] = np.nanmedian(matrix[:, there], axis=0)
    return found


def block_bootstrap(
    matrix: ArrayLike,
    statistic: Statistic = medians,
    *,
    rng: np.random.Generator,
    resamples: int = 2000,
    block: int = 1,
) -> Resamples:
    """Take a statistic of rounds that are drawn again in blocks.

    Args:
        matrix: Shape (rounds, k), in order of time; NaN where a target was not seen.
        statistic: Of a matrix of that shape, shape (k,): must count what is NaN.
        rng: The chance.
        resamples: How many, at least 1.
        block: Rounds drawn at once, from 1 (rounds do not depend on each other) to
            all; the last round is followed by the first.

    Raises:
        ValueError: If the matrix has not two dimensions, no round, or a count is
            out of its bounds.
    """
    cells = np.asarray(matrix, dtype=np.float64)
    if cells.ndim != 2 or not len(cells):
        msg = f"want rounds by targets, got shape {cells.shape}"
        raise ValueError(msg)
    if resamples < 1 or not 1 <= block <= len(cells):
        msg = f"want resamples and 1 to {len(cells)} a block, got {resamples}, {block}"
        raise ValueError(msg)
    drawn = [
        statistic(cells[_rounds(len(cells), block, rng)]) for _ in range(resamples)
    ]
    return Resamples(
        point=statistic(cells),
        values=np.array(drawn),
        n=(~np.isnan(cells)).sum(axis=0),
        block=block,
    )


def simultaneous(
    resamples: Resamples, *, confidence: float = 0.95, against: int | None = None
) -> Simultaneous:
    """Give differences of columns intervals that all hold at once.

    The greatest studentised difference of each resample (max-t): Romano and Wolf,
    Exact and Approximate Stepdown Methods for Multiple Hypothesis Testing, JASA 100
    (2005).

    Args:
        resamples: Of one statistic a column.
        confidence: That all intervals hold, in (0, 1).
        against: Column that all others are compared with; every pair if None.
    """
    check_level(confidence)
    k = len(resamples.point)
    first, second = np.triu_indices(k, k=1)
    if against is not None:
        second = np.delete(np.arange(k), against)
        first = np.full(k - 1, against)
    point = resamples.point[second] - resamples.point[first]
    drawn = resamples.values[:, second] - resamples.values[:, first]
    error = drawn.std(axis=0, ddof=1)
    sizes = np.abs(drawn - point) / np.where(error > 0, error, np.inf)
    reach = float(np.quantile(sizes.max(axis=1), confidence)) * error
    return Simultaneous(
        first=first,
        second=second,
        point=point,
        low=point - reach,
        high=point + reach,
        confidence=confidence,
    )


def _rounds(count: int, block: int, rng: np.random.Generator) -> Places:
    """Places of *count* rounds drawn in blocks, around the end."""
    starts = rng.integers(0, count, size=-(-count // block))
    return ((starts[:, None] + np.arange(block)) % count).ravel()[:count]
