"""Order statistics of the rows of a matrix, without sorting any of them.

Values near the middle of a row are put into buckets of equal width; only the bucket in
which a rank falls is sorted. What is found is exact, and takes a fifth of the time that
parting rows of 4,000 values at four ranks takes.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cloudgauge.stats.values import Floats

Ranks = NDArray[np.int64]
_BUCKETS = 512
# Values of each row by which the buckets are laid.
_LOOKED_AT = 128


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Buckets:
    """Rows of values with the bucket that each is in; buckets rise with the values.

    Attributes:
        places: Shape (m, n): each value's bucket, from 0.
        before: Shape (m * buckets + 1,): how many values come before each bucket, row
            after row; all at the end. One run of sums is made sooner than m.
        count: How many buckets a row has.
    """

    places: NDArray[np.int16]
    before: Ranks
    count: int

    @classmethod
    def of(cls, values: Floats, low: Floats, high: Floats, buckets: int) -> "Buckets":
        """Put values into so many buckets of equal width between two ends a row.

        What is beyond an end is in the last bucket on its side; all values of a row
        are in one where the ends are equal.
        """
        m = len(values)
        with np.errstate(divide="ignore", over="ignore"):
            scale = (buckets - 2) / (high - low)
            scale[~np.isfinite(scale)] = 0.0
            found = values - low[:, None]
            # Too far out for a number is as well in the last bucket.
            found *= scale[:, None]
        found += 1
        found.clip(0, buckets - 1, out=found)
        places = found.astype(np.int16)
        # One place on, so that the sums begin with 0.
        flat = places + (1 + buckets * np.arange(m, dtype=np.int32))[:, None]
        before = np.bincount(flat.ravel(), minlength=m * buckets + 1)
        np.cumsum(before, out=before)
        return cls(places=places, before=before, count=buckets)

    def upto(self, places: NDArray[np.integer]) -> Ranks:
        """How many values of each row are in a bucket or below it.

        Args:
            places: Shape (m, some), of buckets; -1 is below all.
        """
        m, n = self.places.shape
        rows = np.arange(m)[:, None]
        return np.asarray(self.before[places + (1 + self.count * rows)] - n * rows)

    def holding(self, ranks: Ranks) -> NDArray[np.int64]:
        """The bucket in which each row's value of a rank is, shape (m, some).

        Args:
            ranks: Shape (m, some), from 1 to n.
        """
        m, n = self.places.shape
        rows = np.arange(m)[:, None]
        found = np.searchsorted(self.before, ranks + n * rows)
        return np.asarray(found - (1 + self.count * rows))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ordered:
    """Rows of values of which some are asked for by their rank.

    Attributes:
        values: Shape (m, n), finite.
        width: Shape (m,): between about a quarter and three quarters of each row.
    """

    values: Floats
    width: Floats
    _buckets: Buckets

    @classmethod
    def of(cls, values: Floats) -> "Ordered":
        """Prepare rows."""
        step = max(values.shape[1] // _LOOKED_AT, 1)
        some = np.sort(values[:, ::step], axis=1)
        quarter = some.shape[1] // 4
        first, third = some[:, quarter], some[:, some.shape[1] - 1 - quarter]
        width = third - first
        buckets = Buckets.of(values, first - width / 2, third + width / 2, _BUCKETS)
        return cls(values=values, width=width, _buckets=buckets)

    def at(self, ranks: Ranks) -> Floats:
        """The values of some ranks in each row, of the shape of *ranks*.

        Args:
            ranks: Shape (m, some), each row rising, from 1 to n.
        """
        buckets = self._buckets
        held = buckets.holding(ranks)
        # Compared as they are: to widen all places would take five times as long.
        wanted = held.astype(buckets.places.dtype)
        inside = buckets.places == wanted[:, :1]
        for column in range(1, wanted.shape[1]):
            inside |= buckets.places == wanted[:, column, None]
        before = buckets.upto(held - 1)
        sizes = buckets.upto(held) - before
        # Two ranks may fall into one bucket, which is there but once.
        once = sizes.copy()
        once[:, 1:][held[:, 1:] == held[:, :-1]] = 0
        upto = once.cumsum(axis=1)
        found = np.flatnonzero(inside)
        values = self.values.ravel()[found]
        order = np.lexsort((values, found // inside.shape[1]))
        ends = upto[:, -1].cumsum()[:, None]
        places = ends - upto[:, -1:] + upto - sizes + ranks - before - 1
        return np.asarray(values[order][places])

    def middle(self) -> Floats:
        """The median of each row, shape (m,)."""
        m, n = self.values.shape
        if n % 2:
            return self.at(np.full((m, 1), (n + 1) // 2))[:, 0]
        first, second = self.at(np.tile((n // 2, n // 2 + 1), (m, 1))).T
        return np.asarray(first + (second - first) / 2)
