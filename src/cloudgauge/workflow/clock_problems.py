"""What shows that a vantage's wall clock cannot have been right; pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S, format_duration

# Of two clocks that are set by the network none is so far before the other.
_MOST_AHEAD_NS = 120 * NS_PER_S
# A plan is copied and started by hand; two clocks that are set are nearer.
_MOST_BEFORE_NS = 10 * NS_PER_S
# Beyond this the hour of the day is in doubt, which samples are matched by.
_MOST_MOVED_NS = 60 * NS_PER_S


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockReading:
    """What a set says of its clock.

    Attributes:
        started_wall_ns: When its run began by it, UTC since 1970.
        ended_wall_ns: When it ended, likewise.
        rows_checked: When the catalogue rows used were last checked.
        moved_ns: How far it moved against the monotonic clock; None where the samples
            were not looked at.
    """

    started_wall_ns: int
    ended_wall_ns: int
    rows_checked: tuple[date, ...]
    moved_ns: int | None = None


def clock_problems(reading: ClockReading, *, now_ns: int) -> Iterator[str]:
    """Say what cannot be, a sentence each, without a subject.

    Args:
        reading: Of one set.
        now_ns: By the clock of this machine, UTC since 1970: what was measured later
            was measured by a clock that is ahead.
    """
    ahead_ns = reading.ended_wall_ns - now_ns
    if ahead_ns > _MOST_AHEAD_NS:
        yield (
            f"ended {to_the_ms(ahead_ns)} from now by its clock: that clock, or this "
            "machine's, is wrong"
        )
    checked = max(reading.rows_checked, default=None)
    started = datetime.fromtimestamp(reading.started_wall_ns // NS_PER_S, tz=UTC).date()
    # A day for time zones: who checked a row wrote down their own date.
    if checked is not None and started < checked - timedelta(days=1):
        yield (
            f"began on {started} by its clock, and names rows that were checked on "
            f"{checked}: the clock was wrong"
        )
    if reading.moved_ns is not None and reading.moved_ns > _MOST_MOVED_NS:
        moved = to_the_ms(reading.moved_ns)
        yield f"its wall clock moved by {moved} against the monotonic one"


def schedule_problems(
    reading: ClockReading, *, least_ns: int, pinned_wall_ns: int
) -> Iterator[str]:
    """Say what cannot be of a set that is a part of a campaign.

    Args:
        reading: Of the set.
        least_ns: Its run cannot have taken less.
        pinned_wall_ns: When the plan was pinned, UTC since 1970.
    """
    before_ns = pinned_wall_ns - reading.started_wall_ns
    if before_ns > _MOST_BEFORE_NS:
        yield (
            f"began by its clock {to_the_ms(before_ns)} before its plan was pinned: "
            "that clock, or the one of who pinned it, is wrong"
        )
    short_ns = least_ns - (reading.ended_wall_ns - reading.started_wall_ns)
    if short_ns > _MOST_MOVED_NS:
        yield (
            f"took {to_the_ms(short_ns)} less by its clock than its rounds do: the "
            "clock was set back meanwhile"
        )


def to_the_ms(span_ns: int) -> str:
    """A duration as people read it, to the millisecond."""
    return format_duration(span_ns // NS_PER_MS * NS_PER_MS)
