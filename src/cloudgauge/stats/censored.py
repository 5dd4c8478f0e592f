"""Quantiles of what is partly only known to be longer, and shares of attempts."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from cloudgauge.stats.caveat import Caveat
from cloudgauge.stats.summary import Estimate
from cloudgauge.stats.values import Floats, check_level, check_share, finite


@dataclass(frozen=True, slots=True, kw_only=True)
class CensoredEstimate:
    """A quantile, or what it is beyond, in the unit of the values given.

    Attributes:
        point: The quantile; None where too many values were only known to be longer.
        beyond: Where `point` is None, what the quantile is longer than; else None.
        low: Lower end of the interval; minus infinity where there is none.
        high: Upper end; infinity where there is none.
        confidence: Level of the interval, in (0, 1).
        n: How many values, the censored among them.
        censored: How many were only known to be longer.
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
    values: ArrayLike,
    censored: ArrayLike,
    p: float = 0.5,
    *,
    confidence: float = 0.95,
) -> CensoredEstimate:
    """Estimate a quantile of values of which some are only known to be longer.

    Kaplan and Meier, Nonparametric Estimation from Incomplete Observations, JASA 53
    (1958); the interval of Brookmeyer and Crowley, A Confidence Interval for the
    Median Survival Time, Biometrics 38 (1982), on the log-log scale with Greenwood's
    variance.
    """
    found = finite(values)
    longer = np.asarray(censored, dtype=bool)
    if longer.shape != found.shape:
        msg = (
            f"values and censored must be of one length, "
            f"got {found.shape}, {longer.shape}"
        )
        raise ValueError(msg)
    check_share(p)
    check_level(confidence)
    times, which = np.unique(found, return_inverse=True)
    ended = np.bincount(which, weights=~longer, minlength=len(times))
    left = len(found) - np.searchsorted(np.sort(found), times)
    survival = np.cumprod(1 - ended / left)
    with np.errstate(divide="ignore"):
        greenwood = np.cumsum(np.where(ended > 0, ended / (left * (left - ended)), 0.0))
    z = float(special.ndtri((1 + confidence) / 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(survival)
        step = z * np.sqrt(greenwood) / np.abs(logs)
        lower = np.where(survival > 0, survival ** np.exp(step), 0.0)
        upper = np.where(survival > 0, survival ** np.exp(-step), 0.0)
    lower, upper = (
        np.where(survival == 1, 1.0, lower),
        np.where(survival == 1, 1.0, upper),
    )
    point = _first(times, survival, 1 - p)
    return CensoredEstimate(
        point=point,
        beyond=float(times[-1]) if point is None else None,
        low=_first(times, lower, 1 - p) or -math.inf,
        high=_first(times, upper, 1 - p) or math.inf,
        confidence=confidence,
        n=len(found),
        censored=int(longer.sum()),
    )


def _first(
    times: Floats, survival: NDArray[np.floating[Any]], level: float
) -> float | None:
    below = np.flatnonzero(survival <= level + 1e-12)
    return float(times[below[0]]) if len(below) else None


def availability(
    successes: int, attempts: int, *, confidence: float = 0.95
) -> Estimate:
    """Estimate the share of attempts that succeed.

    Wilson, Probable Inference, the Law of Succession, and Statistical Inference,
    JASA 22 (1927).
    """
    if not 0 <= successes <= attempts or attempts < 1:
        msg = (
            f"attempts must be at least 1 and successes among them, "
            f"got {successes} of {attempts}"
        )
        raise ValueError(msg)
    check_level(confidence)
    z2 = float(special.ndtri((1 + confidence) / 2)) ** 2
    share = successes / attempts
    centre = (share + z2 / (2 * attempts)) / (1 + z2 / attempts)
    spread = share * (1 - share) / attempts + z2 / (4 * attempts**2)
    half = math.sqrt(z2 * spread) / (1 + z2 / attempts)
    return Estimate(
        point=share,
        low=min(max(centre - half, 0.0), share),
        high=max(min(centre + half, 1.0), share),
        confidence=confidence,
        n=attempts,
    )
