"""Answers of any length out of one small buffer, a piece at a time.

No body is ever built: byte *i* of a poured one is byte *i* modulo `POOL_BYTES` of
the pool, which is random so that nothing on the way could make it smaller.
"""

import random

from cloudgauge.world.answer import Answer

# Small enough for others to have their turn within a fraction of a millisecond,
# large enough for the cost of a turn not to count.
POOL_BYTES = 64 * 1024
_POOL = memoryview(random.Random(198_18).randbytes(POOL_BYTES))


class Outflow:
    """What is still to be written of an answer."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self._first = memoryview(answer.first)
        self._poured_bytes = 0

    @property
    def is_over(self) -> bool:
        """Whether nothing is left but what is written byte by byte."""
        return not self._first and self._poured_bytes >= self.answer.poured_bytes

    def next_pieces(self) -> tuple[memoryview, ...]:
        """What is written now, in one go: the head, and as much of the body."""
        if not self._first:
            return (self._pour(),)
        piece, self._first = self._first[:POOL_BYTES], self._first[POOL_BYTES:]
        if self._first or self.is_over:
            return (piece,)
        return piece, self._pour()

    def _pour(self) -> memoryview:
        # Only the last piece is shorter, so each begins where the pool does.
        piece = _POOL[: self.answer.poured_bytes - self._poured_bytes]
        self._poured_bytes += len(piece)
        return piece


def poured(size_bytes: int) -> bytes:
    """The first bytes of a poured body, for who wants to compare."""
    repeats = size_bytes // POOL_BYTES + 1
    return (bytes(_POOL) * repeats)[:size_bytes]
