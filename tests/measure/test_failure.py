"""The table from exceptions to kinds of failure, row by row."""

import errno
import os
import socket
import ssl

import httpcore
import httpx
import pytest

from cloudgauge.measure.failure import (
    DETAIL_LIMIT,
    EXPECTED,
    Failure,
    Phase,
    ProbeFailed,
    failure_of,
    one_line,
)
from cloudgauge.measure.transport import BodyTooLarge
from cloudgauge.model.sample import FailureKind as Kind


def os_error(code: int) -> OSError:
    return OSError(code, os.strerror(code))


def caused(outer: Exception, *causes: Exception) -> Exception:
    """*outer*, raised from the first cause, raised from the next one."""
    at: BaseException = outer
    for cause in causes:
        at.__cause__ = cause
        at = cause
    return outer


RESET = os_error(errno.ECONNRESET)
ROWS = [
    (socket.gaierror(socket.EAI_NONAME, "x"), Phase.RESOLVE, Kind.NAME_NOT_FOUND),
    (socket.gaierror(socket.EAI_NODATA, "x"), Phase.RESOLVE, Kind.NO_ADDRESS),
    (socket.gaierror(socket.EAI_ADDRFAMILY, "x"), Phase.RESOLVE, Kind.NO_ADDRESS),
    (socket.gaierror(socket.EAI_AGAIN, "x"), Phase.RESOLVE, Kind.RESOLVER_FAILED),
    (socket.gaierror(socket.EAI_FAIL, "x"), Phase.RESOLVE, Kind.RESOLVER_FAILED),
    (socket.gaierror(socket.EAI_MEMORY, "x"), Phase.RESOLVE, Kind.RESOLVER_FAILED),
    (os_error(errno.EMFILE), Phase.RESOLVE, Kind.OWN_MACHINE),
    (TimeoutError(), Phase.RESOLVE, Kind.RESOLVER_FAILED),
    (TimeoutError(), Phase.CONNECT, Kind.CONNECT_TIMEOUT),
    (TimeoutError(), Phase.TLS, Kind.TLS_TIMEOUT),
    (TimeoutError(), Phase.ANSWER, Kind.RESPONSE_TIMEOUT),
    (TimeoutError(), Phase.BODY, Kind.RESPONSE_TIMEOUT),
    (os_error(errno.ETIMEDOUT), Phase.CONNECT, Kind.CONNECT_TIMEOUT),
    (httpx.ReadTimeout(""), Phase.BODY, Kind.RESPONSE_TIMEOUT),
    (httpx.ConnectTimeout(""), Phase.TLS, Kind.TLS_TIMEOUT),
    (os_error(errno.ECONNREFUSED), Phase.CONNECT, Kind.REFUSED),
    (os_error(errno.ENETUNREACH), Phase.CONNECT, Kind.UNREACHABLE),
    (os_error(errno.EHOSTUNREACH), Phase.CONNECT, Kind.UNREACHABLE),
    (os_error(errno.ENETDOWN), Phase.CONNECT, Kind.UNREACHABLE),
    (os_error(errno.EHOSTDOWN), Phase.CONNECT, Kind.UNREACHABLE),
    (os_error(errno.ENETRESET), Phase.ANSWER, Kind.UNREACHABLE),
    (os_error(errno.ECONNRESET), Phase.TLS, Kind.RESET),
    (os_error(errno.ECONNABORTED), Phase.ANSWER, Kind.RESET),
    (os_error(errno.EPIPE), Phase.ANSWER, Kind.RESET),
    (os_error(errno.ENOTCONN), Phase.TLS, Kind.RESET),
    (os_error(errno.EPROTO), Phase.CONNECT, Kind.PROTOCOL_ERROR),
    (os_error(errno.EMFILE), Phase.CONNECT, Kind.OWN_MACHINE),
    (os_error(errno.ENFILE), Phase.CONNECT, Kind.OWN_MACHINE),
    (os_error(errno.ENOMEM), Phase.CONNECT, Kind.OWN_MACHINE),
    (os_error(errno.ENOBUFS), Phase.ANSWER, Kind.OWN_MACHINE),
    (os_error(errno.EADDRNOTAVAIL), Phase.CONNECT, Kind.OWN_MACHINE),
    (os_error(errno.EACCES), Phase.CONNECT, Kind.OWN_MACHINE),
    (os_error(errno.EPERM), Phase.CONNECT, Kind.OWN_MACHINE),
    (os_error(errno.EAFNOSUPPORT), Phase.CONNECT, Kind.OWN_MACHINE),
    (ssl.SSLCertVerificationError(1, "x"), Phase.TLS, Kind.TLS_CERTIFICATE),
    (ssl.SSLError(1, "x"), Phase.TLS, Kind.TLS_PROTOCOL),
    (ssl.SSLEOFError(8, "x"), Phase.TLS, Kind.TLS_PROTOCOL),
    (ssl.SSLError(1, "alert"), Phase.ANSWER, Kind.TLS_PROTOCOL),
    (EOFError("closed"), Phase.TLS, Kind.TLS_PROTOCOL),
    (caused(httpcore.ConnectError("x"), RESET), Phase.TLS, Kind.RESET),
    (
        caused(httpx.ReadError("x"), httpcore.ReadError("x"), RESET),
        Phase.ANSWER,
        Kind.RESET,
    ),
    (
        caused(httpx.ReadError("x"), httpcore.ReadError("x"), ssl.SSLError(1, "x")),
        Phase.BODY,
        Kind.TLS_PROTOCOL,
    ),
    (
        caused(httpcore.ConnectError("x"), ssl.SSLCertVerificationError(1, "x")),
        Phase.TLS,
        Kind.TLS_CERTIFICATE,
    ),
    (httpx.RemoteProtocolError("x"), Phase.ANSWER, Kind.PROTOCOL_ERROR),
    (httpx.RemoteProtocolError("x"), Phase.BODY, Kind.PROTOCOL_ERROR),
    (BodyTooLarge("x"), Phase.BODY, Kind.BODY_TOO_LARGE),
    (ProbeFailed(Kind.REFUSED_BY_POLICY, "x"), Phase.RESOLVE, Kind.REFUSED_BY_POLICY),
]


@pytest.mark.parametrize(("exc", "phase", "kind"), ROWS)
def test_an_exception_has_its_kind(exc: Exception, phase: Phase, kind: Kind) -> None:
    assert isinstance(exc, (*EXPECTED, EOFError))
    assert failure_of(exc, phase).kind is kind


def test_a_body_that_the_peer_cut_off_is_truncated() -> None:
    exc = httpx.RemoteProtocolError("peer closed connection")
    assert failure_of(exc, Phase.BODY, ended=True).kind is Kind.TRUNCATED_BODY
    assert failure_of(exc, Phase.ANSWER, ended=True).kind is Kind.PROTOCOL_ERROR


def test_the_detail_is_that_of_the_cause() -> None:
    exc = caused(httpx.ReadError("wrapped"), httpcore.ReadError("wrapped"), RESET)
    assert failure_of(exc, Phase.ANSWER) == Failure(
        kind=Kind.RESET, detail="[Errno 104] Connection reset by peer"
    )


def test_a_timeout_without_words_gets_some() -> None:
    assert failure_of(TimeoutError(), Phase.TLS).detail == "no tls in time"


def test_what_is_in_no_row_is_a_bug() -> None:
    with pytest.raises(TypeError, match="not an expected failure: OSError"):
        failure_of(OSError(), Phase.CONNECT)
    assert not isinstance(ValueError("x"), EXPECTED)
    assert not isinstance(httpx.LocalProtocolError("our own header"), EXPECTED)
    assert not isinstance(httpcore.ConnectionNotAvailable(), EXPECTED)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("plain", "plain"),
        (" two\r\nlines \n", "two lines"),
        ("\x1b[31mred\x1b[0m", "[31mred [0m"),
        ("turned\u202eround", "turned round"),
        ("é and 你好", "é and 你好"),
        ("x" * 200, "x" * 200),
        ("x" * 201, "x" * 199 + "…"),
    ],
)
def test_a_strangers_words_become_one_harmless_line(text: str, line: str) -> None:
    assert one_line(text) == line
    assert len(one_line(text)) <= DETAIL_LIMIT
