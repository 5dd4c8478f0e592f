"""Two series: by how much they differ, how surely, and whether that matters."""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from cloudgauge.stats.caveat import Caveat
from cloudgauge.stats.differences import Sums
from cloudgauge.stats.summary import Estimate
from cloudgauge.stats.values import Floats, bounded_below, check_level, series


class Verdict(StrEnum):
    """What an interval of a shift says about a margin set beforehand.

    ``DIFFERS``: the interval leaves 0 out. ``EQUIVALENT``: the shift is surely within
    the margin. ``UNDECIDED``: neither is shown.
    """

    DIFFERS = "differs"
    EQUIVALENT = "equivalent"
    UNDECIDED = "undecided"


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


def paired_shift(
    baseline: ArrayLike, candidate: ArrayLike, *, confidence: float = 0.95
) -> Estimate:
    """Estimate by how much the candidate exceeds the baseline, round by round."""
    first, second = series(baseline), series(candidate)
    if first.shape != second.shape:
        msg = f"one value of each a round wanted, got {len(first)} and {len(second)}"
        raise ValueError(msg)
    check_level(confidence)
    there = ~(np.isnan(first) | np.isnan(second))
    differences = np.sort((second - first)[there])
    if not len(differences):
        msg = "no round has a value of both"
        raise ValueError(msg)
    n = len(differences)
    sums = Sums(rows=differences, columns=differences, from_diagonal=True)
    z = float(special.ndtri((1 + confidence) / 2))
    half = z * math.sqrt(n * (n + 1) * (2 * n + 1) / 24)
    return _at_ranks(sums, half, confidence, n, 0.5)


def shift(
    baseline: ArrayLike, candidate: ArrayLike, *, confidence: float = 0.95
) -> Estimate:
    """Estimate by how much the candidate exceeds the baseline, without pairs."""
    first, second = np.sort(bounded_below(baseline)), np.sort(bounded_below(candidate))
    check_level(confidence)
    m, n = len(first), len(second)
    sums = Sums(rows=second, columns=-first[::-1])
    z = float(special.ndtri((1 + confidence) / 2))
    half = z * math.sqrt(m * n * (m + n + 1) / 12)
    return _at_ranks(sums, half, confidence, m + n, 1.0)


def _at_ranks(
    sums: Sums, half: float, confidence: float, n: int, factor: float
) -> Estimate:
    count = sums.count
    low = math.floor(count / 2 - half)
    middle = sums.smallest((count + 1) // 2) + sums.smallest(count // 2 + 1)
    caveats = () if low >= 1 else (Caveat(name="too few", text="too few values"),)
    return Estimate(
        point=factor * middle / 2,
        low=factor * sums.smallest(low) if low >= 1 else -math.inf,
        high=factor * sums.smallest(count + 1 - low) if low >= 1 else math.inf,
        confidence=confidence,
        n=n,
        caveats=caveats,
    )


def signed_rank_p(differences: ArrayLike) -> float:
    """Test whether differences lie about 0: the two-sided p-value."""
    found = series(differences)
    sizes = np.abs(found)
    order = np.sort(sizes)
    ranks = (
        np.searchsorted(order, sizes) + np.searchsorted(order, sizes, "right") + 1
    ) / 2
    scores = np.sign(found) * ranks
    spread = math.sqrt(float((scores**2).sum()))
    return float(2 * special.ndtr(-abs(scores.sum()) / spread)) if spread else 1.0


def stochastic_order(
    baseline: ArrayLike, candidate: ArrayLike, *, confidence: float = 0.95
) -> Order:
    """Test whether the values of one tend to be smaller, whatever their spreads.

    Brunner and Munzel, The Nonparametric Behrens-Fisher Problem: Asymptotic Theory
    and a Small-Sample Approximation, Biometrical Journal 42 (2000).
    """
    first, second = bounded_below(baseline), bounded_below(candidate)
    check_level(confidence)
    m, n = len(first), len(second)
    above = _share_below(first, second)
    below = 1 - _share_below(second, first)
    theta = float(above.mean())
    s1, s2 = _variance(above) / m, _variance(below) / n
    spread = math.sqrt(s1 + s2)
    if not spread:
        return Order(
            theta=theta,
            low=0.0,
            high=1.0,
            confidence=confidence,
            p_value=1.0,
            n_baseline=m,
            n_candidate=n,
        )
    freedom = (s1 + s2) ** 2 / (s1**2 / max(m - 1, 1) + s2**2 / max(n - 1, 1))
    reach = float(special.stdtrit(freedom, (1 + confidence) / 2)) * spread
    p = 2 * float(special.stdtr(freedom, -abs(theta - 0.5) / spread))
    return Order(
        theta=theta,
        low=max(theta - reach, 0.0),
        high=min(theta + reach, 1.0),
        confidence=confidence,
        p_value=p,
        n_baseline=m,
        n_candidate=n,
    )


def _share_below(of: Floats, among: Floats) -> Floats:
    ordered = np.sort(among)
    left, right = np.searchsorted(ordered, of), np.searchsorted(ordered, of, "right")
    found: Floats = (left + right) / (2 * len(among))
    return found


def _variance(values: Floats) -> float:
    return float(values.var(ddof=1)) if len(values) > 1 else 0.0


def margin_of(
    baseline_point: float, *, least: float = 2.0, share: float = 0.02
) -> float:
    """The margin within which a shift does not matter: a share, but at least so much.

    Raises:
        ValueError: If an argument is negative or not finite.
    """
    if not all(math.isfinite(x) and x >= 0 for x in (baseline_point, least, share)):
        msg = (
            "baseline, least and share must be finite and at least 0, "
            f"got {baseline_point}, {least}, {share}"
        )
        raise ValueError(msg)
    return max(least, share * baseline_point)


def verdict_of(estimate_90: Estimate, estimate_95: Estimate, margin: float) -> Verdict:
    """Judge a shift by its two intervals and a margin set before looking."""
    if -margin < estimate_90.low and estimate_90.high < margin:
        return Verdict.EQUIVALENT
    if estimate_95.low > 0 or estimate_95.high < 0:
        return Verdict.DIFFERS
    return Verdict.UNDECIDED
