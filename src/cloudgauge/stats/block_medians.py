"""A few rounds that follow one another as one: by their median."""

import numpy as np

from cloudgauge.stats.values import Floats


def in_places(rows: Floats, each: int) -> Floats:
    """Lay rows out by where in its block a round stands.

    Args:
        rows: Shape (m, n), each row in order of time.
        each: How many rounds make a block.

    Returns:
        Shape (each, m, n // each). What does not fill a block at the end is in none.
    """
    m, blocks = len(rows), rows.shape[1] // each
    cut = rows[:, : blocks * each].reshape(m, blocks, each)
    return np.ascontiguousarray(np.moveaxis(cut, 2, 0))


def block_medians(places: Floats) -> Floats:
    """Medians of blocks of rounds, of those that have a difference.

    Args:
        places: Shape (each, m, blocks), as of `in_places`, with an odd number of rounds
            a block: a median is then a difference that was seen, where none is
            missing. NaN where there is no difference.

    Returns:
        Shape (m, blocks); NaN where no round of a block has a difference, or where
        only infinities of both signs are in its middle.
    """
    found = _middles(places)
    # One that is missing takes the whole block with it.
    partly = np.isnan(found)
    if partly.any():
        found[partly] = _of_some(places[:, partly])
    return found


def _middles(places: Floats) -> Floats:
    """The median of an odd number of arrays, element by element; NaN if one has it.

    The greatest of those left bubbles to the end, until the middle one is there: a
    few whole arrays are compared, where sorting would go from block to block.
    """
    held = list(places.copy())
    spare = np.empty_like(held[0])
    last = len(held) - 1
    for end in range(last, last // 2 - 1, -1):
        for at in range(end):
            np.minimum(held[at], held[at + 1], out=spare)
            np.maximum(held[at], held[at + 1], out=held[at + 1])
            held[at], spare = spare, held[at]
    return np.asarray(held[last // 2])


def _of_some(places: Floats) -> Floats:
    """Medians of blocks of which rounds are missing, shape (each, m)."""
    each = len(places)
    # What has no difference is sorted to the end.
    places = np.sort(places, axis=0)
    count = each - np.isnan(places).sum(axis=0)
    low, high = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, each - 1)
    blocks = np.arange(places.shape[1])
    below, above = places[low, blocks], places[high, blocks]
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(below == above, below, below + (above - below) / 2))
