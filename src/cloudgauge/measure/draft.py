"""What is known so far of one exchange, until it becomes a sample."""

from dataclasses import dataclass

from cloudgauge.measure.clock import Clock
from cloudgauge.measure.exchange import Exchange
from cloudgauge.measure.failure import Failure
from cloudgauge.measure.instant import between_ns, elapsed, wall_stepped
from cloudgauge.measure.stream import StampedStream
from cloudgauge.measure.tcp_info import kernel_view
from cloudgauge.model.plan import Slot
from cloudgauge.model.sample import (
    ClockKind,
    Connection,
    KernelView,
    Part,
    Sample,
    Timings,
)


@dataclass(slots=True, kw_only=True)
class Draft:
    """The fields of a `Sample`, filled as they become known."""

    slot: Slot
    exchange: int
    sent_ns: int
    wall_ns: int
    loop_lag_ns: int
    resolve_ns: int | None = None
    connect_ns: int | None = None
    tls_ns: int | None = None
    first_byte_ns: int | None = None
    body_ns: int | None = None
    kernel: KernelView | None = None
    remote_address: str | None = None
    local_port: int | None = None
    tls_version: str | None = None
    http_version: str | None = None
    status: int | None = None
    body_bytes: int | None = None
    body_ended: bool = False
    clock: ClockKind | None = None
    stepped: bool = False
    previous: Exchange | None = None
    part: Part | None = None

    def next(self, clock: Clock) -> "Draft":
        """The warm exchange that follows on the same connection."""
        return Draft(
            slot=self.slot,
            exchange=self.exchange + 1,
            sent_ns=clock.now_ns(),
            wall_ns=clock.wall_ns(),
            loop_lag_ns=self.loop_lag_ns,
            remote_address=self.remote_address,
            local_port=self.local_port,
            tls_version=self.tls_version,
            previous=self.previous,
            part=self.part,
        )

    def is_answered(self, stream: StampedStream) -> bool:
        """Whether this exchange's first byte came, and came after its question."""
        stamps = self._stamps(stream)
        if stamps is None or stamps.first is None or stamps.early:
            return False
        return elapsed(stamps.sent, stamps.first).ns >= 0

    def look_at(self, stream: StampedStream) -> None:
        """Take from the connection what it knows of this exchange."""
        opened, cold = stream.opened, self.exchange == 0
        self.kernel = kernel_view(opened.tcp, stream.tcp_info(), cold=cold)
        if cold:
            self.connect_ns = opened.connect_ns
            self.local_port = opened.local_port
            self._look_at_handshake(stream)
        stamps = self._stamps(stream)
        if stamps is None:
            return
        if not cold:
            self.sent_ns, self.wall_ns = stamps.sent.mono_ns, stamps.sent.wall_ns
        if self.is_answered(stream):
            self._look_at_answer(stamps)
        self.previous = stamps

    def sample(self, failure: Failure | None) -> Sample:
        """The sample that this has become."""
        return Sample(
            slot=self.slot,
            exchange=self.exchange,
            sent_ns=self.sent_ns,
            wall_ns=self.wall_ns,
            timings=Timings(
                resolve_ns=self.resolve_ns,
                connect_ns=self.connect_ns,
                tls_ns=self.tls_ns,
                first_byte_ns=self.first_byte_ns,
                body_ns=self.body_ns,
            ),
            kernel=self.kernel,
            connection=Connection(
                remote_address=self.remote_address,
                local_port=self.local_port,
                tls_version=self.tls_version,
                http_version=self.http_version,
            ),
            status=self.status,
            body_bytes=self.body_bytes,
            clock=self.clock,
            wall_stepped=self.stepped,
            loop_lag_ns=self.loop_lag_ns,
            failure=failure.kind if failure is not None else None,
            failure_detail=failure.detail if failure is not None else "",
            part=self.part,
        )

    def _stamps(self, stream: StampedStream) -> Exchange | None:
        stamps = stream.exchange
        return None if stamps is self.previous else stamps

    def _look_at_handshake(self, stream: StampedStream) -> None:
        stamps = stream.handshake
        if stamps is None or stamps.last is None:
            return
        took = elapsed(stamps.sent, stamps.last)
        self.tls_ns, self.stepped = took.ns, took.stepped
        self.tls_version = stream.tls_version

    def _look_at_answer(self, stamps: Exchange) -> None:
        if stamps.first is None or stamps.last is None:
            return
        waited = elapsed(stamps.sent, stamps.first)
        self.first_byte_ns, self.clock = waited.ns, waited.clock
        self.stepped = self.stepped or waited.stepped
        if self.body_ended:
            self.body_ns = between_ns(stamps.first, stamps.last)
            moved = wall_stepped(stamps.first.seen, stamps.last.seen)
            self.stepped = self.stepped or moved
