"""What a status says against an answer."""

import pytest

from cloudgauge.measure.failure import Failure
from cloudgauge.measure.verdict import Told, Verdict, judge
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.sample import FailureKind as Kind


def verdict(
    status: int,
    *,
    retry_after: str | None = None,
    location: str | None = None,
    expected: bool = False,
) -> Verdict:
    told = Told(status=status, retry_after=retry_after, location=location)
    return judge(told, "200 or 403", expected=expected, wall_ns=0)


def test_an_expected_status_says_nothing() -> None:
    assert verdict(403, expected=True) == Verdict(failure=None)


@pytest.mark.parametrize(
    ("location", "detail"),
    [
        (None, "status 302, want 200 or 403"),
        ("https://b/\n", "status 302, want 200 or 403, pointing to https://b/"),
        # A portal's query names who was sent there.
        (
            "https://b/in?client=203.0.113.7&to=x#198.51.100.1",
            "status 302, want 200 or 403, pointing to https://b/in",
        ),
        ("/in#a?b", "status 302, want 200 or 403, pointing to /in"),
    ],
)
def test_another_status_says_what_was_wanted(location: str | None, detail: str) -> None:
    failure = Failure(kind=Kind.UNEXPECTED_STATUS, detail=detail)
    assert verdict(302, location=location) == Verdict(failure=failure)


@pytest.mark.parametrize(
    ("status", "retry_after", "asked_s", "detail"),
    [
        (429, None, None, "status 429"),
        (429, "3", 3, "status 429, asks for 3s"),
        (503, "3", 3, "status 503, asks for 3s"),
        (503, "soon", None, "status 503"),
    ],
)
def test_who_asks_for_patience_is_understood_even_if_the_status_was_expected(
    status: int, retry_after: str | None, asked_s: int | None, detail: str
) -> None:
    heard = verdict(status, retry_after=retry_after, expected=True)
    assert heard.failure == Failure(kind=Kind.THROTTLED, detail=detail)
    assert heard.retry_after_ns == (None if asked_s is None else asked_s * NS_PER_S)


def test_a_503_that_asks_for_nothing_is_but_a_status() -> None:
    assert verdict(503).failure is not None
    assert verdict(503, expected=True).failure is None
