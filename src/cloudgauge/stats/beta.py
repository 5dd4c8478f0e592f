"""The incomplete beta function and what follows from it, without scipy.

scipy has them all and is taken wherever arrays are worked on. A process that only shows
a result set needs a handful of single values, and for them scipy.special would be a
quarter of its memory and of its start.
"""

import math
from collections.abc import Callable
from functools import lru_cache
from statistics import NormalDist

_TINY = 1e-300
_ENOUGH = 1e-15
_MOST_TERMS = 10_000
_NORMAL = NormalDist()


def incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function I_x(a, b).

    By its continued fraction (Abramowitz and Stegun, 26.5.8), evaluated by the method
    of Lentz as modified by Thompson and Barnett (Applied Optics 15, 1976, and Journal
    of Computational Physics 64, 1986).

    Args:
        a: Above 0.
        b: Above 0.
        x: In [0, 1].
    """
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    # The fraction converges quickly on this side alone.
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(b, a, 1 - x)
    front = math.exp(
        math.lgamma(a + b)
        - math.lgamma(a)
        - math.lgamma(b)
        + a * math.log(x)
        + b * math.log1p(-x)
    )
    return front * _fraction(a, b, x) / a


def _fraction(a: float, b: float, x: float) -> float:
    above, below = 1.0, _kept(1 - (a + b) * x / (a + 1))
    value = below = 1 / below
    m, change = 0, math.inf
    while abs(change - 1) > _ENOUGH and m < _MOST_TERMS:
        m += 1
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            below = 1 / _kept(1 + term * below)
            above = _kept(1 + term / above)
            change = above * below
            value *= change
    return value


def _kept(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def crossing(rising: Callable[[float], float], low: float, high: float) -> float:
    """Where a function that never falls passes 0 between *low* and *high*.

    Returns:
        The greatest number found at which it is at most 0, to the last bit or so.
    """
    while (middle := (low + high) / 2) not in (low, high):
        low, high = (middle, high) if rising(middle) <= 0 else (low, middle)
    return low


def t_tail(statistic: float, freedom: float) -> float:
    """How probably Student's t is at least as far from 0, to either side."""
    if math.isinf(freedom):
        return math.erfc(abs(statistic) / math.sqrt(2))
    square = statistic**2
    # Near 0 the other tail is the one that is known to its last digits.
    if square < freedom:
        return 1 - incomplete_beta(0.5, freedom / 2, square / (freedom + square))
    return incomplete_beta(freedom / 2, 0.5, freedom / (freedom + square))


# Few series differ in their degrees of freedom, and many are asked for each.
@lru_cache(maxsize=4096)
def t_quantile(p: float, freedom: float) -> float:
    """The p-quantile of Student's t, p in (0, 1); of the normal without bound."""
    if math.isinf(freedom):
        return _NORMAL.inv_cdf(p)
    if p < 0.5:
        return -t_quantile(1 - p, freedom)
    # By the share x = v / (v + t^2), which lies between 0 and 1.
    share = crossing(lambda x: incomplete_beta(freedom / 2, 0.5, x) - 2 * (1 - p), 0, 1)
    return math.sqrt(freedom * (1 - share) / share)
