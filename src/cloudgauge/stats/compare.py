"""By how much one series exceeds another, and how surely.

Two questions are asked of series without pairs. `shift` is about their places: the
median of all differences of a value of the one and a value of the other (Hodges and
Lehmann), with the interval that `shift_p` inverts (`inversion`). `stochastic_order` is
about how often one is below the other, in no unit. A shift of 0 and an order of 1/2 are
the same, and where spreads are alike so are the answers; but the two estimate how far
chance goes in different places, and near the border one may be sure where the other is
not. Beside the interval of a shift stands the p-value of `shift_p`.

Neither spreads that are equal nor differences that are symmetric are taken for granted
(Sen, On the Estimation of Asymptotic Relative Efficiency of Rank Tests, 1966), ties
count half, and dependence from value to value is allowed for (`dependence`). Pairs of
the same rounds are in `paired`.

Infinity is a value only known to be longer than all others, such as of a probe that
timed out; a shift may be infinite then. Everything is a time: less is better.
"""

import math
from functools import lru_cache
from itertools import count

import numpy as np
from numpy.typing import ArrayLike

from cloudgauge.stats.dependence import dependence
from cloudgauge.stats.differences import Standing, Sums
from cloudgauge.stats.inversion import Few, Inversion, Inverted, inverted
from cloudgauge.stats.null_ranks import FEW, rank_sum_bound, rank_sum_tail
from cloudgauge.stats.order import Order, placements, stochastic_order
from cloudgauge.stats.paired import (
    RoundDifferences,
    end_caveats,
    paired_shift,
    round_differences,
    shift_caveats,
    signed_rank_p,
)
from cloudgauge.stats.summary import Estimate
from cloudgauge.stats.values import Floats, bounded_below, check_level
from cloudgauge.stats.verdict import Verdict, margin_of, verdict_of

__all__ = [
    "Order",
    "RoundDifferences",
    "Verdict",
    "margin_of",
    "paired_shift",
    "round_differences",
    "shift",
    "shift_caveats",
    "shift_p",
    "signed_rank_p",
    "stochastic_order",
    "verdict_of",
]


def shift(
    baseline: ArrayLike, candidate: ArrayLike, *, confidence: float = 0.95
) -> Estimate:
    """Estimate by how much the candidate exceeds the baseline, without pairs.

    The median of all differences of a value of the one and a value of the other. For
    series that were not taken in the same rounds: what changed between the two in the
    meantime is in it, and no interval knows of that.

    Args:
        baseline: Shape (m,), in order of time if there is one, m of at least 1;
            infinity where a value is only known to be longer.
        candidate: Shape (n,), the same.
        confidence: In (0, 1).

    Returns:
        The shift; above 0 where the candidate is longer. `n` counts both.

    Raises:
        ValueError: If a series is empty, not one-dimensional, or holds NaN or minus
            infinity, if nothing of either is finite, or if *confidence* is not in
            (0, 1).
    """
    check_level(confidence)
    first, second = _sides(baseline, candidate)
    found = _tested(first, second, confidence)
    tail = (1 - confidence) / 2
    needed = next(k for k in count(1) if math.comb(2 * k, k) * tail >= 1 - 1e-9)
    wanted = f"{needed} values on each side"
    few = min(len(first), len(second)) < needed
    return Estimate(
        point=found.point,
        low=found.low,
        high=found.high,
        confidence=confidence,
        n=len(first) + len(second),
        caveats=end_caveats(found.low, found.high, wanted if few else None),
    )


def shift_p(baseline: ArrayLike, candidate: ArrayLike) -> float:
    """Test whether two series without pairs lie in the same place, two-sided.

    At most 1 less its level exactly where the interval of `shift` leaves 0 out. Mann
    and Whitney, On a Test of Whether One of Two Random Variables Is Stochastically
    Larger than the Other, Annals of Mathematical Statistics 18 (1947), exact for few
    values; for more, with the variance that each side has where the two are moved
    together. `stochastic_order` estimates it where they stand.

    Args:
        baseline: As of `shift`.
        candidate: As of `shift`.

    Raises:
        ValueError: As `shift`.
    """
    return _tested(*_sides(baseline, candidate), 0.95).p


def _sides(baseline: ArrayLike, candidate: ArrayLike) -> tuple[Floats, Floats]:
    first, second = bounded_below(baseline), bounded_below(candidate)
    if np.isinf(first).all() and np.isinf(second).all():
        msg = "no value of either side is known"
        raise ValueError(msg)
    return first, second


def _tested(first: Floats, second: Floats, confidence: float) -> Inverted:
    standing = Standing.of(-first, second)
    sums = Sums(rows=np.sort(standing[1].values), columns=np.sort(standing[0].values))
    middle = sums.middle()
    # Of each value of the one, how many of the other differ from it by less.
    sides = (
        placements(middle - standing[1].values, sums.columns),
        placements(middle - standing[0].values, sums.rows),
    )
    known = abs(middle - sum(one.centre for one in standing)) <= standing[0].reach
    return inverted(_test_of(sides, is_known=known), sums, standing, confidence)


def _test_of(sides: tuple[Floats, Floats], *, is_known: bool) -> Inversion:
    fewer, more = sorted(map(len, sides))
    depends = [dependence(side) for side in sides]
    parts = [float(side.var()) / len(side) for side in sides]
    inflated = [
        part * found.inflation for part, found in zip(parts, depends, strict=True)
    ]
    # After Satterthwaite, as Brunner and Munzel have it.
    doubt = sum(
        part**2 / found.freedom for part, found in zip(inflated, depends, strict=True)
    )
    spread = math.sqrt(sum(parts))
    if fewer <= FEW:
        # So few hardly show how they vary: they are not taken for less than chance.
        spread = max(spread, math.sqrt((fewer + more + 1) / (12 * fewer * more)))
    ways = (
        math.lgamma(more + fewer + 1) - math.lgamma(more + 1) - math.lgamma(fewer + 1)
    )
    return Inversion(
        contrasts=fewer * more,
        spread=np.array([spread]),
        inflation=np.array([sum(inflated) / sum(parts) if any(parts) else 1.0]),
        freedom=np.array([sum(inflated) ** 2 / doubt if doubt else math.inf]),
        # Of all ways to mix the two, two are as far out as any.
        least_p=min(2 * math.exp(-ways), 1.0),
        is_known=np.array([is_known]),
        few=_few(fewer, more) if more <= FEW else None,
    )


@lru_cache(maxsize=FEW * FEW)
def _few(fewer: int, more: int) -> Few:
    return Few(
        bound=lru_cache(lambda alpha: rank_sum_bound(fewer, more, alpha)),
        tail=lru_cache(lambda count: rank_sum_tail(fewer, more, count)),
    )
