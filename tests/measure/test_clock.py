import asyncio
import time
from collections.abc import Callable
from itertools import pairwise

import pytest

from cloudgauge.measure.clock import Clock, MachineClock
from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S
from tests.fakes.clock import FakeClock

both_clocks = pytest.mark.parametrize("make", [MachineClock, FakeClock])


@both_clocks
def test_sleep_never_ends_before_it_is_due(make: Callable[[], Clock]) -> None:
    async def wake_up() -> list[int]:
        clock = make()
        early = []
        for step in range(1, 30):
            due_ns = clock.now_ns() + step * 100_003
            await clock.sleep_until(due_ns)
            early.append(due_ns - clock.now_ns())
        return early

    assert max(asyncio.run(wake_up())) <= 0


@both_clocks
def test_sleep_until_the_past_lets_others_run_and_returns(
    make: Callable[[], Clock],
) -> None:
    async def look() -> list[str]:
        clock = make()
        await clock.sleep_until(clock.now_ns() + NS_PER_MS)
        seen: list[str] = []
        asyncio.get_running_loop().call_soon(seen.append, "another")
        await clock.sleep_until(0)
        seen.append("sleeper")
        return seen

    assert asyncio.run(look()) == ["another", "sleeper"]


@both_clocks
def test_clock_starts_at_nought_and_does_not_fall(make: Callable[[], Clock]) -> None:
    clock = make()
    readings = [clock.now_ns() for _ in range(100)]

    assert 0 <= readings[0] < NS_PER_S
    assert all(earlier <= later for earlier, later in pairwise(readings))


def test_machine_wall_clock_is_utc() -> None:
    before_ns = time.time_ns()
    reading_ns = MachineClock().wall_ns()

    assert before_ns <= reading_ns <= time.time_ns()


def test_fake_sleepers_wake_in_the_order_of_their_due_times() -> None:
    async def wake_up() -> list[tuple[str, int]]:
        clock = FakeClock()
        woken = []

        async def sleep(name: str, due_ns: int) -> None:
            await clock.sleep_until(due_ns)
            woken.append((name, clock.now_ns()))

        async with asyncio.TaskGroup() as group:
            for name, due_ns in (("late", 30), ("early", 10), ("between", 20)):
                group.create_task(sleep(name, due_ns))
        return woken

    assert asyncio.run(wake_up()) == [("early", 10), ("between", 20), ("late", 30)]
