"""The k-th smallest of all differences or all pair means, without making them.

In the spirit of Monahan, Algorithm 616: Fast Computation of the Hodges-Lehmann Location
Estimator, ACM TOMS 10 (1984): of two sorted series it takes O(m log n) to count the
differences up to some value. Halving the range of values leaves few differences after
some steps; these are made and sorted. Of 20,000 by 20,000 values no more than a
million differences ever exist at once.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cloudgauge.stats.values import Floats

Places = NDArray[np.intp]

# So many are made at once at most: 8 MB.
_MADE_AT_ONCE = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """All sums of a value of one series and a value of another, in order.

    A difference is a sum with a negative; a pair mean is half a sum, of which each
    pair of one series is counted once.

    Attributes:
        rows: Shape (m,), sorted.
        columns: Shape (n,), sorted.
        from_diagonal: Whether row i starts at column i, for pairs of one series.
    """

    rows: Floats
    columns: Floats
    from_diagonal: bool = False

    @property
    def count(self) -> int:
        """How many sums there are."""
        if self.from_diagonal:
            return len(self.rows) * (len(self.rows) + 1) // 2
        return len(self.rows) * len(self.columns)

    def smallest(self, rank: int) -> float:
        """The sum of that rank, from 1 to `count`."""
        low = float(self.rows[0] + self.columns[0])
        high = float(self.rows[-1] + self.columns[-1])
        begin, end = self._starts(), self._ends(high)
        end[:] = len(self.columns)
        # Of a row, what lies before `begin` is too small, from `end` on too great.
        passed = 0
        while True:
            left = int((end - begin).sum())
            middle = low + (high - low) / 2
            if left <= _MADE_AT_ONCE or not low < middle < high:
                break
            cut = np.clip(self._ends(middle), begin, end)
            below = int((cut - begin).sum())
            if passed + below >= rank:
                end, high = cut, middle
            else:
                begin, low = cut, middle
                passed += below
        return self._made(begin, end, rank - passed)

    def up_to(self, value: float) -> int:
        """How many sums are at most a value."""
        return int((self._ends(value) - self._starts()).sum())

    def _starts(self) -> Places:
        if self.from_diagonal:
            return np.arange(len(self.rows))
        return np.zeros(len(self.rows), dtype=np.intp)

    def _ends(self, value: float) -> Places:
        found = np.searchsorted(self.columns, value - self.rows, side="right")
        return np.maximum(found, self._starts())

    def _made(self, begin: Places, end: Places, rank: int) -> float:
        """The sum of that rank among those from *begin* to *end* of each row."""
        lengths = end - begin
        if int(lengths.sum()) > _MADE_AT_ONCE:
            # All of them are one number but for the last bit.
            row = int(np.argmax(lengths > 0))
            return float(self.rows[row] + self.columns[begin[row]])
        rows = np.repeat(np.arange(len(lengths)), lengths)
        firsts = np.repeat(np.cumsum(lengths) - lengths, lengths)
        columns = np.arange(len(rows)) - firsts + begin[rows]
        sums = self.rows[rows] + self.columns[columns]
        return float(np.partition(sums, rank - 1)[rank - 1])
