"""A real server on loopback that does what a script tells it, honest or not.

Each connection has a thread of its own that runs the script with a `Peer`. The scripts
here answer as servers do; a test writes its own for what only it needs.
"""

import contextlib
import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from types import TracebackType

_BOUND_S = 60.0


class Peer:
    """The server's side of one connection, byte by byte.

    Args:
        sock: Connected.
        context: Of the server; None for a connection without TLS.

    Attributes:
        left_politely: The client has closed as TLS wants it.
    """

    def __init__(self, sock: socket.socket, context: ssl.SSLContext | None) -> None:
        self.sock = sock
        self.left_politely = False
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = (
            context.wrap_bio(self._incoming, self._outgoing, server_side=True)
            if context is not None
            else None
        )

    def shake_hands(self, *, hold_tickets: bool = False) -> bytes:
        """Make the TLS handshake; gives the tickets that were held back."""
        if self._tls is None:
            return b""
        while True:
            try:
                self._tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self._flush()
                self._feed()
            except ssl.SSLError:
                self._flush()  # the alert
                raise
        if hold_tickets:
            return self._outgoing.read()
        self._flush()
        return b""

    @property
    def resumed(self) -> bool:
        """Whether the client came with an earlier session."""
        return bool(self._tls is not None and self._tls.session_reused)

    def request(self) -> bytes:
        """Read up to the end of a request's head; empty if the client has gone."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            piece = self._read()
            if not piece:
                return b""
            head += piece
        return head

    def seal(self, data: bytes) -> bytes:
        """What must go over the network to say *data*."""
        if self._tls is None:
            return data
        self._tls.write(data)
        return self._outgoing.read()

    def send(self, data: bytes) -> None:
        self.send_raw(self.seal(data))

    def send_raw(self, data: bytes) -> None:
        self.sock.sendall(data)

    def finish(self) -> None:
        """Say that nothing more will come, as TLS wants it said, and close."""
        if self._tls is not None:
            with contextlib.suppress(ssl.SSLError):
                self._tls.unwrap()
            self._flush()
        self.sock.close()

    def close(self) -> None:
        """Close without a word of TLS."""
        self.sock.close()

    def reset(self) -> None:
        self.sock.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        self.sock.close()

    def wait_until_client_leaves(self) -> None:
        while True:
            with contextlib.suppress(ssl.SSLError):
                if not self._read():
                    return

    def _read(self) -> bytes:
        if self._tls is None:
            return self.sock.recv(65536)
        while True:
            try:
                data = self._tls.read(65536)
            except ssl.SSLWantReadError:
                self._feed()
            except ssl.SSLEOFError:
                return b""
            else:
                self.left_politely = not data
                return data

    def _feed(self) -> None:
        data = self.sock.recv(65536)
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    def _flush(self) -> None:
        if self._outgoing.pending:
            self.sock.sendall(self._outgoing.read())


Script = Callable[[Peer], None]


class FakeServer:
    """Listens on loopback while it is entered.

    Attributes:
        port: Where.
        connections: How many have been accepted.
    """

    def __init__(
        self,
        script: Script,
        context: ssl.SSLContext | None = None,
        *,
        host: str = "127.0.0.1",
    ) -> None:
        self._script = script
        self._context = context
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, 0), family=family, backlog=128)
        self._stop, self._stopper = socket.socketpair()
        self._threads: list[threading.Thread] = []
        self._open: list[socket.socket] = []
        self._bugs: list[BaseException] = []
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0

    def __enter__(self) -> "FakeServer":
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopper.send(b"x")
        self._acceptor.join(_BOUND_S)
        for sock in self._open:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(_BOUND_S)
            assert not thread.is_alive(), "a script does not end"
        for sock in (*self._open, self._listener, self._stop, self._stopper):
            sock.close()
        if exc is None and self._bugs:
            raise self._bugs[0]

    def _accept(self) -> None:
        while True:
            ready, _, _ = select.select([self._listener, self._stop], [], [])
            if self._stop in ready:
                return
            sock, _ = self._listener.accept()
            sock.settimeout(_BOUND_S)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open.append(sock)
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        try:
            self._script(Peer(sock, self._context))
        except (ConnectionError, ssl.SSLError):
            pass  # the client left, or did not want this certificate
        except OSError as exc:
            if sock.fileno() >= 0:  # not by `__exit__`
                self._bugs.append(exc)
        except BaseException as exc:  # noqa: BLE001 - raised again by __exit__
            self._bugs.append(exc)
        finally:
            sock.close()


def answer_bytes(
    status: int = 200,
    body: bytes = b"hello",
    *headers: str,
    length: int | None = None,
) -> bytes:
    """An answer's head and body; *length* is what the head says of the body."""
    told = len(body) if length is None else length
    lines = (f"HTTP/1.1 {status} Told", f"Content-Length: {told}", *headers)
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def answering(answer: bytes) -> Script:
    """Answers each request, one write an answer, until the client leaves."""

    def script(peer: Peer) -> None:
        peer.shake_hands()
        while peer.request():
            peer.send(answer)

    return script


def answering_once(
    answer: bytes, leave: Callable[[Peer], None] = Peer.finish
) -> Script:
    """Answers one request and leaves."""

    def script(peer: Peer) -> None:
        peer.shake_hands()
        if peer.request():
            peer.send(answer)
        leave(peer)

    return script


def stalling(peer: Peer) -> None:
    """Takes the request and says nothing."""
    peer.shake_hands()
    peer.wait_until_client_leaves()


def mute(peer: Peer) -> None:
    """Does not even shake hands."""
    while peer.sock.recv(65536):
        pass
