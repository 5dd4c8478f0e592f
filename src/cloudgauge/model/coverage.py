"""Which hours of the day rounds speak for.

Round trips follow the day: what was measured in one part of it says nothing of the
others. A quarter of a day is six hours of UTC, from midnight; it counts with two
rounds, and a run speaks for more than its own minutes with three quarters.
"""

from collections import Counter
from collections.abc import Iterable

from cloudgauge.model.quantity import NS_PER_S

QUARTER_NS = 6 * 3_600 * NS_PER_S
QUARTERS_WANTED = 3
_ROUNDS_A_QUARTER = 2


def full_quarters(starts_wall_ns: Iterable[int]) -> tuple[int, ...]:
    """The quarters of the day that have enough rounds, 0 to 3, in order.

    Args:
        starts_wall_ns: When each round began, UTC since 1970. Two rounds of one
            quarter are two of the same day.
    """
    counts = Counter(start_ns // QUARTER_NS for start_ns in starts_wall_ns)
    full = {at % 4 for at, count in counts.items() if count >= _ROUNDS_A_QUARTER}
    return tuple(sorted(full))


def is_burst(quarters: tuple[int, ...]) -> bool:
    """Whether rounds with these full quarters say nothing of other hours."""
    return len(quarters) < QUARTERS_WANTED
