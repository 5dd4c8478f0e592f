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
    # Loaded by who ranks: who only shows a set has no use for it.
    from scipy import fft  # noqa: PLC0415  see above

    if there is not None:
        spread = np.zeros(there.shape)
        spread[there] = (scores - scores.mean(axis=1, keepdims=True)).ravel()
        scores = spread
    count = cosine_count(scores.shape[1])
    # No product of matrices: small as it is, it would be shared out among threads.
    # A round more, of nothing, where one alone has no cosine.
    noise = fft.dct(scores, n=max(scores.shape[1], 2), axis=1)[:, 1 : 1 + count]
    lengths = np.sqrt(np.einsum("ij,ij->i", noise, noise))[:, None]
    return np.asarray(noise / np.where(lengths > 0, lengths, 1.0))


def cosine_count(n: int) -> int:
    """Of how many cosines over *n* rounds: 0.4 n^(2/3), but at least 6."""
    return min(max(n - 1, 1), max(6, int(0.4 * n ** (2 / 3))))
