"""Keeps a vantage at work while the engine's workers and schedulers come and go.

The engine closes a worker whose connection broke. Here that is an episode: the share
goes on, the scheduler is asked for again and again, and a new engine's worker is
attached, to which the scheduler gives the same share again.
"""

import asyncio
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from distributed.core import Status

from cloudgauge import __version__
from cloudgauge.errors import ConfigError, MachineError
from cloudgauge.fleet.clock_offset import ClockOffset
from cloudgauge.fleet.identity import Identity
from cloudgauge.fleet.joining import Joined, engine_worker, join
from cloudgauge.fleet.line import Line, LineDown
from cloudgauge.fleet.messages import Hello, Order, State, Tidings
from cloudgauge.fleet.prober import Prober
from cloudgauge.fleet.seat import KeptShare, Seat
from cloudgauge.fleet.share import VantageWorker
from cloudgauge.fleet.share_course import Hands, ShareCourse
from cloudgauge.model.run import Vantage

_TELL_EVERY_S = 2.0
_CLOCK_EVERY_S = 30.0
_LEAST_WAIT_S = 1.0
_MOST_WAIT_S = 5.0
# What is sealed when we are told to leave is delivered within this, or next time.
_LEAVING_S = 20.0
_LIVING = (Status.running, Status.paused, Status.init, Status.starting)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerRequest:
    """What a worker needs to know.

    Attributes:
        scheduler: ``tls://HOST:PORT``.
        results: Where sets are made and kept.
        ask: What the prober is asked for a share, one line.
        forever: It waits for further campaigns of the same fleet.
        verbose: The engine's own log is shown.
        wall_ns: This machine's clock, UTC since 1970.
        prober: Measures.
    """

    vantage: Vantage
    scheduler: str
    identity: Identity
    results: Path
    ask: Callable[[KeptShare], str]
    forever: bool = False
    verbose: bool = False
    wall_ns: Callable[[], int] = time.time_ns
    prober: Prober | None = None


class _Over(Exception):
    """Nothing is left to be done."""


class ShareFailed(Exception):
    """A share cannot be carried out at this vantage."""


class Supervisor:
    """Keeps a vantage at work.

    Args:
        request: Who, where and how.
        seat: What is kept on this machine.
        said: Is told what people should know.
    """

    def __init__(
        self, request: WorkerRequest, seat: Seat, said: Callable[[str], None]
    ) -> None:
        self._request = request
        self._seat = seat
        self._said = said
        self._line: Line | None = None
        self._connected = asyncio.Event()
        self._leaving = asyncio.Event()
        self._course: ShareCourse | None = None
        self._ordered = asyncio.Event()
        self._clock: ClockOffset | None = None
        self._joined: Joined | None = None
        self._last_said = ""

    async def run(self) -> None:
        """Work until there is nothing left to do, or a signal comes."""
        kept = self._seat.kept.share
        self._said(f"looking for the scheduler at {self._request.scheduler}")
        with self._signals():
            try:
                async with asyncio.TaskGroup() as group:
                    if kept is not None:
                        self._take(kept)
                    group.create_task(self._carry_out())
                    group.create_task(self._attach())
                    group.create_task(self._end_when_told())
            except* _Over:
                pass
            except* (ConfigError, MachineError) as refused:
                raise refused.exceptions[0] from None

    @contextmanager
    def _signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        numbers = (signal.SIGTERM, signal.SIGINT)
        for number in numbers:
            loop.add_signal_handler(number, self._leave)
        try:
            yield
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)

    def _leave(self) -> None:
        if not self._leaving.is_set():
            kept = "what was measured is sealed and delivered"
            self._said(f"leaving: {kept if self._course else 'nothing was measured'}")
        self._leaving.set()
        if self._course is not None:
            self._course.stop()

    async def _end_when_told(self) -> None:
        """Leave when told to, with everything sealed, and delivered if that can be."""
        await self._leaving.wait()
        course = self._course
        if course is not None:
            await course.at_rest.wait()
            with suppress(TimeoutError):
                async with asyncio.timeout(_LEAVING_S):
                    await course.finished.wait()
        raise _Over

    # The share.

    async def carry(self, order: Order) -> None:
        """Carry out an order; return when all of it has been delivered.

        Raises:
            ShareFailed: The prober fails again and again.
        """
        course = self._course
        if course is None or course.failed or course.kept.campaign != order.campaign:
            joined = self._joined
            if joined is None or joined.campaign != order.campaign:
                msg = f"an order came for campaign {order.campaign[:8]}, not joined"
                raise ShareFailed(msg)
            clock = self._clock or joined.clock
            course = self._take(
                KeptShare(
                    campaign=order.campaign,
                    pin=joined.pin,
                    start_wall_ns=clock.to_worker_ns(order.start_wall_ns),
                    sharers=order.sharers,
                    store=order.store,
                    already=joined.already,
                )
            )
            self._seat.keep_share(course.kept)
            self._said(f"measuring for campaign {order.campaign[:8]}")
        await course.ended.wait()
        if course.failed:
            raise ShareFailed(course.failed)

    def _take(self, kept: KeptShare) -> ShareCourse:
        request = self._request
        self._course = ShareCourse(
            kept,
            Hands(
                vantage=request.vantage.name,
                results=request.results,
                seat=self._seat,
                ask=request.ask,
                prober=request.prober or Prober(),
                said=self._said,
            ),
        )
        self._ordered.set()
        return self._course

    async def _carry_out(self) -> None:
        """Carry out each share that is taken, one after the other."""
        while True:
            await self._ordered.wait()
            self._ordered.clear()
            if self._course is not None:
                await self._course.run(self._wait_for_line)

    async def _wait_for_line(self) -> Line:
        while self._line is None:
            await self._connected.wait()
        return self._line

    # The scheduler.

    async def _attach(self) -> None:
        """Be attached to the scheduler whenever it is there."""
        wait_s = _LEAST_WAIT_S
        while True:
            try:
                await self._session()
                wait_s = _LEAST_WAIT_S
            except LineDown as exc:
                self._say_once(f"{self._request.scheduler} {exc}; trying again")
            finally:
                self._line = None
                self._connected.clear()
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, _MOST_WAIT_S)

    async def _session(self) -> None:
        """Join, and stay until the line breaks or there is nothing left to do.

        Raises:
            LineDown: The scheduler cannot be reached, or not any more.
            ConfigError: It refuses us for good.
            _Over: Nothing is left to be done.
        """
        request, seat = self._request, self._seat.kept.seat
        async with Line(
            request.scheduler, request.identity, seat, request.wall_ns
        ) as line:
            held = self._course.held if self._course else ()
            joined = await join(line, self._hello(), held, self._say_once)
            if joined is None:
                self._on_over()
                return
            self._joined, self._clock = joined, joined.clock
            async with engine_worker(
                request.scheduler, request.vantage.name, request.identity, self.carry
            ) as worker:
                self._line = line
                self._connected.set()
                self._say_once(f"joined {request.scheduler}")
                await self._stay(line, worker)

    def _hello(self) -> Hello:
        course = self._course
        unfinished = course is not None and not course.ended.is_set()
        return Hello(
            vantage=self._request.vantage,
            seat=self._seat.kept.seat,
            tool_version=__version__,
            busy_with=course.kept.campaign if course and unfinished else "",
        )

    async def _stay(self, line: Line, worker: VantageWorker) -> None:
        """Tell how it goes until the engine's worker is closed, or all is over."""
        clock_s = time.monotonic() + _CLOCK_EVERY_S
        while worker.status in _LIVING:
            if time.monotonic() >= clock_s:
                self._clock = await line.clock()
                clock_s = time.monotonic() + _CLOCK_EVERY_S
            heard = await line.tell(self._tidings())
            if heard.over:
                self._on_over()
            if not heard.known or heard.over:
                return
            await asyncio.sleep(_TELL_EVERY_S)
        reason = "closed the line"
        raise LineDown(reason)

    def _on_over(self) -> None:
        """The campaign has ended; so does this worker, unless it is to stay.

        Raises:
            _Over: It is not.
        """
        course = self._course
        if course is not None and not course.ended.is_set():
            self._said("the campaign has ended without the rest of this share")
            self._leave()
            return
        self._say_once("the campaign has ended")
        if course is not None:
            self._seat.keep_share(None)
            self._course = None
        if not self._request.forever:
            raise _Over

    def _tidings(self) -> Tidings:
        if self._course is None:
            return Tidings(state=State.READY, clock=self._clock)
        return self._course.tidings(self._clock)

    def _say_once(self, line: str) -> None:
        if line != self._last_said:
            self._last_said = line
            self._said(line)
