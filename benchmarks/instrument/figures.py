"""Numbers from errors: spreads, a slope, a knee; pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How a set of values lies, in their own unit.

    Attributes:
        count: How many values there are, at least 1.
        p50: Median.
        p99: 99th percentile, interpolated; of fewer than 100 values the largest
            ones decide it.
        most: The largest value.
    """

    count: int
    p50: float
    p99: float
    most: float


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value below which *share* of *ordered* lies, interpolated linearly.

    Args:
        ordered: At least one value, rising.
        share: In [0, 1].
    """
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def spread_of(values: Sequence[float]) -> Spread | None:
    """The spread of *values*; None if there are none."""
    if not values:
        return None
    ordered = sorted(values)
    return Spread(
        count=len(ordered),
        p50=percentile(ordered, 0.5),
        p99=percentile(ordered, 0.99),
        most=ordered[-1],
    )


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Least-squares slope of y over x.

    Raises:
        ValueError: Fewer than two different x.
    """
    if len({x for x, _ in points}) < 2:
        msg = f"want two different x, got {points}"
        raise ValueError(msg)
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    across = sum((x - mean_x) * (y - mean_y) for x, y in points)
    return across / sum((x - mean_x) ** 2 for x, _ in points)


def knee(steps: Sequence[tuple[float, float]], bound: float) -> float | None:
    """The load at which a figure first passes *bound*, between two steps.

    Args:
        steps: Load and figure, loads rising.
        bound: What the figure must not pass.

    Returns:
        The first step's load if already that passes; None if no step does.
    """
    before: tuple[float, float] | None = None
    for load, figure in steps:
        if figure > bound:
            if before is None:
                return load
            share = (bound - before[1]) / (figure - before[1])
            return before[0] + share * (load - before[0])
        before = (load, figure)
    return None


def middle(values: Sequence[float]) -> float:
    """The median, for values that were measured a few times over."""
    return median(values)
