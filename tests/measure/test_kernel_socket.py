"""Connections that stand, and those that do not."""

import asyncio
import errno
import os
import resource
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from cloudgauge.measure.clock import MachineClock
from cloudgauge.measure.kernel_socket import (
    Opened,
    ask_for_stamps,
    connect,
    keep_stamping,
    receive,
)
from tests.measure.conftest import Run

# As the kernel writes them.
_SYN_SENT, _WILL_RETRANSMIT = "02", "01"


@contextmanager
def port_of_nobody() -> Iterator[int]:
    """A port on which nobody listens, nor anybody else will begin to."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@contextmanager
def full_listener() -> Iterator[tuple[socket.socket, list[socket.socket]]]:
    """A listener that drops every SYN, and the connections that fill it."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    fillers = []
    for _ in range(4):
        filler = socket.socket()
        filler.setblocking(False)  # noqa: FBT003 - the socket's own interface
        filler.connect_ex(listener.getsockname())
        fillers.append(filler)
    try:
        yield listener, fillers
    finally:
        for sock in (*fillers, listener):
            sock.close()


def waiting_syns(listener: socket.socket) -> int:
    """How many connections to *listener* wait for their timer to send again."""
    port = f"0100007F:{listener.getsockname()[1]:04X}"
    rows = Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]
    # Local and remote address, state, queues, timer.
    words = [row.split()[2:6] for row in rows]
    return sum(
        (remote, state, timer[:2]) == (port, _SYN_SENT, _WILL_RETRANSMIT)
        for remote, state, _, timer in words
    )


async def open_and_close(address: tuple[str, int], *, stamps: bool) -> Opened:
    opened = await connect(address, MachineClock(), stamps=stamps)
    opened.sock.close()
    return opened


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("stamps", [True, False])
def test_a_connection_stands_and_says_how(run: Run, host: str, *, stamps: bool) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as listener:
        port = listener.getsockname()[1]
        opened = run(open_and_close((host, port), stamps=stamps))
    assert opened.stamped is stamps
    assert opened.connect_ns > 0
    assert opened.local_port > 0
    assert opened.tcp is not None
    assert opened.tcp.total_retrans == 0


def test_a_refused_connection_raises_and_leaves_no_socket(run: Run) -> None:
    with (
        port_of_nobody() as port,
        pytest.raises(ConnectionRefusedError, match="Connection refused"),
    ):
        run(open_and_close(("127.0.0.1", port), stamps=True))


def test_a_cancelled_connection_leaves_no_socket(run: Run) -> None:
    async def scenario(address: tuple[str, int]) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await connect(address, MachineClock(), stamps=True)

    with full_listener() as (listener, _):
        run(scenario(listener.getsockname()))


def test_a_lost_syn_is_told_by_the_kernel(run: Run) -> None:
    stood = threading.Event()

    def make_room(listener: socket.socket, fillers: list[socket.socket]) -> None:
        # The first SYN has left, and was dropped, before there is room.
        while not stood.is_set() and waiting_syns(listener) == waited:
            select.select([], [], [], 0.01)
        for filler in fillers:
            filler.close()
        accepted = []
        while not stood.is_set():
            if select.select([listener], [], [], 0.05)[0]:
                accepted.append(listener.accept()[0])
        for sock in accepted:
            sock.close()

    async def scenario(listener: socket.socket, fillers: list[socket.socket]) -> Opened:
        room = threading.Thread(target=make_room, args=(listener, fillers))
        room.start()
        try:
            return await open_and_close(listener.getsockname(), stamps=True)
        finally:
            stood.set()
            room.join()

    with full_listener() as (listener, fillers):
        waited = waiting_syns(listener)
        opened = run(scenario(listener, fillers))
    assert opened.tcp is not None
    assert opened.tcp.total_retrans >= 1
    assert opened.connect_ns > 800_000_000


@contextmanager
def no_file_left() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with socket.socket() as highest:
        # Numbers below the highest may be free: take them all.
        resource.setrlimit(resource.RLIMIT_NOFILE, (highest.fileno() + 1, hard))
        held = []
        try:
            with suppress(OSError):
                while True:
                    held.append(os.dup(highest.fileno()))
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            for fd in held:
                os.close(fd)


def test_no_file_left_raises_what_our_own_machine_said(run: Run) -> None:
    async def scenario(address: tuple[str, int]) -> None:
        with (
            no_file_left(),
            pytest.raises(OSError, match="Too many open files") as caught,
        ):
            await connect(address, MachineClock(), stamps=True)
        assert caught.value.errno == errno.EMFILE

    with socket.create_server(("127.0.0.1", 0)) as listener:
        run(scenario(listener.getsockname()))


def test_a_socket_that_cannot_stamp_says_so() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.send(b"x")
        ask_for_stamps(ours)
        # A pipe between two processes has no packets, and so no stamps.
        assert receive(ours, memoryview(bytearray(10))) == (1, None)
    assert not ask_for_stamps(ours)  # closed: the option is refused


def test_the_very_first_packet_is_stamped_once_stamping_is_kept() -> None:
    for _ in range(20):  # each time the kernel may have to begin anew
        with keep_stamping(), socket.create_server(("127.0.0.1", 0)) as listener:
            client = socket.create_connection(listener.getsockname())
            peer, _ = listener.accept()
            with client, peer:
                assert ask_for_stamps(client)
                peer.send(b"x")
                count, kernel_ns = receive(client, memoryview(bytearray(10)))
                assert count == 1
                assert kernel_ns is not None
