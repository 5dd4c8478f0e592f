"""An httpx transport that owns one connection of one target."""

from collections.abc import AsyncIterator

import httpcore
import httpx

from cloudgauge.measure.stream import StampedStream

# Where a request keeps its other self, so that one built once is sent many times.
_CORE_REQUEST = "cloudgauge_core_request"

_HTTPX_OF: dict[type[Exception], type[httpx.TransportError]] = {
    httpcore.ConnectTimeout: httpx.ConnectTimeout,
    httpcore.ReadTimeout: httpx.ReadTimeout,
    httpcore.WriteTimeout: httpx.WriteTimeout,
    httpcore.ConnectError: httpx.ConnectError,
    httpcore.ReadError: httpx.ReadError,
    httpcore.WriteError: httpx.WriteError,
    httpcore.LocalProtocolError: httpx.LocalProtocolError,
    httpcore.RemoteProtocolError: httpx.RemoteProtocolError,
}


class BodyTooLarge(httpx.TransportError):
    """The answer's body is larger than the probe allows; the rest was not read."""


def prepare(request: httpx.Request) -> httpcore.Request:
    """Turn *request* into httpcore's, once; sending it again costs nothing here."""
    kept = request.extensions.get(_CORE_REQUEST)
    if isinstance(kept, httpcore.Request):
        return kept
    url = request.url
    made = httpcore.Request(
        method=request.method,
        url=httpcore.URL(
            scheme=url.raw_scheme,
            host=url.raw_host,
            port=url.port,
            target=url.raw_path,
        ),
        headers=request.headers.raw,
        content=request.stream,
    )
    request.extensions[_CORE_REQUEST] = made
    return made


class _NoLock:
    """Holds nobody up."""

    async def __aenter__(self) -> None:
        pass

    async def __aexit__(self, *_: object) -> None:
        pass


class _OneUserConnection(httpcore.AsyncHTTP11Connection):
    """Without the lock that guards a pooled connection's state.

    Taking it costs a turn of the event loop each time, twice an exchange, and a fifth
    of the exchange's processor time; here one task alone uses the connection.
    """

    def __init__(self, origin: httpcore.Origin, stream: StampedStream) -> None:
        super().__init__(origin=origin, stream=stream)
        self._state_lock = _NoLock()  # type: ignore[assignment]  # all it is used for


class OwnConnectionTransport(httpx.AsyncBaseTransport):
    """Sends requests over one stream, one after another, in HTTP/1.1.

    No pool, no redirect, no proxy, no decompression, no retry. Bodies are bounded.

    Args:
        stream: Connected, with TLS if the target wants it; now the transport's.
        body_limit_bytes: A body beyond this raises `BodyTooLarge`.

    Attributes:
        stream: The one that was given; it has the stamps.
    """

    def __init__(self, stream: StampedStream, *, body_limit_bytes: int) -> None:
        self.stream = stream
        self._body_limit_bytes = body_limit_bytes
        self._connection: httpcore.AsyncHTTP11Connection | None = None

    @property
    def is_reusable(self) -> bool:
        """Whether another request may be sent: both sides have left it open."""
        connection = self._connection
        return (connection is None or connection.is_idle()) and self.stream.stands

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send *request* and give the answer's head; its body comes as it is read.

        Raises:
            httpx.TransportError: No answer, or none that is HTTP; the cause says why.
        """
        core_request = prepare(request)
        if self._connection is None:
            self._connection = _OneUserConnection(
                origin=core_request.url.origin, stream=self.stream
            )
        try:
            answer = await self._connection.handle_async_request(core_request)
        except tuple(_HTTPX_OF) as exc:
            raise _HTTPX_OF[type(exc)](str(exc)) from exc
        return httpx.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_BoundedBody(answer, self.stream, self._body_limit_bytes),
            extensions=answer.extensions,
        )

    async def aclose(self) -> None:
        """Close the connection."""
        self.stream.close()


class _BoundedBody(httpx.AsyncByteStream):
    def __init__(
        self, answer: httpcore.Response, stream: StampedStream, limit_bytes: int
    ) -> None:
        self._answer = answer
        self._stream = stream
        self._limit_bytes = limit_bytes

    async def __aiter__(self) -> AsyncIterator[bytes]:
        count_bytes = 0
        try:
            async for chunk in self._answer.aiter_stream():
                count_bytes += len(chunk)
                if count_bytes <= self._limit_bytes:
                    yield chunk
                else:
                    # Closed rather than left: httpcore's iterator then ends by
                    # itself, and no half-run generator is left to the collector.
                    self._stream.close()
        except tuple(_HTTPX_OF) as exc:
            self._check(count_bytes, exc)
            raise _HTTPX_OF[type(exc)](str(exc)) from exc
        self._check(count_bytes, None)

    def _check(self, count_bytes: int, cause: Exception | None) -> None:
        if count_bytes > self._limit_bytes:
            msg = f"body beyond {self._limit_bytes} bytes"
            raise BodyTooLarge(msg) from cause

    async def aclose(self) -> None:
        await self._answer.aclose()
