"""Requests read and answers written, byte by byte."""

import pytest

from cloudgauge.world.answer import (
    REQUEST_LIMIT_BYTES,
    Answer,
    MalformedRequestError,
    Request,
    answer_to,
    bad_request,
    read_request,
)
from cloudgauge.world.site import Conduct, Fault, Link, Site


def _site(**conduct: object) -> Site:
    return Site(
        host="a.example",
        region_id="lab/a",
        primary=True,
        ports=(443,),
        expected=(("/", 403), ("/ping?x=1", 200)),
        numbers=(256,),
        link=Link(rtt_ns=1),
        conduct=Conduct(**conduct),  # type: ignore[arg-type]  # by name
    )


def _request(target: str = "/", method: str = "GET") -> Request:
    return Request(method=method, target=target, keep_alive=True, size_bytes=0)


def _ask(fault: Fault, **conduct: object) -> Answer:
    return answer_to(_site(**conduct), _request(), fault)


def test_a_request_is_read_when_it_is_whole() -> None:
    data = b"GET /x?y HTTP/1.1\r\nHost: a\r\n\r\nGET /next"
    assert read_request(data[:20]) is None
    assert read_request(data) == Request(
        method="GET", target="/x?y", keep_alive=True, size_bytes=len(data) - 9
    )


def test_a_request_may_have_a_body_and_end_the_connection() -> None:
    head = b"POST / HTTP/1.1\r\nContent-Length: 3\r\nConnection: close\r\n\r\n"
    assert read_request(head + b"ab") is None
    request = read_request(head + b"abc")
    assert request is not None
    assert request.size_bytes == len(head) + 3
    assert not request.keep_alive
    older = read_request(b"GET / HTTP/1.0\r\n\r\n")
    assert older is not None
    assert not older.keep_alive


@pytest.mark.parametrize(
    "data",
    [
        b"hello\r\n\r\n",
        b"GET / SPDY/3\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n",
        b"x" * (REQUEST_LIMIT_BYTES + 1),
    ],
)
def test_what_can_be_no_request_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedRequestError):
        read_request(data)


def test_the_status_is_what_the_endpoint_of_that_path_expects() -> None:
    for target, status in (("/", 403), ("/ping?x=1", 200), ("/else", 403)):
        answer = answer_to(_site(), _request(target), Fault.NONE)
        assert int(answer.first[9:12]) == status
        head, _, body = answer.first.partition(b"\r\n\r\n")
        assert f"Content-Length: {len(body)}".encode() in head


def test_a_head_has_no_body_and_the_same_headers() -> None:
    get = answer_to(_site(), _request(), Fault.NONE).first
    head = answer_to(_site(), _request(method="HEAD"), Fault.NONE).first
    assert get.startswith(head)
    assert head.endswith(b"\r\n\r\n")


def test_status_and_length_can_be_set() -> None:
    answer = _ask(Fault.NONE, status=418, body_bytes=5_000)
    assert answer.first.startswith(b"HTTP/1.1 418 ")
    assert len(answer.first.partition(b"\r\n\r\n")[2]) == 5_000
    assert _ask(Fault.NONE, status=204).first.endswith(b"Content-Length: 0\r\n\r\n")


def test_faults_of_the_answer() -> None:
    assert _ask(Fault.STALL) == Answer(first=b"")
    assert _ask(Fault.RESET) == Answer(first=b"", reset=True)
    assert _ask(Fault.CLOSE) == Answer(first=b"", close=True)
    assert not _ask(Fault.GARBAGE).first.startswith(b"HTTP")
    assert _ask(Fault.ENDLESS_BODY).endless
    assert b"Content-Length" not in _ask(Fault.ENDLESS_BODY).first
    whole = _ask(Fault.NONE).first
    for fault, close in ((Fault.TRUNCATE, True), (Fault.STALL_BODY, False)):
        answer = _ask(fault)
        assert whole.startswith(answer.first)
        assert 0 < len(answer.first) < len(whole)
        assert answer.close == close
    slow = _ask(Fault.SLOW_BODY)
    assert slow.first + slow.rest == whole


def test_who_is_busy_says_for_how_long() -> None:
    throttled = _ask(Fault.THROTTLE, retry_after_s=30).first
    assert throttled.startswith(b"HTTP/1.1 429 Too Many Requests\r\n")
    assert b"\r\nRetry-After: 30\r\n" in throttled
    assert b"Retry-After" not in _ask(Fault.UNAVAILABLE).first
    assert _ask(Fault.UNAVAILABLE).first.startswith(b"HTTP/1.1 503 ")


def test_a_portal_never_gives_what_the_endpoint_expects() -> None:
    assert _ask(Fault.PORTAL).first.startswith(b"HTTP/1.1 302 ")
    assert _ask(Fault.PORTAL, status=302).first.startswith(b"HTTP/1.1 200 ")


def test_a_client_that_wants_to_leave_is_told_so() -> None:
    request = Request(method="GET", target="/", keep_alive=False, size_bytes=0)
    answer = answer_to(_site(), request, Fault.NONE)
    assert answer.close
    assert b"\r\nConnection: close\r\n" in answer.first
    assert bad_request().close


def test_a_status_without_a_name_has_one() -> None:
    assert _ask(Fault.NONE, status=599).first.startswith(b"HTTP/1.1 599 Unassigned")
