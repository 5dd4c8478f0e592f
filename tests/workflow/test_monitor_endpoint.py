import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from http import HTTPStatus

import pytest

from cloudgauge.errors import ConfigError, MachineError
from cloudgauge.workflow.monitor_endpoint import (
    MOST_CONNECTIONS,
    REQUEST_LIMIT_BYTES,
    Address,
    Answer,
    listening,
    parse_address,
)

_LOOPBACK = Address(host="127.0.0.1", port=0)
_PATIENCE_S = 60.0


async def _hello(*, packed: bool) -> Answer:
    return Answer(
        status=HTTPStatus.OK,
        content_type="text/plain",
        body=b"packed\n" if packed else b"plain\n",
        packed=packed,
    )


@asynccontextmanager
async def connected(
    address: Address,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection(address.host, address.port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def asked(address: Address, request: bytes) -> bytes:
    """All that is answered to a request."""
    async with connected(address) as (reader, writer):
        writer.write(request)
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""


def while_listening(attempt: Callable[[Address], Awaitable[None]]) -> None:
    async def run() -> None:
        async with (
            asyncio.timeout(_PATIENCE_S),
            listening(_LOOPBACK, {"/metrics": _hello}) as address,
        ):
            await attempt(address)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("request_head", "status"),
    [
        (b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", b"200 OK"),
        (b"GET /metrics?name[]=a HTTP/1.0\r\n\r\n", b"200 OK"),
        (b"POST /metrics HTTP/1.1\r\n\r\n", b"405 Method Not Allowed"),
        (b"HEAD /metrics HTTP/1.1\r\n\r\n", b"405 Method Not Allowed"),
        (b"GET / HTTP/1.1\r\n\r\n", b"404 Not Found"),
        (b"GET /metrics/../../etc/passwd HTTP/1.1\r\n\r\n", b"404 Not Found"),
        (b"GET metrics HTTP/1.1\r\n\r\n", b"400 Bad Request"),
        (b"GET /metrics HTTP/2.0\r\n\r\n", b"400 Bad Request"),
        (b"\x16\x03\x01\x02\x00\r\n\r\n", b"400 Bad Request"),
        (
            b"GET /metrics HTTP/1.1\r\nX: " + b"x" * REQUEST_LIMIT_BYTES + b"\r\n\r\n",
            b"431 Request Header Fields Too Large",
        ),
    ],
)
def test_one_method_and_the_paths_that_there_are_are_answered(
    request_head: bytes, status: bytes
) -> None:
    async def attempt(address: Address) -> None:
        answer = await asked(address, request_head)
        assert answer.startswith(b"HTTP/1.1 " + status + b"\r\n"), answer
        head, _, body = answer.partition(b"\r\n\r\n")
        assert f"Content-Length: {len(body)}".encode() in head
        assert b"Connection: close" in head
        assert (b"Allow: GET" in head) is (b"405" in status)

    while_listening(attempt)


def test_who_can_unpack_gets_it_packed() -> None:
    async def attempt(address: Address) -> None:
        for said, packed in (
            (b"Accept-Encoding: deflate, gzip;q=0.5", True),
            (b"accept-encoding: gzip", True),
            (b"Accept-Encoding: gzip;q=0, identity", False),
            (b"Accept-Encoding: identity", False),
        ):
            head = b"GET /metrics HTTP/1.1\r\n" + said + b"\r\n\r\n"
            answer = await asked(address, head)
            assert answer.endswith(b"packed\n" if packed else b"plain\n"), said
            assert (b"Content-Encoding: gzip" in answer) is packed

    while_listening(attempt)


def test_who_connects_beyond_the_bound_is_cut_off_and_others_are_not() -> None:
    async def attempt(address: Address) -> None:
        head = b"GET /metrics HTTP/1.1\r\n\r\n"
        async with AsyncExitStack() as opened:
            waiting = [
                await opened.enter_async_context(connected(address))
                for _ in range(MOST_CONNECTIONS)
            ]
            # Each is taken in order, so those before are held by now.
            assert await asked(address, head) == b""
            for reader, writer in waiting:
                writer.write(head)
                assert (await reader.read()).endswith(b"plain\n")
        assert (await asked(address, head)).endswith(b"plain\n")

    while_listening(attempt)


def test_who_goes_away_leaves_nothing_behind() -> None:
    async def attempt(address: Address) -> None:
        for _ in range(3 * MOST_CONNECTIONS):
            async with connected(address) as (_, writer):
                writer.write(b"GET /met")
                writer.transport.abort()
        head = b"GET /metrics HTTP/1.1\r\n\r\n"
        while not (await asked(address, head)).endswith(b"plain\n"):
            # Those that have gone may still be counted.
            pass

    while_listening(attempt)


def test_an_address_that_is_taken_is_named() -> None:
    async def attempt(address: Address) -> None:
        with pytest.raises(MachineError, match=rf"^127\.0\.0\.1:{address.port}: "):
            async with listening(address, {}):
                pass

    while_listening(attempt)


def test_an_address_is_one_of_ip_with_a_port() -> None:
    assert parse_address("[::1]:9464") == Address(host="::1", port=9464)
    assert str(parse_address("[::1]:9464")) == "[::1]:9464"
    assert str(parse_address("127.0.0.1:1")) == "127.0.0.1:1"
    assert parse_address("[::1]:1").is_loopback
    assert not parse_address("0.0.0.0:1").is_loopback
    for text in ("localhost:9464", "127.0.0.1", "9464", "1.2.3.4:65536", "[:::]:1"):
        with pytest.raises(ConfigError, match="--metrics: want an IP address and a"):
            parse_address(text)
