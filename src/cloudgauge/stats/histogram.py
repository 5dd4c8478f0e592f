"""Counts in bins of one relative width: small, and exact to merge.

The layout of DDSketch (Masson, Rim and Lee, PVLDB 12, 2019) without its collapsing: bin
i holds values from above g^(i-1) to g^i, with g = (1 + a) / (1 - a), so that the bin's
middle 2 g^i / (g + 1) is within the share a of each of them. Counts are whole numbers:
a merge of parts is the histogram of the whole, in whatever order, and ranks, of which
the interval of a quantile is made, are exact.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import ArrayLike

from cloudgauge.stats.caveat import Caveat
from cloudgauge.stats.ranks import rank_below
from cloudgauge.stats.summary import Estimate
from cloudgauge.stats.values import check_level, check_share

ACCURACY = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class LogHistogram:
    """Counts of values, which are at least 0, in bins of one relative width.

    Attributes:
        bins: Number and count of each bin that holds a value, rising.
        zeros: Count of values that are 0.
        beyond: Count of values only known to be longer than all others.
        accuracy: Within which share of itself a value is known, in (0, 1).
    """

    bins: tuple[tuple[int, int], ...] = ()
    zeros: int = 0
    beyond: int = 0
    accuracy: float = ACCURACY

    @classmethod
    def from_values(
        cls, values: ArrayLike, *, accuracy: float = ACCURACY
    ) -> "LogHistogram":
        """Count values; infinity is one only known to be longer."""
        found = np.asarray(values, dtype=np.float64)
        if found.ndim != 1 or not (found >= 0).all():
            msg = "values must be one-dimensional and at least 0"
            raise ValueError(msg)
        zeros, beyond = found == 0, np.isinf(found)
        logs = np.log(found[~(zeros | beyond)]) / _width(accuracy)
        numbers, counts = np.unique(np.ceil(logs).astype(np.int64), return_counts=True)
        return cls(
            bins=tuple(zip(numbers.tolist(), counts.tolist(), strict=True)),
            zeros=int(zeros.sum()),
            beyond=int(beyond.sum()),
            accuracy=accuracy,
        )

    @property
    def count(self) -> int:
        """How many values were counted."""
        return self.zeros + sum(count for _, count in self.bins) + self.beyond

    def merge(self, other: "LogHistogram") -> "LogHistogram":
        """The histogram of the values of both."""
        if self.accuracy != other.accuracy:
            msg = f"accuracies differ: {self.accuracy} and {other.accuracy}"
            raise ValueError(msg)
        together = Counter(dict(self.bins))
        together.update(dict(other.bins))
        return LogHistogram(
            bins=tuple(sorted(together.items())),
            zeros=self.zeros + other.zeros,
            beyond=self.beyond + other.beyond,
            accuracy=self.accuracy,
        )

    def quantile(self, p: float = 0.5, *, confidence: float = 0.95) -> Estimate:
        """Estimate a quantile, with an interval that holds its bins' whole width."""
        check_share(p)
        check_level(confidence)
        count, tail = self.count, (1 - confidence) / 2
        if not count:
            msg = "no value was counted"
            raise ValueError(msg)
        low = math.floor(rank_below(count, p, tail))
        high = math.floor(rank_below(count, 1 - p, tail))
        return Estimate(
            point=self._span(math.ceil(p * count - 1e-9))[1],
            low=self._span(low)[0] if low else -math.inf,
            high=self._span(count + 1 - high)[2] if high else math.inf,
            confidence=confidence,
            n=count,
            caveats=() if low and high else (Caveat(name="too few", text="few"),),
        )

    def _span(self, rank: int) -> tuple[float, float, float]:
        """Lower edge, middle and upper edge of the bin of a rank, from 1."""
        if rank <= self.zeros:
            return 0.0, 0.0, 0.0
        passed = accumulate((count for _, count in self.bins), initial=self.zeros)
        next(passed)
        for (number, _), through in zip(self.bins, passed, strict=True):
            if rank <= through:
                high = math.exp(number * _width(self.accuracy))
                growth = math.exp(_width(self.accuracy))
                return high / growth, 2 * high / (growth + 1), high
        return math.inf, math.inf, math.inf

    def to_plain(self) -> dict[str, object]:
        """Give what JSON can hold; `from_plain` reads it back equal."""
        return {
            "accuracy": self.accuracy,
            "zeros": self.zeros,
            "beyond": self.beyond,
            "bins": [[number, count] for number, count in self.bins],
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, object]) -> "LogHistogram":
        """Read what `to_plain` gave."""
        bins = plain["bins"]
        if not isinstance(bins, list):
            msg = "bins must be a list"
            raise TypeError(msg)
        return cls(
            bins=tuple((int(number), int(count)) for number, count in bins),
            zeros=int(str(plain["zeros"])),
            beyond=int(str(plain["beyond"])),
            accuracy=float(str(plain["accuracy"])),
        )


def _width(accuracy: float) -> float:
    return math.log1p(accuracy) - math.log1p(-accuracy)
