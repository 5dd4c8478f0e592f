"""Quantiles with intervals that need no shape of the distribution."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cloudgauge.stats.beta import t_quantile
from cloudgauge.stats.caveat import Caveat
from cloudgauge.stats.dependence import Dependence, dependence
from cloudgauge.stats.ranks import end_ranks
from cloudgauge.stats.values import (
    Floats,
    bounded_below,
    check_level,
    check_share,
    numbered,
)

# With fewer, order statistics of what rounds say cannot be had at 95 %.
FEW_ROUNDS = 6
# Of fewer, a part of a rank would take 5 % from what an interval covers.
WHOLE_RANKS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number and the interval it may lie in, in the unit of the values given.

    Attributes:
        point: The estimate; infinite where the values there are.
        low: Lower end; minus infinity where the values bound nothing below.
        high: Upper end; infinity where they bound nothing above.
        confidence: Level of the interval, in (0, 1).
        n: How many values it is made of.
        caveats: Why not to trust it.
    """

    point: float
    low: float
    high: float
    confidence: float
    n: int
    caveats: tuple[Caveat, ...] = ()

    def __post_init__(self) -> None:
        check_level(self.confidence)
        if not self.low <= self.point <= self.high:
            msg = f"low, point, high must rise: {self.low}, {self.point}, {self.high}"
            raise ValueError(msg)

    @property
    def is_bounded(self) -> bool:
        """Whether both ends are finite."""
        return math.isfinite(self.low) and math.isfinite(self.high)


def quantile_interval(
    values: ArrayLike, p: float = 0.5, *, confidence: float = 0.95
) -> Estimate:
    """Estimate a quantile with an interval between two order statistics.

    Thompson, On Confidence Ranges for the Median and Other Expectation Distributions
    for Populations of Unknown Distribution Form, Annals of Mathematical Statistics 7
    (1936). Assumes independent values of one distribution, of any shape; with ties
    the level is higher. Values that were taken in rounds want `round_interval`.

    Args:
        values: Shape (n,), any order, n of at least 1. Infinity is a value that is
            only known to be longer than all others.
        p: Which quantile, in (0, 1).
        confidence: In (0, 1); the interval's level is at least this.

    Returns:
        The quantile; midway between two values where either would do. An end that so
        few values cannot give is infinite, never the smallest or greatest value
        instead, and a caveat says how many are needed.

    Raises:
        ValueError: If *values* is empty, not one-dimensional, or holds NaN or minus
            infinity, or *p* or *confidence* is not in (0, 1).
    """
    ordered = np.sort(bounded_below(values))
    check_share(p)
    check_level(confidence)
    return _between_ranks(ordered, p, len(ordered), confidence)


def round_interval(
    values: ArrayLike, rounds: ArrayLike, p: float = 0.5, *, confidence: float = 0.95
) -> Estimate:
    """Estimate a quantile of values that were taken in rounds.

    The interval holds although the values of a round are alike and rounds depend on
    the rounds before them. How uncertain the share of values below the estimate is
    follows from the rounds' shares, whose dependence from round to round is allowed
    for (`dependence`); so many independent values as give the same uncertainty, less
    what few rounds leave open of it, give the ranks of the two order statistics
    between which the interval lies. (Woodruff, Confidence Intervals for Medians and
    Other Position Measures, JASA 47, 1952; Korn and Graubard, Confidence Intervals for
    Proportions with Small Expected Number of Positive Counts Estimated from Survey
    Data, Survey Methodology 24, 1998.) With one value a round and no dependence it is
    the interval of `quantile_interval`. An end that only rounds give which do not
    depend on each other is as much farther from the point as the error is greater. With
    2 to 5 rounds, each of enough values to have the quantile, it is Student's over the
    rounds' quantiles.

    The point is the quantile of all values, not of the rounds' quantiles: where a
    round holds one value or two, those have no tail.

    Args:
        values: Shape (n,), n of at least 1. Infinity is a value that is only known to
            be longer than all others, as one that timed out.
        rounds: Shape (n,): the round of each, such as its number; they are taken in
            their order, which must be that of time.
        p: Which quantile, in (0, 1).
        confidence: In (0, 1).

    Returns:
        As `quantile_interval`; with a caveat where there is one round, from which
        follows nothing about other moments.

    Raises:
        ValueError: As `quantile_interval`, or if the shapes differ or a round is NaN.
    """
    found, labels = bounded_below(values), np.asarray(rounds)
    if labels.shape != found.shape:
        msg = f"a round of each value wanted, got {labels.shape} for {found.shape}"
        raise ValueError(msg)
    if labels.dtype.kind == "f" and np.isnan(labels).any():
        msg = (
            f"rounds must not be NaN, got one at place {int(np.isnan(labels).argmax())}"
        )
        raise ValueError(msg)
    check_share(p)
    check_level(confidence)
    places, sizes = numbered(labels)
    ordered = np.sort(found)
    if len(sizes) == 1:
        alone = _between_ranks(ordered, p, len(found), confidence)
        return replace(alone, caveats=(_one_round(), *alone.caveats))
    if len(sizes) < FEW_ROUNDS and sizes.min() * min(p, 1 - p) >= 1:
        return _of_few(found, places, p, confidence)
    shares = _shares(found, quantile_of(ordered, p), p)
    effective, unlike = _effective(shares, places, p, confidence)
    # Values of a round may be all but equal: few rounds then have whole ranks only.
    whole = len(found) > len(sizes) and effective < WHOLE_RANKS
    given = _between_ranks(ordered, p, effective, confidence, whole=whole)
    if given.is_bounded or effective >= unlike:
        return given
    # The interval of rounds that do not depend on each other, stretched.
    loose = _between_ranks(ordered, p, unlike, confidence)
    return _with_ends(given, loose, by=math.sqrt(unlike / effective))


def effective_size(values: ArrayLike) -> float:
    """As many independent values would say as much about the median.

    From the dependence of being above or below the median, which spikes do not set
    (`dependence`).

    Args:
        values: Shape (n,), in order of time, n of at least 1; infinity is allowed.

    Returns:
        From 1 to n.

    Raises:
        ValueError: If *values* is empty, not one-dimensional, or holds NaN or minus
            infinity.
    """
    found = bounded_below(values)
    shares = _shares(found, quantile_of(np.sort(found), 0.5), 0.5)
    return max(len(found) / dependence(shares).inflation, 1.0)


def quantile_of(ordered: Floats, p: float) -> float:
    """The p-quantile of sorted values: midway where either of two would do."""
    # A share such as 0.07 is not exact, and 0.07 times 100 is above 7.
    rank = round(p * len(ordered), 6)
    at = math.ceil(rank)
    first = float(ordered[max(at, 1) - 1])
    if rank != at or not 1 <= at < len(ordered):
        return first
    second = float(ordered[at])
    return second if math.isinf(second) else first + (second - first) / 2


def _shares(values: Floats, at: float, p: float) -> Floats:
    """1 for what is below the p-quantile, 0 above, between for what equals it."""
    below, equal = values < at, values == at
    part = (p - below.mean()) / equal.mean() if equal.any() else 0.0
    return np.asarray(below + part * equal, dtype=np.float64)


def _effective(
    shares: Floats, places: NDArray[np.intp], p: float, confidence: float
) -> tuple[float, float]:
    """As many independent values leave as much open as rounds of these `_shares` do.

    Returns:
        How many, and how many if the rounds did not depend on each other.
    """
    count = len(shares)
    excess: Floats = np.bincount(places, weights=shares - p).astype(np.float64)
    found, several = dependence(excess), count > len(excess)
    if several or found.inflation > 1:
        freedom = len(excess) - 1 if several else math.inf
        reach = found.reach(confidence, freedom=freedom)
    else:
        reach = Dependence().reach(confidence)
    squares = float((excess**2).sum())
    if not squares:
        return count, count
    normal = t_quantile((1 + confidence) / 2, math.inf)
    alone = p * (1 - p) * count**2 / squares
    # Rounds that are more alike than chance makes them are not credited for it.
    alone = min(alone, count)
    return max(alone * (normal / reach) ** 2, 1.0), alone


def _with_ends(given: Estimate, loose: Estimate, *, by: float) -> Estimate:
    """Give an estimate the ends it lacks: those of another, so much farther out."""
    point = given.point
    if math.isinf(point):
        return given
    low, high = given.low, given.high
    if math.isinf(low):
        low = point - by * (point - loose.low)
    if math.isinf(high):
        high = point + by * (loose.high - point)
    found = replace(given, low=low, high=high, caveats=())
    return found if found.is_bounded else replace(found, caveats=given.caveats)


def _of_few(
    values: Floats, places: NDArray[np.intp], p: float, confidence: float
) -> Estimate:
    """Student's interval over the quantiles of 2 to 5 rounds."""
    count = int(places.max()) + 1
    each = [quantile_of(np.sort(values[places == place]), p) for place in range(count)]
    point = quantile_of(np.sort(values), p)
    text = f"{count} rounds: the interval takes what they say for normal"
    low, high = -math.inf, math.inf
    if np.isfinite(each).all():
        error = float(np.std(each, ddof=1)) / math.sqrt(count)
        reach = t_quantile((1 + confidence) / 2, count - 1) * error
        centre = float(np.mean(each))
        low, high = min(centre - reach, point), max(centre + reach, point)
    return Estimate(
        point=point,
        low=low,
        high=high,
        confidence=confidence,
        n=len(values),
        caveats=(Caveat(name="few rounds", text=text),),
    )


def _between_ranks(
    ordered: Floats,
    p: float,
    effective: float,
    confidence: float,
    *,
    whole: bool = False,
) -> Estimate:
    """The interval that so many independent values would give."""
    count = len(ordered)
    low, high = end_ranks(count, p, effective, confidence, whole=whole)
    point = quantile_of(ordered, p)
    is_bounded = low and high
    return Estimate(
        point=point,
        low=min(float(ordered[low - 1]), point) if low else -math.inf,
        high=max(float(ordered[high - 1]), point) if high else math.inf,
        confidence=confidence,
        n=count,
        caveats=() if is_bounded else (too_few(p, (1 - confidence) / 2, effective),),
    )


def too_few(p: float, tail: float, effective: float) -> Caveat:
    """Say how many values would bound a quantile on both sides."""
    # All of n values are on one side of the quantile with the power n of this.
    needed = math.ceil(math.log(tail) / math.log(max(p, 1 - p)) - 1e-9)
    text = (
        f"{effective:.3g} independent values do not bound it on both sides: that takes "
        f"{needed}"
    )
    return Caveat(name="too few", text=text)


def _one_round() -> Caveat:
    text = "all values are of one round: the interval is about that moment alone"
    return Caveat(name="one round", text=text)
