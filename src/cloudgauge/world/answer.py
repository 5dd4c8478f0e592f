"""HTTP/1.1 answers as bytes, honest and faulty; pure. A small one is one write."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus

from cloudgauge.world.request import Request
from cloudgauge.world.site import Fault, Site

_HEAD_END = b"\r\n\r\n"
_DENIED = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n'
    b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message>"
    b"<RequestId>PRIVATE0NETWORK0</RequestId>"
    b"<HostId>cloudgauge private network, not a cloud</HostId></Error>"
)
# What a server that never stops may send before it is cut off.
ENDLESS_LIMIT_BYTES = 16 * 1024 * 1024
# One byte at a time; of an object so slowly that any bound on silence is met.
_DRIP_EVERY_S = 0.2
_OBJECT_DRIP_EVERY_S = 1.0
_SLOW_LIMIT_BYTES = 65_536
# Some 16 KB that are a thousand times larger when somebody unpacks them.
_BOMB_BYTES = 16 * 1024 * 1024
# What a host with nothing but objects answers to other paths, as S3 does.
_NO_LISTING = 403


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is written, and what happens then.

    Attributes:
        first: Written at once; empty for nothing.
        poured_bytes: How much of a body is poured after it, as fast as the peer
            reads; see `pouring`.
        rest: Written after that, byte by byte; empty for nothing.
        rest_every_s: Between two of its bytes.
        close: The connection is closed after what was written.
        reset: It is reset instead.
        mute: It stays open, and nothing is ever written to it again.
    """

    first: bytes
    poured_bytes: int = 0
    rest: bytes = b""
    rest_every_s: float = _DRIP_EVERY_S
    close: bool = False
    reset: bool = False
    mute: bool = False


def answer_to(site: Site, request: Request, fault: Fault) -> Answer:
    """What the site answers, honest or with *fault*."""
    page = _page(site, request)
    if fault in _FAULTY and not (fault in _OF_BODIES and request.method == "HEAD"):
        return _FAULTY[fault](page)
    if request.method == "HEAD":
        head = page.gzip_head if fault is Fault.GZIP_BODY else page.head
        return Answer(first=head, close=page.close)
    return Answer(
        first=page.head + page.body, poured_bytes=page.object_bytes, close=page.close
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """The honest answer, from which the others are made.

    Attributes:
        body: In full; empty where an object is asked for.
        object_bytes: The object's length; 0 for any other answer.
    """

    site: Site
    request: Request
    status: int
    body: bytes
    object_bytes: int

    @property
    def close(self) -> bool:
        return not self.request.keep_alive

    @property
    def length_bytes(self) -> int:
        return len(self.body) + self.object_bytes

    @property
    def head(self) -> bytes:
        headers = _headers(self.site, self.status, close=self.close)
        return head_of(self.status, headers, self.length_bytes)

    @property
    def endless_head(self) -> bytes:
        return head_of(self.status, (("Connection", "close"),), None)

    @property
    def gzip_head(self) -> bytes:
        headers = _headers(self.site, self.status, close=self.close)
        headers += (("Content-Encoding", "gzip"),)
        return head_of(self.status, headers, len(gzip_bomb()))


def _page(site: Site, request: Request) -> _Page:
    object_bytes = dict(site.objects).get(request.target, 0)
    status = site.conduct.status
    if status is None and object_bytes:
        status = 200
    if status is None:
        status = _status(site, request.target)
    if not 200 <= status < 300:
        object_bytes = 0
    return _Page(
        site=site,
        request=request,
        status=status,
        body=b"" if object_bytes else _body(site, status),
        object_bytes=object_bytes,
    )


@cache
def gzip_bomb() -> bytes:
    """A small body that takes much room when it is unpacked."""
    return gzip.compress(bytes(_BOMB_BYTES), mtime=0)


def bad_request() -> Answer:
    """The answer to what is no request."""
    message = _message(400, b"want HTTP/1.1\n", (("Connection", "close"),))
    return Answer(first=message, close=True)


def _status(site: Site, target: str) -> int:
    elsewhere = site.expected[0][1] if site.expected else _NO_LISTING
    return dict(site.expected).get(target, elsewhere)


def _body(site: Site, status: int) -> bytes:
    if status in {204, 304}:
        return b""
    if site.conduct.body_bytes is not None:
        repeats = site.conduct.body_bytes // len(_DENIED) + 1
        return (_DENIED * repeats)[: site.conduct.body_bytes]
    return _DENIED if status >= 300 else b"cloudgauge private network\n"


def _headers(site: Site, status: int, *, close: bool) -> tuple[tuple[str, str], ...]:
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/xml"),)
    if status in {429, 503} and site.conduct.retry_after_s is not None:
        headers += (("Retry-After", str(site.conduct.retry_after_s)),)
    return (*headers, ("Connection", "close")) if close else headers


def _busy(page: _Page, status: int) -> Answer:
    headers = _headers(page.site, status, close=page.close)
    body = b"<Error><Code>SlowDown</Code></Error>"
    return Answer(first=_message(status, body, headers), close=page.close)


def _portal(page: _Page) -> Answer:
    """A captive portal's answer: a status that the endpoint does not expect."""
    status = 302 if page.status != 302 else 200
    headers = (
        ("Content-Type", "text/html"),
        ("Location", "http://portal.invalid/login"),
        ("Connection", "close"),
    )
    body = b"<html><title>Please log in</title></html>"
    return Answer(first=_message(status, body, headers), close=True)


def _half(page: _Page, *, close: bool) -> Answer:
    """Half of what the head promises."""
    return Answer(
        first=page.head + page.body[: len(page.body) // 2],
        poured_bytes=page.object_bytes // 2,
        close=close,
        mute=not close,
    )


def _slow(page: _Page) -> Answer:
    if page.object_bytes:
        # Of all of it nobody will see the end.
        rest = bytes(min(page.object_bytes, _SLOW_LIMIT_BYTES))
        return Answer(first=page.head, rest=rest, rest_every_s=_OBJECT_DRIP_EVERY_S)
    return Answer(first=page.head, rest=page.body)


# What is wrong with a body only, which the answer to HEAD does not have.
_OF_BODIES = frozenset(
    {
        Fault.TRUNCATE,
        Fault.STALL_BODY,
        Fault.SLOW_BODY,
        Fault.ENDLESS_BODY,
        Fault.GZIP_BODY,
    }
)
_FAULTY: dict[Fault, Callable[[_Page], Answer]] = {
    Fault.STALL: lambda _: Answer(first=b"", mute=True),
    Fault.RESET: lambda _: Answer(first=b"", reset=True),
    Fault.CLOSE: lambda _: Answer(first=b"", close=True),
    Fault.GARBAGE: lambda _: Answer(
        first=b"\x00\xff this is no HTTP\r\n\r\n", close=True
    ),
    Fault.TRUNCATE: lambda page: _half(page, close=True),
    Fault.STALL_BODY: lambda page: _half(page, close=False),
    Fault.SLOW_BODY: _slow,
    Fault.ENDLESS_BODY: lambda page: Answer(
        first=page.endless_head, poured_bytes=ENDLESS_LIMIT_BYTES, close=True
    ),
    Fault.GZIP_BODY: lambda page: Answer(
        first=page.gzip_head + gzip_bomb(), close=page.close
    ),
    Fault.THROTTLE: lambda page: _busy(page, 429),
    Fault.UNAVAILABLE: lambda page: _busy(page, 503),
    Fault.PORTAL: _portal,
}


def _message(status: int, body: bytes, headers: tuple[tuple[str, str], ...]) -> bytes:
    return head_of(status, headers, len(body)) + body


def head_of(
    status: int, headers: tuple[tuple[str, str], ...], length_bytes: int | None
) -> bytes:
    """The head of an answer; a length of None is not told."""
    lines = [f"HTTP/1.1 {status} {_reason(status)}", "Server: cloudgauge-world"]
    lines += [f"{name}: {value}" for name, value in headers]
    if length_bytes is not None:
        lines.append(f"Content-Length: {length_bytes}")
    return "\r\n".join(lines).encode("latin-1") + _HEAD_END


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unassigned"
