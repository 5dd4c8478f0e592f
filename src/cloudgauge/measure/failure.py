"""An exception into a `FailureKind`, by one table.

What is in no row is a bug and is not caught.
"""

import errno
import re
import socket
import ssl
from dataclasses import dataclass
from enum import StrEnum

import httpcore
import httpx

from cloudgauge.measure.transport import BodyTooLarge
from cloudgauge.model.sample import FailureKind

DETAIL_LIMIT = 200
# Line breaks, escapes and the marks that turn text round: a server's words end up in
# terminals and reports.
_UNPRINTABLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+"
)


class Phase(StrEnum):
    """What a visit was doing."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    TLS = "tls"
    ANSWER = "answer"
    BODY = "body"


class ProbeFailed(Exception):
    """An expected failure that no library's exception stands for."""

    def __init__(self, kind: FailureKind, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why there is no answer, and one line about it for people."""

    kind: FailureKind
    detail: str


# What a visit may raise; anything else is a bug and stops the run.
EXPECTED = (
    ProbeFailed,
    BodyTooLarge,
    OSError,
    httpcore.NetworkError,
    httpx.NetworkError,
    httpx.RemoteProtocolError,
    httpx.TimeoutException,
)

_TIMEOUT = {
    Phase.RESOLVE: FailureKind.RESOLVER_FAILED,
    Phase.CONNECT: FailureKind.CONNECT_TIMEOUT,
    Phase.TLS: FailureKind.TLS_TIMEOUT,
    Phase.ANSWER: FailureKind.RESPONSE_TIMEOUT,
    Phase.BODY: FailureKind.RESPONSE_TIMEOUT,
}
# The first row that the exception, or what caused it, is an instance of.
_BY_TYPE: tuple[tuple[type[BaseException], FailureKind | None], ...] = (
    (BodyTooLarge, FailureKind.BODY_TOO_LARGE),
    (httpx.RemoteProtocolError, FailureKind.PROTOCOL_ERROR),
    (httpx.TimeoutException, None),  # by phase
    (TimeoutError, None),
    (ssl.SSLCertVerificationError, FailureKind.TLS_CERTIFICATE),
    (ssl.SSLError, FailureKind.TLS_PROTOCOL),
    (EOFError, FailureKind.TLS_PROTOCOL),
)
# The path's doing. Any other number is our own kernel refusing us: too many open
# files, no memory, no free port, a firewall of our own.
_BY_ERRNO = {
    errno.ECONNREFUSED: FailureKind.REFUSED,
    errno.ENETUNREACH: FailureKind.UNREACHABLE,
    errno.EHOSTUNREACH: FailureKind.UNREACHABLE,
    errno.ENETDOWN: FailureKind.UNREACHABLE,
    errno.EHOSTDOWN: FailureKind.UNREACHABLE,
    errno.ENETRESET: FailureKind.UNREACHABLE,
    errno.ECONNRESET: FailureKind.RESET,
    errno.ECONNABORTED: FailureKind.RESET,
    errno.ENOTCONN: FailureKind.RESET,  # it was, when it was made
    errno.EPIPE: FailureKind.RESET,
    errno.EPROTO: FailureKind.PROTOCOL_ERROR,
}
_BY_RESOLVER_CODE = {
    socket.EAI_NONAME: FailureKind.NAME_NOT_FOUND,
    # The name exists, without an address of the family asked for.
    getattr(socket, "EAI_NODATA", socket.EAI_NONAME): FailureKind.NO_ADDRESS,
    getattr(socket, "EAI_ADDRFAMILY", socket.EAI_NONAME): FailureKind.NO_ADDRESS,
}


def failure_of(exc: BaseException, phase: Phase, *, ended: bool = False) -> Failure:
    """Say what *exc*, raised in *phase*, means.

    Args:
        exc: One of `EXPECTED`.
        phase: What the visit was doing.
        ended: The peer had closed its side.
    """
    if isinstance(exc, ProbeFailed):
        return Failure(kind=exc.kind, detail=one_line(str(exc)))
    cause = _cause(exc)
    kind = _kind(exc, cause, phase)
    if kind is FailureKind.PROTOCOL_ERROR and phase is Phase.BODY and ended:
        kind = FailureKind.TRUNCATED_BODY
    text = str(cause) or str(exc) or f"no {phase} in time"
    return Failure(kind=kind, detail=one_line(text))


def one_line(text: str) -> str:
    """*text* on one line, printable, at most `DETAIL_LIMIT` characters."""
    line = _UNPRINTABLE.sub(" ", text).strip()
    return line if len(line) <= DETAIL_LIMIT else f"{line[: DETAIL_LIMIT - 1]}…"


def _cause(exc: BaseException) -> BaseException:
    """What lies under httpx's and httpcore's wrapping."""
    wrapping = (httpx.NetworkError, httpcore.NetworkError)
    while isinstance(exc, wrapping) and exc.__cause__ is not None:
        exc = exc.__cause__
    return exc


def _kind(exc: BaseException, cause: BaseException, phase: Phase) -> FailureKind:
    for kind_of_exception, kind in _BY_TYPE:
        if isinstance(cause, kind_of_exception):
            return kind or _TIMEOUT[phase]
    code = cause.errno if isinstance(cause, OSError) else None
    if isinstance(cause, socket.gaierror):
        return _BY_RESOLVER_CODE.get(code or 0, FailureKind.RESOLVER_FAILED)
    if code is None:
        msg = f"not an expected failure: {exc!r}"
        raise TypeError(msg) from exc
    return _BY_ERRNO.get(code, FailureKind.OWN_MACHINE)
