"""HTTP/1.1 requests and answers as bytes; pure. One answer is one write."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from cloudgauge.world.site import Fault, Site

REQUEST_LIMIT_BYTES = 64 * 1024
_HEAD_END = b"\r\n\r\n"
_DENIED = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n'
    b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message>"
    b"<RequestId>PRIVATE0NETWORK0</RequestId>"
    b"<HostId>cloudgauge private network, not a cloud</HostId></Error>"
)
# What a server that never stops may send before it is cut off.
ENDLESS_LIMIT_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The head of a request.

    Attributes:
        target: Path and query.
        keep_alive: Whether the connection stays open.
        size_bytes: Length of head and body.
    """

    method: str
    target: str
    keep_alive: bool
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is written, and what happens then.

    Attributes:
        first: Written at once; empty for nothing.
        rest: Written later, in small pieces; empty for nothing.
        close: The connection is closed after what was written.
        reset: It is reset instead.
        endless: The body goes on until the client leaves.
    """

    first: bytes
    rest: bytes = b""
    close: bool = False
    reset: bool = False
    endless: bool = False


class MalformedRequestError(Exception):
    """What came is no HTTP/1.1 request."""


def read_request(data: bytes | bytearray) -> Request | None:
    """Read a request from the start of *data*; None if it is not whole yet.

    Raises:
        MalformedRequestError: It will never be one.
    """
    end = data.find(_HEAD_END)
    if end < 0:
        if len(data) > REQUEST_LIMIT_BYTES:
            raise MalformedRequestError
        return None
    lines = bytes(data[:end]).decode("latin-1").split("\r\n")
    parts = lines[0].split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise MalformedRequestError
    keep_alive = parts[2] == "HTTP/1.1"
    body_bytes = 0
    for line in lines[1:]:
        name, _, value = line.partition(":")
        match name.strip().lower():
            case "connection":
                keep_alive = value.strip().lower() != "close" and keep_alive
            case "content-length":
                if not value.strip().isdecimal():
                    raise MalformedRequestError
                body_bytes = int(value)
    size_bytes = end + len(_HEAD_END) + body_bytes
    if size_bytes > REQUEST_LIMIT_BYTES:
        raise MalformedRequestError
    if size_bytes > len(data):
        return None
    return Request(
        method=parts[0], target=parts[1], keep_alive=keep_alive, size_bytes=size_bytes
    )


def answer_to(site: Site, request: Request, fault: Fault) -> Answer:
    """What the site answers, honest or with *fault*."""
    status = _status(site, request.target)
    body = _body(site, status)
    close = not request.keep_alive
    whole = _message(status, body, _headers(site, status, close=close))
    head = whole[: len(whole) - len(body)]
    page = _Page(site=site, request=request, status=status, head=head, body=body)
    if fault in _FAULTY:
        return _FAULTY[fault](page)
    first = head if request.method == "HEAD" else whole
    return Answer(first=first, close=close)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """The honest answer, from which the others are made."""

    site: Site
    request: Request
    status: int
    head: bytes
    body: bytes

    @property
    def half(self) -> bytes:
        return self.head + self.body[: len(self.body) // 2]

    @property
    def endless_head(self) -> bytes:
        return _message(self.status, b"", (("Connection", "close"),), counted=False)


def bad_request() -> Answer:
    """The answer to what is no request."""
    message = _message(400, b"want HTTP/1.1\n", (("Connection", "close"),))
    return Answer(first=message, close=True)


def _status(site: Site, target: str) -> int:
    if site.conduct.status is not None:
        return site.conduct.status
    return dict(site.expected).get(target, site.expected[0][1])


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
    close = not page.request.keep_alive
    headers = _headers(page.site, status, close=close)
    body = b"<Error><Code>SlowDown</Code></Error>"
    return Answer(first=_message(status, body, headers), close=close)


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


_FAULTY: dict[Fault, Callable[[_Page], Answer]] = {
    Fault.STALL: lambda _: Answer(first=b""),
    Fault.RESET: lambda _: Answer(first=b"", reset=True),
    Fault.CLOSE: lambda _: Answer(first=b"", close=True),
    Fault.GARBAGE: lambda _: Answer(
        first=b"\x00\xff this is no HTTP\r\n\r\n", close=True
    ),
    Fault.TRUNCATE: lambda page: Answer(first=page.half, close=True),
    Fault.STALL_BODY: lambda page: Answer(first=page.half),
    Fault.SLOW_BODY: lambda page: Answer(first=page.head, rest=page.body),
    Fault.ENDLESS_BODY: lambda page: Answer(first=page.endless_head, endless=True),
    Fault.THROTTLE: lambda page: _busy(page, 429),
    Fault.UNAVAILABLE: lambda page: _busy(page, 503),
    Fault.PORTAL: _portal,
}


def _message(
    status: int,
    body: bytes,
    headers: tuple[tuple[str, str], ...],
    *,
    counted: bool = True,
) -> bytes:
    lines = [f"HTTP/1.1 {status} {_reason(status)}", "Server: cloudgauge-world"]
    lines += [f"{name}: {value}" for name, value in headers]
    if counted:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + _HEAD_END + body


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unassigned"
