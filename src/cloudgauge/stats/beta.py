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
# Between two guesses that are the same but for rounding, as a share of them.
_LAST_BITS = 2.0**-52
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
    above, below = 1.0, 1 - (a + b) * x / (a + 1)
    value = below = 1 / (below if abs(below) > _TINY else _TINY)
    m, change = 0, math.inf
    while abs(change - 1) > _ENOUGH and m < _MOST_TERMS:
        m += 1
        at = a + 2 * m
        even = m * (b - m) * x / ((at - 1) * at)
        odd = -(a + m) * (a + b + m) * x / (at * (at + 1))
        for term in (even, odd):
            # Written out: hundreds of thousands of these make the intervals of a page.
            below = 1 + term * below
            below = 1 / (below if abs(below) > _TINY else _TINY)
            above = 1 + term / above
            above = above if abs(above) > _TINY else _TINY
            change = above * below
            value *= change
    return value


def crossing(
    rising: Callable[[float], float],
    low: float,
    high: float,
    *,
    error: float = _LAST_BITS,
) -> float:
    """Where a function that never falls passes 0 between *low* and *high*.

    By Chandrupatla's method (A New Hybrid Quadratic/Bisection Algorithm for Finding
    the Zero of a Nonlinear Function without Using Derivatives, Advances in Engineering
    Software 28, 1997): a third of the steps that halving takes, or fewer.

    Args:
        rising: At most 0 at *low*.
        low: Less than *high*.
        high: Returned if it is at most 0 there too.
        error: That is small enough, as a share of the answer.

    Returns:
        The greatest number found at which it is at most 0.
    """
    # The newest guess, the end on the other side of 0, and what was left out last.
    new, end, old = high, low, high
    at_new, at_end = rising(high), rising(low)
    if at_new <= 0:
        return high
    at_old, share = at_new, 0.5
    while (guess := new + share * (end - new)) not in (new, end):
        at_guess = rising(guess)
        if (at_guess <= 0) == (at_new <= 0):
            old, at_old = new, at_new
        else:
            old, at_old, end, at_end = end, at_end, new, at_new
        new, at_new = guess, at_guess
        least = error * abs(new) / abs(end - new)
        if least > 0.5:
            break
        share = _share((new, at_new), (end, at_end), (old, at_old))
        share = min(max(share, least), 1 - least)
    return new if at_new <= 0 else end


def _share(
    new: tuple[float, float], end: tuple[float, float], old: tuple[float, float]
) -> float:
    """How far from the newest guess to the end the next one is to be.

    Through three points goes a parabola on its side, which is taken where it has one
    value between the ends; else they are halved.
    """
    (x, at_x), (x_end, at_end), (x_old, at_old) = new, end, old
    place = (x - x_end) / (x_old - x_end)
    level = (at_x - at_end) / (at_old - at_end)
    if level**2 >= place or (1 - level) ** 2 >= 1 - place:
        return 0.5
    first = at_x / (at_end - at_x) * at_old / (at_end - at_old)
    steep = at_x / (at_old - at_x) * at_end / (at_old - at_end)
    return first + (x_old - x) / (x_end - x) * steep


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
