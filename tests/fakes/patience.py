"""Short time limits that a busy machine does not break."""

from collections.abc import Callable
from typing import TypeVar

from cloudgauge.model.quantity import NS_PER_MS

T = TypeVar("T")
_LIMITS_NS = tuple(ms * NS_PER_MS for ms in (250, 1_000, 4_000, 16_000))


def patiently(attempt: Callable[[int], T], is_wanted: Callable[[T], bool]) -> T:
    """Make *attempt* within a short time, or a longer one if that was too short.

    What must be over before the wait that is limited may itself take long on a machine
    that has other things to do. What never comes to what is wanted is given as it was.

    Args:
        attempt: Takes the time limit in ns.
        is_wanted: Whether it came to what the limit should lead to.
    """
    for limit_ns in _LIMITS_NS:
        seen = attempt(limit_ns)
        if is_wanted(seen):
            break
    return seen
