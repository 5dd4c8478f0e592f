"""In which way noise moves each of several shifts: what pairs have in common.

The directions in which noise moves each pair come from the first cosines of the span.
What a series with a short memory contributes to them are nearly independent draws of
the error of its mean: Mueller, A Theory of Robust Long-run Variance Estimation, Journal
of Econometrics 141 (2007); Lazarus, Lewis, Stock and Watson, HAR Inference:
Recommendations for Practice, Journal of Business and Economic Statistics 36 (2018),
whose number of cosines is taken. So correlations of pairs are those of their
directions.
"""

import numpy as np
from numpy.typing import NDArray

from cloudgauge.stats.values import Floats


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
    n = scores.shape[1]
    # By Fourier's transform of twice the length: a product of matrices as small as this
    # one would be shared out among threads. numpy's, since who only shows a set has no
    # other use for scipy.
    waves = np.arange(1, 1 + cosine_count(n))
    turned = np.fft.rfft(scores, 2 * n, axis=1)[:, waves]
    noise = (turned * np.exp(-0.5j * np.pi * waves / n)).real
    lengths = np.sqrt(np.einsum("ij,ij->i", noise, noise))[:, None]
    return np.asarray(noise / np.where(lengths > 0, lengths, 1.0))


def cosine_count(n: int) -> int:
    """Of how many cosines over *n* rounds: 0.4 n^(2/3), but at least 6."""
    return min(max(n - 1, 1), max(6, int(0.4 * n ** (2 / 3))))
