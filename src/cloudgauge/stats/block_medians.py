"""A few rounds that follow one another as one: by their median."""

import numpy as np

from cloudgauge.stats.values import Floats


def block_medians(differences: Floats, each: int) -> Floats:
    """Medians of blocks of rounds, of those that have a difference.

    Args:
        differences: Shape (m, n), each row in order of time; NaN where there is none.
        each: How many rounds make a block, odd: a median is then a difference that
            was seen, where none is missing.

    Returns:
        Shape (m, n // each); NaN where no round of a block has a difference, or where
        only infinities of both signs are in its middle. What does not fill a block at
        the end is in none.
    """
    m, blocks = len(differences), differences.shape[1] // each
    cut = np.sort(differences[:, : blocks * each].reshape(m, blocks, each), axis=2)
    # What has no difference is sorted to the end.
    count = each - np.isnan(cut).sum(axis=2)
    low, high = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, each - 1)
    below, above = (
        np.take_along_axis(cut, place[:, :, None], axis=2)[:, :, 0]
        for place in (low, high)
    )
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(below == above, below, below + (above - below) / 2))
