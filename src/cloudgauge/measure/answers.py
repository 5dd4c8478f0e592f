"""The answers that come over one connection, head by head; bodies are only counted.

No input or output: whoever reads the connection feeds what came. A body is not looked
at: its bytes are counted down from the head's Content-Length, so what follows the last
of them is the next answer's head, wherever the pieces were cut.
"""

import h11

from cloudgauge.measure.failure import ProbeFailed, one_line
from cloudgauge.measure.verdict import Told, Verdict, judge
from cloudgauge.model.sample import FailureKind
from cloudgauge.model.transfer import LEAST_OBJECT_BYTES

_HEAD_LIMIT_BYTES = 100 * 1024
# What result sets keep lengths in; no object is as long.
_LENGTH_LIMIT_BYTES = 2**63
_OK = 200


class Throttled(ProbeFailed):
    """The server asks us to come later; `verdict` says when."""

    def __init__(self, verdict: Verdict) -> None:
        assert verdict.failure is not None  # noqa: S101 - else it is not thrown
        super().__init__(verdict.failure.kind, verdict.failure.detail)
        self.verdict = verdict


class Answers:
    """Counts the answers of one connection to one request, sent again and again.

    Args:
        request: What is asked.
        least_bytes: An object below this is a failure.

    Attributes:
        question: The bytes to send for each answer.
        begun: Answers whose head was read and was good.
        whole: Answers whose body has come whole.
        body_bytes: Of all bodies so far.
        left_bytes: What is missing of the body under way; 0 between answers.
        object_bytes: Content-Length of the first answer; None before it.
        status: Of the latest answer; None before the first.
        http_version: Likewise.
        is_last: The latest answer said that no other follows it.
    """

    def __init__(
        self, request: h11.Request, *, least_bytes: int = LEAST_OBJECT_BYTES
    ) -> None:
        self._request = request
        self._least_bytes = least_bytes
        self._http, self.question = _asked(request)
        self.begun = 0
        self.whole = 0
        self.body_bytes = 0
        self.left_bytes = 0
        self.object_bytes: int | None = None
        self.status: int | None = None
        self.http_version: str | None = None
        self.is_last = False

    def skip(self, count: int) -> None:
        """Count what came of the body under way, *count* of at most `left_bytes`."""
        self.body_bytes += count
        self.left_bytes -= count
        if not self.left_bytes:
            self.whole += 1

    def feed(self, data: memoryview, *, wall_ns: int) -> None:
        """Take what came, wherever it was cut. After the last answer it is ignored.

        Args:
            data: At least one byte.
            wall_ns: Now, UTC since 1970.

        Raises:
            ProbeFailed: It is not the answer that was wanted.
        """
        while len(data):
            if self.left_bytes:
                count = min(len(data), self.left_bytes)
                self.skip(count)
                data = data[count:]
            elif self.is_last:
                return
            else:
                data = self._read_head(data, wall_ns)

    @property
    def is_between(self) -> bool:
        """Whether at least one answer came whole, and nothing of another."""
        return (
            self.whole > 0 and not self.left_bytes and not self._http.trailing_data[0]
        )

    def end(self) -> None:
        """Take note that the peer will send no more.

        Raises:
            ProbeFailed: Something was still to come.
        """
        if self.is_between:
            return
        if self.left_bytes:
            detail = f"closed by the peer {self.left_bytes} bytes before the body's end"
            raise ProbeFailed(FailureKind.TRUNCATED_BODY, detail)
        detail = "closed by the peer before it answered"
        raise ProbeFailed(FailureKind.PROTOCOL_ERROR, detail)

    def _read_head(self, data: memoryview, wall_ns: int) -> memoryview:
        """Read on in a head; gives what follows it."""
        http = self._http
        try:
            http.receive_data(bytes(data))
            event = http.next_event()
            while isinstance(event, h11.InformationalResponse):
                event = http.next_event()
        except h11.RemoteProtocolError as exc:
            problem = one_line(str(exc))
            raise ProbeFailed(FailureKind.PROTOCOL_ERROR, problem) from exc
        if not isinstance(event, h11.Response):
            return memoryview(b"")
        rest, _ = http.trailing_data
        self._accept(event, wall_ns)
        self._http, _ = _asked(self._request)
        return memoryview(rest)

    def _accept(self, answer: h11.Response, wall_ns: int) -> None:
        headers = _Headers(answer)
        self.status = answer.status_code
        self.http_version = f"HTTP/{answer.http_version.decode()}"
        _check_status(self.status, headers, wall_ns)
        length = _checked_length(headers, self._least_bytes)
        self.begun += 1
        self.left_bytes = length
        self.whole += not length
        if self.object_bytes is None:
            self.object_bytes = length
        closing = "close" in headers.tokens("connection")
        self.is_last = closing or answer.http_version < b"1.1"


class _Headers:
    """An answer's headers by name."""

    def __init__(self, answer: h11.Response) -> None:
        self._pairs = list(answer.headers)

    def first(self, name: str) -> str | None:
        """The first header of that name, as text."""
        wanted = name.encode()
        for known, value in self._pairs:
            if known == wanted:
                return value.decode("latin-1")
        return None

    def tokens(self, name: str) -> set[str]:
        """What the headers of that name list, lower case."""
        wanted = name.encode()
        values = (value for known, value in self._pairs if known == wanted)
        listed = b",".join(values).decode("latin-1").lower().split(",")
        return {token.strip() for token in listed} - {""}


def _asked(request: h11.Request) -> tuple[h11.Connection, bytes]:
    """A parser that awaits the answer to *request*, and the bytes that ask for it."""
    http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_HEAD_LIMIT_BYTES)
    question = (http.send(request) or b"") + (http.send(h11.EndOfMessage()) or b"")
    return http, question


def _check_status(status: int, headers: _Headers, wall_ns: int) -> None:
    told = Told(
        status=status,
        retry_after=headers.first("retry-after"),
        location=headers.first("location"),
    )
    verdict = judge(told, str(_OK), expected=status == _OK, wall_ns=wall_ns)
    if verdict.failure is None:
        return
    if told.is_throttled():
        raise Throttled(verdict)
    raise ProbeFailed(verdict.failure.kind, verdict.failure.detail)


def _checked_length(headers: _Headers, least_bytes: int) -> int:
    """The body's length, if it is one that we can count by."""
    encodings = headers.tokens("content-encoding") - {"identity"}
    if encodings:
        detail = one_line(f"encoded as {', '.join(sorted(encodings))}, want identity")
        raise ProbeFailed(FailureKind.PROTOCOL_ERROR, detail)
    length = headers.first("content-length")
    if length is None or headers.first("transfer-encoding") is not None:
        detail = "the answer does not say how long its body is"
        raise ProbeFailed(FailureKind.NO_LENGTH, detail)
    if int(length) >= _LENGTH_LIMIT_BYTES:
        detail = f"no body has the {length} bytes that the answer says"
        raise ProbeFailed(FailureKind.PROTOCOL_ERROR, detail)
    if int(length) < least_bytes:
        detail = f"the object has {length} bytes, want at least {least_bytes}"
        raise ProbeFailed(FailureKind.OBJECT_TOO_SMALL, detail)
    return int(length)
