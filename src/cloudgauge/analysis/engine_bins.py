"""The bins of `stats.histogram`, by their edges in whole nanoseconds.

So a value's bin is found by comparing whole numbers: whoever counts, a logarithm's last
bit puts no value into another bin, and the counts of parts add up to a `LogHistogram`
of the whole, in nanoseconds, as those that a monitor keeps.
"""

import math
from functools import lru_cache

import numpy as np

from cloudgauge.analysis.engine_rows import MOST_NS, Integers
from cloudgauge.stats.histogram import ACCURACY, LogHistogram

NS_PER_MS = 10**6
_WIDTH = math.log1p(ACCURACY) - math.log1p(-ACCURACY)
_LAST = math.ceil(math.log(MOST_NS) / _WIDTH)


@lru_cache(maxsize=1)
def edges_ns() -> Integers:
    """The greatest whole nanosecond of each bin, rising; the first holds only 0."""
    numbers = np.arange(_LAST + 1)
    about = np.exp(numbers * _WIDTH)
    # Where that is, but for the last bits of either function.
    low = np.maximum(np.floor(about * (1 - 1e-12)).astype(np.int64) - 2, 0)
    high = np.ceil(about * (1 + 1e-12)).astype(np.int64) + 2
    while (high - low > 1).any():
        middle = (low + high) // 2
        is_in = _numbers_of(middle) <= numbers
        low, high = np.where(is_in, middle, low), np.where(is_in, high, middle)
    return np.concatenate(([0], low))


def histogram_of(places: Integers, counts: Integers, beyond: int) -> LogHistogram:
    """Counts as a histogram of nanoseconds.

    Args:
        places: Of the bins among `edges_ns`, rising.
        counts: Of each, at least 1.
        beyond: How many are only known to be longer.
    """
    zeros = int(counts[places == 0].sum())
    kept = places > 0
    numbers = (places[kept] - 1).tolist()
    return LogHistogram(
        bins=tuple(zip(numbers, counts[kept].tolist(), strict=True)),
        zeros=zeros,
        beyond=beyond,
    )


def middle_ms(place: int) -> float:
    """What is within `ACCURACY` of all that a bin of `edges_ns` holds."""
    if not place:
        return 0.0
    growth = math.exp(_WIDTH)
    return 2 * math.exp((place - 1) * _WIDTH) / (growth + 1) / NS_PER_MS


def _numbers_of(values_ns: Integers) -> Integers:
    """As `LogHistogram.from_values` numbers them; at least a nanosecond."""
    exact = np.ceil(np.log(np.maximum(values_ns, 1)) / _WIDTH)
    return exact.astype(np.int64)
