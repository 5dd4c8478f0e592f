"""The k-th smallest of all differences or all pair means, without making them.

In the spirit of Monahan, Algorithm 616: Fast Computation of the Hodges-Lehmann Location
Estimator, ACM TOMS 10 (1984): how many sums of two sorted series are up to some value
takes O(m log n) to count. Halving the range of values leaves few sums after some steps;
these are made and the one of the wanted rank is picked. Of 20,000 by 20,000 values no
more than 160,000 sums ever exist at once, and each rank takes some thirty milliseconds.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cloudgauge.stats.values import Floats

Places = NDArray[np.intp]

# For each row so many sums are made at once at most: a halving costs about as much.
MADE_PER_ROW = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """All sums of a value of one series and a value of another.

    A difference is a sum with a negative. A pair mean is half a sum of two values of
    one series, where each pair counts once and each value makes a pair with itself.

    Attributes:
        rows: Shape (m,), finite, sorted, m of at least 1.
        columns: Shape (n,), finite, sorted, n of at least 1; for pairs of one series
            the same as *rows*.
        each_pair_once: Whether row i begins at column i.
    """

    rows: Floats
    columns: Floats
    each_pair_once: bool = False

    @property
    def count(self) -> int:
        """How many sums there are."""
        m, n = len(self.rows), len(self.columns)
        return m * (m + 1) // 2 if self.each_pair_once else m * n

    def middle(self) -> float:
        """Their median."""
        first = self.smallest((self.count + 1) // 2)
        if self.count % 2:
            return first
        return first + (self.smallest(self.count // 2 + 1) - first) / 2

    def upto(self, value: float, *, below: bool = False) -> int:
        """How many sums are at most a value, or *below* it."""
        side: Literal["left", "right"] = "left" if below else "right"
        ends = np.searchsorted(self.columns, value - self.rows, side=side)
        return int(np.maximum(ends - self._starts(), 0).sum())

    def smallest(self, rank: int) -> float:
        """The sum of that rank, from 1 to `count`; exact but for its last bits."""
        low = float(self.rows[0] + self.columns[0])
        high = float(self.rows[-1] + self.columns[-1])
        # Of a row, what lies before `begin` is too small, from `end` on too great.
        begin = self._starts()
        end = np.full(len(self.rows), len(self.columns))
        passed = 0
        while int((end - begin).sum()) > MADE_PER_ROW * len(self.rows):
            middle = low + (high - low) / 2
            if not low < middle < high:
                # One number, as often as differences of round values have it.
                row = int(np.argmax(end > begin))
                return float(self.rows[row] + self.columns[begin[row]])
            cut = np.clip(self._ends(middle), begin, end)
            below = int((cut - begin).sum())
            # A bound is moved on to a sum that there is, so that many equal sums are
            # soon alone; rounding must not move it back.
            if passed + below >= rank:
                some = cut > begin
                greatest = (self.rows[some] + self.columns[cut[some] - 1]).max()
                end, high = cut, min(middle, float(greatest))
            else:
                some = end > cut
                least = (self.rows[some] + self.columns[cut[some]]).min()
                begin, low = cut, max(middle, float(least))
                passed += below
        return self._made(begin, end, rank - passed)

    def _starts(self) -> Places:
        if self.each_pair_once:
            return np.arange(len(self.rows))
        return np.zeros(len(self.rows), dtype=np.intp)

    def _ends(self, value: float) -> Places:
        return np.searchsorted(self.columns, value - self.rows, side="right")

    def _made(self, begin: Places, end: Places, rank: int) -> float:
        """The sum of that rank among those from *begin* to *end* of each row."""
        lengths = end - begin
        rows = np.repeat(np.arange(len(lengths)), lengths)
        firsts = np.repeat(np.cumsum(lengths) - lengths, lengths)
        columns = np.arange(len(rows)) - firsts + begin[rows]
        sums = self.rows[rows] + self.columns[columns]
        return float(np.partition(sums, rank - 1)[rank - 1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Values of which finite numbers stand for those only known to be beyond.

    These are so far out that each sum with one of them is beyond each sum without and
    beyond 0, and two of them on opposite sides cancel to a sum at the centre.

    Attributes:
        values: Shape (n,), finite, in the order given.
        centre: The median of the values that are known; 0 where none is.
        reach: What a sum is at most away from the sum of centres without a stand-in.
    """

    values: Floats
    centre: float
    reach: float

    @classmethod
    def of(cls, *series: Floats) -> tuple["Standing", ...]:
        """Stand in for the infinite values of series that will be added."""
        known = [values[np.isfinite(values)] for values in series]
        centres = [float(np.median(some)) if len(some) else 0.0 for some in known]
        width = sum(float(np.ptp(some)) for some in known if len(some))
        far = 8 * width + 4 * max(1.0, *map(abs, centres))
        return tuple(
            cls(
                values=np.where(
                    np.isfinite(values), values, centre + np.copysign(far, values)
                ),
                centre=centre,
                reach=far / 4,
            )
            for values, centre in zip(series, centres, strict=True)
        )


def beyond(value: float, centre: float, reach: float) -> float:
    """Give a value, or the infinity on its side if a stand-in made it."""
    if abs(value - centre) <= reach:
        return value
    return math.copysign(math.inf, value - centre)


def with_stand_ins(values: Floats) -> tuple[Floats, Floats, Floats]:
    """Stand in for the infinite values of rows, each of which is added to itself.

    Args:
        values: Shape (m, n), not NaN.

    Returns:
        Finite values; the centre of each row as of `Standing`; how far out its
        stand-ins are.
    """
    known = np.isfinite(values)
    ordered, count = np.sort(values, axis=1), known.sum(axis=1)
    first = np.isneginf(values).sum(axis=1)
    rows = np.arange(len(values))

    def at(place: Places) -> Floats:
        found = ordered[rows, np.clip(place, 0, values.shape[1] - 1)]
        return np.where(count > 0, found, 0.0)

    lower, upper = at(first + (count - 1) // 2), at(first + count // 2)
    centre = lower + (upper - lower) / 2
    width = at(first + count - 1) - at(first)
    far = 8 * width + 4 * np.maximum(1.0, np.abs(centre))
    stand_in = centre[:, None] + np.copysign(far[:, None], values)
    return np.where(known, values, stand_in), centre, far
