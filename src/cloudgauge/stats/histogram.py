"""Counts in bins of one relative width: small, and exact to merge.

The layout of DDSketch (Masson, Rim and Lee, DDSketch: A Fast and Fully-Mergeable
Quantile Sketch, PVLDB 12, 2019) without its collapsing. Bin i holds what is above
g^(i - 1) and at most g^i, with g = (1 + a) / (1 - a), so that 2 g^i / (g + 1) is within
the share a of all it holds. Counts are whole numbers: the histograms of parts merge, in
any order, to that of the whole, and the ranks of which a quantile's interval is made
are exact. What is lost is where in its bin a value was, by which the interval is wider.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cloudgauge.stats.ranks import rank_below
from cloudgauge.stats.summary import Estimate, too_few
from cloudgauge.stats.values import check_level, check_share

ACCURACY = 0.01
# Bins of values from 1e-300 to 1e300, which no duration and no rate leaves.
_FARTHEST = 300 * math.log(10)
_KEYS = ("accuracy", "zeros", "beyond", "bins")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogHistogram:
    """Counts of values of at least 0 in bins of one relative width.

    Attributes:
        bins: Number and count of each bin that holds something, rising.
        zeros: How many values are 0.
        beyond: How many are only known to be longer than all others.
        accuracy: Within which share of itself a value is known, in (0, 1).
    """

    bins: tuple[tuple[int, int], ...] = ()
    zeros: int = 0
    beyond: int = 0
    accuracy: float = ACCURACY

    def __post_init__(self) -> None:
        width = _width(self.accuracy)
        if min(self.zeros, self.beyond, *(count - 1 for _, count in self.bins)) < 0:
            msg = "a bin must hold at least 1 value, zeros and beyond at least 0"
            raise ValueError(msg)
        numbers = [number for number, _ in self.bins]
        if numbers != sorted(set(numbers)):
            msg = "numbers of bins must rise"
            raise ValueError(msg)
        if numbers and max(-numbers[0], numbers[-1]) * width > _FARTHEST + 1:
            msg = "bins must be of values from 1e-300 to 1e300"
            raise ValueError(msg)

    @classmethod
    def from_values(
        cls, values: ArrayLike, *, accuracy: float = ACCURACY
    ) -> "LogHistogram":
        """Count values.

        Args:
            values: Shape (n,), from 1e-300 to 1e300 or 0, or infinity for what is only
                known to be longer; any order, n may be 0.
            accuracy: In (0, 1).

        Raises:
            ValueError: If *values* is not one-dimensional, NaN, negative or out of
                those bounds, or *accuracy* is out of its own.
        """
        found = np.asarray(values, dtype=np.float64)
        if found.ndim != 1 or not (found >= 0).all():
            msg = "values must be one-dimensional and at least 0"
            raise ValueError(msg)
        known = found[(found > 0) & np.isfinite(found)]
        numbers = bin_numbers(known, accuracy=accuracy)
        places, counts = np.unique(numbers, return_counts=True)
        return cls(
            bins=tuple(zip(places.tolist(), counts.tolist(), strict=True)),
            zeros=int((found == 0).sum()),
            beyond=int(np.isinf(found).sum()),
            accuracy=accuracy,
        )

    @property
    def count(self) -> int:
        """How many values were counted."""
        return self.zeros + sum(count for _, count in self.bins) + self.beyond

    def merge(self, other: "LogHistogram") -> "LogHistogram":
        """Give the histogram of the values of both.

        Raises:
            ValueError: If their accuracies differ.
        """
        if self.accuracy != other.accuracy:
            msg = (
                "histograms of one accuracy wanted, "
                f"got {self.accuracy} and {other.accuracy}"
            )
            raise ValueError(msg)
        together = Counter(dict(self.bins)) + Counter(dict(other.bins))
        return LogHistogram(
            bins=tuple(sorted(together.items())),
            zeros=self.zeros + other.zeros,
            beyond=self.beyond + other.beyond,
            accuracy=self.accuracy,
        )

    def quantile(self, p: float = 0.5, *, confidence: float = 0.95) -> Estimate:
        """Estimate a quantile, as `quantile_interval` does of the values themselves.

        Args:
            p: Which quantile, in (0, 1).
            confidence: In (0, 1).

        Returns:
            The quantile within `accuracy`; infinite where it is only known to be
            longer. The interval reaches to the outer edges of its ends' bins.

        Raises:
            ValueError: If nothing was counted, or an argument is not in (0, 1).
        """
        check_share(p)
        check_level(confidence)
        count, tail = self.count, (1 - confidence) / 2
        if not count:
            msg = "no value was counted"
            raise ValueError(msg)
        at = max(math.ceil(round(p * count, 6)), 1)
        low = min(math.floor(rank_below(count, p, tail)), at)
        high = max(count + 1 - math.floor(rank_below(count, 1 - p, tail)), at)
        is_bounded = low >= 1 and high <= count
        return Estimate(
            point=self._span(at)[1],
            low=self._span(low)[0] if low >= 1 else -math.inf,
            high=self._span(high)[2] if high <= count else math.inf,
            confidence=confidence,
            n=count,
            caveats=() if is_bounded else (too_few(p, tail, count),),
        )

    def to_plain(self) -> dict[str, object]:
        """Give what JSON can hold; `from_plain` reads it back equal."""
        return {
            "accuracy": self.accuracy,
            "zeros": self.zeros,
            "beyond": self.beyond,
            "bins": [list(pair) for pair in self.bins],
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, object]) -> "LogHistogram":
        """Read what `to_plain` gave, perhaps by way of a file.

        Raises:
            ValueError: If it is anything else.
        """
        if set(plain) != set(_KEYS):
            msg = f"keys must be {', '.join(_KEYS)}, got {', '.join(sorted(plain))}"
            raise ValueError(msg)
        accuracy, zeros, beyond, bins = (plain[key] for key in _KEYS)
        if not isinstance(accuracy, float):
            msg = f"accuracy must be a number, got {accuracy!r}"
            raise ValueError(msg)  # noqa: TRY004 - a value read, not one passed
        if not isinstance(bins, list) or not all(
            isinstance(pair, list) and len(pair) == 2 for pair in bins
        ):
            msg = "bins must be pairs of a number and a count"
            raise ValueError(msg)
        return cls(
            bins=tuple((_whole(number), _whole(count)) for number, count in bins),
            zeros=_whole(zeros),
            beyond=_whole(beyond),
            accuracy=accuracy,
        )

    @property
    def _width(self) -> float:
        return _width(self.accuracy)

    def _span(self, rank: int) -> tuple[float, float, float]:
        """Lower edge, middle and upper edge of the bin of a rank, from 1."""
        if rank <= self.zeros:
            return 0.0, 0.0, 0.0
        passed = self.zeros
        for number, count in self.bins:
            passed += count
            if rank <= passed:
                high, growth = math.exp(number * self._width), math.exp(self._width)
                return high / growth, 2 * high / (growth + 1), high
        return math.inf, math.inf, math.inf


def bin_numbers(values: ArrayLike, *, accuracy: float = ACCURACY) -> NDArray[np.int64]:
    """The number of each value's bin, as `LogHistogram.from_values` has it.

    Args:
        values: Any shape, each above 0 and finite.
        accuracy: In (0, 1).

    Raises:
        ValueError: If *accuracy* is out of its bounds.
    """
    found = np.asarray(values, dtype=np.float64)
    return np.ceil(np.log(found) / _width(accuracy)).astype(np.int64)


def _width(accuracy: float) -> float:
    """The width of a bin in natural logarithms."""
    if not 0 < accuracy < 1:
        msg = f"accuracy must be between 0 and 1, got {accuracy}"
        raise ValueError(msg)
    return math.log1p(accuracy) - math.log1p(-accuracy)


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        msg = f"counts must be whole numbers, got {value!r}"
        raise ValueError(msg)  # noqa: TRY004 - a value read, not one passed
    return value
