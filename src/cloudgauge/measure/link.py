"""The socket's side of a stamped stream: callbacks, stamps, and what has come.

The rules that this module and `measure.stream` keep are written down there.
"""

import asyncio
import contextlib
import socket
import ssl
from collections import deque

from cloudgauge.measure.clock import Clock
from cloudgauge.measure.exchange import Exchange
from cloudgauge.measure.instant import Arrival, read_instant
from cloudgauge.measure.kernel_socket import Opened, receive
from cloudgauge.measure.tcp_info import read_tcp_info
from cloudgauge.measure.tls_layer import RecordCutter, TlsLayer

# Read ahead of the consumer at most about this much, so that an endless answer cannot
# fill the memory.
_AHEAD_BYTES = 256 * 1024

# The closing alert goes into one segment with the end of the connection itself.
_WITH_THE_NEXT = getattr(socket, "MSG_MORE", 0)


class Link:
    """A connection that is read as soon as something is there.

    Attributes:
        opened: What was known when the connection came to stand.
        tls: What is spoken over it; None for plain bytes.
        handshake: The stamps of the TLS handshake; None before it began.
        exchange: The stamps of the latest exchange; None before the first.
        ended: The peer has said that nothing more will come.
        fault: What broke the connection; None while nothing has.
    """

    def __init__(self, opened: Opened, clock: Clock, buffer: memoryview) -> None:
        self.opened = opened
        self.tls: TlsLayer | None = None
        self.handshake: Exchange | None = None
        self.exchange: Exchange | None = None
        self.ended = False
        self.fault: OSError | None = None
        self._sock = opened.sock
        self._fd = opened.sock.fileno()
        self._clock = clock
        self._buffer = buffer
        self._loop = asyncio.get_running_loop()
        self._cutter = RecordCutter()
        self._plain: deque[bytes] = deque()
        self._ahead_bytes = 0
        self._unsent = b""
        self._waiter: asyncio.Future[None] | None = None
        self._listening = False
        self._listen()

    @property
    def has_unsent(self) -> bool:
        """Whether the kernel had no room yet for all that was sent."""
        return bool(self._unsent)

    @property
    def has_plain(self) -> bool:
        """Whether something has come that nobody has taken."""
        return bool(self._plain)

    def take(self, max_bytes: int) -> bytes:
        """Take what has come, at most *max_bytes*; something must have come."""
        chunk = self._plain.popleft()
        if len(chunk) > max_bytes:
            self._plain.appendleft(chunk[max_bytes:])
            chunk = chunk[:max_bytes]
        self._ahead_bytes -= len(chunk)
        if not self._listening and not self.ended and self.fault is None:
            self._listen()
        return chunk

    def ask(self, question: bytes) -> None:
        """Send *question*; begins an exchange unless a question is on its way."""
        self._settle()  # lest it be taken for the answer
        if self.fault is not None:
            return
        data = question if self.tls is None else self.tls.encrypt(question)
        if self.exchange is None or self.exchange.first is not None:
            segments, early = self._segments(), bool(self._plain)
            sent = read_instant(self._clock)
            self._send(data)
            self.exchange = Exchange(sent, segments=segments, early=early)
        else:
            self._send(data)

    def begin_tls(self, tls: TlsLayer) -> None:
        """Send the first flight of a handshake; `tls.established` tells its end."""
        self.tls = tls
        tls.advance()
        hello = tls.outgoing()
        sent = read_instant(self._clock)
        self._send(hello)
        self.handshake = Exchange(sent)

    async def changed(self) -> None:
        """Wait until something has come, gone or failed."""
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def close(self) -> None:
        """Close the connection, politely where it stands. May be called again."""
        if self._sock.fileno() < 0:
            return
        if self.tls is not None and self.tls.established and self.fault is None:
            with contextlib.suppress(OSError):
                self._sock.send(self.tls.end(), _WITH_THE_NEXT)
        self._deafen()
        if self._unsent:
            self._loop.remove_writer(self._fd)
        self._sock.close()
        self._plain.clear()
        if self.fault is None:
            self._fail(ConnectionAbortedError("closed by ourselves"))

    def _listen(self) -> None:
        self._loop.add_reader(self._fd, self._on_readable)
        self._listening = True

    def _deafen(self) -> None:
        if self._listening:
            self._loop.remove_reader(self._fd)
            self._listening = False

    def _settle(self) -> None:
        """Read all that is pending, up to the end or the fault behind it."""
        while self._listening and self._receive():
            pass

    def _on_readable(self) -> None:
        try:
            # To the last: uvloop calls but once for data with a reset behind them.
            self._settle()
        except BaseException as exc:
            # A bug; it must leave by the task that waits, or the run would go on.
            self._deafen()
            if self._waiter is None or self._waiter.done():
                raise
            self._waiter.set_exception(exc)

    def _receive(self) -> bool:
        """Read once; whether there may be more."""
        try:
            count = self._read_once()
        except (BlockingIOError, InterruptedError):
            return False
        except ssl.SSLError as exc:
            if self.tls is not None:
                self._send(self.tls.outgoing())  # the alert that says why
            self._fail(exc)
            return False
        except OSError as exc:
            self._fail(exc)
            return False
        if count == 0:
            self.ended = True
            self._deafen()
            self._wake()
        elif self._ahead_bytes > _AHEAD_BYTES:
            self._deafen()
        return count > 0

    def _read_once(self) -> int:
        exchange, buffer = self.exchange, self._buffer
        if exchange is None or exchange.first is not None or not self.opened.stamped:
            count = self._read(buffer)
            if self.tls is not None:
                self._cutter.cut(buffer[:count])
            return count
        # The answer's first byte is still to come: record by record.
        count = self._sock.recv_into(buffer, 0, socket.MSG_PEEK)
        cut = self._cutter.cut(buffer[:count]) if self.tls else [(count, True)]
        for size, whole in cut:
            self._read(buffer[:size], exchange if whole else None)
        exchange.judge_first(self._segments())
        return count

    def _read(self, buffer: memoryview, record_of: Exchange | None = None) -> int:
        """Read what fits into *buffer*, perhaps a whole record of an exchange."""
        count, kernel_ns = receive(self._sock, buffer)
        if count == 0:
            return 0
        if not self.opened.stamped:
            kernel_ns = None
        arrival = Arrival(read_instant(self._clock), kernel_ns, several=False)
        if record_of is not None:
            record_of.note_record(kernel_ns)
        chunks: list[bytes] = []
        try:
            self._digest(buffer[:count], arrival, chunks)
        finally:
            if chunks:
                self._keep(chunks, arrival)
        return count

    def _digest(self, data: memoryview, arrival: Arrival, into: list[bytes]) -> None:
        tls = self.tls
        if tls is None:
            into.append(bytes(data))
            return
        tls.feed(data)
        if not tls.established and tls.advance() and self.handshake is not None:
            self.handshake.last = arrival
            self._wake()
        if tls.established:
            tls.decrypt(into)
        self._send(tls.outgoing())

    def _keep(self, chunks: list[bytes], arrival: Arrival) -> None:
        self._plain.extend(chunks)
        self._ahead_bytes += sum(map(len, chunks))
        exchange = self.exchange
        if exchange is not None:
            exchange.first = exchange.first or arrival
            exchange.last = arrival
        self._wake()

    def _segments(self) -> int | None:
        tcp = read_tcp_info(self._sock) if self.opened.stamped else None
        return tcp.data_segs_in if tcp is not None else None

    def _send(self, data: bytes) -> None:
        """Hand *data* to the kernel now, and what it has no room for when it has."""
        if not data or self.fault is not None:
            return
        if self._unsent:
            self._unsent += data
            return
        try:
            count = self._sock.send(data)
        except (BlockingIOError, InterruptedError):
            count = 0
        except OSError as exc:
            self._fail(exc)
            return
        if count < len(data):
            self._unsent = data[count:]
            self._loop.add_writer(self._fd, self._on_writable)

    def _on_writable(self) -> None:
        self._loop.remove_writer(self._fd)
        data, self._unsent = self._unsent, b""
        self._send(data)
        self._wake()

    def _fail(self, fault: OSError) -> None:
        self.fault = fault
        self._deafen()
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
