"""Which places a target may hold, how sure that is, and who shares a group.

Rank sets of Mogstad, Romano, Shaikh and Wilhelm, Inference for Ranks with Applications
to Mobility across Neighbourhoods and Academic Achievement across Countries, Review of
Economic Studies 91 (2024): of all differences between two targets those are found that
are surely not 0, with an error in any of them at most as probable as said; a target's
place is then at least one more than there are surely better ones, and at most as many
as are not surely worse.

The greatest t of all pairs under chance is drawn with normal multipliers from the
directions in which noise moves each pair (`pairs`): Chernozhukov, Chetverikov and
Kato, Gaussian Approximations and Multiplier Bootstrap for Maxima of Sums of
High-dimensional Random Vectors, Annals of Statistics 41 (2013). All pairs are held to
that one value. To take out those that are found and hold the rest to what is left
(step-down) would find some more, and would put places beside intervals that deny them.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from cloudgauge.stats.bootstrap import medians
from cloudgauge.stats.caveat import Caveat
from cloudgauge.stats.letters import letters_of
from cloudgauge.stats.pairs import Pairs, all_pairs, checked_cells
from cloudgauge.stats.student import as_far_out, t_quantiles
from cloudgauge.stats.summary import Estimate
from cloudgauge.stats.values import Floats

__all__ = ["RankSets", "letters_of", "rank_sets", "ranks_of", "together"]

Places = NDArray[np.int64]
Flags = NDArray[np.bool_]

DRAWS = 2000
# Pairs: with 2,000 draws half a megabyte.
_DRAWN_AT_ONCE = 64
# Up to so many rounds their few cosines do not tell well how pairs move together:
# of 12 rounds of 10 equal targets some two were told apart in 12 % of simulations.
_FEW_ROUNDS = 60


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RankSets:
    """Which places k targets may hold; 1 is the lowest value.

    Attributes:
        low_rank: The best place that each may hold, from 1.
        high_rank: The worst place that each may hold, to k.
        best: Columns of those that may hold place 1, by rising point.
        letters: Of each target; two share one exactly where they are not shown to
            differ. ``a`` stands at the lowest points.
        point: Median of each target's rounds; NaN where it was never seen.
        leader: Column of the lowest point.
        intervals: By how much each target exceeds the leader; all of them, and all
            of the other pairs, hold at once. None for the leader, and where no round
            has both.
        pairs: All pairs with intervals that hold at once, and p-values adjusted
            likewise.
        confidence: That all sets hold at once, in (0, 1).
        caveats: Why not to trust them.
    """

    low_rank: tuple[int, ...]
    high_rank: tuple[int, ...]
    best: tuple[int, ...]
    letters: tuple[str, ...]
    point: tuple[float, ...]
    leader: int
    intervals: tuple[Estimate | None, ...]
    pairs: Pairs
    confidence: float
    caveats: tuple[Caveat, ...] = ()


def rank_sets(
    matrix: ArrayLike,
    *,
    rng: np.random.Generator,
    confidence: float = 0.95,
    draws: int = DRAWS,
) -> RankSets:
    """Rank targets by their paired shifts, with ties where nothing else is shown.

    Args:
        matrix: Shape (rounds, k): one value of each target a round, in order of time;
            NaN where it was not seen, infinity where it timed out. Lower is better.
        rng: The chance.
        confidence: That all sets hold at once, in (0, 1).
        draws: How often the greatest t of all pairs is drawn.

    Raises:
        ValueError: As `all_pairs`.
    """
    cells = checked_cells(matrix)
    pairs = all_pairs(cells, confidence=confidence)
    return ranks_of(pairs, medians(cells), rng=rng, draws=draws)


def ranks_of(
    pairs: Pairs, point: ArrayLike, *, rng: np.random.Generator, draws: int = DRAWS
) -> RankSets:
    """Rank the targets of pairs, such as those pooled over vantages.

    Args:
        pairs: Of `all_pairs` or `pooled`; their level is taken.
        point: Shape (k,): of each target, to order the letters and name a leader.
        rng: The chance.
        draws: How often the greatest t of all pairs is drawn.

    Raises:
        ValueError: If *point* has another shape or is NaN everywhere.
    """
    points = np.asarray(point, dtype=np.float64)
    if points.shape != (pairs.targets,) or np.isnan(points).all():
        msg = f"want a point of each of {pairs.targets} targets, got {points}"
        raise ValueError(msg)
    sure = together(pairs, rng=rng, draws=draws)
    worse = _surely_worse(sure)
    order = np.argsort(points, kind="stable")
    leader = int(order[0])
    low = 1 + worse.sum(axis=1)
    return RankSets(
        low_rank=tuple(low.tolist()),
        high_rank=tuple((pairs.targets - worse.sum(axis=0)).tolist()),
        best=tuple(int(at) for at in order if low[at] == 1),
        letters=letters_of(worse | worse.T, order),
        point=tuple(points.tolist()),
        leader=leader,
        intervals=tuple(_against(sure, leader, at) for at in range(pairs.targets)),
        pairs=sure,
        confidence=pairs.confidence,
        caveats=(*pairs.caveats, *_no_order(low)),
    )


def together(pairs: Pairs, *, rng: np.random.Generator, draws: int = DRAWS) -> Pairs:
    """Give pairs intervals that all hold at once, and p-values adjusted likewise.

    The two agree: an adjusted p-value is at most 1 less the level exactly where the
    interval leaves 0 out, or where the shift is endless and so has no interval.

    Raises:
        ValueError: If *draws* are fewer than the level needs.
    """
    if draws < 1 / (1 - pairs.confidence):
        msg = f"want more draws for a level of {pairs.confidence}, got {draws}"
        raise ValueError(msg)
    alpha = 1 - pairs.confidence
    observed = -special.ndtri(pairs.p / 2)
    greatest = _draw(pairs.directions, rng, draws)
    beyond = draws - np.searchsorted(greatest, observed, side="left")
    adjusted = (1 + beyond) / (1 + draws)
    # How pairs move together is not well known of few rounds, nor where rounds depend
    # on one another; Holm's correction holds however they move.
    is_unsure = np.isfinite(pairs.freedom) | (pairs.rounds <= _FEW_ROUNDS)
    adjusted = np.where(is_unsure, np.maximum(adjusted, pairs.p_adjusted), adjusted)
    z = float(np.quantile(greatest, pairs.confidence, method="higher"))
    low, high = _ends(pairs, z)
    is_sure = (adjusted <= alpha) & ((low > 0) | (high < 0) | np.isinf(pairs.shift))
    return replace(
        pairs,
        # What the test leaves open, no interval decides, nor the other way round.
        low=np.where(is_sure, low, np.minimum(low, 0)),
        high=np.where(is_sure, high, np.maximum(high, 0)),
        p_adjusted=np.where(
            is_sure, adjusted, np.maximum(adjusted, math.nextafter(alpha, 1))
        ),
    )


def _draw(directions: Floats, rng: np.random.Generator, draws: int) -> Floats:
    """Draw the greatest of all pairs, shape (draws,), sorted."""
    # To the seventh digit: of 2,000 draws nobody knows the fourth.
    noise = rng.standard_normal((directions.shape[1], draws), dtype=np.float32)
    ways = directions.astype(np.float32)
    greatest = np.zeros(draws, dtype=np.float32)
    for begin in range(0, len(ways), _DRAWN_AT_ONCE):
        sizes = ways[begin : begin + _DRAWN_AT_ONCE] @ noise
        np.abs(sizes, out=sizes)
        np.maximum(greatest, sizes.max(axis=0), out=greatest)
    return np.sort(greatest.astype(np.float64))


def _ends(pairs: Pairs, z: float) -> tuple[Floats, Floats]:
    """The intervals with either side as much longer as *z* is than its own level."""
    own = t_quantiles((1 + pairs.confidence) / 2, pairs.freedom)
    by = as_far_out(z, pairs.freedom) / own
    with np.errstate(invalid="ignore"):
        low = pairs.shift - by * (pairs.shift - pairs.low)
        high = pairs.shift + by * (pairs.high - pairs.shift)
    # How far an endless shift is from an end is not known, nor by how much more.
    return (
        np.where(np.isnan(low), -np.inf, low),
        np.where(np.isnan(high), np.inf, high),
    )


def _surely_worse(pairs: Pairs) -> Flags:
    """Shape (k, k): whether the target of the row is surely worse than the column's."""
    found = np.zeros((pairs.targets, pairs.targets), dtype=np.bool_)
    sure = pairs.p_adjusted <= 1 - pairs.confidence
    above = sure & (pairs.shift > 0)
    below = sure & (pairs.shift < 0)
    found[pairs.second[above], pairs.first[above]] = True
    found[pairs.first[below], pairs.second[below]] = True
    return found


def _against(pairs: Pairs, leader: int, at: int) -> Estimate | None:
    if at == leader or not pairs.n[pairs.place(leader, at)]:
        return None
    return pairs.estimate(leader, at)


def _no_order(low: Places) -> tuple[Caveat, ...]:
    if (low == 1).any():
        return ()
    text = "each target is surely worse than some other: shifts of pairs go in a circle"
    return (Caveat(name="no order", text=text),)
