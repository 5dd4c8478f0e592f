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
by 14 % at 60 and 5 % at 300; to ask of 60 that their first correlation be clearly seen
takes 12 % off, and then they hold in 93.2 % instead of 96.0 % of simulations where that
correlation is 0.2. What no series of its length shows is not allowed for: of
60 rounds with a correlation of 0.9, 92 %.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cloudgauge.stats.beta import t_quantile
from cloudgauge.stats.values import Floats

Places = NDArray[np.int64]

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
    inflation, freedom = dependences(scores[None, :])
    return Dependence(inflation=float(inflation[0]), freedom=float(freedom[0]))


def dependences(scores: Floats) -> tuple[Floats, Floats]:
    """Estimate it for several series at once.

    Args:
        scores: Shape (m, n), finite, each row in order of time.

    Returns:
        Inflation and freedom of each row, shape (m,), as of `dependence`.
    """
    m, count = scores.shape
    inflation, freedom = np.ones(m), np.full(m, np.inf)
    centred = scores - scores.mean(axis=1, keepdims=True)
    square = np.einsum("ij,ij->i", centred, centred)
    # Less than that, equal values differ by rounding alone.
    varies = np.abs(centred).max(axis=1) > 1e-12 * np.abs(scores).max(axis=1)
    if count < 4 or not varies.any():
        return inflation, freedom
    rows = np.flatnonzero(varies)
    if len(rows) < m:
        centred, square = centred[rows], square[rows]
    centred /= np.sqrt(square)[:, None]
    if count <= SHORT:
        first = np.einsum("ij,ij->i", centred[:, 1:], centred[:, :-1])
        seen = first > 1.28 / math.sqrt(count)
        rows, centred = rows[seen], centred[seen]
    total, kept = _positive_pairs(centred)
    inflated = 2 * total - 1
    more = inflated > 1
    of_them = count / (4 * kept[more] - 1)
    inflation[rows[more]] = inflated[more] * (1 + 1 / of_them)
    freedom[rows[more]] = np.maximum(of_them, 1)
    return inflation, freedom


def _positive_pairs(centred: Floats) -> tuple[Floats, Places]:
    """The sums of neighbouring correlations up to where two are not above 0.

    Args:
        centred: Shape (m, n), rows with the mean 0 and the square sum 1.

    Returns:
        The sums, and of how many pairs; of none where all are above 0: then they
        come to 1/2 together, and nothing is inflated.
    """
    total = np.zeros(len(centred))
    kept = np.zeros(len(centred), dtype=np.int64)
    going = np.arange(len(centred))
    most = centred.shape[1] // 2
    # Most series forget within a few lags, which are cheaper one by one than all.
    for at in range(min(_ONE_BY_ONE, most)):
        pair = _correlation(centred, 2 * at) + _correlation(centred, 2 * at + 1)
        above = pair > 0
        if not above.all():
            going, centred, pair = going[above], centred[above], pair[above]
        total[going] += pair
        kept[going] = at + 1
        if not len(going):
            return total, kept
    total[going], kept[going] = _by_transform(centred, most)
    return total, kept


def _correlation(rows: Floats, lag: int) -> Floats:
    later = rows[:, lag:]
    return np.asarray(np.einsum("ij,ij->i", later, rows[:, : later.shape[1]]))


def _by_transform(rows: Floats, most: int) -> tuple[Floats, Places]:
    size = 1 << (2 * rows.shape[1] - 1).bit_length()
    power = np.abs(np.fft.rfft(rows, size)) ** 2
    pairs = np.fft.irfft(power, size)[:, : 2 * most].reshape(len(rows), -1, 2)
    sums = pairs.sum(axis=2)
    kept = np.argmax(sums <= 0, axis=1)
    # As many as there are before the first that is not above 0.
    before = np.arange(most) < kept[:, None]
    return np.asarray((sums * before).sum(axis=1)), kept
