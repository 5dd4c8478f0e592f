"""How often a value of one series is below a value of another."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from cloudgauge.stats.beta import t_quantile, t_tail
from cloudgauge.stats.caveat import Caveat
from cloudgauge.stats.dependence import dependence
from cloudgauge.stats.values import Floats, bounded_below, check_level

# With fewer on a side, Student's t is not near enough (Brunner and Munzel, 2000).
ENOUGH = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """How often a value of the candidate is below one of the baseline.

    Attributes:
        theta: That probability, ties counted half; 0.5 means neither.
        low: Lower end of its interval, at least 0.
        high: Upper end, at most 1.
        confidence: Level of the interval, in (0, 1).
        p_value: Of the hypothesis that it is 0.5, two-sided.
        n_baseline: Number of values.
        n_candidate: Number of values.
        caveats: Why not to trust it.
    """

    theta: float
    low: float
    high: float
    confidence: float
    p_value: float
    n_baseline: int
    n_candidate: int
    caveats: tuple[Caveat, ...] = ()


def stochastic_order(
    baseline: ArrayLike, candidate: ArrayLike, *, confidence: float = 0.95
) -> Order:
    """Test whether the values of one tend to be smaller, whatever their spreads.

    Brunner and Munzel, The Nonparametric Behrens-Fisher Problem: Asymptotic Theory
    and a Small-Sample Approximation, Biometrical Journal 42 (2000), with the variance
    of each side inflated by its dependence (`dependence`). Where nothing overlaps,
    that has no variance: the test is then of all ways to mix the two (Neubert and
    Brunner, A Studentized Permutation Test for the Non-Parametric Behrens-Fisher
    Problem, Computational Statistics and Data Analysis 51, 2007), and the interval that
    of as many pairs of which none was the other way round.

    Args:
        baseline: Shape (m,), in order of time if there is one, m of at least 1;
            infinity where a value is only known to be longer.
        candidate: Shape (n,), the same.
        confidence: In (0, 1).

    Raises:
        ValueError: If a series is empty, not one-dimensional, or holds NaN or minus
            infinity, or *confidence* is not in (0, 1).
    """
    first, second = bounded_below(baseline), bounded_below(candidate)
    check_level(confidence)
    m, n = len(first), len(second)
    sides = placements(first, np.sort(second)), placements(second, np.sort(first))
    theta = float(sides[0].mean())
    error, freedom = _error(sides)
    if error:
        reach = t_quantile((1 + confidence) / 2, freedom) * error
        p_value = t_tail((theta - 0.5) / error, freedom)
        low, high = theta - reach, theta + reach
    else:
        p_value = _p_of_separate(theta, m, n)
        # Of k pairs none the other way: that has a chance of at most (1 - share)^k.
        reach = 1 - ((1 - confidence) / 2) ** (1 / min(m, n))
        low, high = theta - reach, theta + reach
    return Order(
        theta=theta,
        low=max(low, 0.0),
        high=min(high, 1.0),
        confidence=confidence,
        p_value=p_value,
        n_baseline=m,
        n_candidate=n,
        caveats=() if min(m, n) >= ENOUGH else (_few(min(m, n)),),
    )


def placements(of: Floats, among: Floats) -> Floats:
    """For each value, the share of sorted others that is below it; ties count half."""
    left = np.searchsorted(among, of, side="left")
    right = np.searchsorted(among, of, side="right")
    return np.asarray((left + right) / (2 * len(among)), dtype=np.float64)


def _error(sides: tuple[Floats, Floats]) -> tuple[float, float]:
    """The standard error of theta and its degrees of freedom, after Satterthwaite."""
    if min(map(len, sides)) < 2:
        return 0.0, math.inf
    depends = [dependence(side) for side in sides]
    parts = [
        float(side.var(ddof=1)) / len(side) * found.inflation
        for side, found in zip(sides, depends, strict=True)
    ]
    total = sum(parts)
    if not total:
        return 0.0, math.inf
    doubt = sum(
        part**2 / min(len(side) - 1, found.freedom)
        for part, side, found in zip(parts, sides, depends, strict=True)
    )
    return math.sqrt(total), total**2 / doubt


def _p_of_separate(theta: float, m: int, n: int) -> float:
    """The p-value where there is no variance: of all ways to mix, two are as far."""
    if theta not in (0.0, 1.0):
        return 1.0
    ways = math.lgamma(m + n + 1) - math.lgamma(m + 1) - math.lgamma(n + 1)
    return min(2 * math.exp(-ways), 1.0)


def _few(count: int) -> Caveat:
    text = f"{count} values on one side: at least {ENOUGH} wanted for the order's test"
    return Caveat(name="too few", text=text)
