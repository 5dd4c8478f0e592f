"""Resampling from a given generator: rounds in blocks, levels from the top down.

A round is the unit: its values of all targets stay together, so that what the targets
share in a round cancels in their differences. Where neighbouring rounds depend on each
other, blocks of rounds are drawn: the circular block bootstrap of Politis and Romano
(A Circular Block-resampling Procedure for Stationary Data, 1992). No resampling brings
back a state that the rounds never saw.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cloudgauge.stats.caveat import Caveat
from cloudgauge.stats.summary import Estimate
from cloudgauge.stats.values import Floats, check_level, check_share

Places = NDArray[np.int64]
Statistic = Callable[[Floats], Floats]

# With fewer at the top, resampling them gives too narrow an interval.
LEAST_RESAMPLED = 8


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
        """Each column's statistic with its percentile interval, by itself."""
        check_level(confidence)
        return tuple(
            _percentile(float(point), values, int(n), confidence)
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
    there = np.isfinite(matrix).any(axis=0) | np.isposinf(matrix).any(axis=0)
    found = np.full(matrix.shape[1], np.nan)
    with np.errstate(invalid="ignore"):
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Resampling:
    """How values of several levels are drawn again.

    Attributes:
        p: Which quantile of each unit at the top is wanted, in (0, 1).
        weights: Of each unit at the top, by rising label; all alike if None.
        fixed_top: Whether the units at the top are all there are (these vantages),
            or a draw from many (users like these).
        resamples: How many, at least 1.
        confidence: Of the interval, in (0, 1).
    """

    p: float = 0.5
    weights: tuple[float, ...] | None = None
    fixed_top: bool = True
    resamples: int = 2000
    confidence: float = 0.95


DEFAULT_RESAMPLING = Resampling()


def hierarchical(
    values: ArrayLike,
    levels: Sequence[ArrayLike],
    *,
    rng: np.random.Generator,
    how: Resampling = DEFAULT_RESAMPLING,
) -> Estimate:
    """Estimate the weighted mean of quantiles of units that nest.

    Units are drawn again from the top level down, each within its own parent: Ren,
    Lai, Tong, Aminzadeh, Hou and Lai, Nonparametric Bootstrapping for Hierarchical
    Data, Journal of Applied Statistics 37 (2010).

    Args:
        values: Shape (n,); infinity is longer than all others, NaN is refused.
        levels: Labels of shape (n,) each, from the top (vantage) over path to round.
        rng: The chance.
        how: What is estimated and how often it is drawn.

    Raises:
        ValueError: If shapes differ, a value is NaN, or the weights do not fit.
    """
    found = np.asarray(values, dtype=np.float64)
    tree = _Tree.of(found, levels, how)
    check_share(how.p)
    check_level(how.confidence)
    once = [np.ones(len(units), dtype=np.int64) for units in tree.parents]
    point = tree.mean_of_quantiles(once[0], once[-1])
    drawn = np.array(
        [tree.mean_of_quantiles(*tree.draw(rng)) for _ in range(how.resamples)]
    )
    estimate = _percentile(point, drawn, len(found), how.confidence)
    if how.fixed_top or tree.tops >= LEAST_RESAMPLED:
        return estimate
    text = f"{tree.tops} units at the top are too few to stand for others"
    caveat = Caveat(name="few units", text=text)
    return replace(estimate, caveats=(*estimate.caveats, caveat))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Tree:
    """Values of nested units, ready to be drawn again.

    Attributes:
        parents: Of each level, the place of each unit's parent in the level above;
            units stand parent by parent. The top level's are all 0.
        ordered: The values, top unit by top unit, each sorted.
        leaf: The lowest unit of each.
        ends: Where each top unit ends among them.
        weights: Of each top unit.
        how: What is estimated.
    """

    parents: tuple[Places, ...]
    ordered: Floats
    leaf: Places
    ends: Places
    weights: Floats
    how: Resampling

    @property
    def tops(self) -> int:
        return len(self.weights)

    @classmethod
    def of(
        cls, values: Floats, levels: Sequence[ArrayLike], how: Resampling
    ) -> "_Tree":
        labels = [np.asarray(level) for level in levels]
        alike = labels and all(level.shape == values.shape for level in labels)
        if not alike or values.ndim != 1 or not len(values):
            msg = "want values and a label of each at every level, all of one length"
            raise ValueError(msg)
        if np.isnan(values).any() or how.resamples < 1:
            msg = "want values that are not NaN, and at least one resample"
            raise ValueError(msg)
        above = np.zeros(len(values), dtype=np.int64)
        parents, tops = [], above
        for depth, level in enumerate(labels):
            _, within = np.unique(level, return_inverse=True)
            keys, above = np.unique(
                np.stack((above, within)), axis=1, return_inverse=True
            )
            parents.append(keys[0])
            tops = above if depth == 0 else tops
        order = np.lexsort((values, tops))
        return cls(
            parents=tuple(parents),
            ordered=values[order],
            leaf=above[order],
            ends=np.cumsum(np.bincount(tops)),
            weights=_weights(how, len(parents[0])),
            how=how,
        )

    def draw(self, rng: np.random.Generator) -> tuple[Places, Places]:
        """How often each unit at the top and each lowest unit is drawn."""
        drawn = tops = np.ones(1, dtype=np.int64)
        for depth, parents in enumerate(self.parents):
            if depth == 0 and self.how.fixed_top:
                drawn = np.ones(len(parents), dtype=np.int64)
            else:
                drawn = _children(parents, drawn, rng)
            tops = drawn if depth == 0 else tops
        return tops, drawn

    def mean_of_quantiles(self, tops: Places, leaves: Places) -> float:
        """The mean of the quantiles of top units, by weight and times drawn."""
        sums = np.cumsum(leaves[self.leaf])
        ends = sums[self.ends - 1]
        begins = np.concatenate(([0], ends[:-1]))
        drawn = tops > 0
        ranks = (begins + self.how.p * (ends - begins))[drawn]
        below = self.ordered[np.searchsorted(sums, ranks - 1e-9)]
        after = np.searchsorted(sums, ranks + 1e-9)
        above = self.ordered[after]
        return float(
            np.average((below + above) / 2, weights=(self.weights * tops)[drawn])
        )


def _children(parents: Places, drawn: Places, rng: np.random.Generator) -> Places:
    """How often each unit is drawn if its parents are drawn that often."""
    sizes = np.bincount(parents, minlength=len(drawn))
    firsts = np.cumsum(sizes) - sizes
    # A parent that was drawn twice has its children drawn twice as often.
    chosen = np.repeat(np.arange(len(sizes)), drawn * sizes)
    picks = firsts[chosen] + rng.integers(0, sizes[chosen])
    return np.bincount(picks, minlength=len(parents))


def _weights(how: Resampling, tops: int) -> Floats:
    if how.weights is None:
        return np.ones(tops)
    weights = np.array(how.weights)
    if weights.shape != (tops,) or not (weights > 0).all():
        msg = f"want {tops} weights above 0, got {how.weights}"
        raise ValueError(msg)
    return weights


def _rounds(count: int, block: int, rng: np.random.Generator) -> Places:
    """Places of *count* rounds drawn in blocks, around the end."""
    starts = rng.integers(0, count, size=-(-count // block))
    return ((starts[:, None] + np.arange(block)) % count).ravel()[:count]


def _percentile(point: float, values: Floats, n: int, confidence: float) -> Estimate:
    """The middle share of resamples; what is NaN there is no resample."""
    there = np.sort(values[~np.isnan(values)])
    caveats: tuple[Caveat, ...] = ()
    if len(there) < len(values):
        text = f"{len(values) - len(there)} of {len(values)} resamples have no value"
        caveats = (Caveat(name="empty resamples", text=text),)
    tail = math.floor((1 - confidence) / 2 * (len(there) + 1))
    known = tail >= 1
    return Estimate(
        point=point,
        low=min(float(there[tail - 1]), point) if known else -math.inf,
        high=max(float(there[-tail]), point) if known else math.inf,
        confidence=confidence,
        n=n,
        caveats=caveats,
    )
