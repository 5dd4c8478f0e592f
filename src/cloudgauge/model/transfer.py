"""What a transfer received, tenth of a second by tenth."""

from dataclasses import dataclass
from enum import StrEnum

from cloudgauge.model.plan import Slot

BIN_NS = 100_000_000
# An object below this is over before a connection has come to its pace.
LEAST_OBJECT_BYTES = 5_000_000


class Ending(StrEnum):
    """Why a transfer ended.

    ``time``, ``bytes``: a bound was reached. ``closed``: the server ended the
    connections after whole answers. ``failure``: its sample says which.
    """

    TIME = "time"
    BYTES = "bytes"
    CLOSED = "closed"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """What a transfer received in about `BIN_NS`, over all its streams.

    Figures of several streams are sums for bytes and medians (the lower of two)
    for times; what the kernel cannot say is None.

    Attributes:
        slot: The transfer it belongs to.
        index: From 0, no gaps.
        began_ns: When it began, after the run's start, by the monotonic clock. The
            first begins with the first byte of the first answer.
        length_ns: Until its end, above 0; the next begins there.
        body_bytes: Of answers' bodies that were read.
        wire_bytes: That TCP delivered to us, TLS and HTTP heads included
            (tcpi_bytes_received).
        requests: Answers that began.
        rtt_us: The kernel's smoothed round trip (tcpi_rtt) at the end of the bin.
        receive_rtt_us: The receiver's own estimate of it (tcpi_rcv_rtt).
        receive_space_bytes: What the receiver makes room for (tcpi_rcv_space).
        window_bytes: Receive window that was advertised (tcpi_rcv_wnd).
        unread_bytes: Waiting in the sockets before the last reading of the bin.
        drain_ns: What our own reading took, of `length_ns`.
        cpu_ns: Processor time of the thread that reads.
        object_bytes: The object's Content-Length.
        ending: Why the transfer ended; on its last bin only.
    """

    slot: Slot
    index: int
    began_ns: int
    length_ns: int
    body_bytes: int
    wire_bytes: int | None
    requests: int
    rtt_us: int | None
    receive_rtt_us: int | None
    receive_space_bytes: int | None
    window_bytes: int | None
    unread_bytes: int | None
    drain_ns: int
    cpu_ns: int
    object_bytes: int
    ending: Ending | None = None

    def __post_init__(self) -> None:
        if self.index < 0 or self.length_ns < 1 or self.body_bytes < 0:
            msg = (
                "index and body_bytes must be >= 0 and length_ns above 0, got "
                f"{self.index}, {self.body_bytes}, {self.length_ns}"
            )
            raise ValueError(msg)
