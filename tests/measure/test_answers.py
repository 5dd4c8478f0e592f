"""Answers counted, wherever the network cut them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudgauge.measure.answers import Answers, Throttled
from cloudgauge.measure.failure import ProbeFailed
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.sample import FailureKind as Kind
from tests.fakes.object_server import REQUEST, SIZE, head_bytes

CONTINUE = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"


def fed(*pieces: bytes, least_bytes: int = 1) -> Answers:
    answers = Answers(REQUEST, least_bytes=least_bytes)
    for piece in pieces:
        answers.feed(memoryview(piece), wall_ns=0)
    return answers


def test_the_question_is_what_the_request_says() -> None:
    assert Answers(REQUEST).question == (
        b"GET /object HTTP/1.1\r\nHost: a.example\r\n\r\n"
    )


@given(
    lengths=st.lists(st.integers(0, 60), min_size=1, max_size=4),
    hints=st.booleans(),
    cuts=st.lists(st.integers(1, 50), min_size=1),
    missing=st.integers(0, 40),
)
def test_bodies_are_counted_exactly_wherever_they_are_cut(
    lengths: list[int], cuts: list[int], missing: int, *, hints: bool
) -> None:
    # A body that looks like a head must not be taken for one.
    bodies = [(b"HTTP/1.1 404 No\r\n\r\n" * 4)[:length] for length in lengths]
    came = b"".join(
        (CONTINUE if hints else b"") + head_bytes(length=len(body)) + body
        for body in bodies
    )
    missing = min(missing, lengths[-1])
    came = came[: len(came) - missing]
    answers = Answers(REQUEST, least_bytes=0)
    at = number = 0
    while at < len(came):
        piece = came[at : at + cuts[number % len(cuts)]]
        if len(piece) < answers.left_bytes:  # the quick way
            answers.skip(len(piece))
        else:
            answers.feed(memoryview(piece), wall_ns=0)
        at, number = at + len(piece), number + 1
    assert answers.body_bytes == sum(lengths) - missing
    assert answers.left_bytes == missing
    assert answers.begun == len(lengths)
    assert answers.whole == len(lengths) - (missing > 0)
    assert answers.object_bytes == lengths[0]
    assert answers.is_between == (missing == 0)


def test_an_answer_tells_its_status_version_and_length() -> None:
    answers = fed(head_bytes(length=7))
    assert answers.status == 200
    assert answers.http_version == "HTTP/1.1"
    assert answers.object_bytes == 7
    assert not answers.is_last


@pytest.mark.parametrize(
    "head",
    [
        head_bytes(200, "Connection: keep-alive, Close", length=2),
        head_bytes(200, version="1.0", length=2),
    ],
)
def test_what_follows_a_last_answer_is_no_answer(head: bytes) -> None:
    answers = fed(head + b"ab" + b"rest")
    assert answers.is_last
    assert answers.body_bytes == 2
    assert answers.begun == 1


@pytest.mark.parametrize(
    ("head", "kind", "detail"),
    [
        (head_bytes(404), Kind.UNEXPECTED_STATUS, "status 404, want 200"),
        (head_bytes(206), Kind.UNEXPECTED_STATUS, "status 206, want 200"),
        (
            head_bytes(302, "Location: https://b.example/\x1b[2J"),
            Kind.UNEXPECTED_STATUS,
            "status 302, want 200, pointing to https://b.example/ [2J",
        ),
        (
            head_bytes(301, "Location: https://b.example/x"),
            Kind.UNEXPECTED_STATUS,
            "status 301, want 200, pointing to https://b.example/x",
        ),
        (
            head_bytes(503),
            Kind.UNEXPECTED_STATUS,
            "status 503, want 200",
        ),
        (
            head_bytes(200, length=None),
            Kind.NO_LENGTH,
            "the answer does not say how long its body is",
        ),
        (
            head_bytes(200, "Transfer-Encoding: chunked", length=None),
            Kind.NO_LENGTH,
            "the answer does not say how long its body is",
        ),
        (
            head_bytes(200, "Transfer-Encoding: chunked"),
            Kind.NO_LENGTH,
            "the answer does not say how long its body is",
        ),
        (
            head_bytes(200, "Content-Encoding: gzip"),
            Kind.PROTOCOL_ERROR,
            "encoded as gzip, want identity",
        ),
        (
            head_bytes(200, length=SIZE - 1),
            Kind.OBJECT_TOO_SMALL,
            "the object has 4999999 bytes, want at least 5000000",
        ),
        (
            # Of twenty digits, as many as the parser takes: no set could keep it.
            head_bytes(200, length=2**63),
            Kind.PROTOCOL_ERROR,
            "no body has the 9223372036854775808 bytes that the answer says",
        ),
    ],
)
def test_an_answer_that_is_not_the_object_is_a_failure_of_its_kind(
    head: bytes, kind: Kind, detail: str
) -> None:
    with pytest.raises(ProbeFailed) as caught:
        fed(head, least_bytes=SIZE)
    assert (caught.value.kind, str(caught.value)) == (kind, detail)


def test_an_object_of_the_least_size_is_one() -> None:
    assert fed(head_bytes(200, "Content-Encoding: identity")).object_bytes == SIZE


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_asks_for_patience_says_how_much(status: int) -> None:
    with pytest.raises(Throttled) as caught:
        fed(head_bytes(status, "Retry-After: 7"))
    assert caught.value.kind is Kind.THROTTLED
    assert caught.value.verdict.retry_after_ns == 7 * NS_PER_S


@pytest.mark.parametrize(
    ("came", "kind", "detail"),
    [
        (b"", Kind.PROTOCOL_ERROR, "closed by the peer before it answered"),
        (
            b"HTTP/1.1 200 ",
            Kind.PROTOCOL_ERROR,
            "closed by the peer before it answered",
        ),
        (
            head_bytes(length=5) + b"abc",
            Kind.TRUNCATED_BODY,
            "closed by the peer 2 bytes before the body's end",
        ),
        (
            head_bytes(length=2) + b"abHTTP",
            Kind.PROTOCOL_ERROR,
            "closed by the peer before it answered",
        ),
    ],
)
def test_an_end_in_the_midst_is_a_failure(came: bytes, kind: Kind, detail: str) -> None:
    answers = fed(came)
    with pytest.raises(ProbeFailed) as caught:
        answers.end()
    assert (caught.value.kind, str(caught.value)) == (kind, detail)


def test_an_end_between_answers_is_none() -> None:
    fed(head_bytes(length=2) + b"ab").end()


@pytest.mark.parametrize("came", [b"SSH-2.0-x\r\n\r\n", b"x" * 200_000])
def test_what_is_not_http_is_a_failure(came: bytes) -> None:
    with pytest.raises(ProbeFailed) as caught:
        fed(came)
    assert caught.value.kind is Kind.PROTOCOL_ERROR
