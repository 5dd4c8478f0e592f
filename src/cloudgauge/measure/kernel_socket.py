"""A TCP socket whose kernel stamps what arrives, and how one is connected."""

import asyncio
import contextlib
import errno
import os
import socket
import struct
import sys
from typing import NamedTuple

from cloudgauge.measure.clock import Clock
from cloudgauge.measure.tcp_info import TcpInfo, read_tcp_info

# From Linux's asm-generic/socket.h and linux/net_tstamp.h; Python names none of them.
SO_TIMESTAMPING = 37
_RX_SOFTWARE = 1 << 3
_SOFTWARE = 1 << 4
_ANCILLARY_BYTES = 128
_STAMP = struct.Struct("=qq")
# Each try takes some ten microseconds; the kernel has needed up to a few milliseconds.
_WARM_UP_TRIES = 2_000
# The layout read here is that of 64-bit Linux.
_CAN_STAMP = sys.platform == "linux" and sys.maxsize > 2**32


class Opened(NamedTuple):
    """A connection that has just come to stand.

    Attributes:
        stamped: Whether the kernel stamps what arrives on it.
        local_port: Ours.
        connect_ns: From the SYN until it stood, by the program's clock.
        tcp: What the kernel said of it at that moment.
    """

    sock: socket.socket
    stamped: bool
    local_port: int
    connect_ns: int
    tcp: TcpInfo | None


def ask_for_stamps(sock: socket.socket) -> bool:
    """Ask the kernel to stamp what arrives on *sock*; whether it will."""
    if not _CAN_STAMP:
        return False
    try:
        sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPING, _RX_SOFTWARE | _SOFTWARE)
    except OSError:
        return False
    return True


def keep_stamping() -> socket.socket:
    """Have the kernel stamp packets for as long as the socket that is given is open.

    Linux begins to stamp when the first socket asks for it and stops with the last.
    Beginning takes it a moment, during which packets come without a stamp; this waits
    until one has come with it, or some ten milliseconds.
    """
    keeper = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    keeper.settimeout(0)
    buffer = memoryview(bytearray(1))
    # No loopback, no answer: then the first samples have the program's clock.
    with contextlib.suppress(OSError):
        keeper.bind(("127.0.0.1", 0))
        keeper.connect(keeper.getsockname())
        if ask_for_stamps(keeper):
            for _ in range(_WARM_UP_TRIES):
                keeper.send(b"?")
                if receive(keeper, buffer)[1] is not None:
                    break
                os.sched_yield()
    return keeper


def receive(sock: socket.socket, buffer: memoryview) -> tuple[int, int | None]:
    """Read what is there.

    Returns:
        The number of bytes, 0 at the end; and the kernel's wall-clock stamp.

    Raises:
        BlockingIOError: Nothing is there.
        OSError: The connection is broken.
    """
    count, ancillary, _, _ = sock.recvmsg_into((buffer,), _ANCILLARY_BYTES)
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPING:
            seconds, nanoseconds = _STAMP.unpack_from(data)
            if seconds:
                return count, seconds * 1_000_000_000 + nanoseconds
    return count, None


async def connect(address: tuple[str, int], clock: Clock, *, stamps: bool) -> Opened:
    """Connect to a numeric address from a fresh port.

    Raises:
        OSError: It did not come to stand.
    """
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(0)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stamped = stamps and ask_for_stamps(sock)
        connect_ns, tcp = await _stand(sock, address, clock)
    except BaseException:
        sock.close()
        raise
    return Opened(sock, stamped, sock.getsockname()[1], connect_ns, tcp)


async def _stand(
    sock: socket.socket, address: tuple[str, int], clock: Clock
) -> tuple[int, TcpInfo | None]:
    loop = asyncio.get_running_loop()
    done: asyncio.Future[tuple[int, TcpInfo | None]] = loop.create_future()
    fd = sock.fileno()

    def on_writable() -> None:
        # Read at once: later, data of the peer would be in these figures.
        now_ns, tcp = clock.now_ns(), read_tcp_info(sock)
        loop.remove_writer(fd)
        if done.done():
            return
        code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            done.set_exception(OSError(code, os.strerror(code)))
        else:
            done.set_result((now_ns - began_ns, tcp))

    began_ns = clock.now_ns()
    code = sock.connect_ex(address)
    if code not in (0, errno.EINPROGRESS):
        raise OSError(code, os.strerror(code))
    loop.add_writer(fd, on_writable)
    try:
        return await done
    finally:
        loop.remove_writer(fd)
