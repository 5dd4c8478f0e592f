"""One polite HTTP client for price interfaces: bounded in time, bytes and tries.

No environment proxy, no redirect, no cookie of one host to another. A key travels in
headers alone, so a URL may stand in any message.
"""

import email.utils
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx

from cloudgauge.errors import CloudgaugeError, ConfigError
from cloudgauge.pricefeed.answer import AnswerError, Refused

_TIMEOUT = httpx.Timeout(30, connect=15)
_TRIES = 4
# Azure asks for 60 s or more after a 429; who wants longer is asked another day.
_USUAL_WAIT_S = 60
_LONGEST_WAIT_S = 120
_CODE = re.compile(
    r'"(?:Code|code|error_code|errorCode)" ?: ?"([A-Za-z0-9_.-]{1,80})"', re.ASCII
)
# What the six call a key that is wrong, has expired or may not ask.
_KEY_CODES = (
    *("APIGW.0301", "AuthFailure", "Forbidden", "IncompleteSignature"),
    *("InvalidAccessKeyId", "InvalidSecurityToken", "NoPermission", "NotAuthorized"),
    *("SignatureDoesNotMatch", "UnauthorizedOperation"),
)
_GZIP = zlib.MAX_WBITS | 16
_PIECE_BYTES = 64 * 1024
_TELL_EVERY_BYTES = 32 * 1024 * 1024
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request.

    Attributes:
        url: Without any key.
        headers: May hold a signature or a key; never shown.
        body: Of a POST; None for a GET.
        limit_bytes: The longest answer that is read, compressed or not.
        limit_s: How long it may take from first to last byte.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = None
    limit_bytes: int = 64 * MIB
    limit_s: float = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How time passes.

    Attributes:
        now_s: Seconds of a clock that only goes forward.
        today: UTC wall clock, for dates in headers.
        sleep: Waits so many seconds.
    """

    now_s: Callable[[], float]
    today: Callable[[], datetime]
    sleep: Callable[[float], None]


@contextmanager
def open_client(tool_version: str) -> Iterator[httpx.Client]:
    """Give a client that follows nothing and trusts no environment."""
    agent = f"cloudgauge/{tool_version} (prices refresh)"
    with httpx.Client(
        timeout=_TIMEOUT,
        trust_env=False,
        follow_redirects=False,
        headers={"User-Agent": agent, "Accept-Encoding": "gzip"},
    ) as client:
        yield client


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetcher:
    """Asks price interfaces.

    Attributes:
        tell: Takes lines of progress.
    """

    client: httpx.Client = field(repr=False)
    waiting: Waiting
    tell: Callable[[str], None]

    def body(self, ask: Ask, *, sign: Callable[[Ask], Ask] | None = None) -> bytes:
        """Ask for an answer that fits into memory.

        Args:
            ask: The request.
            sign: Signs it anew for each try: a signature has a time in it.

        Raises:
            AnswerError: No answer, another status than 200, too long, or cut off.
            ConfigError: The interface refuses the key.
        """
        return b"".join(self.pieces(ask, sign=sign))

    def pieces(
        self, ask: Ask, *, sign: Callable[[Ask], Ask] | None = None
    ) -> Iterator[bytes]:
        """Ask for an answer and yield it decompressed, piece by piece.

        Raises:
            AnswerError: As `body`; also in the middle.
            ConfigError: The interface refuses the key.
        """
        for attempt in range(1, _TRIES + 1):
            wait_s = 0.0
            try:
                with self._sent(sign(ask) if sign else ask) as response:
                    wait_s = self._wait_s(ask, response, attempt)
                    if response.status_code == httpx.codes.OK:
                        yield from self._read(ask, response)
                        return
            except httpx.HTTPError as exc:
                self._retry_or_raise(ask, exc, attempt)
                wait_s = float(2**attempt)
            self.tell(f"{ask.url}: waiting {wait_s:.0f} s before asking again")
            self.waiting.sleep(wait_s)

    def _sent(self, ask: Ask) -> AbstractContextManager[httpx.Response]:
        method = "GET" if ask.body is None else "POST"
        return self.client.stream(
            method, ask.url, headers=dict(ask.headers), content=ask.body
        )

    def _retry_or_raise(self, ask: Ask, exc: httpx.HTTPError, attempt: int) -> None:
        """A connection that fails is tried again; what was cut off is not."""
        if isinstance(exc, httpx.ConnectError | httpx.ConnectTimeout):
            if attempt < _TRIES:
                return
            msg = f"{ask.url}: cannot be reached ({type(exc).__name__})"
        elif isinstance(exc, httpx.RemoteProtocolError):
            msg = f"{ask.url}: the answer is cut off in the middle"
        else:
            msg = f"{ask.url}: no answer came to its end ({type(exc).__name__})"
        raise AnswerError(msg) from exc

    def _wait_s(self, ask: Ask, response: httpx.Response, attempt: int) -> float:
        """How long to wait before the next try; raises where there is to be none."""
        status = response.status_code
        if status == httpx.codes.OK:
            return 0
        is_busy = status == httpx.codes.TOO_MANY_REQUESTS
        if not is_busy and status < httpx.codes.INTERNAL_SERVER_ERROR:
            raise refusal(ask.url, f"status {status}", _code_in(response), status)
        asked_s = self._retry_after_s(response)
        if asked_s is not None and asked_s > _LONGEST_WAIT_S:
            msg = f"{ask.url}: asks to wait {asked_s:.0f} s; try again after that"
            raise AnswerError(msg)
        if attempt == _TRIES:
            msg = f"{ask.url}: answers with status {status}, {_TRIES} times"
            raise AnswerError(msg)
        if asked_s is not None:
            return asked_s
        return _USUAL_WAIT_S if is_busy else float(2**attempt)

    def _retry_after_s(self, response: httpx.Response) -> float | None:
        text = response.headers.get("Retry-After", "").strip()
        if text.isascii() and text.isdigit():
            return float(text[:9])
        try:
            when = email.utils.parsedate_to_datetime(text)
        except ValueError:
            return None
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        return max(0.0, (when - self.waiting.today()).total_seconds())

    def _read(self, ask: Ask, response: httpx.Response) -> Iterator[bytes]:
        encoding = response.headers.get("Content-Encoding", "identity").lower()
        if encoding not in {"identity", "gzip"}:
            msg = f"{ask.url}: comes in an encoding that was not asked for"
            raise AnswerError(msg)
        raw = self._bounded(ask, response.iter_raw(_PIECE_BYTES))
        yield from _gunzipped(ask, raw) if encoding == "gzip" else raw

    def _bounded(self, ask: Ask, pieces: Iterator[bytes]) -> Iterator[bytes]:
        began_s = self.waiting.now_s()
        count_bytes, told_bytes = 0, 0
        for piece in pieces:
            count_bytes += len(piece)
            if count_bytes > ask.limit_bytes:
                raise _too_long(ask)
            if self.waiting.now_s() - began_s > ask.limit_s:
                msg = f"{ask.url}: takes longer than {ask.limit_s:.0f} s"
                raise AnswerError(msg)
            if count_bytes - told_bytes >= _TELL_EVERY_BYTES:
                told_bytes = count_bytes
                self.tell(f"{ask.url}: {count_bytes // MIB} MiB read")
            yield piece


def refusal(url: str, said: str, code: str, status: int = 200) -> CloudgaugeError:
    """What to raise where an interface refuses.

    Of what it says only the code is shown: the rest may quote the key.

    Args:
        url: Without a key.
        said: Such as ``status 400``.
        code: The interface's own; "" where it gave none.
        status: Of HTTP.
    """
    told = f"{said} ({code})" if code else said
    if status in {401, 403} or code.startswith(_KEY_CODES):
        return ConfigError(url, f"refuses the key: {told}; has it expired?")
    return Refused(f"{url}: answers with {told}, want 200", code)


def _code_in(response: httpx.Response) -> str:
    """The interface's own code of an error; "" where there is none."""
    try:
        head = next(response.iter_bytes(_PIECE_BYTES), b"")
    except httpx.HTTPError:
        return ""
    found = _CODE.search(head.decode("utf-8", "replace"))
    return found[1] if found else ""


def _gunzipped(ask: Ask, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Decompress in bounded steps; httpx itself would not notice a cut."""
    inflate = zlib.decompressobj(_GZIP)
    count_bytes = 0
    for piece in pieces:
        rest = piece
        while rest and not inflate.eof:
            try:
                plain = inflate.decompress(rest, 4 * _PIECE_BYTES)
            except zlib.error as exc:
                msg = f"{ask.url}: the answer's compression is broken"
                raise AnswerError(msg) from exc
            rest = inflate.unconsumed_tail
            count_bytes += len(plain)
            if count_bytes > ask.limit_bytes:
                raise _too_long(ask)
            yield plain
    if not inflate.eof:
        msg = f"{ask.url}: the answer is cut off in the middle of its compression"
        raise AnswerError(msg)


def _too_long(ask: Ask) -> AnswerError:
    limit = f"{ask.limit_bytes // MIB} MiB"
    return AnswerError(f"{ask.url}: the answer is longer than {limit}")
