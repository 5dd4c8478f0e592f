"""Scripts of servers that hold an object, honest or not, and who asks them for it."""

import array
import contextlib
import fcntl
import select
import ssl
import termios
from collections.abc import Callable, Iterator
from socket import create_connection

import h11

from cloudgauge.measure.answers import Answers
from cloudgauge.measure.bulk_stream import BulkStream
from cloudgauge.measure.clock import Clock, MachineClock
from tests.fakes.server import FakeServer, Peer, Script

# The least that is an object.
SIZE = 5_000_000
BODY = bytes(SIZE)
REQUEST = h11.Request(method="GET", target="/object", headers=[("Host", "a.example")])
# How one GET, from 0 on its connection, is answered; whether another may follow.
Get = Callable[[Peer, int], bool]


def head_bytes(
    status: int = 200, *headers: str, length: int | None = SIZE, version: str = "1.1"
) -> bytes:
    """An answer's head, which says that its body has *length*."""
    lines = [f"HTTP/{version} {status} Told", *headers]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def whole(peer: Peer, _number: int) -> bool:
    """Gives the object."""
    peer.send(head_bytes() + BODY)
    return True


def just(answer: bytes) -> Get:
    """Gives *answer*, whatever it is."""

    def get(peer: Peer, _number: int) -> bool:
        peer.send(answer)
        return True

    return get


def answered(peer: Peer) -> None:
    """Return when all that was sent has arrived."""
    unacknowledged = array.array("i", [1])
    for _ in range(60_000):
        fcntl.ioctl(peer.sock, termios.TIOCOUTQ, unacknowledged)
        if not unacknowledged[0]:
            return
        select.select([], [], [], 0.001)
    msg = "what was sent does not arrive"
    raise AssertionError(msg)


def dripping(peer: Peer, _number: int) -> bool:
    """Gives a byte, then another, until the client leaves."""
    peer.send(head_bytes())
    while not select.select([peer.sock], [], [], 0.02)[0]:
        peer.send(b"x")
    return True


def silent(peer: Peer, _number: int) -> bool:
    """Says nothing."""
    peer.wait_until_client_leaves()
    return False


def holding(get: Get, head: bytes | None = None) -> Script:
    """Answers each GET by *get*, each HEAD with *head*, until one of both leaves."""
    told = head_bytes() if head is None else head

    def script(peer: Peer) -> None:
        peer.shake_hands()
        number = 0
        while request := peer.request():
            if request.startswith(b"HEAD "):
                peer.send(told)
                continue
            if not get(peer, number):
                return
            number += 1

    return script


@contextlib.contextmanager
def streams_to(
    server: FakeServer,
    count: int = 1,
    *,
    context: ssl.SSLContext | None = None,
    clock: Clock | None = None,
    buffer_bytes: int = 64 * 1024,
) -> Iterator[list[BulkStream]]:
    """So many connections that nothing has been asked over."""
    buffer = memoryview(bytearray(buffer_bytes))
    with contextlib.ExitStack() as stack:
        streams = []
        for _ in range(count):
            sock = stack.enter_context(create_connection(("127.0.0.1", server.port)))
            if context is not None:
                sock = stack.enter_context(
                    context.wrap_socket(sock, server_hostname="target.example")
                )
            sock.settimeout(0)
            streams.append(
                BulkStream(
                    sock=sock,
                    answers=Answers(REQUEST),
                    clock=clock or MachineClock(),
                    buffer=buffer,
                )
            )
        yield streams
