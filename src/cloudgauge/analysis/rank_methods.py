"""Which of several lines are surely worse than others: by rounds, or by heaps."""

import math
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from cloudgauge.analysis.rounds import Rounds
from cloudgauge.analysis.series import Floats
from cloudgauge.analysis.sides import ALPHA
from cloudgauge.stats.bootstrap import medians
from cloudgauge.stats.caveat import Caveat
from cloudgauge.stats.compare import shift
from cloudgauge.stats.pairs import Pairs
from cloudgauge.stats.rankset import RankSets, letters_of, together
from cloudgauge.stats.student import t_quantiles
from cloudgauge.stats.summary import Estimate

Flags = NDArray[np.bool_]

# The same samples give the same figures.
_SEED = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a method makes of lines.

    Attributes:
        worse: Shape (k, k): whether the line of the row is surely worse than the
            column's.
        behind: By how much each is worse than the leader, in the metric's unit.
    """

    letters: tuple[str, ...]
    worse: Flags
    behind: tuple[Estimate | None, ...]
    caveats: tuple[Caveat, ...] = ()


def nothing_shown(count: int) -> Standing:
    """Of one line, or of one round, no order can be shown."""
    text = "one round shows no order: every place is open"
    if not count:
        text = "no region has a value: there is nothing to rank"
    elif count < 2:
        text = "one region alone is first of one: there is nothing to rank"
    return Standing(
        letters=("a",) * count,
        worse=np.zeros((count, count), dtype=np.bool_),
        behind=(None,) * count,
        caveats=(Caveat(name="no order", text=text),),
    )


def by_rounds(sets: RankSets) -> Standing:
    """By pairs of rounds."""
    pairs = sets.pairs
    sure = pairs.p_adjusted <= ALPHA
    worse = np.zeros((pairs.targets, pairs.targets), dtype=np.bool_)
    above, below = sure & (pairs.shift > 0), sure & (pairs.shift < 0)
    worse[pairs.second[above], pairs.first[above]] = True
    worse[pairs.first[below], pairs.second[below]] = True
    return Standing(
        letters=sets.letters, worse=worse, behind=sets.intervals, caveats=sets.caveats
    )


def by_intervals(pairs: Pairs, points: Floats, *, is_few: bool) -> Standing:
    """By intervals that hold for all pairs at once: what leaves 0 out is sure.

    So places, letters and intervals never say different things.

    Args:
        pairs: Of `analysis.pooling.pooled_pairs`.
        points: Shape (k,): of each target, less is better.
        is_few: Of so few rounds that they do not tell how pairs move together.
    """
    held = _at_once(pairs, is_few=is_few)
    worse = np.zeros((pairs.targets, pairs.targets), dtype=np.bool_)
    above, below = held.low > 0, held.high < 0
    worse[pairs.second[above], pairs.first[above]] = True
    worse[pairs.first[below], pairs.second[below]] = True
    leader = int(np.argmin(points))
    text = "each target is surely worse than some other: shifts of pairs go in a circle"
    circle = (Caveat(name="no order", text=text),) if worse.any(axis=1).all() else ()
    return Standing(
        letters=letters_of(worse | worse.T, np.argsort(points, kind="stable")),
        worse=worse,
        behind=tuple(
            None
            if at == leader or not np.isfinite(pairs.error[pairs.place(leader, at)])
            else held.estimate(leader, at)
            for at in range(pairs.targets)
        ),
        caveats=(*pairs.caveats, *circle),
    )


def _at_once(pairs: Pairs, *, is_few: bool) -> Pairs:
    held = together(pairs, rng=np.random.default_rng(_SEED))
    if not is_few:
        return held
    # The reach of Bonferroni holds however pairs move together.
    far = t_quantiles(1 - ALPHA / (2 * len(pairs.shift)), pairs.freedom) * pairs.error
    with np.errstate(invalid="ignore"):
        low, high = pairs.shift - far, pairs.shift + far
    return replace(
        held,
        low=np.where(np.isnan(low), -np.inf, np.minimum(held.low, low)),
        high=np.where(np.isnan(high), np.inf, np.maximum(held.high, high)),
    )


def by_heaps(rounds: Rounds) -> Standing:
    """By shifts of two heaps of values each, with intervals that hold for all pairs.

    What leaves 0 out is sure, so places, letters and intervals never say different
    things. The reach is Bonferroni's: what the pairs have in common is not known where
    no two values are of one round.
    """
    sign = rounds.metric.sign
    heaps = [column[~np.isnan(column)] for column in sign * rounds.values.T]
    count = len(heaps)
    level = 1 - ALPHA / math.comb(count, 2)
    found = {
        (one, other): shift(heaps[one], heaps[other], confidence=level)
        for one, other in combinations(range(count), 2)
        # Of two that never answered in time nobody knows which is longer.
        if not np.isinf([*heaps[one], *heaps[other]]).all()
    }
    worse = np.zeros((count, count), dtype=np.bool_)
    for (one, other), estimate in found.items():
        worse[other, one], worse[one, other] = estimate.low > 0, estimate.high < 0
    points = medians(sign * rounds.values)
    leader = int(np.argmin(points))
    text = "no rounds in common: whatever else changed is in the differences"
    return Standing(
        letters=letters_of(worse | worse.T, np.argsort(points, kind="stable")),
        worse=worse,
        behind=tuple(
            found.get((leader, at)) if at > leader else _turned(found.get((at, leader)))
            for at in range(count)
        ),
        caveats=(Caveat(name="unpaired", text=text),),
    )


def _turned(estimate: Estimate | None) -> Estimate | None:
    """The shift of the baseline against the candidate."""
    if estimate is None:
        return None
    return replace(
        estimate, point=-estimate.point, low=-estimate.high, high=-estimate.low
    )
