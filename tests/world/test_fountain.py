"""The fountain: real downloads over loopback, as a client sees them."""

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloudgauge.world.fountain import FOUNTAIN_HOST, Source, fountain
from cloudgauge.world.pouring import poured

_OBJECT_BYTES = 5_000_003
_GET = b"GET /agent HTTP/1.1\r\nHost: localhost\r\n\r\n"
_HEAD = b"HEAD /agent HTTP/1.1\r\nHost: localhost\r\n\r\n"
_LAST = b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Source]:
    folder = tmp_path_factory.mktemp("fountain")
    with fountain(folder, object_bytes=_OBJECT_BYTES) as running:
        yield running


def _connect(source: Source, scheme: str) -> socket.socket:
    port = source.https_port if scheme == "https" else source.http_port
    sock = socket.create_connection(("127.0.0.1", port), timeout=60)
    if scheme == "http":
        return sock
    context = ssl.create_default_context(cafile=str(source.ca_file))
    return context.wrap_socket(sock, server_hostname=FOUNTAIN_HOST)


def _read_all(sock: socket.socket) -> bytes:
    with sock:
        return b"".join(iter(lambda: sock.recv(1 << 20), b""))


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_objects_come_one_after_another_whole_on_one_connection(
    source: Source, scheme: str
) -> None:
    sock = _connect(source, scheme)
    sock.sendall(_GET + _HEAD + _LAST)
    came = _read_all(sock)
    head, _, rest = came.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert f"Content-Length: {_OBJECT_BYTES}".encode() in head
    # Poured again and again out of one basin of whole pools.
    assert rest[:_OBJECT_BYTES] == poured(_OBJECT_BYTES)
    assert rest[_OBJECT_BYTES:] == (head + b"\r\n\r\n") * 2 + poured(_OBJECT_BYTES)


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_connections_are_served_side_by_side(source: Source, scheme: str) -> None:
    first, second = (_connect(source, scheme) for _ in range(2))
    with first, second:
        # The first one is left in the middle of its body and never read.
        first.sendall(_GET)
        assert first.recv(1)
        second.sendall(_LAST)
        assert len(_read_all(second)) > _OBJECT_BYTES


def test_what_is_no_request_ends_the_connection(source: Source) -> None:
    sock = _connect(source, "http")
    sock.sendall(b"hello\r\n\r\n")
    assert _read_all(sock) == b""


def test_nobody_answers_after_its_end(tmp_path: Path) -> None:
    with fountain(tmp_path) as running:
        assert running.https_port != running.http_port
        assert running.object_bytes > 100_000_000
    for port in (running.https_port, running.http_port):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=60)
