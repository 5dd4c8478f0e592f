"""One connection under httpx, and what our dependencies do that we rely upon."""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import h11
import httpx
import pytest

from cloudgauge.measure.clock import MachineClock
from cloudgauge.measure.stream import StampingBackend
from cloudgauge.measure.transport import (
    BodyTooLarge,
    OwnConnectionTransport,
    prepare,
)
from tests.fakes.server import (
    FakeServer,
    Peer,
    answer_bytes,
    answering,
    answering_once,
    stalling,
)
from tests.measure.conftest import Run

URL = "https://target.example/"


@asynccontextmanager
async def transport_to(
    server: FakeServer, context: ssl.SSLContext, *, body_limit_bytes: int = 1000
) -> AsyncIterator[OwnConnectionTransport]:
    backend = StampingBackend(MachineClock())
    stream = await backend.connect_tcp("127.0.0.1", server.port)
    await stream.start_tls(context, "target.example")
    transport = OwnConnectionTransport(stream, body_limit_bytes=body_limit_bytes)
    try:
        yield transport
    finally:
        await transport.aclose()
        backend.close()


async def no_bytes() -> AsyncIterator[bytes]:
    yield b""


async def fetch(transport: OwnConnectionTransport) -> tuple[int, bytes]:
    response = await transport.handle_async_request(httpx.Request("GET", URL))
    return response.status_code, await response.aread()


def test_requests_follow_one_another_on_one_connection(
    run: Run, server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    async def scenario(server: FakeServer) -> None:
        async with transport_to(server, client_context) as transport:
            assert transport.is_reusable
            for _ in range(5):
                assert await fetch(transport) == (200, b"hello")
                assert transport.is_reusable
        assert server.connections == 1

    with FakeServer(answering(answer_bytes()), server_context) as server:
        run(scenario(server))


def test_httpxs_own_client_can_use_the_transport(
    run: Run, server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    async def scenario(server: FakeServer) -> None:
        async with (
            transport_to(server, client_context) as transport,
            httpx.AsyncClient(transport=transport, trust_env=False) as client,
        ):
            response = await client.get(URL)
            assert response.text == "hello"
            stream = response.extensions["network_stream"]
            assert stream.exchange.first.kernel_ns is not None

    with FakeServer(answering(answer_bytes()), server_context) as server:
        run(scenario(server))


@pytest.mark.parametrize(
    "answer",
    [
        answer_bytes(200, b"hello", "Connection: close"),
        b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\n\r\nhello",
    ],
)
def test_a_server_that_leaves_has_answered_and_ends_the_connection(
    run: Run,
    server_context: ssl.SSLContext,
    client_context: ssl.SSLContext,
    answer: bytes,
) -> None:
    async def scenario(server: FakeServer) -> None:
        async with transport_to(server, client_context) as transport:
            assert await fetch(transport) == (200, b"hello")
            assert not transport.is_reusable

    with FakeServer(answering_once(answer), server_context) as server:
        run(scenario(server))


def test_a_server_that_leaves_without_a_word_is_noticed_before_the_next_request(
    run: Run, server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    async def scenario(server: FakeServer) -> None:
        async with transport_to(server, client_context) as transport:
            assert await fetch(transport) == (200, b"hello")
            assert left.wait(10)
            async with asyncio.timeout(30):
                while transport.is_reusable:  # noqa: ASYNC110 - it tells nobody
                    await asyncio.sleep(0)  # a turn of the loop, in which it is read

    def leave(peer: Peer) -> None:
        peer.close()
        left.set()

    left = threading.Event()
    script = answering_once(answer_bytes(), leave)
    with FakeServer(script, server_context) as server:
        run(scenario(server))


@pytest.mark.parametrize(
    ("size", "fits"), [(999, True), (1000, True), (1001, False), (3_000_000, False)]
)
def test_a_body_is_read_up_to_its_bound(
    run: Run,
    server_context: ssl.SSLContext,
    client_context: ssl.SSLContext,
    *,
    size: int,
    fits: bool,
) -> None:
    async def scenario(server: FakeServer) -> None:
        async with transport_to(server, client_context) as transport:
            if fits:
                assert await fetch(transport) == (200, b"x" * size)
            else:
                with pytest.raises(BodyTooLarge, match="body beyond 1000 bytes"):
                    await fetch(transport)
                assert not transport.is_reusable

    script = answering(answer_bytes(200, b"x" * size))
    with FakeServer(script, server_context) as server:
        run(scenario(server))


def test_a_body_without_end_is_left_at_its_bound(
    run: Run, server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    def endless(peer: Peer) -> None:
        peer.shake_hands()
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            while True:
                peer.send(b"400\r\n" + b"x" * 1024 + b"\r\n")

    async def scenario(server: FakeServer) -> None:
        async with transport_to(
            server, client_context, body_limit_bytes=100_000
        ) as transport:
            with pytest.raises(BodyTooLarge, match="body beyond 100000 bytes"):
                await fetch(transport)

    with FakeServer(endless, server_context) as server:
        run(scenario(server))


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"", httpx.RemoteProtocolError),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", httpx.RemoteProtocolError),
        (answer_bytes(length=500), httpx.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000, httpx.RemoteProtocolError),
    ],
)
def test_what_is_no_whole_answer_raises_httpxs_own_errors(
    run: Run,
    server_context: ssl.SSLContext,
    client_context: ssl.SSLContext,
    answer: bytes,
    expected: type[Exception],
) -> None:
    async def scenario(server: FakeServer) -> None:
        async with transport_to(server, client_context) as transport:
            with pytest.raises(expected) as caught:
                await fetch(transport)
            assert isinstance(caught.value.__cause__, h11.RemoteProtocolError)

    with FakeServer(answering_once(answer), server_context) as server:
        run(scenario(server))


def test_a_reset_keeps_the_kernels_own_word_as_its_cause(
    run: Run, server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    async def scenario(server: FakeServer) -> None:
        async with transport_to(server, client_context) as transport:
            with pytest.raises(httpx.ReadError) as caught:
                await fetch(transport)
        inner = caught.value.__cause__
        assert inner is not None
        assert isinstance(inner.__cause__, ConnectionResetError)

    script = answering_once(answer_bytes(length=500), Peer.reset)
    with FakeServer(script, server_context) as server:
        run(scenario(server))


def test_a_request_is_prepared_once() -> None:
    request = httpx.Request("GET", "https://target.example:8443/a?b=c")
    prepared = prepare(request)
    assert prepare(request) is prepared
    assert prepared.method == b"GET"
    assert prepared.target == b"/a?b=c"
    assert dict(prepared.headers)[b"host"] == b"target.example:8443"


@pytest.mark.parametrize("body", [{"content": b"x"}, {"content": no_bytes()}])
def test_a_request_with_a_body_is_refused(body: dict[str, Any]) -> None:
    request = httpx.Request("PUT", URL, **body)
    with pytest.raises(httpx.LocalProtocolError, match="a request with a body"):
        prepare(request)


def test_hints_before_the_answer_are_not_the_answer(
    run: Run, server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    async def scenario(server: FakeServer) -> None:
        async with transport_to(server, client_context) as transport:
            assert await fetch(transport) == (200, b"hello")
            assert transport.is_reusable

    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 2
    with FakeServer(answering(hints + answer_bytes()), server_context) as server:
        run(scenario(server))


def test_an_answer_whose_body_is_left_ends_the_connection(
    run: Run, server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    async def scenario(server: FakeServer) -> None:
        async with transport_to(server, client_context) as transport:
            request = httpx.Request("GET", URL)
            response = await transport.handle_async_request(request)
            assert not transport.is_reusable
            await response.aclose()
            assert not transport.stream.stands

    with FakeServer(answering(answer_bytes()), server_context) as server:
        run(scenario(server))


def test_a_server_that_answers_and_leaves_before_it_is_asked_has_answered(
    run: Run,
) -> None:
    """The question cannot be sent; what came is read all the same."""

    async def scenario(server: FakeServer) -> None:
        backend = StampingBackend(MachineClock())
        stream = await backend.connect_tcp("127.0.0.1", server.port)
        transport = OwnConnectionTransport(stream, body_limit_bytes=1000)
        stood.set()
        while stream.stands:  # noqa: ASYNC110 - the reset, behind the answer, is no event
            await asyncio.sleep(0)
        assert await fetch(transport) == (408, b"hello")
        await transport.aclose()
        backend.close()

    def script(peer: Peer) -> None:
        peer.sock.sendall(answer_bytes(408))
        # A reset that overtakes the end of connecting would fail that.
        assert stood.wait(30)
        peer.reset()

    stood = threading.Event()

    with FakeServer(script) as server:
        run(scenario(server))


def test_the_clients_own_time_limit_holds(
    run: Run, server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    async def scenario(server: FakeServer) -> None:
        async with (
            transport_to(server, client_context) as transport,
            httpx.AsyncClient(transport=transport, timeout=0.05) as client,
        ):
            with pytest.raises(httpx.ReadTimeout, match=r"nothing for 0\.05 s"):
                await client.get(URL)

    with FakeServer(stalling, server_context) as server:
        run(scenario(server))


def test_a_request_is_written_at_once(
    run: Run, server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    """The send stamp is that of the first write: there must be but one."""
    heads: list[bytes] = []

    def script(peer: Peer) -> None:
        peer.shake_hands()
        while head := peer.request():
            heads.append(head)
            peer.send(answer_bytes())

    async def scenario(server: FakeServer) -> None:
        async with transport_to(server, client_context) as transport:
            await fetch(transport)

    with FakeServer(script, server_context) as server:
        run(scenario(server))
    assert heads == [b"GET / HTTP/1.1\r\nHost: target.example\r\n\r\n"]


def test_h11_takes_what_came_too_much_for_the_next_answer(
    run: Run, server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    """Why a visit looks whether the answer's first byte came after its question."""
    asked = threading.Event()

    def script(peer: Peer) -> None:
        peer.shake_hands()
        peer.request()
        peer.send(answer_bytes() + answer_bytes(299))
        peer.request()
        asked.set()
        peer.wait_until_client_leaves()

    async def scenario(server: FakeServer) -> None:
        async with transport_to(server, client_context) as transport:
            assert await fetch(transport) == (200, b"hello")
            assert await fetch(transport) == (299, b"hello")
            exchange = transport.stream.exchange
            assert exchange is not None
            assert exchange.first is None

    with FakeServer(script, server_context) as server:
        run(scenario(server))
        assert asked.wait(10)


def test_an_exchange_takes_no_turn_of_the_loop_before_its_question_leaves(
    run: Run, server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:

    async def scenario(server: FakeServer) -> None:
        async with transport_to(server, client_context) as transport:
            request = httpx.Request("GET", URL)
            exchange = transport.handle_async_request(request)
            waiting = exchange.send(None)  # runs it up to its first real wait
            assert transport.stream.exchange is not None
            assert waiting is not None
            exchange.close()

    with FakeServer(answering(answer_bytes()), server_context) as server:
        run(scenario(server))
