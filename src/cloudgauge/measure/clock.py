"""The only clock of a run: monotonic for differences, wall for dates, never mixed."""

import asyncio
import time
from typing import Protocol

from cloudgauge.model.quantity import NS_PER_MS


class Clock(Protocol):
    """Time as a run sees it."""

    def now_ns(self) -> int:
        """Monotonic nanoseconds after the run's start."""
        ...

    def wall_ns(self) -> int:
        """Wall clock, UTC since 1970; may step, so never subtract it."""
        ...

    async def sleep_until(self, due_ns: int) -> None:
        """Return when `now_ns` is at least *due_ns*, never before.

        Others get a turn even if it is due already, so that who is behind schedule
        does not keep answers waiting.
        """
        ...


class MachineClock:
    """The machine's own clocks.

    Args:
        lead_ns: The run starts so long after this is made, so that what it needs
            can be made ready; until then `now_ns` is negative.
        start_ns: When it starts by the system's monotonic clock; None for now.
    """

    def __init__(self, *, lead_ns: int = 0, start_ns: int | None = None) -> None:
        began_ns = time.monotonic_ns() if start_ns is None else start_ns
        self._start_ns = began_ns + lead_ns

    def later(self, by_ns: int) -> "MachineClock":
        """The clock of what starts *by_ns* after this one's start."""
        return MachineClock(start_ns=self._start_ns, lead_ns=by_ns)

    def now_ns(self) -> int:
        """Monotonic nanoseconds after the run's start."""
        return time.monotonic_ns() - self._start_ns

    def wall_ns(self) -> int:
        """UTC since 1970 by CLOCK_REALTIME."""
        return time.time_ns()

    async def sleep_until(self, due_ns: int) -> None:
        """Return when `now_ns` is at least *due_ns*, usually within 2 ms of it."""
        # Loop timers count whole milliseconds from a time that the loop read
        # earlier, so one may fire early: hence the loop. Rounding the rest up
        # keeps that loop from spinning through the last millisecond.
        await asyncio.sleep(0)
        while (left_ns := due_ns - self.now_ns()) > 0:  # noqa: ASYNC110  time, no event
            await asyncio.sleep(-(-left_ns // NS_PER_MS) / 1_000)


def thread_cpu_ns() -> int:
    """Processor time of the thread that asks, since it began."""
    return time.thread_time_ns()
