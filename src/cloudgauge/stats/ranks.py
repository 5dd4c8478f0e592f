"""How many of n values may lie below a quantile, and how sure that is."""

import math
from functools import lru_cache
from statistics import NormalDist

from cloudgauge.stats.beta import crossing, incomplete_beta

# A probability that a whole rank has exactly is computed with this relative error.
_ROUNDING = 1e-12
_NORMAL = NormalDist()
# By so many ranks a normal count is off, but for far tails.
_SKEWED = 2.0


@lru_cache(maxsize=4096)
def rank_below(n: float, p: float, alpha: float) -> float:
    """The rank whose order statistic is above the quantile with at most *alpha*.

    The number of values below the p-quantile is Binomial(n, p), so the k-th smallest
    is above it with probability P(Bin(n, p) < k), which is the regularised
    incomplete beta function I_{1-p}(n - k + 1, k): it is defined between whole
    numbers as well, as an effective number of values needs.

    Args:
        n: Number of values, above 0; need not be whole.
        p: Of the quantile, in (0, 1).
        alpha: In (0, 1).

    Returns:
        The greatest real k with that probability at most *alpha*; 0 if not even the
        smallest value is low enough.
    """
    if n < 1 or _above(n, p, 1.0) > alpha:
        return 0.0
    if _above(n, p, n) <= alpha:
        return n
    rank = crossing(
        lambda rank: _above(n, p, rank) - alpha, *_about(n, p, alpha), error=_ROUNDING
    )
    # What is found is not exact to the last bit, and a whole rank is used as such.
    whole = round(rank)
    if abs(rank - whole) > 1e-6:
        return rank
    is_low_enough = _above(n, p, whole) <= alpha * (1 + _ROUNDING)
    return float(whole if is_low_enough else whole - 1e-6)


def end_ranks(
    count: int, p: float, effective: float, confidence: float, *, whole: bool = False
) -> tuple[int, int]:
    """Between which of so many ordered values a quantile lies.

    Args:
        count: Number of values, at least 1.
        p: Of the quantile, in (0, 1).
        effective: As many independent values leave as much open, from 1 to *count*.
        confidence: In (0, 1).
        whole: Take no part of a rank: few values that are all but equal in rounds.

    Returns:
        Ranks from 1 of the lower and the upper end; 0 for one that so few values do
        not bound.
    """
    tail, scale = (1 - confidence) / 2, count / effective
    ranks = [rank_below(effective, share, tail) for share in (p, 1 - p)]
    if whole:
        ranks = [math.floor(rank + 1e-9) for rank in ranks]
    low, high = (math.floor(rank * scale + 1e-9) for rank in ranks)
    return low, count - high + 1 if high else 0


def _about(n: float, p: float, alpha: float) -> tuple[float, float]:
    """Two ranks that the one wanted lies between: near where a normal count has it."""
    near = n * p + _NORMAL.inv_cdf(alpha) * math.sqrt(n * p * (1 - p))
    low, high = (min(max(near + off, 1.0), n) for off in (-_SKEWED, _SKEWED))
    if _above(n, p, low) > alpha:
        return 1.0, low
    if _above(n, p, high) <= alpha:
        return high, n
    return low, high


# A search asks again for the ends that it was given.
@lru_cache(maxsize=8)
def _above(n: float, p: float, rank: float) -> float:
    return incomplete_beta(n - rank + 1, rank, 1 - p)
