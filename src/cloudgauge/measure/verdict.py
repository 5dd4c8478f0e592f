"""What an answer's status says against it."""

from dataclasses import dataclass

from cloudgauge.measure.failure import Failure, one_line
from cloudgauge.measure.retry_after import retry_after_ns
from cloudgauge.model.quantity import format_duration
from cloudgauge.model.sample import FailureKind

_TOO_MANY_REQUESTS = 429
_UNAVAILABLE = 503


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is wrong with an answer.

    Attributes:
        failure: None if its status is one that was wanted.
        retry_after_ns: How long the server asked us to stay away; None if it did
            not, or unreadably.
    """

    failure: Failure | None
    retry_after_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What an answer's head tells of its success.

    Attributes:
        retry_after: The header of that name; None if it was absent.
        location: Likewise.
    """

    status: int
    retry_after: str | None
    location: str | None

    def is_throttled(self) -> bool:
        """Whether the server asks us to come later."""
        later = self.status == _UNAVAILABLE and bool(self.retry_after)
        return later or self.status == _TOO_MANY_REQUESTS


def judge(told: Told, wanted: str, *, expected: bool, wall_ns: int) -> Verdict:
    """Say what *told* means.

    Args:
        told: Of the answer.
        wanted: The statuses that were, for people.
        expected: Whether it is one of them.
        wall_ns: Now, UTC since 1970.
    """
    if told.is_throttled():
        asked_ns = retry_after_ns(told.retry_after, wall_ns=wall_ns)
        stay = "" if asked_ns is None else f", asks for {format_duration(asked_ns)}"
        detail = one_line(f"status {told.status}{stay}")
        failure = Failure(kind=FailureKind.THROTTLED, detail=detail)
        return Verdict(failure=failure, retry_after_ns=asked_ns)
    if expected:
        return Verdict(failure=None)
    points = f", pointing to {_place(told.location)}" if told.location else ""
    detail = one_line(f"status {told.status}, want {wanted}{points}")
    return Verdict(failure=Failure(kind=FailureKind.UNEXPECTED_STATUS, detail=detail))


def _place(location: str) -> str:
    """A URL without its query and fragment.

    Who redirects writes there whom it saw: our address, a token, a name.
    """
    return location.partition("#")[0].partition("?")[0]
