"""How much less a series says than as many independent values would.

The variance of a mean of n dependent values is that of n / tau independent ones, with
tau = 1 + 2 (rho_1 + rho_2 + ...). The sum is cut where the sum of two neighbouring
correlations is no longer above 0: the initial positive sequence of Geyer, Practical
Markov Chain Monte Carlo, Statistical Science 7 (1992).

A sum over L lags to either side has the spread of a chi-square with n / (2 L + 1)
degrees of freedom (Priestley, Spectral Analysis and Time Series, 1981, on the
rectangular window), so Student's t with as many takes the place of the normal; and as
the mean is the series' own, it comes out too small by one part in about as many, which
is added.
With a correlation of 0.7 from round to round, intervals of a median at 95 % covered it
in 93.0, 94.5, 94.9 and 94.1 % of 1,000 simulations of 30, 60, 120 and 300 rounds, where
those of independent values cover it in 67 to 75 %. Of independent rounds they are wider
by 14 % at 60 and 5 % at 300. What no series of its length shows is not allowed for: of
60 rounds with a correlation of 0.9, 92 %.
"""

import math
from dataclasses import dataclass

import numpy as np

from cloudgauge.stats.beta import t_quantile
from cloudgauge.stats.values import Floats

# Of fewer values one correlation is hardly told from none: it must be seen clearly.
SHORT = 20
# So many lags by twos take as long as all by the fast Fourier transform.
_ONE_BY_ONE = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependence:
    """How far the values of a series depend on each other.

    Attributes:
        inflation: By how much that inflates the variance of their mean, at least 1:
            a series that swings is not credited for it.
        freedom: How sure that is, in degrees of freedom; infinite where it is 1.
    """

    inflation: float = 1.0
    freedom: float = math.inf

    def reach(self, confidence: float, *, freedom: float = math.inf) -> float:
        """Half the width of an interval, in errors that independent values have.

        Args:
            confidence: Of the interval, in (0, 1).
            freedom: Degrees of freedom of that error, if it is estimated as well.
        """
        sure = min(self.freedom, freedom)
        return math.sqrt(self.inflation) * t_quantile((1 + confidence) / 2, sure)


def dependence(scores: Floats) -> Dependence:
    """Estimate how far the values of a series depend on each other.

    Args:
        scores: Shape (n,), finite, in order of time.

    Returns:
        None, that is an inflation of 1, for fewer than 4 values, for equal ones, and
        for up to `SHORT` values unless their first correlation is above 1.28
        standard errors: exact answers for few values stay exact.
    """
    count = len(scores)
    centred = scores - scores.mean()
    # Less than that, equal values differ by rounding alone.
    if count < 4 or float(np.ptp(scores)) <= 1e-12 * float(np.abs(scores).max()):
        return Dependence()
    square = float(centred @ centred)
    first = float(centred[1:] @ centred[:-1]) / square
    if count <= SHORT and first <= 1.28 / math.sqrt(count):
        return Dependence()
    total, kept = _positive_pairs(centred / math.sqrt(square))
    inflation = 2 * total - 1
    if inflation <= 1:
        return Dependence()
    freedom = count / (4 * kept - 1)
    return Dependence(inflation=inflation * (1 + 1 / freedom), freedom=max(freedom, 1))


def _positive_pairs(centred: Floats) -> tuple[float, int]:
    """The sum of neighbouring correlations up to where two are not above 0.

    Returns:
        The sum, and of how many pairs; of none where all are above 0: then they
        come to 1/2 together, and nothing is inflated.
    """
    total, most = 0.0, len(centred) // 2
    # Most series forget within a few lags, which are cheaper one by one than all.
    for kept in range(min(_ONE_BY_ONE, most)):
        later, last = centred[2 * kept :], centred[2 * kept + 1 :]
        pair = float(later @ centred[: len(later)] + last @ centred[: len(last)])
        if pair <= 0:
            return total, kept
        total += pair
    size = 1 << (2 * len(centred) - 1).bit_length()
    power = np.abs(np.fft.rfft(centred, size)) ** 2
    pairs = np.fft.irfft(power, size)[: 2 * most].reshape(-1, 2).sum(axis=1)
    kept = int(np.argmax(pairs <= 0))
    return float(pairs[:kept].sum()), kept
