"""The middle of one series of differences, whatever depends on what, and fast.

`compare.paired_shift` in a sixth of a millisecond for 1,000 values: there are 19,900
pairs. The median of the means of two values each (Walsh averages): Hodges and Lehmann,
Estimates of Location Based on Rank Tests, Annals of Mathematical Statistics 34 (1963).
Interval and p-value come from one statistic, the share of those means above a value,
so that the interval at 95 % leaves 0 out where p is below 0.05. How far that share may
be off follows from what each value contributes to it (Hajek's projection) and from how
far these contributions depend on each other (`dependence`); the differences need not
be symmetric.

Of n values there are n (n + 1) / 2 means; up to 100 values all are made, and the answer
is that of `paired_shift`. Beyond, only the means of values that are some fixed lags
apart are made, at least 4 of each value, as Brown and Kildea do (Reduced U-statistics
and the Hodges-Lehmann Estimator, Annals of Statistics 6, 1978): with 4 the variance
rises by 6 %, the interval by 3 %.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cloudgauge.stats.compare import signed_rank_p
from cloudgauge.stats.dependence import dependence
from cloudgauge.stats.differences import Standing, beyond
from cloudgauge.stats.null_ranks import FEW, signed_rank_bound
from cloudgauge.stats.student import t_quantiles, t_tails
from cloudgauge.stats.values import Floats

# Up to so many values all means of two are made: 5,050 of them.
COMPLETE_UP_TO = 100
LEAST_LAGS = 4
# Beyond, at least so many.
_MEANS = 4_000
_GOLDEN = (math.sqrt(5) - 1) / 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Middle:
    """Where differences lie.

    Attributes:
        point: The median of the means of two; infinite where most differences are.
        low: Lower end of the interval; minus infinity where so few values give none.
        high: Upper end.
        error: Standard error, of one side where the other is endless.
        freedom: Its degrees of freedom, above 0; may be infinite.
        p: Of the hypothesis that they lie about 0, two-sided.
        n: How many differences.
        scores: Shape (n,): what each contributes to the error, in the order given.
    """

    point: float
    low: float
    high: float
    error: float
    freedom: float
    p: float
    n: int
    scores: Floats


def middle_of(differences: Floats, confidence: float) -> Middle:
    """Estimate where differences lie.

    Args:
        differences: Shape (n,), n of at least 1, not NaN, in order of time; infinite
            where one side was only known to be longer.
        confidence: Of the interval, in (0, 1).
    """
    n = len(differences)
    values, centre, reach = _standing(differences)
    means = _means(values)
    above = (np.count_nonzero(means > 0) + np.count_nonzero(means >= 0)) / 2
    off = above / len(means) - 0.5
    middle = _median(means)
    scores = _scores(values, middle)
    depends = dependence(scores)
    spread = math.sqrt(_variance(scores, len(means)) * depends.inflation)
    t = float(t_quantiles((1 + confidence) / 2, depends.freedom))
    rank = math.floor(len(means) * (0.5 - t * spread))
    p = float(t_tails(off / spread, depends.freedom)) if spread else 0.0
    if n <= FEW:
        p = signed_rank_p(differences)
        if depends.inflation == 1:
            rank = signed_rank_bound(n, (1 - confidence) / 2)
    low, high = (beyond(x, centre, reach) for x in _ends(means, rank))
    point = beyond(middle, centre, reach)
    sides = [side for side in (point - low, high - point) if math.isfinite(side)]
    return Middle(
        point=point,
        low=low,
        high=high,
        error=sum(sides) / (len(sides) * t) if sides else math.inf,
        freedom=depends.freedom,
        # Signs alone: n rounds cannot say more against 0 than n coins.
        p=min(max(p, 2.0 ** (1 - n)), 1.0) if off else 1.0,
        n=n,
        scores=scores,
    )


def means_made(n: int) -> int | None:
    """How many means of two of *n* values are made; None if all."""
    return None if n <= COMPLETE_UP_TO else n * len(_lags(n))


def _standing(differences: Floats) -> tuple[Floats, float, float]:
    """Finite values, their centre, and how far from it what was finite may be."""
    if np.isfinite(differences).all():
        return differences, 0.0, math.inf
    (standing,) = Standing.of(differences)
    return standing.values, standing.centre, standing.reach / 2


def _means(differences: Floats) -> Floats:
    n = len(differences)
    halves = differences / 2
    if n <= COMPLETE_UP_TO:
        rows, columns = _triangle(n)
        return np.asarray(halves[rows] + halves[columns])
    lags = _lags(n)
    twice = np.concatenate((halves, halves))
    means = np.empty((len(lags), n))
    for row, lag in zip(means, lags, strict=True):
        np.add(halves, twice[lag : lag + n], out=row)
    return means.ravel()


@lru_cache(maxsize=64)
def _triangle(n: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    rows, columns = np.triu_indices(n)
    return rows, columns


@lru_cache(maxsize=64)
def _lags(n: int) -> tuple[int, ...]:
    """How far apart the values of the means are: less than half the series.

    Steps of the golden ratio: no period of the day falls in with them.
    """
    wanted = max(LEAST_LAGS, math.ceil(_MEANS / n))
    parts = np.arange(1, wanted + 1) * _GOLDEN % 1
    lags = np.unique(1 + np.floor(parts * ((n - 1) // 2)).astype(np.int64))
    return tuple(lags.tolist())


def _median(means: Floats) -> float:
    """The median; the array is then parted there."""
    count = len(means)
    means.partition((count - 1) // 2)
    if count % 2:
        return float(means[count // 2])
    return float((means[count // 2 - 1] + means[count // 2 :].min()) / 2)


def _ends(means: Floats, rank: int) -> tuple[float, float]:
    """The means of a rank from either end, of an array that is parted at its middle."""
    if rank < 1:
        return -math.inf, math.inf
    half = (len(means) - 1) // 2
    lower, upper = means[: half + 1], means[half:]
    at = len(upper) - rank
    lower.partition(rank - 1)
    low = float(lower[rank - 1])
    upper.partition(at)
    return low, float(upper[at])


def _scores(differences: Floats, middle: float) -> Floats:
    """What share of all values makes a mean below the middle with each, from a half.

    The projection of Hajek: the share of means above the middle is off by twice the
    mean of these.
    """
    n = len(differences)
    order = np.argsort(differences)
    ordered = differences[order]
    # Rising, as the values are: searched for in order they are found faster.
    opposite = 2 * middle - ordered[::-1]
    below = np.searchsorted(ordered, opposite)
    shares = below / n
    ties = np.flatnonzero(ordered[np.minimum(below, n - 1)] == opposite)
    if len(ties):
        upto = np.searchsorted(ordered, opposite[ties], "right")
        shares[ties] = (below[ties] + upto) / (2 * n)
    scores = np.empty(n)
    scores[order] = 0.5 - shares[::-1]
    return scores


def _variance(scores: Floats, count: int) -> float:
    """Variance of the share of means above the true middle, if nothing depends."""
    variance = 4 * float(scores.var()) / len(scores)
    # Of count means instead of all: Brown and Kildea, with 1/12 for any continuous
    # distribution that is symmetric.
    return variance if len(scores) <= COMPLETE_UP_TO else variance + 1 / (12 * count)
