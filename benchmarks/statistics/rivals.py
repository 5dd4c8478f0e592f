"""Other ways to make an interval: what ours are held against."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from benchmarks.statistics.asking import CONFIDENCE, Ends
from benchmarks.statistics.noise import Floats

RESAMPLES = 400
BATCHES = 10


def student(values: Floats) -> Ends:
    """Student's interval of the mean."""
    if not np.isfinite(values).all():
        return -math.inf, math.inf
    n, middle = len(values), float(values.mean())
    reach = special.stdtrit(n - 1, (1 + CONFIDENCE) / 2)
    error = float(reach * values.std(ddof=1) / math.sqrt(n))
    return middle - error, middle + error


def order_statistics(values: Floats) -> Ends:
    """Between two order statistics, as scipy's `quantile_test` has it."""
    found = stats.quantile_test(values, q=0, p=0.5).confidence_interval(CONFIDENCE)
    return float(found.low), float(found.high)


def signed_ranks(values: Floats) -> Ends:
    """Hodges and Lehmann's interval by the normal limit, of independent values."""
    ordered, rows, columns = _all_means(values)
    means = (ordered[rows] + ordered[columns]) / 2
    n = len(ordered)
    half = special.ndtri(0.975) * math.sqrt(n * (n + 1) * (2 * n + 1) / 24)
    return _at_rank(means, math.floor(len(means) / 2 - half))


def batches(
    values: Floats, of: Callable[[Floats], float] = np.median, count: int = BATCHES
) -> Ends:
    """Student's interval over a figure of each of some batches in a row."""
    return student(
        np.array([float(of(part)) for part in np.array_split(values, count)])
    )


def blocks(values: Floats, rng: np.random.Generator) -> Ends:
    """Percentiles of the median in the circular block bootstrap."""
    return _resampled(values, rng, math.ceil(len(values) ** (1 / 3)))


def long_blocks(values: Floats, rng: np.random.Generator) -> Ends:
    """The same with blocks of twice the root of the rounds."""
    return _resampled(values, rng, math.ceil(2 * math.sqrt(len(values))))


def bootstrap(values: Floats, rng: np.random.Generator) -> Ends:
    """Percentiles of the median in the plain bootstrap."""
    return _resampled(values, rng, 1)


def cosines(values: Floats) -> Ends:
    """Hodges and Lehmann's, its error from 0.4 n^(2/3) cosines (Lazarus et al.)."""
    ordered, rows, columns = _all_means(values)
    means = (ordered[rows] + ordered[columns]) / 2
    n = len(values)
    middle = float(np.median(means))
    below = np.searchsorted(np.sort(values), 2 * middle - values) / n
    count = max(6, int(0.4 * n ** (2 / 3)))
    waves = np.cos(np.pi * (np.arange(n) + 0.5)[:, None] * np.arange(1, count + 1) / n)
    error = 2 * math.sqrt(2 * float(np.mean((below @ waves) ** 2))) / n
    reach = error * special.stdtrit(count, 0.975)
    return _at_rank(means, math.floor(len(means) * (0.5 - reach)))


def _all_means(
    values: Floats,
) -> tuple[Floats, NDArray[np.intp], NDArray[np.intp]]:
    far = 8 * float(np.abs(values[np.isfinite(values)]).max())
    rows, columns = np.triu_indices(len(values))
    return np.sort(np.clip(values, -far, far)), rows, columns


def _at_rank(means: Floats, rank: int) -> Ends:
    if rank < 1:
        return -math.inf, math.inf
    parted = np.partition(means, (rank - 1, len(means) - rank))
    return float(parted[rank - 1]), float(parted[len(means) - rank])


def _resampled(values: Floats, rng: np.random.Generator, block: int) -> Ends:
    n = len(values)
    starts = rng.integers(0, n, size=(RESAMPLES, -(-n // block)))
    places = (starts[:, :, None] + np.arange(block)).reshape(RESAMPLES, -1)[:, :n] % n
    medians = np.sort(np.partition(values[places], n // 2, axis=1)[:, n // 2])
    tail = int((1 - CONFIDENCE) / 2 * (RESAMPLES + 1))
    return float(medians[tail - 1]), float(medians[-tail])
