"""A connection that is read for its amount alone.

OpenSSL owns the socket where there is TLS: the bytes need no stamp, and each layer
between them and a buffer that is thrown away costs rate.
"""

import asyncio
import errno
import os
import ssl
import sys
from dataclasses import dataclass, field
from socket import socket

from cloudgauge.measure.answers import Answers
from cloudgauge.measure.clock import Clock
from cloudgauge.measure.kernel_socket import Opened, connect
from cloudgauge.measure.tcp_info import (
    ReceiverInfo,
    TcpInfo,
    read_receiver_info,
    read_tcp_info,
    was_reset,
)

if sys.platform != "win32":
    import fcntl
    import termios

# Measured on loopback against 64 KiB and 1 MiB: smaller asks the kernel too often,
# larger leaves the processor's cache.
BUFFER_BYTES = 256 * 1024
# One stream may keep the others, and the end of a bin, waiting for so many reads:
# 1 MiB in TLS records, 4 MiB without.
_TLS_READS = 64
_TLS_RECORD_BYTES = 16 * 1024
_PLAIN_READS = 16
# The next request leaves when what is missing would come within half a second, as long
# a round trip as any path has, at the pace of the last tenth.
_AHEAD_BINS = 5
_LEAST_AHEAD_BYTES = 2 * 1024 * 1024
_NOTHING = (
    BlockingIOError,
    InterruptedError,
    ssl.SSLWantReadError,
    ssl.SSLWantWriteError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkConnection:
    """A connection that stands.

    Attributes:
        sock: Does not block.
        opened: What was known when it came to stand; its socket may be gone.
        tls_ns: What the handshake took, by the program's clock; None without TLS.
        tls_version: Such as ``TLSv1.3``; None without TLS.
    """

    sock: socket
    opened: Opened
    tls_ns: int | None = None
    tls_version: str | None = None


async def secure(
    opened: Opened, context: ssl.SSLContext, host: str, clock: Clock
) -> BulkConnection:
    """Make a full TLS handshake over a connection, which is closed if that fails.

    Raises:
        OSError: It failed (`ssl.SSLError` is one).
    """
    sock = opened.sock
    began_ns = clock.now_ns()
    try:
        _check_stands(sock)
        tls = context.wrap_socket(
            sock, do_handshake_on_connect=False, server_hostname=host
        )
        sock = tls
        await _shake_hands(tls)
    except BaseException:
        sock.close()
        raise
    return BulkConnection(
        sock=tls,
        opened=opened,
        tls_ns=clock.now_ns() - began_ns,
        tls_version=tls.version(),
    )


def _check_stands(sock: socket) -> None:
    """Refuse a connection that is gone already.

    Wrapping it would say so too, and leave a socket that nobody has and can close.
    """
    try:
        sock.getpeername()
    except OSError as exc:
        if exc.errno != errno.ENOTCONN:
            raise
        code = errno.ECONNRESET
        raise ConnectionResetError(code, os.strerror(code)) from exc


async def open_plain(address: tuple[str, int], clock: Clock) -> Opened:
    """Connect to a numeric address; the kernel stamps nothing.

    Raises:
        OSError: It did not come to stand.
    """
    return await connect(address, clock, stamps=False)


async def _shake_hands(tls: ssl.SSLSocket) -> None:
    while True:
        try:
            tls.do_handshake()
        except ssl.SSLWantReadError:
            await _wait(tls.fileno(), writable=False)
        except ssl.SSLWantWriteError:
            await _wait(tls.fileno(), writable=True)
        else:
            return


async def _wait(fd: int, *, writable: bool) -> None:
    loop = asyncio.get_running_loop()
    add, remove = (
        (loop.add_writer, loop.remove_writer)
        if writable
        else (loop.add_reader, loop.remove_reader)
    )
    ready = asyncio.Event()
    add(fd, ready.set)
    try:
        await ready.wait()
    finally:
        remove(fd)


@dataclass(slots=True, kw_only=True)
class BulkStream:
    """One connection of a transfer, as its thread sees it.

    Attributes:
        sock: Does not block.
        answers: What has come.
        buffer: What comes is read into it and forgotten; may be shared.
        has_ended: Nothing more will come, and nothing is missing.
        first_ns: When its first byte was seen; None before.
        asked: Requests that were sent.
    """

    sock: socket
    answers: Answers
    clock: Clock
    buffer: memoryview
    has_ended: bool = False
    first_ns: int | None = None
    asked: int = 0
    _ahead_bytes: int = _LEAST_AHEAD_BYTES
    _counted_bytes: int = 0
    _unsent: bytes = b""
    _reads: int = field(init=False, default=_PLAIN_READS)
    _is_plain: bool = field(init=False, default=True)

    def __post_init__(self) -> None:
        if isinstance(self.sock, ssl.SSLSocket):
            self._reads, self._is_plain = _TLS_READS, False
            # A read gives one record at most; what is longer costs, and no less would
            # do: the rest would stay in OpenSSL, where no selector sees it.
            self.buffer = self.buffer[:_TLS_RECORD_BYTES]

    @property
    def is_due(self) -> bool:
        """Whether the next request should leave, so that no round trip is idle.

        No sooner: a server that breaks off with a request unread resets the
        connection, and what was on its way is lost.
        """
        answers = self.answers
        return (
            answers.begun >= self.asked
            and answers.left_bytes <= self._ahead_bytes
            and not answers.is_last
        )

    def note_pace(self) -> None:
        """Take note of how much came since the last time, about `BIN_NS` ago."""
        came_bytes = self.answers.body_bytes - self._counted_bytes
        self._counted_bytes += came_bytes
        self._ahead_bytes = max(_LEAST_AHEAD_BYTES, _AHEAD_BINS * came_bytes)

    def ask(self) -> None:
        """Ask for the object once more.

        Raises:
            OSError: It cannot be asked for.
        """
        self._unsent += self.answers.question
        self.asked += 1
        self._send()

    def drain(self, now_ns: int) -> None:
        """Read what is there, within bounds.

        Args:
            now_ns: When it was seen to be there, by the run's clock.

        Raises:
            ProbeFailed: It is not what was wanted.
            OSError: The connection is broken.
        """
        if self._unsent:
            self._send()
        buffer, answers, receive = self.buffer, self.answers, self.sock.recv_into
        size = len(buffer)
        try:
            for _ in range(self._reads):
                count = receive(buffer)
                if 0 < count < answers.left_bytes:
                    answers.skip(count)
                elif not self._take(count, now_ns):
                    return
                if count < size and self._is_plain:
                    return  # that was all
        except _NOTHING:
            return
        except ConnectionError:
            # A server that hangs up on the request sent ahead has answered whole.
            if not answers.is_between:
                raise
            self.has_ended = True

    def unread_bytes(self) -> int | None:
        """What waits in the kernel; None where it cannot say."""
        if sys.platform == "win32":
            return None
        raw = fcntl.ioctl(self.sock.fileno(), termios.FIONREAD, b"\0\0\0\0")
        return int.from_bytes(raw, sys.byteorder)

    def receiver_info(self) -> ReceiverInfo | None:
        """How it receives, as the kernel sees it."""
        return read_receiver_info(self.sock)

    def tcp_info(self) -> TcpInfo | None:
        """What the kernel says of the connection now."""
        return read_tcp_info(self.sock)

    def _take(self, count: int, now_ns: int) -> bool:
        """Take what is not the midst of a body; whether more may come."""
        answers = self.answers
        if count:
            if self.first_ns is None:
                self.first_ns = now_ns
            answers.feed(self.buffer[:count], wall_ns=self.clock.wall_ns())
            self.has_ended = answers.is_last and not answers.left_bytes
        else:
            if not answers.is_between and was_reset(self.sock):
                # A send has swallowed it, or Python's reading over TLS.
                raise ConnectionResetError(
                    errno.ECONNRESET, os.strerror(errno.ECONNRESET)
                )
            answers.end()
            self.has_ended = True
        return not self.has_ended

    def _send(self) -> None:
        try:
            count = self.sock.send(self._unsent)
        except _NOTHING:
            return
        except (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError):
            # Who hangs up on a question may have answered an earlier one: what is
            # read tells.
            count = len(self._unsent)
        self._unsent = self._unsent[count:]
