"""One share at one worker, from the order to the last part delivered.

It goes on whether or not there is a scheduler: the prober measures, ended parts are
sealed, and what is sealed is delivered when there is a line.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from cloudgauge.fleet.clock_offset import ClockOffset
from cloudgauge.fleet.deliveries import Deliveries, NotDelivered
from cloudgauge.fleet.line import Line, LineDown
from cloudgauge.fleet.messages import State, Tidings
from cloudgauge.fleet.prober import Event, Prober
from cloudgauge.fleet.seat import KeptShare, Seat

# A prober that failed is tried again after these; then the share has failed.
_TRY_AGAIN_S = (2.0, 10.0, 30.0, 60.0)
_DELIVER_AGAIN_S = 2.0

Waiting = Callable[[], Awaitable[Line]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """What a share needs on this machine.

    Attributes:
        vantage: Its name.
        results: Where sets are made.
        seat: Where the share is kept.
        ask: What the prober is asked for a share, one line.
        prober: Measures.
        said: Is told what people should know, a line each.
    """

    vantage: str
    results: Path
    seat: Seat
    ask: Callable[[KeptShare], str]
    prober: Prober
    said: Callable[[str], None]


class ShareCourse:
    """A share on its way.

    Args:
        kept: The share.
        hands: What it needs here.

    Attributes:
        kept: As it stands.
        ended: There is nothing more to be measured or delivered.
        finished: `run` has returned.
        at_rest: Nothing is being measured, and all that was is sealed.
        failed: Why it cannot be measured; "" if it can.
    """

    def __init__(self, kept: KeptShare, hands: Hands) -> None:
        self.kept = kept
        self.ended = asyncio.Event()
        self.at_rest = asyncio.Event()
        self.finished = asyncio.Event()
        self.failed = ""
        self._hands = hands
        self._deliveries = Deliveries(
            kept.campaign, hands.vantage, kept.store, hands.said
        )
        self._stopping = False
        self._measuring = False
        self._to_seal = [hands.results]
        self._to_be_sealed = asyncio.Event()
        self._sealed = asyncio.Event()
        self._cells = self._failures = 0

    @property
    def held(self) -> tuple[str, ...]:
        """Names of its sets that are sealed here."""
        return self._deliveries.names

    async def run(self, line: Waiting) -> None:
        """Measure what is left, deliver what there is; return when both are done.

        Args:
            line: Returns when there is a line to the scheduler.
        """
        # Parts of an earlier start: the prober counts them too, and seals none.
        await self._seal()
        self._cells, self._failures = self._deliveries.waiting_cells()
        self._measuring = not self.kept.measured
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_sealing())
            group.create_task(self._deliver(line))
            if self._measuring:
                await self._measure()
            self._measuring = False
            self._to_be_sealed.set()
        self.finished.set()

    def stop(self) -> None:
        """Stop measuring; what was measured is sealed and delivered."""
        self._stopping = True
        self._hands.prober.stop()

    def tidings(self, clock: ClockOffset | None) -> Tidings:
        """How it goes."""
        state = State.MEASURING if self._measuring else State.DELIVERING
        if self._stopping:
            state = State.LEAVING
        elif self.failed:
            state = State.FAILED
        elif self.ended.is_set():
            state = State.DONE
        return Tidings(
            state=state,
            cells=self._cells,
            failures=self._failures,
            sealed=self._deliveries.sealed,
            delivered=self._deliveries.delivered,
            note=self.failed,
            clock=clock,
        )

    async def _measure(self) -> None:
        for wait_s in (*_TRY_AGAIN_S, None):
            if self._stopping:
                return
            hands = self._hands
            failed = await hands.prober.run(hands.ask(self.kept), self._heard)
            if self._stopping:
                # What it was about when it was stopped.
                self._to_seal.append(hands.results)
                return
            if not failed:
                self.kept = replace(self.kept, measured=True)
                hands.seat.keep_share(self.kept)
                self._to_seal.append(hands.results)
                return
            hands.said(f"the prober failed: {failed}")
            if wait_s is None:
                self.failed = failed
                self._to_seal.append(hands.results)
                return
            await asyncio.sleep(wait_s)

    def _heard(self, event: Event) -> None:
        match event.get("event"):
            case "round":
                self._cells += int(event.get("visits", 0))
                self._cells += int(event.get("transfers", 0))
                self._failures += int(event.get("failed", 0))
                self._failures += int(event.get("transfers_failed", 0))
            case "part":
                self._to_seal.append(Path(event["folder"]))
                self._to_be_sealed.set()

    async def _seal(self) -> None:
        # All at once: starting a process that can seal takes longer than sealing.
        paths, self._to_seal = self._to_seal, []
        if paths:
            await self._deliveries.seal(paths)

    async def _keep_sealing(self) -> None:
        """Seal parts as they end, whether or not there is a line."""
        while True:
            self._to_be_sealed.clear()
            await self._seal()
            if not self._measuring and not self._to_seal:
                self.at_rest.set()
            self._sealed.set()
            if self.at_rest.is_set():
                return
            if self._to_seal:
                continue
            await self._to_be_sealed.wait()

    async def _deliver(self, line: Waiting) -> None:
        """Bring sealed parts where they are to go until there will be no more."""
        while True:
            self._sealed.clear()
            try:
                await self._deliveries.deliver(line)
            except LineDown:
                await asyncio.sleep(_DELIVER_AGAIN_S)
            except NotDelivered as exc:
                self._hands.said(str(exc))
                await asyncio.sleep(_DELIVER_AGAIN_S)
            else:
                if self.at_rest.is_set() and not self._deliveries.waiting:
                    break
                # Set as well when the last one has been sealed.
                await self._sealed.wait()
        if self.kept.measured or self.failed:
            self.ended.set()
