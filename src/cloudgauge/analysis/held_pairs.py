"""Pairs of rounds, each matrix worked on once, and in blocks where there are too many.

One ranking asks for the pairs of a vantage twice: for itself, and for the mean over all
vantages. Where vantages, targets and rounds come to more pairs of values than a reader
waits for, a few rounds that follow one another are taken by their median, at least 128
blocks of them, and the caveats of the pairs say so.
"""

from cloudgauge.analysis.series import Floats
from cloudgauge.stats.pairs import Pairs, all_pairs

# Pairs of values that take some seconds; 200 targets of 1,000 rounds have fewer.
MOST_VALUES = 30_000_000
_LEAST_BLOCKS = 128


class HeldPairs:
    """The pairs of one ranking."""

    def __init__(self, vantages: int = 1) -> None:
        """Hold none yet.

        Args:
            vantages: How many share the time that a reader waits.
        """
        self._most = MOST_VALUES // vantages
        self._held: dict[tuple[tuple[int, ...], bytes], Pairs] = {}

    def of(self, matrix: Floats) -> Pairs:
        """All pairs of targets, as of `stats.pairs.all_pairs`."""
        key = (matrix.shape, matrix.tobytes())
        if key not in self._held:
            self._held[key] = all_pairs(matrix, each=_each(matrix.shape, self._most))
        return self._held[key]


def _each(shape: tuple[int, ...], most: int) -> int:
    """How many rounds to take as one: 1, or an odd number."""
    rounds, targets = shape
    values = targets * (targets - 1) // 2 * rounds
    if values <= most:
        return 1
    wanted = -(-values // most) | 1
    longest = rounds // _LEAST_BLOCKS
    odd = longest - 1 + longest % 2
    return max(1, min(wanted, odd))
