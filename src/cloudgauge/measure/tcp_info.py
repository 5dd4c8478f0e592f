"""What the kernel knows of a TCP connection, decoded from TCP_INFO.

Offsets are those of ``struct tcp_info`` in Linux's ``uapi/linux/tcp.h``, to which
fields are only ever added at the end.
"""

import errno
import socket
import struct
import sys
from typing import NamedTuple

from cloudgauge.model.sample import KernelView

# rtt 68, rttvar 72, total_retrans 100, min_rtt 148, data_segs_in 152; all u32.
_FIELDS = struct.Struct("=68xII24xI44xII")
_READ_BYTES = 160
# rtt 68, rcv_rtt 92, rcv_space 96, all u32; bytes_received 128, u64.
_RECEIVER_FIELDS = struct.Struct("=68xI20xII28xQ")
# rcv_wnd 232, u32, since Linux 6.2.
_WINDOW_FIELD = struct.Struct("=232xI")
# Where a reset leads at once, and a close of the peer's does not.
_STATE_CLOSED = 7
# The kernel's own word for "no round trip measured yet".
_NO_MIN_RTT = 0xFFFF_FFFF


class TcpInfo(NamedTuple):
    """The fields that a probe needs; microseconds and counts.

    Attributes:
        rtt_us: Smoothed round trip; 0 before the first was measured.
        data_segs_in: Segments with payload that have arrived.
    """

    rtt_us: int
    rttvar_us: int
    total_retrans: int
    min_rtt_us: int
    data_segs_in: int


def decode(raw: bytes) -> TcpInfo | None:
    """Decode what the kernel gave; None if it is of before Linux 4.6 and too short."""
    if len(raw) < _FIELDS.size:
        return None
    return TcpInfo._make(_FIELDS.unpack_from(raw))


class ReceiverInfo(NamedTuple):
    """The fields that tell how a connection receives.

    Attributes:
        rtt_us: Smoothed round trip; None before the first was measured.
        receive_rtt_us: The receiver's own estimate; likewise.
        space_bytes: What the receiver makes room for in a round trip.
        received_bytes: Payload that TCP has delivered so far, in order.
        window_bytes: What was advertised last; None if the kernel does not say.
    """

    rtt_us: int | None
    receive_rtt_us: int | None
    space_bytes: int
    received_bytes: int
    window_bytes: int | None


def decode_receiver(raw: bytes) -> ReceiverInfo | None:
    """Decode what the kernel gave; None if it is of before Linux 4.1 and too short."""
    if len(raw) < _RECEIVER_FIELDS.size:
        return None
    rtt_us, receive_rtt_us, space_bytes, received_bytes = _RECEIVER_FIELDS.unpack_from(
        raw
    )
    window = _WINDOW_FIELD.unpack_from(raw) if len(raw) >= _WINDOW_FIELD.size else ()
    return ReceiverInfo(
        # Of both it says 0 for "none yet".
        rtt_us=rtt_us or None,
        receive_rtt_us=receive_rtt_us or None,
        space_bytes=space_bytes,
        received_bytes=received_bytes,
        window_bytes=window[0] if window else None,
    )


def read_receiver_info(sock: socket.socket) -> ReceiverInfo | None:
    """Ask the kernel how *sock* receives; None where it cannot say."""
    if sys.platform != "linux":
        return None
    size = _WINDOW_FIELD.size
    try:
        return decode_receiver(
            sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, size)
        )
    except OSError:
        return None


def was_reset(sock: socket.socket) -> bool:
    """Whether *sock*, which has come to its end, was reset and not closed.

    False where the kernel cannot say. May be asked once.
    """
    if sys.platform != "linux":
        return False
    state = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
    # A peer that has closed resets us for whatever we send then, such as an alert of
    # TLS. That error is another one, and nobody was told of it yet.
    fault = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    return state == _STATE_CLOSED and fault != errno.EPIPE


def read_tcp_info(sock: socket.socket) -> TcpInfo | None:
    """Ask the kernel about *sock*; None where it cannot say."""
    if sys.platform != "linux":
        return None
    try:
        return decode(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _READ_BYTES))
    except OSError:
        return None


def kernel_view(
    connected: TcpInfo | None, now: TcpInfo | None, *, cold: bool
) -> KernelView | None:
    """What a sample keeps of it.

    Args:
        connected: Read right after the connection stood.
        now: Read after the exchange.
        cold: Whether this exchange paid for the connection.

    Returns:
        None where the kernel cannot say, or has measured no round trip.
    """
    if connected is None or now is None or now.min_rtt_us == _NO_MIN_RTT:
        return None
    return KernelView(
        # Without time stamps in TCP a SYN that was sent twice gives no round trip.
        connect_rtt_us=(connected.rtt_us or None) if cold else None,
        rtt_us=now.rtt_us,
        rttvar_us=now.rttvar_us,
        min_rtt_us=now.min_rtt_us,
        syn_retransmits=connected.total_retrans,
        retransmits=now.total_retrans,
    )
