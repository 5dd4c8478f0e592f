"""How far the mean of a dependent series may be off: its long-run variance.

Projections of a stationary series on the first cosines of its span are nearly
independent normal values whose variance is the long-run variance, whatever the series'
short memory. So the mean divided by their root mean square has Student's t
distribution with as many degrees of freedom as there are cosines: Mueller, A Theory of
Robust Long-run Variance Estimation, Journal of Econometrics 141 (2007); Lazarus,
Lewis, Stock and Watson, HAR Inference: Recommendations for Practice, Journal of
Business and Economic Statistics 36 (2018), whose number of cosines is taken.
"""

from functools import lru_cache

import numpy as np

from cloudgauge.stats.values import Floats

# With fewer, Student's t makes intervals wider than so short a memory deserves.
LEAST_COSINES = 6


def cosine_count(n: int) -> int:
    """How many cosines a series of *n* values is held against: 0.4 n^(2/3)."""
    return min(max(n - 1, 0), max(LEAST_COSINES, int(0.4 * n ** (2 / 3))))


@lru_cache(maxsize=64)
def cosines(n: int, count: int) -> Floats:
    """The first cosines over *n* values, without the constant one.

    Returns:
        Shape (n, count), to be read only; each column has mean 0 and mean square 1.
    """
    places = (np.arange(n) + 0.5)[:, None] * np.arange(1, count + 1)
    found = np.sqrt(2) * np.cos(np.pi * places / n)
    found.flags.writeable = False
    return np.asarray(found)


def projections(scores: Floats) -> Floats:
    """What the noise of a mean is made of, as far as the series tells.

    Args:
        scores: Shape (n,), finite, in order of time, n of at least 2.

    Returns:
        Shape (`cosine_count`,): each a draw, as it were, of the error of the mean.
    """
    n = len(scores)
    return np.asarray(scores @ cosines(n, cosine_count(n)) / n)
