"""Kernel stamps on real connections, and the traps that surround them."""

import asyncio
import select
import ssl
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpcore
import pytest

from cloudgauge.measure.clock import MachineClock
from cloudgauge.measure.exchange import Exchange
from cloudgauge.measure.instant import elapsed
from cloudgauge.measure.stream import StampedStream, StampingBackend
from cloudgauge.model.sample import ClockKind
from tests.fakes.server import FakeServer, Peer, mute
from tests.fakes.stepping_clock import SteppingClock
from tests.measure.conftest import Run

MS = 1_000_000
QUESTION = b"GET / HTTP/1.1\r\n\r\n"


@asynccontextmanager
async def opened(
    server: FakeServer,
    context: ssl.SSLContext | None,
    *,
    clock: MachineClock | None = None,
    kernel_stamps: bool = True,
) -> AsyncIterator[StampedStream]:
    backend = StampingBackend(clock or MachineClock(), kernel_stamps=kernel_stamps)
    stream = await backend.connect_tcp("127.0.0.1", server.port)
    try:
        if context is not None:
            await stream.start_tls(context, "target.example")
        yield stream
    finally:
        stream.close()
        backend.close()


async def read_all(stream: StampedStream, count: int) -> bytes:
    data = b""
    while len(data) < count and (piece := await stream.read(65536)):
        data += piece
    return data


def waited(exchange: Exchange | None) -> tuple[float, ClockKind]:
    assert exchange is not None
    assert exchange.first is not None
    took = elapsed(exchange.sent, exchange.first)
    return took.ns / MS, took.clock


def echoing(peer: Peer) -> None:
    peer.shake_hands()
    while request := peer.request():
        peer.send(request)


def test_a_connection_a_handshake_and_an_exchange_are_stamped_by_the_kernel(
    run: Run, server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    async def scenario(server: FakeServer) -> None:
        async with opened(server, client_context) as stream:
            await stream.write(QUESTION)
            assert await read_all(stream, len(QUESTION)) == QUESTION
            assert stream.opened.stamped
            assert stream.opened.tcp is not None
            assert stream.opened.tcp.rtt_us > 0
            assert stream.opened.connect_ns > 0
            assert stream.tls_version == "TLSv1.3"
            for stamps in (stream.handshake, stream.exchange):
                assert stamps is not None
                arrival = stamps.last
                assert arrival is not None
                assert arrival.kernel_ns is not None
                assert stamps.sent.wall_ns < arrival.kernel_ns < arrival.seen.wall_ns
            assert waited(stream.exchange)[1] is not ClockKind.USER

    with FakeServer(echoing, server_context) as server:
        run(scenario(server))


def test_each_connection_leaves_from_a_fresh_port(
    run: Run, server_context: ssl.SSLContext
) -> None:
    async def scenario(server: FakeServer) -> None:
        ports = []
        for _ in range(5):
            async with opened(server, None) as stream:
                ports.append(stream.opened.local_port)
        assert len(set(ports)) == 5

    with FakeServer(mute, server_context) as server:
        run(scenario(server))


@pytest.mark.parametrize("kernel_stamps", [True, False])
def test_a_late_reading_program_bends_its_own_clock_and_not_the_kernels(
    run: Run,
    ticketless_context: ssl.SSLContext,
    client_context: ssl.SSLContext,
    *,
    kernel_stamps: bool,
) -> None:
    answered = threading.Event()

    def script(peer: Peer) -> None:
        peer.shake_hands()
        peer.send(peer.request())
        answered.set()
        peer.wait_until_client_leaves()

    async def scenario(server: FakeServer) -> None:
        async with opened(
            server, client_context, kernel_stamps=kernel_stamps
        ) as stream:
            await stream.write(QUESTION)
            assert answered.wait(30)  # blocks the loop, on purpose
            time.sleep(0.3)  # noqa: ASYNC251 - as above
            await stream.read(65536)
            took_ms, clock = waited(stream.exchange)
            assert stream.exchange is not None
            assert stream.exchange.first is not None
            read_ns = stream.exchange.first.seen.mono_ns - stream.exchange.sent.mono_ns
            if kernel_stamps:
                assert clock is not ClockKind.USER
                assert took_ms < read_ns / MS - 290
            else:
                assert clock is ClockKind.USER
                assert took_ms > 295

    with FakeServer(script, ticketless_context) as server:
        run(scenario(server))


@pytest.mark.parametrize("tickets_come", ["before the question", "after the question"])
def test_a_session_ticket_is_not_taken_for_the_answer(
    run: Run,
    server_context: ssl.SSLContext,
    client_context: ssl.SSLContext,
    tickets_come: str,
) -> None:
    def script(peer: Peer) -> None:
        tickets = peer.shake_hands(hold_tickets=True)
        assert len(tickets) > 100
        if tickets_come == "before the question":
            peer.send_raw(tickets)
        peer.request()
        if tickets_come == "after the question":
            peer.send_raw(tickets)
        time.sleep(0.08)  # the answer's own way
        peer.send(b"answer")
        peer.wait_until_client_leaves()

    async def scenario(server: FakeServer) -> None:
        async with opened(server, client_context) as stream:
            await stream.write(QUESTION)
            assert await stream.read(65536) == b"answer"
            took_ms, clock = waited(stream.exchange)
            assert took_ms > 79
            assert clock is not ClockKind.USER

    with FakeServer(script, server_context) as server:
        run(scenario(server))


def test_a_ticket_and_an_answer_that_were_read_together_are_never_timed_too_short(
    run: Run, server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    all_sent = threading.Event()

    def script(peer: Peer) -> None:
        tickets = peer.shake_hands(hold_tickets=True)
        peer.request()
        peer.send_raw(tickets)
        time.sleep(0.04)  # so that the two cannot be one segment
        peer.send(b"answer")
        all_sent.set()
        peer.wait_until_client_leaves()

    async def scenario(server: FakeServer) -> None:
        async with opened(server, client_context) as stream:
            await stream.write(QUESTION)
            assert all_sent.wait(10)  # blocks the loop, on purpose
            assert await stream.read(65536) == b"answer"
            assert waited(stream.exchange)[0] > 39

    with FakeServer(script, server_context) as server:
        run(scenario(server))


def test_two_segments_that_were_read_together_are_exact_or_marked_as_a_bound(
    run: Run, ticketless_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    both_sent = threading.Event()

    def script(peer: Peer) -> None:
        peer.shake_hands()
        peer.request()
        peer.send(b"first")
        time.sleep(0.08)  # so that the two cannot be one segment
        peer.send(b"second")
        both_sent.set()
        peer.wait_until_client_leaves()

    async def scenario(server: FakeServer) -> None:
        async with opened(server, client_context) as stream:
            await stream.write(QUESTION)
            assert both_sent.wait(10)  # blocks the loop, on purpose
            assert await read_all(stream, 11) == b"firstsecond"
            exchange = stream.exchange
            assert exchange is not None
            assert exchange.first is not None
            assert exchange.last is not None
            # Whether the kernel joins the two is its own affair.
            joined = exchange.first.kernel_ns == exchange.last.kernel_ns
            wanted = ClockKind.KERNEL_BOUND if joined else ClockKind.KERNEL
            assert waited(exchange)[1] is wanted

    with FakeServer(script, ticketless_context) as server:
        run(scenario(server))


def test_an_answer_in_two_segments_that_were_read_apart_is_exact(
    run: Run, ticketless_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    first_read = threading.Event()

    def script(peer: Peer) -> None:
        peer.shake_hands()
        while peer.request():
            peer.send(b"first")
            assert first_read.wait(10)
            first_read.clear()
            peer.send(b"second")

    async def scenario(server: FakeServer) -> None:
        clocks = []
        async with opened(server, client_context) as stream:
            for _ in range(5):
                await stream.write(QUESTION)
                assert await stream.read(65536) == b"first"
                first_read.set()
                assert await stream.read(65536) == b"second"
                exchange = stream.exchange
                assert exchange is not None
                assert exchange.first is not None
                assert exchange.last is not None
                assert exchange.last.seen.mono_ns > exchange.first.seen.mono_ns
                clocks.append(waited(exchange)[1])
        # A segment that a hurried sender sent twice is counted twice and makes a
        # bound of an exact stamp, so not all of them need be exact.
        assert ClockKind.KERNEL in clocks

    with FakeServer(script, ticketless_context) as server:
        run(scenario(server))


def test_an_answer_whose_first_record_comes_in_parts_is_marked_as_a_bound(
    run: Run, ticketless_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    def script(peer: Peer) -> None:
        peer.shake_hands()
        peer.request()
        sealed = peer.seal(b"x" * 1000)
        peer.send_raw(sealed[:400])
        time.sleep(0.04)  # so that the two cannot be one segment
        peer.send_raw(sealed[400:])
        peer.wait_until_client_leaves()

    async def scenario(server: FakeServer) -> None:
        async with opened(server, client_context) as stream:
            await stream.write(QUESTION)
            assert await stream.read(65536) == b"x" * 1000
            assert waited(stream.exchange)[1] is ClockKind.KERNEL_BOUND

    with FakeServer(script, ticketless_context) as server:
        run(scenario(server))


def test_a_wall_clock_that_steps_during_an_exchange_is_noticed(
    run: Run, server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    async def scenario(server: FakeServer) -> None:
        clock = SteppingClock()
        async with opened(server, client_context, clock=clock) as stream:
            await stream.write(QUESTION)
            clock.step_ns = -3_600_000 * MS
            await stream.read(65536)
            exchange = stream.exchange
            assert exchange is not None
            assert exchange.first is not None
            took = elapsed(exchange.sent, exchange.first)
            assert took.stepped
            assert took.clock is ClockKind.USER
            assert 0 < took.ns < 3_000_000 * MS

    with FakeServer(echoing, server_context) as server:
        run(scenario(server))


def test_bytes_that_nobody_asked_for_are_noticed(
    run: Run, server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    said = threading.Event()

    def script(peer: Peer) -> None:
        peer.shake_hands()
        peer.send(b"hello, by the way")
        said.set()
        peer.wait_until_client_leaves()

    async def scenario(server: FakeServer) -> None:
        async with opened(server, client_context) as stream:
            assert said.wait(10)
            # It has been read, or it is there; what was sent may come a little later.
            if not stream._link._plain:
                assert select.select([stream.get_extra_info("socket")], [], [], 60)[0]
            await stream.write(QUESTION)
            assert stream.exchange is not None
            assert stream.exchange.early

    with FakeServer(script, server_context) as server:
        run(scenario(server))


def test_a_slow_reader_is_not_flooded(
    run: Run, server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    size = 4_000_000

    def script(peer: Peer) -> None:
        peer.shake_hands()
        peer.request()
        peer.send(b"x" * size)
        peer.wait_until_client_leaves()

    async def scenario(server: FakeServer) -> None:
        async with opened(server, client_context) as stream:
            await stream.write(QUESTION)
            first = await stream.read(10)
            assert first == b"x" * 10
            async with asyncio.timeout(60):  # in which nobody reads
                while sum(map(len, stream._link._plain)) <= 200_000:  # noqa: ASYNC110 - it tells nobody
                    await asyncio.sleep(0.001)
            for _ in range(100):
                await asyncio.sleep(0.001)
            assert sum(map(len, stream._link._plain)) < 500_000
            assert len(await read_all(stream, size - 10)) == size - 10

    with FakeServer(script, server_context) as server:
        run(scenario(server))


def test_a_large_question_is_sent_whole_to_a_slow_listener(
    run: Run, server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    question = b"x" * 6_000_000 + b"\r\n\r\n"

    def script(peer: Peer) -> None:
        peer.shake_hands()
        time.sleep(0.1)  # lets the kernel's buffers fill
        peer.send(str(len(peer.request())).encode())
        peer.wait_until_client_leaves()

    async def scenario(server: FakeServer) -> None:
        async with opened(server, client_context) as stream:
            await stream.write(question)
            assert await stream.read(100) == b"6000004"

    with FakeServer(script, server_context) as server:
        run(scenario(server))


def test_a_session_is_never_resumed(
    run: Run, server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    def script(peer: Peer) -> None:
        peer.shake_hands()
        assert not peer.resumed
        while request := peer.request():
            peer.send(request)

    async def scenario(server: FakeServer) -> None:
        for _ in range(3):
            async with opened(server, client_context) as stream:
                await stream.write(QUESTION)
                await stream.read(65536)
                assert not stream.get_extra_info("ssl_object").session_reused

    with FakeServer(script, server_context) as server:
        run(scenario(server))
        assert server.connections == 3


def test_httpcores_time_limits_are_kept(
    run: Run, client_context: ssl.SSLContext
) -> None:
    async def scenario(server: FakeServer) -> None:
        async with opened(server, None) as stream:
            with pytest.raises(httpcore.ReadTimeout, match=r"nothing for 0\.01 s"):
                await stream.read(10, timeout=0.01)
            with pytest.raises(httpcore.ConnectTimeout, match=r"nothing for 0\.01 s"):
                await stream.start_tls(client_context, "target.example", timeout=0.01)

    with FakeServer(mute) as server:
        run(scenario(server))


def test_closing_twice_is_harmless_and_ends_a_read_that_waits(run: Run) -> None:
    async def scenario(server: FakeServer) -> None:
        async with opened(server, None) as stream:
            reading = asyncio.ensure_future(stream.read(10))
            await asyncio.sleep(0)
            stream.close()
            await stream.aclose()
            with pytest.raises(httpcore.ReadError, match="closed by ourselves"):
                await reading
            assert not stream.stands
            assert stream.tcp_info() is None

    with FakeServer(mute) as server:
        run(scenario(server))


def test_a_cancelled_wait_leaves_nothing_behind(
    run: Run, client_context: ssl.SSLContext
) -> None:
    async def scenario(server: FakeServer) -> None:
        async with opened(server, None) as stream:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.01):
                    await stream.start_tls(client_context, "target.example")
        assert stream.get_extra_info("socket").fileno() == -1

    with FakeServer(mute) as server:
        run(scenario(server))


def test_a_local_address_cannot_be_chosen(run: Run) -> None:
    async def scenario() -> None:
        backend = StampingBackend(MachineClock())
        with pytest.raises(ValueError, match="neither a local address nor"):
            await backend.connect_tcp("127.0.0.1", 1, local_address="127.0.0.1")
        backend.close()

    run(scenario())


def test_httpcores_own_pool_can_use_the_backend(
    run: Run, server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    def script(peer: Peer) -> None:
        peer.shake_hands()
        while peer.request():
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")

    async def scenario(server: FakeServer) -> None:
        backend = StampingBackend(MachineClock())
        async with httpcore.AsyncConnectionPool(
            ssl_context=client_context, network_backend=backend
        ) as pool:
            url = f"https://127.0.0.1:{server.port}/"
            for _ in range(2):
                answer = await pool.request("GET", url, extensions={"timeout": {}})
                assert answer.content == b"hi"
                info = answer.extensions["network_stream"].get_extra_info
                assert info("server_addr") == ("127.0.0.1", server.port)
                assert info("client_addr")[0] == "127.0.0.1"
                assert info("nothing of the kind") is None
        backend.close()
        assert server.connections == 1

    with FakeServer(script, server_context) as server:
        run(scenario(server))
