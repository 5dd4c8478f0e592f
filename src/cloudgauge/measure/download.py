"""A bounded transfer of a public object, with the round trip watched beside it.

A visit resolves the object's host, watches idle round trips for a while, opens the
transfer's connections to the same address, and reads the object over all of them,
again and again, while it goes on watching. The first connection stands before the
others are begun, so that its phases are its own.

The transfer is exchange 0. Its first byte is by the program's clock: its sockets are
OpenSSL's, and their bytes have no stamps. The round trips have the kernel's.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import h11

from cloudgauge.measure.answers import Answers
from cloudgauge.measure.asker import Asker, Question, request_for
from cloudgauge.measure.bulk_stream import (
    BUFFER_BYTES,
    BulkConnection,
    BulkStream,
    open_plain,
    secure,
)
from cloudgauge.measure.draft import Draft
from cloudgauge.measure.failure import EXPECTED, Failure, Phase, failure_of
from cloudgauge.measure.means import ProbeMeans, find_address
from cloudgauge.measure.prober import Record, Visit
from cloudgauge.measure.reading import Reading
from cloudgauge.measure.resolver import Address
from cloudgauge.measure.rtt_watch import Pace, RttWatch
from cloudgauge.measure.tcp_info import kernel_view
from cloudgauge.measure.transfer import Bounds, TransferEnd, of_stream
from cloudgauge.measure.transport import prepare
from cloudgauge.model.download import DownloadSpec
from cloudgauge.model.plan import Slot
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.sample import ClockKind, FailureKind, Part
from cloudgauge.model.target import Target
from cloudgauge.planning.traffic import watch_requests

_OK = 200
_TOO_LATE = Failure(
    kind=FailureKind.OWN_MACHINE, detail="its window was over when it began"
)
# The answer to HEAD has none; a server that sends one all the same is cut short.
_HEAD_BODY_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class _Aim:
    """An object, with all that can be made of it before the timed part."""

    host: str
    port: int
    get: h11.Request
    head: Question


class DownloadProber:
    """Downloads from objects; a `measure.prober.Prober`.

    Args:
        objects: All that slots may name.
        spec: How they are transferred.
        means: What all visits share; stays the caller's.
    """

    def __init__(
        self, objects: Iterable[Target], spec: DownloadSpec, means: ProbeMeans
    ) -> None:
        self._spec = spec
        self._means = means
        self._aims = {
            target.target_id: _aim(target, spec, means.user_agent) for target in objects
        }

    async def visit(self, slot: Slot, keep: Callable[[Record], None]) -> Visit:
        """Download a slot's object now, over as many streams as the slot says.

        Bins and round trips are given to *keep* as they come, the transfer's own
        sample last. The transfer ends within the slot's window, `window_ns` after it
        was due; a round trip that is awaited then has its own time-out still.
        """
        clock = self._means.clock
        began_ns, wall_ns = clock.now_ns(), clock.wall_ns()
        draft = Draft(
            slot=slot,
            exchange=0,
            sent_ns=began_ns,
            wall_ns=wall_ns,
            loop_lag_ns=self._means.lag.last_ns,
            part=Part.TRANSFER,
        )
        under_way = _UnderWay(
            means=self._means,
            spec=self._spec,
            aim=self._aims[slot.target_id],
            keep=keep,
            draft=draft,
            until_ns=slot.due_ns + self._spec.window_ns,
        )
        try:
            failure = await under_way.go()
        finally:
            under_way.close()
        sample = draft.sample(failure)
        keep(sample)
        watched = under_way.watch.samples if under_way.watch is not None else ()
        return Visit(
            samples=(sample, *watched), retry_after_ns=under_way.retry_after_ns
        )


@dataclass(slots=True, kw_only=True)
class _UnderWay:
    """One visit while it goes on."""

    means: ProbeMeans
    spec: DownloadSpec
    aim: _Aim
    keep: Callable[[Record], None]
    draft: Draft
    until_ns: int
    retry_after_ns: int | None = None
    watch: RttWatch | None = None
    connections: list[BulkConnection] = field(default_factory=list)

    async def go(self) -> Failure | None:
        if self.means.clock.now_ns() >= self.until_ns:
            return _TOO_LATE
        try:
            async with asyncio.timeout(self._wait_s()):
                address = await find_address(self.means, self.aim.host, self.draft)
        except EXPECTED as exc:
            return failure_of(exc, Phase.RESOLVE)
        self.draft.remote_address = address.host
        watch = self.watch = self._make_watch(address)
        if (failure := await watch.open()) is not None:
            return failure
        await watch.look(Part.IDLE, self.spec.idle_ns)
        failure = self._throttled(watch) or await self._open_all(address)
        return failure or await self._transfer(watch)

    def close(self) -> None:
        if self.watch is not None:
            self.watch.close()
        self._hang_up()

    def _hang_up(self) -> None:
        for connection in self.connections:
            connection.sock.close()

    def _wait_s(self) -> float:
        """How long the next step may wait."""
        left_ns = self.until_ns - self.means.clock.now_ns()
        return max(0, min(self.spec.timeout_ns, left_ns)) / NS_PER_S

    def _make_watch(self, address: Address) -> RttWatch:
        # A question sent within the window is not cut off by its end: that it took
        # long is what is to be seen.
        left_ns = self.until_ns + self.spec.timeout_ns - self.means.clock.now_ns()
        until_s = asyncio.get_running_loop().time() + left_ns / NS_PER_S

        def connect() -> Asker:
            return Asker(
                means=self.means,
                question=self.aim.head,
                address=address,
                until_s=until_s,
            )

        pace = Pace(
            interval_ns=self.spec.rtt_interval_ns,
            most_requests=watch_requests(self.spec),
        )
        return RttWatch(self.means, connect, self.draft.slot, pace, self.keep)

    def _throttled(self, watch: RttWatch) -> Failure | None:
        if watch.throttled is None:
            return None
        self._note_retry_after(watch.throttled.retry_after_ns)
        return watch.throttled.failure

    def _note_retry_after(self, asked_ns: int | None) -> None:
        known = [ns for ns in (self.retry_after_ns, asked_ns) if ns is not None]
        self.retry_after_ns = max(known, default=None)

    async def _open_all(self, address: Address) -> Failure | None:
        failure = await self._open(address, 0)
        if failure is not None:
            return failure
        async with asyncio.TaskGroup() as group:
            others = [
                group.create_task(self._open(address, index))
                for index in range(1, self.draft.slot.streams or 1)
            ]
        failures = (other.result() for other in others)
        return next((one for one in failures if one is not None), None)

    async def _open(self, address: Address, index: int) -> Failure | None:
        phase, draft, clock = Phase.CONNECT, self.draft, self.means.clock
        try:
            async with asyncio.timeout(self._wait_s()):
                to = (address.host, address.port or self.aim.port)
                opened = await open_plain(to, clock)
            if index == 0:
                draft.connect_ns, draft.local_port = (
                    opened.connect_ns,
                    opened.local_port,
                )
            phase = Phase.TLS
            async with asyncio.timeout(self._wait_s()):
                stands = await secure(opened, self.means.context, self.aim.host, clock)
        except EXPECTED as exc:
            count = draft.slot.streams or 1
            return of_stream(failure_of(exc, phase), index, count)
        if index == 0:
            draft.tls_ns, draft.tls_version = stands.tls_ns, stands.tls_version
        self.connections.append(stands)
        return None

    async def _transfer(self, watch: RttWatch) -> Failure | None:
        buffer = memoryview(bytearray(BUFFER_BYTES))
        streams = [
            BulkStream(
                sock=connection.sock,
                answers=Answers(self.aim.get),
                clock=self.means.clock,
                buffer=buffer,
            )
            for connection in self.connections
        ]
        reading = Reading(self.draft.slot, streams, self._bounds(), self.means.clock)
        over = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch_load(watch, reading, over))
            end = await reading.run(self.keep)
            over.set()
            self._note_end(streams, end)
            # A round trip may be awaited still: what else is poured until then would
            # be in it, and is paid for.
            self._hang_up()
        return end.failure

    def _bounds(self) -> Bounds:
        return Bounds(
            transfer_ns=self.spec.transfer_ns,
            until_ns=self.until_ns,
            body_bytes=self.spec.transfer_bytes,
            timeout_ns=self.spec.timeout_ns,
        )

    async def _watch_load(
        self, watch: RttWatch, reading: Reading, over: asyncio.Event
    ) -> None:
        await watch.look_until(over)
        failure = self._throttled(watch)
        if failure is not None:
            reading.stop(failure)

    def _note_end(self, streams: list[BulkStream], end: TransferEnd) -> None:
        draft, first = self.draft, self.connections[0]
        draft.kernel = kernel_view(first.opened.tcp, streams[0].tcp_info(), cold=True)
        answers = streams[end.stream_index].answers
        draft.status, draft.http_version = answers.status, answers.http_version
        if answers.status is not None:
            draft.body_bytes = sum(stream.answers.body_bytes for stream in streams)
        if streams[0].first_ns is not None:
            draft.first_byte_ns = streams[0].first_ns - end.began_ns
            draft.clock = ClockKind.USER
            if draft.body_bytes:
                draft.body_ns = end.ended_ns - streams[0].first_ns
        self._note_retry_after(end.retry_after_ns)


def _aim(target: Target, spec: DownloadSpec, agent: str) -> _Aim:
    endpoint = target.endpoint
    return _Aim(
        host=endpoint.host,
        port=endpoint.port,
        get=prepare(request_for(endpoint, agent, method="GET")),
        head=Question(
            host=endpoint.host,
            port=endpoint.port,
            request=request_for(endpoint, agent, method="HEAD"),
            timeout_ns=spec.timeout_ns,
            body_limit_bytes=_HEAD_BODY_BYTES,
            expects=lambda status: status == _OK,
            wanted=str(_OK),
        ),
    )
