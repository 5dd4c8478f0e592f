"""The two clocks, held against each other."""

import pytest

from cloudgauge.measure.instant import (
    STEP_BOUND_NS,
    Arrival,
    Elapsed,
    Instant,
    between_ns,
    elapsed,
    read_instant,
    wall_stepped,
)
from cloudgauge.model.sample import ClockKind

WALL_NS = 1_768_478_400_000_000_000
SENT = Instant(WALL_NS, 5_000_000, 200)


class ScriptedClock:
    """Gives the readings it is told to give, then stops the test."""

    def __init__(self, now_ns: list[int], wall_ns: list[int]) -> None:
        self._now_ns, self._wall_ns = iter(now_ns), iter(wall_ns)

    def now_ns(self) -> int:
        return next(self._now_ns)

    def wall_ns(self) -> int:
        return next(self._wall_ns)

    async def sleep_until(self, due_ns: int) -> None:
        raise AssertionError(due_ns)


def later(ns: int, *, step_ns: int = 0) -> Instant:
    return Instant(SENT.wall_ns + ns + step_ns, SENT.mono_ns + ns, 200)


def test_both_clocks_are_read_once_where_nothing_comes_between() -> None:
    clock = ScriptedClock([100, 300], [WALL_NS])
    assert read_instant(clock) == Instant(WALL_NS, 100, 200)


def test_a_pair_with_a_pause_in_it_is_read_again() -> None:
    clock = ScriptedClock([100, 9_000_100, 9_000_200, 9_000_400], [1, 2])
    assert read_instant(clock) == Instant(2, 9_000_200, 200)


def test_the_narrowest_pair_is_taken_when_every_one_has_a_pause() -> None:
    pause = [0, 900_000, 1_000_000, 1_070_000, 2_000_000, 2_800_000]
    clock = ScriptedClock(pause, [1, 2, 3])
    assert read_instant(clock) == Instant(2, 1_000_000, 70_000)


@pytest.mark.parametrize(
    ("step_ns", "stepped"),
    [
        (0, False),
        (STEP_BOUND_NS, False),
        (STEP_BOUND_NS + 401, True),
        (-STEP_BOUND_NS - 401, True),
        (3_600_000_000_000, True),
    ],
)
def test_a_wall_clock_that_was_set_is_noticed(*, step_ns: int, stepped: bool) -> None:
    assert wall_stepped(SENT, later(50_000_000, step_ns=step_ns)) is stepped


def test_an_uncertain_reading_alone_is_no_step() -> None:
    unsure = later(1_000, step_ns=900_000)._replace(slack_ns=900_000)
    assert not wall_stepped(SENT, unsure)


def test_the_kernel_ends_a_phase_however_late_the_program_reads() -> None:
    arrival = Arrival(later(90_000_000), WALL_NS + 40_000_000, several=False)
    assert elapsed(SENT, arrival) == Elapsed(
        40_000_000, ClockKind.KERNEL, stepped=False
    )


def test_several_segments_at_once_are_an_upper_bound() -> None:
    arrival = Arrival(later(90_000_000), WALL_NS + 40_000_000, several=True)
    assert elapsed(SENT, arrival).clock is ClockKind.KERNEL_BOUND


def test_without_a_kernel_stamp_the_programs_clock_ends_a_phase() -> None:
    arrival = Arrival(later(90_000_000), None, several=False)
    assert elapsed(SENT, arrival) == Elapsed(90_000_000, ClockKind.USER, stepped=False)


def test_after_a_step_the_monotonic_clock_is_believed_and_the_step_is_told() -> None:
    seen = later(90_000_000, step_ns=-5_000_000_000)
    arrival = Arrival(seen, seen.wall_ns - 1_000, several=False)
    assert elapsed(SENT, arrival) == Elapsed(90_000_000, ClockKind.USER, stepped=True)


def test_what_arrived_before_the_send_shows_as_negative() -> None:
    arrival = Arrival(later(1_000_000), WALL_NS - 7, several=False)
    assert elapsed(SENT, arrival).ns == -7


@pytest.mark.parametrize(
    ("first", "last", "ns"),
    [
        (
            Arrival(later(20), WALL_NS + 10, several=False),
            Arrival(later(900), WALL_NS + 510, several=False),
            500,
        ),
        (
            Arrival(later(20), None, several=False),
            Arrival(later(900), WALL_NS + 510, several=False),
            880,
        ),
        (
            Arrival(later(20), WALL_NS + 10, several=False),
            Arrival(later(900, step_ns=10**9), WALL_NS + 10**9, several=False),
            880,
        ),
    ],
)
def test_a_body_is_timed_by_one_clock(first: Arrival, last: Arrival, ns: int) -> None:
    assert between_ns(first, last) == ns
