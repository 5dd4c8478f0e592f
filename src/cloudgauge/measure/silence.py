"""When a stream's silence is a failure."""

from cloudgauge.measure.answers import Answers
from cloudgauge.measure.failure import ProbeFailed
from cloudgauge.model.quantity import NS_PER_MS, format_duration
from cloudgauge.model.sample import FailureKind

# Less of a body than this within the time-out is no transfer.
LEAST_BYTES = 10_000


class Silence:
    """Holds one stream to a least amount within a time-out, again and again.

    Args:
        timeout_ns: An answer, or `LEAST_BYTES` of a body, may take so long.
    """

    def __init__(self, timeout_ns: int) -> None:
        self._timeout_ns = timeout_ns
        self._began_ns = 0
        self._since_ns = 0
        self._body_bytes = 0
        self._begun = 0

    def begin(self, now_ns: int) -> None:
        """The first request is sent now."""
        self._began_ns = self._since_ns = now_ns

    def check(self, now_ns: int, answers: Answers) -> None:
        """Look at what has come.

        Raises:
            ProbeFailed: Too little has, for too long.
        """
        came_bytes = answers.body_bytes - self._body_bytes
        if came_bytes >= LEAST_BYTES or answers.begun > self._begun:
            self._since_ns = now_ns
            self._body_bytes, self._begun = answers.body_bytes, answers.begun
        elif now_ns - self._since_ns >= self._timeout_ns:
            raise _silent(came_bytes, self._timeout_ns, answers)

    def check_whole(self, now_ns: int, answers: Answers) -> None:
        """Look at all that has come, at the end of the transfer's time.

        Raises:
            ProbeFailed: It is too little.
        """
        if answers.body_bytes < LEAST_BYTES:
            raise _silent(answers.body_bytes, now_ns - self._began_ns, answers)


def _silent(came_bytes: int, within_ns: int, answers: Answers) -> ProbeFailed:
    if not answers.left_bytes:
        return ProbeFailed(FailureKind.RESPONSE_TIMEOUT, "no answer in time")
    span = format_duration(round(within_ns / NS_PER_MS) * NS_PER_MS)
    detail = f"{came_bytes} bytes in {span}, want at least {LEAST_BYTES}"
    return ProbeFailed(FailureKind.STALLED, detail)
