"""Values of several levels, drawn again from the top down.

Units are drawn with replacement at each level, each within its own parent: Ren, Lai,
Tong, Aminzadeh, Hou and Lai, Nonparametric Bootstrapping for Hierarchical Data, Journal
of Applied Statistics 37 (2010). The vantages at the top are taken as they are or as a
draw from many; below eight of them, a draw does not tell how vantages vary. Paths and
rounds below are always draws. A unit that is drawn twice counts twice: no value is
copied, so a resample takes as long as its values are many.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cloudgauge.stats.blocks import percentile_estimate
from cloudgauge.stats.caveat import Caveat
from cloudgauge.stats.summary import Estimate
from cloudgauge.stats.values import Floats, check_level, check_share

Places = NDArray[np.int64]

# With fewer at the top, resampling them gives too narrow an interval.
LEAST_RESAMPLED = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Resampling:
    """How values of several levels are drawn again.

    Attributes:
        p: Which quantile of each unit at the top is wanted, in (0, 1).
        weights: Of each unit at the top, by rising label; all alike if None.
        fixed_top: Whether the units at the top are all there are (these vantages),
            or a draw from many (users like these).
        block: Units of the lowest level that follow each other and are drawn at
            once, at least 1; see `block_length`.
        resamples: How many, at least 1.
        confidence: Of the interval, in (0, 1).
    """

    p: float = 0.5
    weights: tuple[float, ...] | None = None
    fixed_top: bool = True
    block: int = 1
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
    estimate = percentile_estimate(
        point, drawn, len(found), units=tree.units, confidence=how.confidence
    )
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

    @property
    def units(self) -> float:
        """How many units are drawn that do not depend on each other."""
        drawn = len(self.parents[-1]) / self.how.block
        return drawn if self.how.fixed_top else min(drawn, self.tops)

    @classmethod
    def of(
        cls, values: Floats, levels: Sequence[ArrayLike], how: Resampling
    ) -> "_Tree":
        labels = [np.asarray(level) for level in levels]
        alike = labels and all(level.shape == values.shape for level in labels)
        if not alike or values.ndim != 1 or not len(values):
            msg = "want values and a label of each at every level, all of one length"
            raise ValueError(msg)
        if np.isnan(values).any() or min(how.resamples, how.block) < 1:
            msg = "want values that are not NaN, and at least one resample and block"
            raise ValueError(msg)
        if how.fixed_top and len(labels) < 2:
            msg = "want a level below the fixed one at the top: none is drawn again"
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
                lowest = depth == len(self.parents) - 1
                block = self.how.block if lowest else 1
                drawn = _children(parents, drawn, block, rng)
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


def _children(
    parents: Places, drawn: Places, block: int, rng: np.random.Generator
) -> Places:
    """How often each unit is drawn if its parents are drawn that often."""
    sizes = np.bincount(parents, minlength=len(drawn))
    firsts = np.cumsum(sizes) - sizes
    # A parent that was drawn twice has its children drawn twice as often; of the
    # last block only what is still wanted.
    wanted = drawn * sizes
    blocks = -(-wanted // block)
    owners = np.repeat(np.arange(len(sizes)), blocks * block)
    starts = np.repeat(rng.random(int(blocks.sum())), block)
    steps = np.tile(np.arange(block), int(blocks.sum()))
    places = (np.floor(starts * sizes[owners]).astype(np.int64) + steps) % sizes[owners]
    within = np.arange(len(owners)) - np.repeat(
        np.cumsum(blocks * block) - blocks * block, blocks * block
    )
    kept = within < wanted[owners]
    picks = (firsts[owners] + places)[kept]
    return np.bincount(picks, minlength=len(parents))


def _weights(how: Resampling, tops: int) -> Floats:
    if how.weights is None:
        return np.ones(tops)
    weights = np.array(how.weights)
    if weights.shape != (tops,) or not (weights > 0).all():
        msg = f"want {tops} weights above 0, got {how.weights}"
        raise ValueError(msg)
    return weights
