"""Objects from this machine's own loopback, faster than anybody reads them.

For learning what a client can take at most: one process for HTTPS and one for
HTTP, each with a thread for every connection, since sending a large buffer and
encrypting it both let go of Python's lock. Answers come from a buffer that stays in
the processor's cache (HTTP: from a file's pages, which are not copied at all).
"""

import contextlib
import datetime as dt
import os
import socket
import ssl
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from cloudgauge.world.answer import head_of
from cloudgauge.world.certificates import Authority, server_context
from cloudgauge.world.description import READY, ROOT_NAME
from cloudgauge.world.disk import world_errors
from cloudgauge.world.pouring import POOL_BYTES, poured
from cloudgauge.world.request import MalformedRequestError, read_request
from cloudgauge.world.service import Service
from cloudgauge.world.signals import ignore_signals

FOUNTAIN_HOST = "localhost"
# Long enough for the head of each not to count.
_OBJECT_BYTES = 256_000_000
_ADDRESS = "127.0.0.1"
# What a processor core keeps beside it: larger ones cost a quarter more.
_BASIN_BYTES = 4 * POOL_BYTES
_BASIN_NAME = "basin"
_HTTPS, _HTTP = "https", "http"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a fountain is to be found, on the IPv4 loopback address.

    Attributes:
        https_port: TLS 1.3, with a certificate for `FOUNTAIN_HOST`.
        http_port: The same without TLS.
        ca_file: The root to trust.
        object_bytes: Length of every object; every path is one.
    """

    https_port: int
    http_port: int
    ca_file: Path
    object_bytes: int


@contextmanager
def fountain(folder: Path, *, object_bytes: int = _OBJECT_BYTES) -> Iterator[Source]:
    """Serve objects until the end of the context.

    Args:
        folder: An empty folder that outlives the context.
        object_bytes: Length of every object, at least 1.

    Raises:
        WorldError: It cannot be started, or did not end well.
    """
    with world_errors(folder), ExitStack() as stack:
        ports = []
        for scheme in (_HTTPS, _HTTP):
            words = (scheme, str(object_bytes))
            service = Service("fountain", folder, folder, words=words)
            stack.enter_context(service)
            ports.append(int(service.wait_until_ready()))
        yield Source(
            https_port=ports[0],
            http_port=ports[1],
            ca_file=folder / ROOT_NAME,
            object_bytes=object_bytes,
        )


def serve(folder: Path, scheme: str, object_bytes: int) -> int:
    """Play one of a fountain's two processes until standard input is at its end."""
    ignore_signals()
    context = _context(folder) if scheme == _HTTPS else None
    basin = _Basin(folder / f"{_BASIN_NAME}-{scheme}", object_bytes)
    with socket.create_server((_ADDRESS, 0), backlog=256) as listener:
        # One for each connection; none of them outlives this process.
        threading.Thread(
            target=_accept, args=(listener, context, basin), daemon=True
        ).start()
        sys.stdout.buffer.write(b"%d\n" % listener.getsockname()[1] + READY)
        sys.stdout.flush()
        sys.stdin.buffer.read()
    return 0


def _context(folder: Path) -> ssl.SSLContext:
    authority = Authority("cloudgauge fountain", dt.datetime.now(dt.UTC))
    (folder / ROOT_NAME).write_bytes(authority.root_pem())
    return server_context(authority.leaf_pem(FOUNTAIN_HOST), newest_tls="1.3")


class _Basin:
    """What every object is made of, in memory and as a file."""

    def __init__(self, path: Path, object_bytes: int) -> None:
        content = poured(_BASIN_BYTES)
        path.write_bytes(content)
        self.object_bytes = object_bytes
        self._memory = memoryview(content)
        self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    def pour_into(self, sock: socket.socket) -> None:
        """Send an object's body."""
        left = self.object_bytes
        while left:
            left -= self._send(sock, min(left, _BASIN_BYTES))

    def _send(self, sock: socket.socket, size_bytes: int) -> int:
        at = 0
        if isinstance(sock, ssl.SSLSocket) or not hasattr(os, "sendfile"):
            sock.sendall(self._memory[:size_bytes])
            return size_bytes
        while at < size_bytes:
            at += os.sendfile(sock.fileno(), self._fd, at, size_bytes - at)
        return size_bytes


def _accept(
    listener: socket.socket, context: ssl.SSLContext | None, basin: _Basin
) -> None:
    # Closing the listener ends this thread.
    with contextlib.suppress(OSError):
        while True:
            sock, _ = listener.accept()
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(
                target=_talk, args=(sock, context, basin), daemon=True
            ).start()


def _talk(sock: socket.socket, context: ssl.SSLContext | None, basin: _Basin) -> None:
    # A client that leaves in the middle is the usual end.
    with contextlib.suppress(OSError), ExitStack() as stack:
        stack.callback(sock.close)
        if context is not None:
            sock = stack.enter_context(context.wrap_socket(sock, server_side=True))
        _answer_all(sock, basin)


def _answer_all(sock: socket.socket, basin: _Basin) -> None:
    buffer = bytearray()
    head = head_of(200, (), basin.object_bytes)
    while data := sock.recv(POOL_BYTES):
        buffer += data
        try:
            while (request := read_request(buffer)) is not None:
                del buffer[: request.size_bytes]
                sock.sendall(head)
                if request.method != "HEAD":
                    basin.pour_into(sock)
                if not request.keep_alive:
                    return
        except MalformedRequestError:
            return
