"""How much less a series says than as many independent values would.

The variance of a mean of n dependent values is that of n / tau independent ones, with
tau = 1 + 2 (rho_1 + rho_2 + ...). The sum is cut where the sum of two neighbouring
correlations is no longer above 0, and no pair counts more than the pair before it: the
initial monotone sequence of Geyer, Practical Markov Chain Monte Carlo, Statistical
Science 7 (1992). Correlations of all lags at once by the fast Fourier transform.
"""

import numpy as np

from cloudgauge.stats.values import Floats


def inflation(scores: Floats) -> float:
    """By how much dependence inflates the variance of the mean of a series.

    Args:
        scores: Shape (n,), finite, in order of time.

    Returns:
        At least 1, at most n: a series that swings is not credited for it.
    """
    count = len(scores)
    centred = scores - scores.mean() if count else scores
    # More than that, equal values differ by rounding alone.
    if count < 4 or float(np.ptp(centred)) <= 1e-12 * float(np.abs(scores).max()):
        return 1.0
    size = 1 << (2 * count - 1).bit_length()
    power = np.abs(np.fft.rfft(centred, size)) ** 2
    together = np.fft.irfft(power, size)[:count]
    rho = together / together[0]
    pairs = rho[: count // 2 * 2].reshape(-1, 2).sum(axis=1)
    below = np.flatnonzero(pairs <= 0)
    kept = pairs[: below[0]] if len(below) else pairs
    tau = 2 * float(np.minimum.accumulate(kept).sum()) - 1
    return min(max(tau, 1.0), float(count))
