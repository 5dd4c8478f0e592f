"""Quantiles with intervals that need no shape of the distribution."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from cloudgauge.stats.caveat import Caveat
from cloudgauge.stats.dependence import inflation
from cloudgauge.stats.ranks import rank_below
from cloudgauge.stats.values import (
    Floats,
    bounded_below,
    check_level,
    check_share,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number and the interval it may lie in, in the unit of the values given.

    Attributes:
        point: The estimate; infinite where most values were.
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
            msg = f"not in order: {self.low}, {self.point}, {self.high}"
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
    the level is higher. For values of rounds take `round_interval`.

    Args:
        values: Shape (n,), any order, n of at least 1. Infinity is a value that is
            only known to be longer than all others.
        p: Which quantile, in (0, 1).
        confidence: In (0, 1); the interval's level is at least this.

    Returns:
        The quantile. An end that so few values cannot give is infinite, and a caveat
        says how many are needed; it is never the smallest or greatest value instead.

    Raises:
        ValueError: If *values* is empty, not one-dimensional, NaN or minus infinity,
            or *p* or *confidence* is not in (0, 1).
    """
    ordered = np.sort(bounded_below(values))
    check_share(p)
    check_level(confidence)
    return _between_ranks(ordered, p, len(ordered), confidence)


def round_interval(
    values: ArrayLike, rounds: ArrayLike, p: float = 0.5, *, confidence: float = 0.95
) -> Estimate:
    """Estimate a quantile of values that were taken in rounds."""
    found = bounded_below(values)
    labels = np.asarray(rounds)
    if labels.shape != found.shape:
        msg = f"values and rounds must be alike, got {found.shape}, {labels.shape}"
        raise ValueError(msg)
    check_share(p)
    check_level(confidence)
    ordered = np.sort(found)
    return _between_ranks(ordered, p, len(found), confidence)


def effective_size(values: ArrayLike) -> float:
    """As many independent values would say as much about the median."""
    found = bounded_below(values)
    return len(found) / inflation(_scores(found, 0.5))


def quantile_of(ordered: Floats, p: float) -> float:
    """The p-quantile of sorted values: midway where two would do."""
    rank = p * len(ordered)
    at = math.ceil(rank - 1e-9)
    first = float(ordered[max(at, 1) - 1])
    if abs(rank - at) > 1e-9 or at >= len(ordered):
        return first
    second = float(ordered[at])
    return second if math.isinf(second) else first + (second - first) / 2


def _scores(values: Floats, p: float) -> Floats:
    """1 for what is below the p-quantile, 0 above, between for what equals it."""
    at = quantile_of(np.sort(values), p)
    below, equal = values < at, values == at
    share = below.mean()
    part = (p - share) / equal.mean() if equal.any() else 0.0
    return np.asarray(below + part * equal, dtype=np.float64)


def _between_ranks(
    ordered: Floats, p: float, effective: float, confidence: float
) -> Estimate:
    """The interval that *effective* independent values would give."""
    count, tail = len(ordered), (1 - confidence) / 2
    scale = count / effective
    low = math.floor(rank_below(effective, p, tail) * scale + 1e-9)
    high = math.floor(rank_below(effective, 1 - p, tail) * scale + 1e-9)
    caveats = () if low and high else (_too_few(p, tail, effective),)
    return Estimate(
        point=quantile_of(ordered, p),
        low=float(ordered[low - 1]) if low else -math.inf,
        high=float(ordered[count - high]) if high else math.inf,
        confidence=confidence,
        n=count,
        caveats=caveats,
    )


def _too_few(p: float, tail: float, effective: float) -> Caveat:
    # All n values lie on one side of the quantile with max(p, 1 - p)^n.
    needed = math.ceil(math.log(tail) / math.log(max(p, 1 - p)))
    text = f"{effective:.3g} independent values bound a side only from {needed} on"
    return Caveat(name="too few", text=text)
