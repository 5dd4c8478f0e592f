"""A small HTTP server for metrics: two paths, one method, everything bounded.

Each connection is for one request. Nothing that comes in is kept, and what is answered
is made of counts alone.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import ip_address
from typing import Protocol

from cloudgauge.errors import ConfigError, MachineError

DEFAULT_ADDRESS = "127.0.0.1:9464"
MOST_CONNECTIONS = 16
REQUEST_LIMIT_BYTES = 8 * 1024
REQUEST_S = 5.0
# Of the whole exchange: who reads more slowly than this is cut off.
ANSWER_S = 30.0
_REQUEST = re.compile(rb"([A-Z]{1,16}) (/[!-~]{0,1024}) HTTP/1\.[01]")
_PACKED = re.compile(rb"\r\naccept-encoding:[^\r]*\bgzip\b(?!;q=0[^.])", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:\[([0-9A-Fa-f:]+)\]|([0-9.]+)):([0-9]{1,5})", re.ASCII)
METRICS_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
HEALTH_TYPE = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where to listen: an IP address, never a name, and a port; 0 for any."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return ip_address(self.host).is_loopback

    def __str__(self) -> str:
        return (
            f"[{self.host}]:{self.port}"
            if ":" in self.host
            else f"{self.host}:{self.port}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a path gives.

    Attributes:
        packed: The body is packed by gzip.
    """

    status: HTTPStatus
    content_type: str
    body: bytes
    packed: bool = False


class Path(Protocol):
    """What answers for a path."""

    def __call__(self, *, packed: bool) -> Awaitable[Answer]:
        """The answer; *packed* if the asker can unpack it."""
        ...


def parse_address(text: str, where: str = "--metrics") -> Address:
    """Read ``127.0.0.1:9464`` or ``[::1]:9464``.

    Raises:
        ConfigError: It is no IP address with a port.
    """
    found = _ADDRESS.fullmatch(text)
    try:
        host = "" if found is None else str(ip_address(found[1] or found[2]))
    except ValueError:
        host = ""
    if found is None or not host or int(found[3]) > 65_535:
        problem = (
            f"want an IP address and a port, such as {DEFAULT_ADDRESS}, got {text}"
        )
        raise ConfigError(where, problem)
    return Address(host=host, port=int(found[3]))


@asynccontextmanager
async def listening(
    address: Address, paths: Mapping[str, Path]
) -> AsyncIterator[Address]:
    """Answer for *paths* until the block ends; gives the address it listens at.

    Raises:
        MachineError: The address cannot be had.
    """
    endpoint = _Endpoint(paths)
    try:
        server = await asyncio.start_server(
            endpoint.connected,
            address.host,
            address.port,
            limit=REQUEST_LIMIT_BYTES,
        )
    except OSError as exc:
        msg = f"{address}: metrics cannot be had there: {exc.strerror or exc}"
        raise MachineError(msg) from exc
    port = int(server.sockets[0].getsockname()[1])
    try:
        yield Address(host=address.host, port=port)
    finally:
        server.close()
        endpoint.close()


class _Endpoint:
    """Who is connected now, and what each is answered."""

    def __init__(self, paths: Mapping[str, Path]) -> None:
        self._paths = paths
        self._writers: set[asyncio.StreamWriter] = set()

    def close(self) -> None:
        """Cut everybody off."""
        for writer in self._writers:
            writer.transport.abort()

    async def connected(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Answer one request, within its time."""
        if len(self._writers) >= MOST_CONNECTIONS:
            writer.transport.abort()
            return
        self._writers.add(writer)
        try:
            async with asyncio.timeout(ANSWER_S):
                await self._exchange(reader, writer)
        except (TimeoutError, OSError):
            # Who does not read, or has gone, is no concern of ours.
            writer.transport.abort()
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        answer = await self._answer(reader)
        head = (
            f"HTTP/1.1 {answer.status.value} {answer.status.phrase}\r\n"
            f"Content-Type: {answer.content_type}\r\n"
            f"Content-Length: {len(answer.body)}\r\n"
            "Cache-Control: no-store\r\n"
            "X-Content-Type-Options: nosniff\r\n"
            f"{_more(answer)}Connection: close\r\n\r\n"
        )
        writer.write(head.encode("ascii") + answer.body)
        await writer.drain()

    async def _answer(self, reader: asyncio.StreamReader) -> Answer:
        try:
            async with asyncio.timeout(REQUEST_S):
                head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError:
            return _refusal(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        except TimeoutError:
            return _refusal(HTTPStatus.REQUEST_TIMEOUT)
        except asyncio.IncompleteReadError:
            return _refusal(HTTPStatus.BAD_REQUEST)
        return await self._asked(head)

    async def _asked(self, head: bytes) -> Answer:
        found = _REQUEST.fullmatch(head.partition(b"\r\n")[0])
        if found is None:
            return _refusal(HTTPStatus.BAD_REQUEST)
        if found[1] != b"GET":
            return _refusal(HTTPStatus.METHOD_NOT_ALLOWED)
        path = self._paths.get(found[2].decode("ascii").partition("?")[0])
        if path is None:
            return _refusal(HTTPStatus.NOT_FOUND)
        return await path(packed=_PACKED.search(head) is not None)


def _more(answer: Answer) -> str:
    allowed = answer.status is HTTPStatus.METHOD_NOT_ALLOWED
    packed = "Content-Encoding: gzip\r\n" if answer.packed else ""
    return packed + ("Allow: GET\r\n" if allowed else "")


def _refusal(status: HTTPStatus) -> Answer:
    body = f"{status.value} {status.phrase}\n".encode("ascii")
    return Answer(status=status, content_type="text/plain", body=body)
