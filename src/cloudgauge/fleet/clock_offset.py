"""How far a worker's clock is from the scheduler's, and how sure that is.

A worker asks the scheduler for the time and notes when it asked and when it heard. The
answer was made somewhere between the two, so the middle is wrong by at most half the
round trip, however unlike the two ways are (RFC 5905 section 8 calls it the maximum
error of a sample). Of several tries the one with the least round trip says most.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S, format_duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One question for the time.

    Attributes:
        asked_wall_ns: By the asker's wall clock, UTC since 1970.
        round_trip_ns: Until the answer was heard, by the asker's monotonic clock.
        told_wall_ns: What the other's wall clock said.
    """

    asked_wall_ns: int
    round_trip_ns: int
    told_wall_ns: int

    def __post_init__(self) -> None:
        if self.round_trip_ns < 0:
            msg = f"round_trip_ns must be >= 0, got {self.round_trip_ns}"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockOffset:
    """The worker's clock held against the scheduler's.

    Attributes:
        ahead_ns: What the worker's clock shows beyond the scheduler's; below 0 where
            it is behind.
        uncertainty_ns: The truth is within so much of it, either way.
    """

    ahead_ns: int
    uncertainty_ns: int

    def __post_init__(self) -> None:
        if self.uncertainty_ns < 0:
            msg = f"uncertainty_ns must be >= 0, got {self.uncertainty_ns}"
            raise ValueError(msg)

    @property
    def surely_off_ns(self) -> int:
        """By how much it is off at least, whichever way; 0 if it may be right."""
        return max(abs(self.ahead_ns) - self.uncertainty_ns, 0)

    def to_worker_ns(self, scheduler_wall_ns: int) -> int:
        """What the worker's clock shows when the scheduler's shows this."""
        return scheduler_wall_ns + self.ahead_ns


def offset_from(exchanges: Iterable[Exchange]) -> ClockOffset:
    """Tell the offset from questions of about one time.

    Raises:
        ValueError: There is none.
    """
    best = min(exchanges, key=lambda one: one.round_trip_ns)
    half_ns = best.round_trip_ns // 2
    return ClockOffset(
        ahead_ns=best.asked_wall_ns + half_ns - best.told_wall_ns,
        # Half of an odd number, and the two clocks' own steps.
        uncertainty_ns=half_ns + 1,
    )


def clock_text(offset: ClockOffset) -> str:
    """Such as ``+1.2 ms ± 0.4 ms``, or ``-5m0s ± 2 ms``."""
    sign = "-" if offset.ahead_ns < 0 else "+"
    return f"{sign}{_span(abs(offset.ahead_ns))} ± {_span(offset.uncertainty_ns)}"


def _span(span_ns: int) -> str:
    if span_ns < 10 * NS_PER_S:
        return f"{span_ns / NS_PER_MS:.1f} ms"
    return format_duration(round(span_ns / NS_PER_S) * NS_PER_S)
