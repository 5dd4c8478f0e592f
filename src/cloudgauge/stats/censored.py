"""Quantiles of what is partly only known to be longer, and shares of attempts."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cloudgauge.stats.beta import t_quantile
from cloudgauge.stats.caveat import Caveat
from cloudgauge.stats.summary import Estimate, quantile_interval
from cloudgauge.stats.values import Floats, check_level, check_share, finite

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class CensoredEstimate:
    """A quantile, or what it is beyond, in the unit of the values given.

    Attributes:
        point: The quantile; None where too many values are only known to be longer.
        beyond: What the quantile is at least, where `point` is None; else None.
        low: Lower end of the interval; minus infinity where there is none.
        high: Upper end; infinity where there is none.
        confidence: Level of the interval, in (0, 1).
        n: How many values, with those that are only known to be longer.
        censored: How many of them are only known to be longer.
        caveats: Why not to trust it.
    """

    point: float | None
    beyond: float | None
    low: float
    high: float
    confidence: float
    n: int
    censored: int
    caveats: tuple[Caveat, ...] = ()


def survival_quantile(
    values: ArrayLike, censored: ArrayLike, p: float = 0.5, *, confidence: float = 0.95
) -> CensoredEstimate:
    """Estimate a quantile of values of which some are only known to be longer.

    Kaplan and Meier, Nonparametric Estimation from Incomplete Observations, JASA 53
    (1958). Where nothing was given up before the longest known value, as with one
    timeout for all, that is a quantile of which the interval is exact
    (`quantile_interval`). Else it is that of Brookmeyer and Crowley, A Confidence
    Interval for the Median Survival Time, Biometrics 38 (1982), with Greenwood's
    variance on the scale of log(-log). Assumes independent values, and that what was
    given up would have gone on like the others; for timeouts of values that were
    taken in rounds give infinity to `round_interval`.

    Args:
        values: Shape (n,), finite, any order, n of at least 1: how long each took, or
            for how long it was waited for.
        censored: Shape (n,): whether a value is only known to be longer.
        p: Which quantile, in (0, 1).
        confidence: In (0, 1).

    Returns:
        The quantile, or what it is beyond.

    Raises:
        ValueError: If *values* is empty, not one-dimensional or not finite, the
            shapes differ, or *p* or *confidence* is not in (0, 1).
    """
    found, longer = finite(values), np.asarray(censored, dtype=np.bool_)
    if longer.shape != found.shape:
        msg = f"a flag for each value wanted, got {longer.shape} for {found.shape}"
        raise ValueError(msg)
    check_share(p)
    check_level(confidence)
    ended = found[~longer]
    if longer.any() and len(ended) and found[longer].min() < ended.max():
        point, low, high = _survived(found, longer, p, confidence)
        caveats: tuple[Caveat, ...] = ()
    else:
        endless = np.where(longer, math.inf, found)
        exact = quantile_interval(endless, p, confidence=confidence)
        point, low, high = exact.point, exact.low, exact.high
        caveats = exact.caveats
    # What is beyond all that is known is beyond the last of it.
    last = float(found.max())
    is_known = math.isfinite(point)
    return CensoredEstimate(
        point=point if is_known else None,
        beyond=None if is_known else last,
        low=last if low == math.inf else low,
        high=high,
        confidence=confidence,
        n=len(found),
        censored=int(longer.sum()),
        caveats=caveats,
    )


def availability(
    successes: int, attempts: int, *, confidence: float = 0.95
) -> Estimate:
    """Estimate the share of attempts that succeed.

    Wilson, Probable Inference, the Law of Succession, and Statistical Inference,
    JASA 22 (1927). Assumes independent attempts. It covers the share with about the
    confidence on average over shares, for some a little less.

    Args:
        successes: From 0 to *attempts*.
        attempts: At least 1.
        confidence: In (0, 1).

    Raises:
        ValueError: If an argument is out of its bounds.
    """
    if attempts < 1 or not 0 <= successes <= attempts:
        msg = (
            "at least one attempt and as many successes at most wanted, "
            f"got {successes} of {attempts}"
        )
        raise ValueError(msg)
    check_level(confidence)
    z = t_quantile((1 + confidence) / 2, math.inf)
    share, pull = successes / attempts, z**2 / attempts
    centre = (share + pull / 2) / (1 + pull)
    half = math.sqrt(share * (1 - share) * pull + pull**2 / 4) / (1 + pull)
    return Estimate(
        point=share,
        # None or all leave one end where it is but for rounding.
        low=centre - half if successes else 0.0,
        high=centre + half if successes < attempts else 1.0,
        confidence=confidence,
        n=attempts,
    )


def _survived(
    values: Floats, longer: Flags, p: float, confidence: float
) -> tuple[float, float, float]:
    """The quantile and its interval where some values are longer than early ones."""
    times, counts = np.unique(values[~longer], return_counts=True)
    ended = counts.astype(np.float64)
    left = len(values) - np.searchsorted(np.sort(values), times)
    survival = np.cumprod(1 - ended / left).astype(np.float64)
    # Where all that were left ended, the variance has no end either.
    some = survival > 0
    greenwood = np.cumsum(ended[some] / (left[some] * (left[some] - ended[some])))
    reach = t_quantile((1 + confidence) / 2, math.inf) * np.sqrt(greenwood)
    power = np.exp(reach / np.abs(np.log(survival[some])))
    low_band = np.append(survival[some] ** power, np.zeros(int((~some).sum())))
    return (
        _quantile(times, survival, 1 - p),
        _first(times, low_band, 1 - p),
        _first(times[some], survival[some] ** (1 / power), 1 - p),
    )


def _quantile(times: Floats, survival: Floats, level: float) -> float:
    """When the curve falls below a level; midway if it stays at it for a time."""
    return (_first(times, survival, level) + _first(times, survival, level - 1e-9)) / 2


def _first(times: Floats, curve: Floats, level: float) -> float:
    fallen = np.flatnonzero(curve <= level + 1e-12)
    return float(times[fallen[0]]) if len(fallen) else math.inf
