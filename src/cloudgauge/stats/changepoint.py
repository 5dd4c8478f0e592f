"""Where the mean of a series changes: exact penalised segmentation.

PELT of Killick, Fearnhead and Eckley, Optimal Detection of Changepoints with a
Linear Computational Cost, JASA 107 (2012): dynamic programming over the last change
before each end, from which a start is struck for good once another one is at least
as cheap whatever comes. With a least length of segments a start is struck only as
many ends later, when the other may be used: before that the result was not exact. As
many ends do not hang on one another either, and are worked on at once.

The cost of a segment is the sum of squares about its mean; a change costs the
penalty. All starts of an end are held against each other at once in numpy: 10,000
values take half a second without any change, and a fifth with many; with segments of at
least 6 values a third of that.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

# Of a normal variable: standard deviation over median absolute deviation.
_DEVIATION_PER_MAD = 1.482602218505602
# Ends that are worked on at once, at most.
_AT_ONCE = 64


def change_points(
    values: Floats,
    *,
    factor: float = 4.0,
    variance: float | None = None,
    least: int = 1,
) -> tuple[int, ...]:
    """Find the segmentation with the least sum of squares plus penalties.

    Each change costs *factor* times log n times the noise's variance: with less
    than that, noise alone makes changes.

    Args:
        values: Shape (n,), finite, in order of time.
        factor: Above 0; 4 is what labelled round-trip series wanted.
        variance: Of the noise about the mean; by default `noise_variance`.
        least: No segment is shorter, at least 1.

    Returns:
        The first place of each segment but the first, rising; empty where one
        mean does, as with fewer than two times *least* values.

    Raises:
        ValueError: If *values* is not one-dimensional or not finite, or an
            argument is out of its bounds.
    """
    if values.ndim != 1 or not np.isfinite(values).all():
        msg = f"values must be finite and one-dimensional, got shape {values.shape}"
        raise ValueError(msg)
    if factor <= 0 or least < 1:
        msg = f"factor must be above 0 and least at least 1, got {factor}, {least}"
        raise ValueError(msg)
    if len(values) < 2 * least:
        return ()
    spread = noise_variance(values) if variance is None else variance
    if not spread > 0:
        # Nothing ever changed: any penalty above nothing would do.
        return ()
    return _backwards(
        _last_starts(values, factor * math.log(len(values)) * spread, least)
    )


def noise_variance(values: Floats) -> float:
    """Variance of the noise about a mean that may change now and then.

    From the median absolute first difference, which changes and outliers hardly
    move; where most neighbours are equal, from the mean square of differences.
    For noise that is positively correlated it is too small, so that more changes
    are found rather than less.

    Args:
        values: Shape (n,), finite, in order of time.

    Returns:
        At least 0; 0 if and only if no value differs from its neighbour.
    """
    steps = np.diff(values)
    if not len(steps):
        return 0.0
    typical = float(np.median(np.abs(steps))) * _DEVIATION_PER_MAD
    # The difference of two independent values has twice the variance of one.
    return (typical**2 or float(np.mean(steps**2))) / 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Sums:
    """What makes the cost of any segment, each of shape (n + 1,)."""

    values: Floats
    squares: Floats
    lengths: Floats

    @classmethod
    def of(cls, values: Floats) -> "_Sums":
        # About the median the sums stay small, and so does what rounding takes.
        centred = values - np.median(values)
        return cls(
            values=np.concatenate(([0.0], np.cumsum(centred))),
            squares=np.concatenate(([0.0], np.cumsum(centred**2))),
            lengths=np.arange(len(values) + 1.0),
        )

    def costs(self, starts: Places, ends: Places) -> Floats:
        """Of the segments from every start to every end, shape (ends, starts)."""
        found = self.values[ends, None] - self.values[starts]
        found *= found
        found /= self.lengths[ends, None] - self.lengths[starts]
        between = self.squares[ends, None] - self.squares[starts]
        return np.subtract(between, found, out=found)


def _last_starts(values: Floats, penalty: float, least: int) -> Places:
    """For each end, from 0 to n, where the last segment of the best way begins."""
    count, sums = len(values), _Sums.of(values)
    best = np.full(count + 1, np.inf)
    best[0] = 0
    begins = np.zeros(count + 1, dtype=np.int64)
    struck = np.full(count + 1, count + 1, dtype=np.int64)
    starts = np.zeros(1, dtype=np.int64)
    # No end among so many is a start of another one of them.
    step = min(least, _AT_ONCE)
    later = ~np.tri(step, dtype=np.bool_)
    for begin in range(least, count + 1, step):
        ends = np.arange(begin, min(begin + step, count + 1))
        new = ends[ends >= 2 * least] - least
        starts = np.append(starts[struck[starts] > begin], new)
        ways = sums.costs(starts, ends)
        ways += best[starts]
        # A start that is less than *least* before an end is none of its.
        early = later[: len(ends), len(ends) - len(new) : len(ends)]
        ways[:, len(starts) - len(new) :][early] = np.inf
        chosen = ways.argmin(axis=1)
        best[ends] = ways[np.arange(len(ends)), chosen] + penalty
        begins[ends] = starts[chosen]
        is_hopeless = ways >= best[ends, None]
        is_hopeless[:, len(starts) - len(new) :][early] = False
        once = is_hopeless.any(axis=0)
        if once.any():
            gone, first = starts[once], is_hopeless.argmax(axis=0)[once]
            struck[gone] = np.minimum(struck[gone], ends[first] + least)
    return begins


def _backwards(begins: Places) -> tuple[int, ...]:
    found: list[int] = []
    at = int(begins[-1])
    while at:
        found.append(at)
        at = int(begins[at])
    return tuple(reversed(found))
