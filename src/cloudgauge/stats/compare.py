"""By how much one series exceeds another, and how surely.

Shifts are those of Hodges and Lehmann, Estimates of Location Based on Rank Tests,
Annals of Mathematical Statistics 34 (1963): the median of all differences, or of all
means of two rounds' differences. The ends of an interval are differences of a rank too,
which is exact for few values (`null_ranks`). For more, the rank follows from how much
the values' own ranks vary (Sen, On the Estimation of Asymptotic Relative Efficiency
of Rank Tests, 1966, and Brunner and Munzel, below): neither spreads that are equal nor
differences that are symmetric are taken for granted, ties count half, and dependence
from value to value is allowed for (`dependence`).

Infinity is a value only known to be longer than all others, such as of a probe that
timed out; a shift may be infinite then. Everything is a time: less is better.
"""

import math
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import ArrayLike

from cloudgauge.stats.beta import t_tail
from cloudgauge.stats.caveat import Caveat, Weight
from cloudgauge.stats.dependence import Dependence, dependence
from cloudgauge.stats.differences import Standing, Sums, beyond
from cloudgauge.stats.null_ranks import (
    FEW,
    rank_sum_bound,
    signed_rank_bound,
    signed_rank_tail,
)
from cloudgauge.stats.order import Order, placements, stochastic_order
from cloudgauge.stats.summary import Estimate
from cloudgauge.stats.values import Floats, bounded_below, check_level, series
from cloudgauge.stats.verdict import Verdict, margin_of, verdict_of

__all__ = [
    "Order",
    "RoundDifferences",
    "Verdict",
    "margin_of",
    "paired_shift",
    "round_differences",
    "shift",
    "signed_rank_p",
    "stochastic_order",
    "verdict_of",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundDifferences:
    """Candidate minus baseline, round by round.

    Attributes:
        values: Shape (n,), in order of the rounds; infinite where one side was only
            known to be longer.
        missing: In how many rounds one side was not there.
        both_beyond: In how many both were only known to be longer.
    """

    values: Floats
    missing: int
    both_beyond: int

    @property
    def caveats(self) -> tuple[Caveat, ...]:
        """What was left out."""
        found = []
        total = len(self.values) + self.missing + self.both_beyond
        if self.missing:
            text = f"{self.missing} of {total} rounds have no value of both sides"
            found.append(_note("rounds left out", text))
        if self.both_beyond:
            text = f"in {self.both_beyond} of {total} rounds neither side ended in time"
            found.append(_note("rounds left out", text))
        return tuple(found)


def round_differences(baseline: ArrayLike, candidate: ArrayLike) -> RoundDifferences:
    """Pair two series by their rounds, and count what makes no pair.

    Args:
        baseline: Shape (n,), of one round each, in order of time; NaN where there is
            none, infinity where it is only known to be longer.
        candidate: The same, of the same rounds.

    Raises:
        ValueError: If they are empty, not one-dimensional or of unlike shapes, hold
            minus infinity, or no round has both.
    """
    first, second = series(baseline), series(candidate)
    if first.shape != second.shape:
        msg = f"one value of each a round wanted, got {len(first)} and {len(second)}"
        raise ValueError(msg)
    if np.isneginf(first).any() or np.isneginf(second).any():
        msg = "values must not be minus infinity"
        raise ValueError(msg)
    there = ~(np.isnan(first) | np.isnan(second))
    both = np.isinf(first) & np.isinf(second)
    kept = there & ~both
    if not kept.any():
        msg = f"none of {len(first)} rounds has a value of both sides"
        raise ValueError(msg)
    return RoundDifferences(
        values=second[kept] - first[kept],
        missing=int((~there).sum()),
        both_beyond=int(both.sum()),
    )


def paired_shift(
    baseline: ArrayLike, candidate: ArrayLike, *, confidence: float = 0.95
) -> Estimate:
    """Estimate by how much the candidate exceeds the baseline, round by round.

    The median of the means of all two differences, each with itself as well. Where
    differences lie symmetrically it is their median.

    Args:
        baseline: Shape (n,), of one round each, in order of time; NaN where there is
            none, infinity where it is only known to be longer.
        candidate: The same, of the same rounds.
        confidence: In (0, 1).

    Returns:
        The shift; above 0 where the candidate is longer. Rounds without both sides
        are left out and counted in a caveat; `n` counts the others.

    Raises:
        ValueError: As `round_differences`, or if *confidence* is not in (0, 1).
    """
    check_level(confidence)
    pairs = round_differences(baseline, candidate)
    (standing,) = Standing.of(pairs.values)
    ordered, n = np.sort(standing.values), len(standing.values)
    sums = Sums(rows=ordered, columns=ordered, each_pair_once=True)
    middle, tail = sums.middle(), (1 - confidence) / 2
    # For each difference the share of others with which its mean is below the
    # centre: the share of all pair means below it is the mean of these.
    below = placements(middle - standing.values, ordered)
    depends = dependence(below)
    if n <= FEW and depends.inflation == 1:
        rank = signed_rank_bound(n, tail)
    else:
        error = 2 * math.sqrt(float(below.var()) / n)
        rank = math.floor(sums.count * (0.5 - depends.reach(confidence) * error))
    low, point, high = _ends(sums, rank, middle, (standing, standing))
    return Estimate(
        point=point / 2,
        low=low / 2,
        high=high / 2,
        confidence=confidence,
        n=n,
        caveats=(*pairs.caveats, *shift_caveats(low, high, n, confidence)),
    )


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
    first, second = bounded_below(baseline), bounded_below(candidate)
    if np.isinf(first).all() and np.isinf(second).all():
        msg = "no value of either side is known"
        raise ValueError(msg)
    standing = Standing.of(-first, second)
    sums = Sums(rows=np.sort(standing[1].values), columns=np.sort(standing[0].values))
    middle = sums.middle()
    # Of each value of the one, how many of the other differ from it by less.
    sides = (
        placements(middle - standing[1].values, sums.columns),
        placements(middle - standing[0].values, sums.rows),
    )
    low, point, high = _ends(sums, _rank_of_sides(sides, confidence), middle, standing)
    tail = (1 - confidence) / 2
    needed = next(k for k in count(1) if math.comb(2 * k, k) * tail >= 1 - 1e-9)
    fewer = min(len(first), len(second))
    return Estimate(
        point=point,
        low=low,
        high=high,
        confidence=confidence,
        n=len(first) + len(second),
        caveats=_caveats(low, high, fewer < needed, f"{needed} values on each side"),
    )


def signed_rank_p(differences: ArrayLike) -> float:
    """Test whether differences lie symmetrically about 0: the two-sided p-value.

    Wilcoxon, Individual Comparisons by Ranking Methods, Biometrics Bulletin 1 (1945),
    with the ranks of Pratt, Remarks on Zeros and Ties in the Wilcoxon Signed Rank
    Procedures, JASA 54 (1959): differences of 0 are ranked and then have no sign, ties
    share their ranks. Exact for few differences; for more, the variance is that of
    the ranks, inflated by their dependence (`dependence`).

    Args:
        differences: Shape (n,), in order of time, n of at least 1; infinite where one
            side was only known to be longer, as `round_differences` gives them.

    Returns:
        In (0, 1]; 1 where all are 0.

    Raises:
        ValueError: If *differences* is empty, not one-dimensional or holds NaN.
    """
    found = series(differences)
    if np.isnan(found).any():
        msg = "differences must not be NaN"
        raise ValueError(msg)
    sizes = np.abs(found)
    # The rank of a size among n, from 1, is n times its placement, plus a half.
    ranks = placements(sizes, np.sort(sizes)) * len(found) + 0.5
    signed = np.sign(found) * ranks
    squares = float((signed**2).sum())
    if not squares:
        return 1.0
    depends = dependence(signed)
    if len(found) <= FEW and depends.inflation == 1:
        return signed_rank_tail(ranks[found != 0], float(ranks[found > 0].sum()))
    error = math.sqrt(squares * depends.inflation)
    return t_tail(float(signed.sum()) / error, depends.freedom)


def _rank_of_sides(sides: tuple[Floats, Floats], confidence: float) -> int:
    """The rank of the difference at the lower end of a shift's interval."""
    fewer, more = sorted(map(len, sides))
    depends = [dependence(side) for side in sides]
    if more <= FEW and all(found.inflation == 1 for found in depends):
        return rank_sum_bound(fewer, more, (1 - confidence) / 2)
    half = math.hypot(
        *(
            found.reach(confidence) * math.sqrt(float(side.var()) / len(side))
            for side, found in zip(sides, depends, strict=True)
        )
    )
    if fewer <= FEW:
        # So few hardly show how they vary: they are not taken for less than chance.
        even = math.sqrt((fewer + more + 1) / (12 * fewer * more))
        half = max(half, Dependence().reach(confidence) * even)
    return math.floor(fewer * more * (0.5 - half))


def _ends(
    sums: Sums, rank: int, middle: float, standing: tuple[Standing, ...]
) -> tuple[float, float, float]:
    """The sums of a rank from either end and the middle; infinite where beyond."""
    centre, reach = sum(one.centre for one in standing), standing[0].reach
    low, high = -math.inf, math.inf
    if rank >= 1:
        low = beyond(sums.smallest(rank), centre, reach)
        high = beyond(sums.smallest(sums.count + 1 - rank), centre, reach)
    return low, beyond(middle, centre, reach), high


def shift_caveats(
    low: float, high: float, n: int, confidence: float
) -> tuple[Caveat, ...]:
    """Say why the interval of a paired shift of *n* rounds has no ends, or no width."""
    # All differences lie on one side of their centre with a chance of 2^-n.
    needed = math.ceil(-math.log2((1 - confidence) / 2) - 1e-9)
    return _caveats(low, high, n < needed, f"{needed} rounds")


def _caveats(low: float, high: float, few: bool, needed: str) -> tuple[Caveat, ...]:  # noqa: FBT001  private
    if low == -math.inf and high == math.inf:
        text = "neighbouring rounds are so alike that they do not bound the shift"
        if few:
            text = f"so few values do not bound the shift: that takes {needed}"
        return (Caveat(name="too few", text=text),)
    if low == high:
        text = "the interval has no width: so many differences are equal"
        return (_note("no spread", text),)
    return ()


def _note(name: str, text: str) -> Caveat:
    return Caveat(name=name, text=text, weight=Weight.NOTE)
