"""What the parts of one vantage's run have in common: ceilings, promises, the line.

A run of its own makes one for itself. Where one part begins while the last visits of
the part before it are still under way, both have the same: no host is visited too
often at the border, one that asked to be left alone is, and a transfer has the line
to itself whichever part it is of.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self

from cloudgauge.measure.budget import Budget
from cloudgauge.measure.clock import Clock
from cloudgauge.measure.throttle import Gate
from cloudgauge.model.plan import Plan
from cloudgauge.model.quantity import NS_PER_S

# What a server that says no more than "too many" is taken to mean.
_CLOSED_BY_DEFAULT_NS = 60 * NS_PER_S


class HoldBacks:
    """Which hosts asked to be left alone, and for how long.

    Args:
        clock: One that goes on for as long as this is used.
        most_ns: What a server may ask for at most: by then the run is over.
    """

    def __init__(self, clock: Clock, *, most_ns: int) -> None:
        self._clock = clock
        self._most_ns = most_ns
        self._closed_until_ns: dict[str, int] = {}

    def close(self, host: str, asked_ns: int | None) -> None:
        """Leave *host* alone for as long as it asked; None if it did not say."""
        if asked_ns is None:
            asked_ns = _CLOSED_BY_DEFAULT_NS
        until_ns = self._clock.now_ns() + min(asked_ns, self._most_ns)
        before_ns = self._closed_until_ns.get(host, until_ns)
        self._closed_until_ns[host] = max(before_ns, until_ns)

    def left_ns(self, host: str) -> int:
        """For how much longer *host* is left alone; 0 or less if it is not."""
        if host not in self._closed_until_ns:
            return 0
        return self._closed_until_ns[host] - self._clock.now_ns()


class Line:
    """What is under way, so that a transfer can wait until nothing is."""

    def __init__(self) -> None:
        self._turns = asyncio.Lock()
        self._under_way: set[asyncio.Task[None]] = set()
        self._is_alone = False

    @asynccontextmanager
    async def turn(self, *, alone: bool) -> AsyncIterator[None]:
        """A turn to begin something, in the order of asking.

        Args:
            alone: Whether it wants the line to itself. It, and whoever comes after it,
                waits until nothing is under way; what is, is left be if this is
                cancelled.
        """
        async with self._turns:
            if alone or self._is_alone:
                while self._under_way:
                    await asyncio.wait(self._under_way)
            self._is_alone = alone
            yield

    def add(self, task: asyncio.Task[None]) -> None:
        """Note that something is under way until *task* is done."""
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """All of it.

    Attributes:
        gate: Ceilings of rate.
        holds: Hosts that asked to be left alone.
        line: What is under way.
        budget: Ceilings of requests, bytes, money and time.
    """

    gate: Gate
    holds: HoldBacks
    line: Line
    budget: Budget

    @classmethod
    def of(cls, plan: Plan, clock: Clock, gate: Gate) -> Self:
        """The ground of one run of a plan."""
        return cls(
            gate=gate,
            holds=HoldBacks(clock, most_ns=plan.duration_ns),
            line=Line(),
            budget=Budget(plan),
        )
