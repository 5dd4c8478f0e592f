"""The median and the two least of many series, of which nothing else is sorted."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from cloudgauge.analysis.groups import Counts

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Middles:
    """Of each series, shape (series,) each; NaN where it has not so many values.

    Attributes:
        counts: How many values it has.
        second: The second smallest.
        median: Midway between two where either would do.
    """

    counts: Counts
    least: Floats
    second: Floats
    median: Floats

    @classmethod
    def of(cls, values: NDArray[Any], counts: Counts) -> Self:
        """Find them; the values are moved about within their series.

        Args:
            values: Series after series, not NaN.
            counts: How many each has.
        """
        found = np.full((3, len(counts)), np.nan)
        begin = 0
        for at, count in enumerate(counts.tolist()):
            part = values[begin : begin + count]
            begin += count
            if count:
                # Less than half of what it takes to sort them all.
                part.partition(
                    sorted({0, min(1, count - 1), (count - 1) // 2, count // 2})
                )
                low, high = part[(count - 1) // 2], part[count // 2]
                found[:, at] = part[0], np.nan, low + (high - low) * 0.5
            if count > 1:
                found[1, at] = part[1]
        return cls(counts=counts, least=found[0], second=found[1], median=found[2])
