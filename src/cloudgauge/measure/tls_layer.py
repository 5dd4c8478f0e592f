"""TLS without input or output, so that whoever moves its bytes can stamp them."""

import contextlib
import ssl

_RECORD_HEADER_BYTES = 5
_READ_BYTES = 16 * 1024  # the most that one TLS record holds


class TlsLayer:
    """A client's side of one TLS connection over two memory buffers.

    Sessions are never offered again: each connection makes a full handshake.
    """

    __slots__ = ("_incoming", "_outgoing", "_tls", "established")

    def __init__(self, context: ssl.SSLContext, server_hostname: str | None) -> None:
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(
            self._incoming, self._outgoing, server_hostname=server_hostname
        )
        self.established = False

    @property
    def ssl_object(self) -> ssl.SSLObject:
        """The standard library's view of the connection."""
        return self._tls

    @property
    def version(self) -> str | None:
        """Such as ``TLSv1.3``; None before the handshake has ended."""
        return self._tls.version()

    def feed(self, data: memoryview) -> None:
        """Take what came from the network."""
        self._incoming.write(data)

    def feed_end(self) -> None:
        """Take note that the network will bring no more."""
        self._incoming.write_eof()

    def advance(self) -> bool:
        """Carry the handshake on; True once it has ended.

        Raises:
            ssl.SSLError: The handshake failed; an alert may wait to be sent.
        """
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        self.established = True
        return True

    def decrypt(self, into: list[bytes]) -> None:
        """Append the plaintext that what was fed completes; none for a ticket.

        Raises:
            ssl.SSLError: What came is not valid; what was valid before it is kept.
        """
        try:
            while self._incoming.pending or self._tls.pending():
                chunk = self._tls.read(_READ_BYTES)
                if not chunk:  # the peer said that it ends
                    break
                into.append(chunk)
        except ssl.SSLWantReadError:
            pass

    def encrypt(self, data: bytes) -> bytes:
        """Give the bytes to send for *data*."""
        self._tls.write(data)
        return self._outgoing.read()

    def outgoing(self) -> bytes:
        """Give what TLS itself wants to send."""
        return self._outgoing.read() if self._outgoing.pending else b""

    def end(self) -> bytes:
        """Give the closing alert."""
        # It wants to wait for the peer's closing alert; we do not.
        with contextlib.suppress(ssl.SSLError):
            self._tls.unwrap()
        return self.outgoing()


class RecordCutter:
    """Finds where TLS records end in a stream of bytes.

    Reading record by record gives each its own stamp where the kernel has kept the
    segments apart, so that an answer's first record has not that of its last.
    """

    __slots__ = ("_header", "_left_bytes")

    def __init__(self) -> None:
        self._header = b""
        self._left_bytes = 0

    def cut(self, data: memoryview) -> list[tuple[int, bool]]:
        """Cut what comes next in the stream.

        Returns:
            The size of each piece, none longer than a record, and whether it is a
            whole one.
        """
        pieces = []
        at = 0
        while at < len(data):
            start, fresh = at, not self._header
            if not self._left_bytes:
                missing = _RECORD_HEADER_BYTES - len(self._header)
                self._header += bytes(data[at : at + missing])
                at = min(at + missing, len(data))
                if len(self._header) < _RECORD_HEADER_BYTES:
                    pieces.append((at - start, False))
                    break
                self._left_bytes = int.from_bytes(self._header[3:], "big")
            step = min(self._left_bytes, len(data) - at)
            at += step
            self._left_bytes -= step
            if not self._left_bytes:
                self._header = b""
            pieces.append((at - start, fresh and not self._left_bytes))
        return pieces
