"""Instants on both clocks, and what lies between two of them.

The kernel stamps what arrives by the wall clock, so a phase that ends with a kernel
stamp must begin with a wall-clock reading of ours. The wall clock can be set in
between; the monotonic one cannot. Both are therefore read together at each end: on
one machine their difference is constant (a slewed clock moves both alike) and changes
only when somebody sets the wall clock.
"""

from typing import NamedTuple

from cloudgauge.measure.clock import Clock
from cloudgauge.model.sample import ClockKind

# Two neighbouring reads take 0.2 microseconds; far beyond that the program was put
# aside between them, and the pair is read again.
_WINDOW_NS = 50_000
_TRIES = 3
# Above what two accepted pairs can differ by themselves (two windows), and a tenth of
# a network error that anybody would notice.
STEP_BOUND_NS = 100_000


class Instant(NamedTuple):
    """One moment by both clocks.

    Attributes:
        wall_ns: UTC since 1970.
        mono_ns: After the run's start.
        slack_ns: The two were read within this much of each other.
    """

    wall_ns: int
    mono_ns: int
    slack_ns: int


class Arrival(NamedTuple):
    """When something came in.

    Attributes:
        seen: When the program read it.
        kernel_ns: The kernel's wall-clock stamp; None where there is none.
        several: Several segments came together, so that the stamp is the last one's.
    """

    seen: Instant
    kernel_ns: int | None
    several: bool


class Elapsed(NamedTuple):
    """The length of a phase, whose time ended it, and whether the wall clock moved."""

    ns: int
    clock: ClockKind
    stepped: bool


def read_instant(clock: Clock) -> Instant:
    """Read both clocks together; the wall clock is what was read last but one."""
    best: Instant | None = None
    for _ in range(_TRIES):
        before_ns = clock.now_ns()
        wall_ns = clock.wall_ns()
        slack_ns = clock.now_ns() - before_ns
        if best is None or slack_ns < best.slack_ns:
            best = Instant(wall_ns, before_ns, slack_ns)
        if slack_ns <= _WINDOW_NS:
            break
    assert best is not None  # noqa: S101 - the loop above runs at least once
    return best


def wall_stepped(earlier: Instant, later: Instant) -> bool:
    """Whether the wall clock was set between two instants."""
    moved_ns = (later.wall_ns - later.mono_ns) - (earlier.wall_ns - earlier.mono_ns)
    return abs(moved_ns) > STEP_BOUND_NS + earlier.slack_ns + later.slack_ns


def elapsed(sent: Instant, arrival: Arrival) -> Elapsed:
    """From a send of ours until something arrived.

    By the kernel's stamp where there is one that can be trusted, else by the
    program's monotonic clock. Negative if it arrived before the send.
    """
    stepped = wall_stepped(sent, arrival.seen)
    if arrival.kernel_ns is None or stepped:
        return Elapsed(arrival.seen.mono_ns - sent.mono_ns, ClockKind.USER, stepped)
    kind = ClockKind.KERNEL_BOUND if arrival.several else ClockKind.KERNEL
    return Elapsed(arrival.kernel_ns - sent.wall_ns, kind, stepped)


def between_ns(first: Arrival, last: Arrival) -> int:
    """From one arrival to a later one, both by the same clock."""
    if (
        first.kernel_ns is None
        or last.kernel_ns is None
        or wall_stepped(first.seen, last.seen)
    ):
        return last.seen.mono_ns - first.seen.mono_ns
    return last.kernel_ns - first.kernel_ns
