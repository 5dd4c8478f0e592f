"""In which way noise moves each of several shifts: what pairs have in common.

The directions in which noise moves each pair come from the first cosines of the span.
What a series with a short memory contributes to them are nearly independent draws of
the error of its mean: Mueller, A Theory of Robust Long-run Variance Estimation, Journal
of Econometrics 141 (2007); Lazarus, Lewis, Stock and Watson, HAR Inference:
Recommendations for Practice, Journal of Business and Economic Statistics 36 (2018),
whose number of cosines is taken. So correlations of pairs are those of their
directions.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cloudgauge.stats.values import Floats

# Up to so many rounds the cosines themselves take less time than a transform.
_SHORT = 400


def directions_of(scores: Floats, there: NDArray[np.bool_] | None) -> Floats:
    """In which way noise moves each shift.

    Args:
        scores: Shape (m, n): what each difference contributes to the shift's error.
        there: Shape (m, rounds): which rounds the n differences are of; None for all.

    Returns:
        Shape (m, b): unit rows, or zeros where no difference contributes.
    """
    if there is not None:
        spread = np.zeros(there.shape)
        spread[there] = (scores - scores.mean(axis=1, keepdims=True)).ravel()
        scores = spread
    noise = _by_cosines(scores) if scores.shape[1] <= _SHORT else _by_transform(scores)
    lengths = np.sqrt(np.einsum("ij,ij->i", noise, noise))[:, None]
    return np.asarray(noise / np.where(lengths > 0, lengths, 1.0))


def _by_cosines(scores: Floats) -> Floats:
    # No product of matrices: as small a one would be shared out among threads.
    return np.asarray(np.einsum("ij,kj->ik", scores, _cosines(scores.shape[1])))


@lru_cache(maxsize=16)
def _cosines(n: int) -> Floats:
    """The first cosines over *n* rounds, shape (b, n)."""
    waves = np.arange(1, 1 + cosine_count(n))
    return np.asarray(np.cos(np.pi / n * waves[:, None] * (np.arange(n) + 0.5)))


def _by_transform(scores: Floats) -> Floats:
    """The same by Fourier's transform of twice the length, which many rounds want.

    By numpy's, since who only shows a set has no other use for scipy.
    """
    n = scores.shape[1]
    waves = np.arange(1, 1 + cosine_count(n))
    turned = np.fft.rfft(scores, 2 * n, axis=1)[:, waves]
    return np.asarray((turned * np.exp(-0.5j * np.pi * waves / n)).real)


def cosine_count(n: int) -> int:
    """Of how many cosines over *n* rounds: 0.4 n^(2/3), but at least 6."""
    return min(max(n - 1, 1), max(6, int(0.4 * n ** (2 / 3))))
