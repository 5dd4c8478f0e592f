"""What one exchange saw: phases, the kernel's view, or a typed failure."""

from dataclasses import dataclass
from enum import StrEnum

from cloudgauge.model.plan import Slot


class FailureKind(StrEnum):
    """Why there is no answer. Each is data, counted, and in no latency."""

    RESOLVER_FAILED = "resolver-failed"
    NAME_NOT_FOUND = "name-not-found"
    NO_ADDRESS = "no-address"
    REFUSED_BY_POLICY = "refused-by-policy"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    CONNECT_TIMEOUT = "connect-timeout"
    RESET = "reset"
    TLS_CERTIFICATE = "tls-certificate"
    TLS_PROTOCOL = "tls-protocol"
    TLS_TIMEOUT = "tls-timeout"
    RESPONSE_TIMEOUT = "response-timeout"
    PROTOCOL_ERROR = "protocol-error"
    UNEXPECTED_STATUS = "unexpected-status"
    TRUNCATED_BODY = "truncated-body"
    BODY_TOO_LARGE = "body-too-large"
    NO_LENGTH = "no-length"
    OBJECT_TOO_SMALL = "object-too-small"
    STALLED = "stalled"
    THROTTLED = "throttled"
    HELD_BACK = "held-back"
    OWN_MACHINE = "own-machine"


class Part(StrEnum):
    """What a sample of a download is of.

    ``transfer``: the transfer as a whole, with the phases of its first connection.
    ``idle``, ``loaded``: a small request to the same host, before and during it.
    """

    TRANSFER = "transfer"
    IDLE = "idle"
    LOADED = "loaded"


class ClockKind(StrEnum):
    """Whose time the end of the first-byte phase is.

    ``kernel``: the kernel's receive stamp of the answer's first byte.
    ``kernel-bound``: the kernel's, of a later segment: an upper bound.
    ``user``: read by the program, with the event loop's queue in it.
    """

    KERNEL = "kernel"
    KERNEL_BOUND = "kernel-bound"
    USER = "user"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """The phases of one exchange; None for a phase that did not happen or end.

    Attributes:
        resolve_ns: From the question to the resolver until its answer.
        connect_ns: From the SYN until the connection stood, by the user's clock
            (the kernel's value is `KernelView.connect_rtt_us`).
        tls_ns: From the first handshake byte sent until the handshake ended.
        first_byte_ns: From the request's send until the answer's first byte.
        body_ns: From the answer's first byte until its last.
    """

    resolve_ns: int | None = None
    connect_ns: int | None = None
    tls_ns: int | None = None
    first_byte_ns: int | None = None
    body_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelView:
    """What TCP_INFO said of the connection, microseconds as the kernel gives them.

    Attributes:
        connect_rtt_us: The SYN's own round trip, read right after connect; None
            on a warm exchange.
        rtt_us: Smoothed round trip after the exchange.
        rttvar_us: Its mean deviation.
        min_rtt_us: Least round trip of the connection so far.
        syn_retransmits: Segments sent again before the connection stood; above
            0 the connect time holds a wait of one second or more that is not
            the path's.
        retransmits: Segments sent again on this connection so far.
    """

    connect_rtt_us: int | None
    rtt_us: int
    rttvar_us: int
    min_rtt_us: int
    syn_retransmits: int
    retransmits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Which path and protocol an exchange used; None where it was not reached.

    Attributes:
        remote_address: The address connected to, as text.
        local_port: Our port; with the address it names the path.
        tls_version: Such as ``TLSv1.3``.
        http_version: Such as ``HTTP/1.1``.
    """

    remote_address: str | None = None
    local_port: int | None = None
    tls_version: str | None = None
    http_version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What one exchange of a visit saw.

    Attributes:
        slot: The visit it belongs to.
        exchange: 0 for the cold request, then 1, 2, … for the warm ones; of a
            download 0 for the transfer, then one for each small request beside it.
        sent_ns: When the visit (exchange 0) or the request (later ones) began,
            nanoseconds after the run's start by the monotonic clock.
        wall_ns: The same instant by the wall clock, UTC since 1970.
        timings: The phases that ended.
        kernel: TCP_INFO after the exchange; None where it cannot be had.
        connection: Path and protocol.
        status: The HTTP status; None if no answer's head was read.
        body_bytes: Bytes of the answer's body that were read; None as above.
        clock: Whose time ended the first-byte phase; None if it did not end.
        wall_stepped: The wall clock moved against the monotonic one between
            send and receive, so a kernel stamp cannot be trusted.
        loop_lag_ns: The event loop's own delay, last measured before the visit.
        failure: None if the expected answer came whole.
        failure_detail: One line for people; "" without a failure.
        part: What of a download it is; None for a visit of latency.
    """

    slot: Slot
    exchange: int
    sent_ns: int
    wall_ns: int
    timings: Timings
    kernel: KernelView | None
    connection: Connection
    status: int | None
    body_bytes: int | None
    clock: ClockKind | None
    wall_stepped: bool
    loop_lag_ns: int
    failure: FailureKind | None
    failure_detail: str = ""
    part: Part | None = None

    def __post_init__(self) -> None:
        if self.exchange < 0:
            msg = f"exchange must be >= 0, got {self.exchange}"
            raise ValueError(msg)
        if (self.part is None) != (self.slot.streams is None):
            msg = f"part belongs to a download, got {self.part} of {self.slot.kind}"
            raise ValueError(msg)
        if self.failure is None and self.failure_detail:
            msg = f'no failure, yet a detail: "{self.failure_detail}"'
            raise ValueError(msg)

    @property
    def lateness_ns(self) -> int | None:
        """How much later than due the visit began; None for a warm exchange."""
        return self.sent_ns - self.slot.due_ns if self.exchange == 0 else None
