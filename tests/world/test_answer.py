"""Requests read and answers written, byte by byte."""

import gzip
from dataclasses import replace

import pytest

from cloudgauge.world.answer import (
    ENDLESS_LIMIT_BYTES,
    Answer,
    answer_to,
    bad_request,
)
from cloudgauge.world.request import (
    REQUEST_LIMIT_BYTES,
    MalformedRequestError,
    Request,
    read_request,
)
from cloudgauge.world.site import Conduct, Fault, Link, Site

_OBJECT = "/agent.zip?v=1"
_OBJECT_BYTES = 30_000_001


def _site(**conduct: object) -> Site:
    return Site(
        host="a.example",
        region_id="lab/a",
        primary=True,
        ports=(443,),
        expected=(("/", 403), ("/ping?x=1", 200)),
        numbers=(256,),
        link=Link(rtt_ns=1),
        objects=((_OBJECT, _OBJECT_BYTES),),
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
    assert _ask(Fault.STALL) == Answer(first=b"", mute=True)
    assert _ask(Fault.RESET) == Answer(first=b"", reset=True)
    assert _ask(Fault.CLOSE) == Answer(first=b"", close=True)
    assert not _ask(Fault.GARBAGE).first.startswith(b"HTTP")
    assert _ask(Fault.ENDLESS_BODY).poured_bytes == ENDLESS_LIMIT_BYTES
    assert b"Content-Length" not in _ask(Fault.ENDLESS_BODY).first
    whole = _ask(Fault.NONE).first
    for fault, close in ((Fault.TRUNCATE, True), (Fault.STALL_BODY, False)):
        answer = _ask(fault)
        assert whole.startswith(answer.first)
        assert 0 < len(answer.first) < len(whole)
        assert (answer.close, answer.mute) == (close, not close)
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


def _download(
    fault: Fault = Fault.NONE, method: str = "GET", **conduct: object
) -> Answer:
    return answer_to(_site(**conduct), _request(_OBJECT, method), fault)


def _length(answer: Answer) -> int:
    lines = answer.first.partition(b"\r\n\r\n")[0].split(b"\r\n")
    (length,) = [line for line in lines if line.startswith(b"Content-Length: ")]
    return int(length.split()[1])


def test_an_object_is_promised_with_its_length_and_never_built() -> None:
    answer = _download()
    assert answer.first.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.first.endswith(b"\r\n\r\n")
    assert _length(answer) == answer.poured_bytes == _OBJECT_BYTES
    assert not answer.close


@pytest.mark.parametrize(
    "fault",
    [
        Fault.NONE,
        Fault.TRUNCATE,
        Fault.STALL_BODY,
        Fault.SLOW_BODY,
        Fault.ENDLESS_BODY,
    ],
)
def test_an_objects_head_is_the_same_without_its_body(fault: Fault) -> None:
    assert _download(fault, "HEAD") == replace(_download(), poured_bytes=0)


def test_only_an_answer_that_says_ok_has_an_object() -> None:
    answer = _download(status=404)
    assert answer.first.startswith(b"HTTP/1.1 404 ")
    assert answer.poured_bytes == 0
    assert _length(answer) == len(answer.first.partition(b"\r\n\r\n")[2])
    assert _download(status=206).poured_bytes == _OBJECT_BYTES


def test_a_host_of_objects_alone_lists_nothing() -> None:
    site = replace(_site(), expected=())
    answer = answer_to(site, _request("/"), Fault.NONE)
    assert answer.first.startswith(b"HTTP/1.1 403 ")


def test_half_of_an_object_comes_and_then_an_end_or_silence() -> None:
    for fault, close in ((Fault.TRUNCATE, True), (Fault.STALL_BODY, False)):
        answer = _download(fault)
        assert _length(answer) == _OBJECT_BYTES
        assert answer.poured_bytes == _OBJECT_BYTES // 2
        assert (answer.close, answer.mute) == (close, not close)


def test_a_slow_object_comes_at_a_byte_a_second() -> None:
    slow = _download(Fault.SLOW_BODY)
    assert (_length(slow), slow.poured_bytes) == (_OBJECT_BYTES, 0)
    assert slow.rest_every_s == 1
    assert 3600 < len(slow.rest) < _OBJECT_BYTES


@pytest.mark.parametrize("target", ["/", _OBJECT])
def test_a_bomb_is_small_until_it_is_unpacked(target: str) -> None:
    answer = answer_to(_site(), _request(target), Fault.GZIP_BODY)
    head, _, body = answer.first.partition(b"\r\n\r\n")
    assert b"\r\nContent-Encoding: gzip\r\n" in head
    assert _length(answer) == len(body) < 100_000
    assert len(gzip.decompress(body)) > 100 * len(body)
    asked = answer_to(_site(), _request(target, "HEAD"), Fault.GZIP_BODY)
    assert asked.first == head + b"\r\n\r\n"
