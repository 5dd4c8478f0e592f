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
    cut = differences[:, : blocks * each].reshape(m, blocks, each)
    if not np.isnan(cut).any():
        return _middles(np.ascontiguousarray(np.moveaxis(cut, 2, 0)))
    cut = np.sort(cut, axis=2)
    # What has no difference is sorted to the end.
    count = each - np.isnan(cut).sum(axis=2)
    low, high = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, each - 1)
    below, above = (
        np.take_along_axis(cut, place[:, :, None], axis=2)[:, :, 0]
        for place in (low, high)
    )
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(below == above, below, below + (above - below) / 2))


def _middles(places: Floats) -> Floats:
    """The median of an odd number of arrays, element by element; they are changed.

    The greatest of those left bubbles to the end, until the middle one is there: a
    few whole arrays are compared, where sorting would go from block to block.
    """
    last = len(places) - 1
    for end in range(last, last // 2 - 1, -1):
        for at in range(end):
            low = np.minimum(places[at], places[at + 1])
            np.maximum(places[at], places[at + 1], out=places[at + 1])
            places[at] = low
    return np.asarray(places[last // 2])
