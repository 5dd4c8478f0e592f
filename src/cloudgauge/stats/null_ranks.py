"""Exact distributions of rank statistics where nothing differs, for few values.

Counted as polynomials whose coefficients say how many of all equally likely cases give
a sum of ranks. All counts are whole and below 2^53, so exact in floating point.
"""

import math

import numpy as np

from cloudgauge.stats.values import Floats

# On either side; above, the normal distribution is within a rank or two.
FEW = 20


def signed_rank_bound(n: int, alpha: float) -> int:
    """The rank of a pair mean that is above the centre with at most *alpha*.

    Of n differences that lie symmetrically about a centre, each rank of a distance
    is equally likely that of a positive as of a negative one (Wilcoxon, Individual
    Comparisons by Ranking Methods, Biometrics Bulletin 1, 1945); and so many pair
    means are above the centre as the positive ranks add up to (Tukey).

    Args:
        n: From 1 to `FEW`.
        alpha: In (0, 1).

    Returns:
        The greatest k of which P(sum < k) is at most *alpha*; 0 if there is none.
    """
    return _bound(_sums(np.arange(1, n + 1)), alpha)


def rank_sum_bound(m: int, n: int, alpha: float) -> int:
    """The rank of a difference that is above the shift with at most *alpha*.

    Mann and Whitney, On a Test of Whether One of Two Random Variables Is
    Stochastically Larger than the Other, Annals of Mathematical Statistics 18 (1947).
    The counts are the coefficients of the Gaussian binomial (m + n over m).

    Args:
        m: Number of values of the one, from 1 to `FEW`.
        n: Number of values of the other, from 1 to `FEW`.
        alpha: In (0, 1).

    Returns:
        The greatest k of which P(U < k) is at most *alpha*; 0 if there is none.
    """
    return _bound(_mixed(m, n), alpha)


def signed_rank_tail(n: int, count: int) -> float:
    """How probably so many pair means or fewer are on one side of their centre.

    Args:
        n: Of how many differences, from 1 to `FEW`.
        count: At least 0; as many as there are positive ranks (Tukey).
    """
    return _tail(_sums(np.arange(1, n + 1)), count)


def rank_sum_tail(m: int, n: int, count: int) -> float:
    """How probably so many differences or fewer are on one side of the shift.

    Args:
        m: Number of values of the one, from 1 to `FEW`.
        n: Number of values of the other, from 1 to `FEW`.
        count: At least 0.
    """
    return _tail(_mixed(m, n), count)


def _sums(weights: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Floats:
    """How many choices of the weights come to each sum."""
    counts = np.zeros(int(weights.sum()) + 1)
    counts[0] = 1
    for weight in weights:
        counts[weight:] += counts[: len(counts) - weight].copy()
    return counts


def _mixed(m: int, n: int) -> Floats:
    """How many ways to mix two series give each count: a Gaussian binomial."""
    counts = np.zeros(m * n + 1)
    counts[0] = 1
    for i in range(1, m + 1):
        # Times 1 - x^(n+i), then over 1 - x^i, up to the power that is wanted.
        counts[n + i :] -= counts[: max(len(counts) - n - i, 0)].copy()
        for start in range(i):
            counts[start::i] = np.cumsum(counts[start::i])
    return counts


def _tail(counts: Floats, count: int) -> float:
    return float(counts[: count + 1].sum()) / math.fsum(counts)


def _bound(counts: Floats, alpha: float) -> int:
    below = np.cumsum(counts) / math.fsum(counts)
    return int(np.searchsorted(below, alpha * (1 + 1e-12), side="right"))
