"""How many rounds to draw at once, and what the draws say."""

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from cloudgauge.stats.caveat import Caveat
from cloudgauge.stats.summary import Estimate
from cloudgauge.stats.values import Floats


def block_length(values: ArrayLike) -> int:
    """How many rounds that follow each other to draw at once, for a median.

    Politis and White, Automatic Block-length Selection for the Dependent Bootstrap,
    Econometric Reviews 23 (2004), as corrected by Patton, Politis and White
    (Econometric Reviews 28, 2009), of the circular bootstrap; on whether a value is
    above the median, which spikes do not set.

    Args:
        values: Shape (n,), in order of time; NaN is no round, infinity a timeout.

    Returns:
        From 1 to a third of the rounds, and at most 3 of their roots.
    """
    found = np.asarray(values, dtype=np.float64)
    found = found[~np.isnan(found)]
    n = len(found)
    most = max(min(math.ceil(3 * math.sqrt(n)), n // 3), 1)
    above = (found > np.median(found)).astype(np.float64) if n else found
    if n < 8 or above.std() == 0:
        return 1
    above -= above.mean()
    covariances = np.correlate(above, above, "full")[n - 1 :] / n
    run = max(5, math.ceil(math.sqrt(math.log10(n))))
    small = np.abs(covariances[1:] / covariances[0]) < 2 * math.sqrt(math.log10(n) / n)
    after = next(
        (m for m in range(1, n - run) if small[m - 1 : m - 1 + run].all()), n // 4
    )
    # The first lag from which on all are small is itself one of them.
    lags = np.arange(min(2 * max(after - 1, 1), n - 1) + 1)
    flat = np.clip(2 * (1 - lags / lags[-1]), 0, 1)
    terms = flat * covariances[: len(lags)]
    slope = 2 * float((lags * terms).sum())
    level = float(terms[0] + 2 * terms[1:].sum())
    if level <= terms[0]:
        # A series that swings is drawn as one that forgets at once.
        return 1
    best = (2 * slope**2 / (4 / 3 * level**2)) ** (1 / 3) * n ** (1 / 3)
    return int(min(max(math.ceil(best), 1), most))


def percentile_estimate(
    point: float, values: Floats, n: int, *, units: float, confidence: float
) -> Estimate:
    """Give the middle share of resamples as an interval.

    Resamples of few units vary too little and like a normal variable: the share is
    widened by what Student's t would add (the expanded percentile interval of
    Hesterberg, What Teachers Should Know About the Bootstrap, American Statistician
    69, 2015).

    Args:
        point: The statistic itself.
        values: Shape (resamples,); what is NaN is no resample, and counted.
        n: Of how many values it is made.
        units: How many units were drawn that do not depend on each other.
        confidence: In (0, 1).

    Returns:
        Without ends where so few units or resamples give none, which a caveat says.
    """
    there = np.sort(values[~np.isnan(values)])
    caveats: list[Caveat] = []
    if len(there) < len(values):
        text = f"{len(values) - len(there)} of {len(values)} resamples have no value"
        caveats.append(Caveat(name="empty resamples", text=text))
    # Rounding must not decide over a rank.
    rank = math.floor(_tail(units, confidence) * (len(there) + 1) + 1e-6)
    if rank < 1:
        text = (
            f"{units:.3g} units in {len(there)} resamples give no ends of an interval"
        )
        caveats.append(Caveat(name="too few", text=text))
    return Estimate(
        point=point,
        low=min(float(there[rank - 1]), point) if rank else -math.inf,
        high=max(float(there[-rank]), point) if rank else math.inf,
        confidence=confidence,
        n=n,
        caveats=tuple(caveats),
    )


def _tail(units: float, confidence: float) -> float:
    """Share of the resamples that is cut off at either end."""
    if units <= 1:
        return 0.0
    t = float(special.stdtrit(units - 1, (1 - confidence) / 2))
    return float(special.ndtr(t * math.sqrt(units / (units - 1))))
