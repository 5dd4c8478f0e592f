"""By how much one series exceeds another, round by round, and how surely.

The shift is that of Hodges and Lehmann, the median of the means of all two rounds'
differences; its interval and the p-value of `signed_rank_p` are one test
(`inversion`). Infinity is a value only known to be longer than all others, such as of
a probe that timed out; a shift may be infinite then.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from cloudgauge.stats.caveat import Caveat, Weight
from cloudgauge.stats.differences import Standing, Sums
from cloudgauge.stats.inversion import Inverted, inverted
from cloudgauge.stats.order import placements
from cloudgauge.stats.summary import Estimate
from cloudgauge.stats.values import Floats, check_level, series
from cloudgauge.stats.walsh import COMPLETE_UP_TO, middles_of, paired_test


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
    found, n = _tested(pairs.values, confidence), len(pairs.values)
    why = shift_caveats(found.low, found.high, n, confidence)
    return Estimate(
        point=found.point,
        low=found.low,
        high=found.high,
        confidence=confidence,
        n=n,
        caveats=(*pairs.caveats, *why),
    )


def signed_rank_p(differences: ArrayLike) -> float:
    """Test whether differences lie symmetrically about 0: the two-sided p-value.

    Wilcoxon, Individual Comparisons by Ranking Methods, Biometrics Bulletin 1 (1945):
    the sum of the positive ranks is how many means of two differences are above 0
    (Tukey). At most 1 less its level exactly where the interval of `paired_shift`
    leaves 0 out; means that are 0 are therefore counted against a difference. Exact
    for few differences that do not depend on each other; for more, the variance is
    that of the differences' contributions, and need not be of symmetric ones.

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
    return _tested(found, 0.95).p


def shift_caveats(
    low: float, high: float, n: int, confidence: float
) -> tuple[Caveat, ...]:
    """Say why the interval of a paired shift of *n* rounds has no ends, or no width."""
    # All differences lie on one side of their centre with a chance of 2^-n.
    needed = math.ceil(-math.log2((1 - confidence) / 2) - 1e-9)
    return end_caveats(low, high, None if n >= needed else f"{needed} rounds")


def end_caveats(low: float, high: float, needed: str | None) -> tuple[Caveat, ...]:
    """Say why the interval of a shift has no ends, or no width.

    Args:
        low: Its lower end.
        high: Its upper end.
        needed: How many values it takes, in words; None if there are as many.
    """
    if low == -math.inf and high == math.inf:
        text = "so many timed out that the shift has no bounds"
        if needed is not None:
            text = f"so few values do not bound the shift: that takes {needed}"
        return (Caveat(name="too few", text=text),)
    if low == high and math.isinf(low):
        text = "so many timed out that the shift is no number: it is beyond all others"
        return (Caveat(name="endless", text=text),)
    if low == high:
        text = "the interval has no width: so many differences are equal"
        return (_note("no spread", text),)
    return ()


def _tested(differences: Floats, confidence: float) -> Inverted:
    """Test the shift of all means of two, however many."""
    if len(differences) <= COMPLETE_UP_TO:
        few = middles_of(differences[None, :], confidence)
        return Inverted(
            point=float(few.point[0]),
            low=float(few.low[0]),
            high=float(few.high[0]),
            p=float(few.p[0]),
        )
    (standing,) = Standing.of(differences)
    ordered = np.sort(standing.values) / 2
    sums = Sums(rows=ordered, columns=ordered, each_pair_once=True)
    scores = 0.5 - placements(sums.middle() - standing.values / 2, ordered)
    half = replace(standing, centre=standing.centre / 2, reach=standing.reach / 2)
    known = abs(sums.middle() - standing.centre) <= half.reach
    test = paired_test(scores[None, :], sums.count, np.array([known]))
    return inverted(test, sums, (half, half), confidence)


def _note(name: str, text: str) -> Caveat:
    return Caveat(name=name, text=text, weight=Weight.NOTE)
