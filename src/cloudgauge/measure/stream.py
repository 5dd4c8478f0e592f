"""httpcore's network seam over a socket that keeps the kernel's stamps.

How it works, and what must stay true:

* The socket is read by the event loop's own callback as soon as it is readable, never
  by a task that must first be woken; what has been read waits in memory.
* A read uses ``recvmsg``: with ``SO_TIMESTAMPING`` the kernel hands over when the last
  segment of what is read came in, so it does not matter how late the program reads.
* The arrival that ends the first-byte phase is that of the read that yields the first
  *plaintext* of the answer. A TLS 1.3 server's session tickets come by themselves and
  yield none.
* Whatever is pending is read before a request is sent. The clocks are read directly
  before the send, with nothing awaited in between.
* While the answer is awaited, the socket is read record by record: each record then has
  the stamp of its own segment wherever the kernel has kept the segments apart. If more
  segments came in than stamps were seen, some were joined, and the stamp is the last
  one's of those: an upper bound, and marked as such.
"""

import asyncio
import ssl
from collections.abc import Iterable
from typing import Any

import httpcore

from cloudgauge.measure.clock import Clock
from cloudgauge.measure.exchange import Exchange
from cloudgauge.measure.kernel_socket import Opened, connect, keep_stamping
from cloudgauge.measure.link import Link
from cloudgauge.measure.tcp_info import TcpInfo, read_tcp_info
from cloudgauge.measure.tls_layer import TlsLayer

_BUFFER_BYTES = 64 * 1024


class StampedStream(httpcore.AsyncNetworkStream):
    """One TCP connection, with TLS over it once `start_tls` has been called.

    It has one user at a time. Whoever opened it calls `close`, which does not wait.

    Attributes:
        has_ended: A read has come to the end of what the peer sends.
    """

    def __init__(self, opened: Opened, clock: Clock, buffer: memoryview) -> None:
        self._link = Link(opened, clock, buffer)
        self.has_ended = False

    @property
    def opened(self) -> Opened:
        """What was known when the connection came to stand."""
        return self._link.opened

    @property
    def handshake(self) -> Exchange | None:
        """The stamps of the TLS handshake; None before it began."""
        return self._link.handshake

    @property
    def exchange(self) -> Exchange | None:
        """The stamps of the latest exchange; None before the first."""
        return self._link.exchange

    @property
    def tls_version(self) -> str | None:
        """Such as ``TLSv1.3``; None without TLS."""
        return self._link.tls.version if self._link.tls is not None else None

    @property
    def stands(self) -> bool:
        """Whether neither side has ended the connection, as far as is known."""
        return not self._link.ended and self._link.fault is None

    def tcp_info(self) -> TcpInfo | None:
        """What the kernel says of the connection now; None once closed."""
        return read_tcp_info(self._link.opened.sock)

    def close(self) -> None:
        """Close the connection, politely where it stands. May be called again."""
        self._link.close()

    async def read(
        self,
        max_bytes: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's contract
    ) -> bytes:
        """Give what has come, at most *max_bytes*; empty at the end."""
        link = self._link
        while not link.has_plain:
            if link.fault is not None:
                raise httpcore.ReadError(str(link.fault)) from link.fault
            if link.ended:
                self.has_ended = True
                return b""
            await self._changed(timeout, httpcore.ReadTimeout)
        return link.take(max_bytes)

    async def write(
        self,
        buffer: bytes,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's contract
    ) -> None:
        """Send *buffer*; begins an exchange unless a question is on its way."""
        link = self._link
        if buffer:
            link.ask(buffer)
        while link.has_unsent and link.fault is None:
            await self._changed(timeout, httpcore.WriteTimeout)
        if link.fault is not None:
            raise httpcore.WriteError(str(link.fault)) from link.fault

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's contract
    ) -> httpcore.AsyncNetworkStream:
        """Make the TLS handshake; gives this very stream.

        Raises:
            httpcore.ConnectError: It failed; the cause says why.
            httpcore.ConnectTimeout: It took longer than *timeout*, in seconds.
        """
        link, tls = self._link, TlsLayer(ssl_context, server_hostname)
        link.begin_tls(tls)
        while not tls.established:
            if link.fault is not None:
                raise httpcore.ConnectError(str(link.fault)) from link.fault
            if link.ended:
                closed = EOFError("closed by the peer during the handshake")
                raise httpcore.ConnectError(str(closed)) from closed
            await self._changed(timeout, httpcore.ConnectTimeout)
        return self

    async def aclose(self) -> None:
        """Close the connection, as `close` does."""
        self._link.close()

    def get_extra_info(self, info: str) -> Any:
        """Answer what httpcore's other streams answer."""
        link = self._link
        match info:
            case "ssl_object":
                return link.tls.ssl_object if link.tls is not None else None
            case "client_addr":
                return link.opened.sock.getsockname()
            case "server_addr":
                return link.opened.sock.getpeername()
            case "socket":
                return link.opened.sock
            case "is_readable":
                return link.has_plain or not self.stands
            case _:
                return None

    async def _changed(
        self, timeout_s: float | None, late: type[httpcore.TimeoutException]
    ) -> None:
        if timeout_s is None:  # the prober has one bound around each phase
            await self._link.changed()
            return
        try:
            async with asyncio.timeout(timeout_s):
                await self._link.changed()
        except TimeoutError as exc:
            msg = f"nothing for {timeout_s} s"
            raise late(msg) from exc


class StampingBackend(httpcore.AsyncNetworkBackend):
    """Opens stamped streams. `close` it at the end.

    Args:
        clock: Both clocks of the run.
        kernel_stamps: Ask the kernel for stamps; else use the program's clock.
    """

    def __init__(self, clock: Clock, *, kernel_stamps: bool = True) -> None:
        self._clock = clock
        self._kernel_stamps = kernel_stamps
        # One for all: a read and what is made of it have no await between them.
        self._buffer = memoryview(bytearray(_BUFFER_BYTES))
        self._keeper = keep_stamping() if kernel_stamps else None

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's contract
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> StampedStream:
        """Connect to *host*, a numeric address; it waits at most *timeout* seconds.

        Raises:
            httpcore.ConnectError: It did not come to stand; the cause says why.
            httpcore.ConnectTimeout: It took too long.
            ValueError: A local address or options were asked for.
        """
        if local_address is not None or socket_options is not None:
            msg = "neither a local address nor socket options can be chosen"
            raise ValueError(msg)
        try:
            async with asyncio.timeout(timeout):
                opened = await connect(
                    (host, port), self._clock, stamps=self._kernel_stamps
                )
        except TimeoutError as exc:
            raise httpcore.ConnectTimeout(str(exc)) from exc
        except OSError as exc:
            raise httpcore.ConnectError(str(exc)) from exc
        return StampedStream(opened, self._clock, self._buffer)

    def close(self) -> None:
        """Give the machine back what was held."""
        if self._keeper is not None:
            self._keeper.close()
