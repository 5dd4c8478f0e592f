"""An httpx transport that owns one connection of one target.

h11 says what HTTP/1.1 means; the stream moves the bytes. Nothing lies between them: the
pool, lock and tracing that httpcore's own connection brings cost a visit more than all
that HTTP has to say in it.
"""

import contextlib
from collections.abc import AsyncIterator

import h11
import httpcore
import httpx

from cloudgauge.measure.stream import StampedStream

# Where a request keeps its other self, so that one built once is sent many times.
_HEAD = "cloudgauge_head"
_READ_BYTES = 64 * 1024
# A head beyond this is a fault of the server's.
_HEAD_LIMIT_BYTES = 100 * 1024

_HTTPX_OF: dict[type[Exception], type[httpx.TransportError]] = {
    httpcore.ReadTimeout: httpx.ReadTimeout,
    httpcore.WriteTimeout: httpx.WriteTimeout,
    httpcore.ReadError: httpx.ReadError,
    h11.LocalProtocolError: httpx.LocalProtocolError,
    h11.RemoteProtocolError: httpx.RemoteProtocolError,
}
_BROKEN = tuple(_HTTPX_OF)


class BodyTooLarge(httpx.TransportError):
    """The answer's body is larger than the probe allows; the rest was not read."""


def prepare(request: httpx.Request) -> h11.Request:
    """Turn *request* into h11's, once; sending it again costs nothing here.

    Raises:
        httpx.LocalProtocolError: It has a body; a probe only asks.
    """
    kept = request.extensions.get(_HEAD)
    if isinstance(kept, h11.Request):
        return kept
    if "content-length" in request.headers or "transfer-encoding" in request.headers:
        msg = "a request with a body cannot be sent"
        raise httpx.LocalProtocolError(msg)
    made = h11.Request(
        method=request.method,
        target=request.url.raw_path,
        headers=request.headers.raw,
    )
    request.extensions[_HEAD] = made
    return made


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
        self._http = h11.Connection(
            h11.CLIENT, max_incomplete_event_size=_HEAD_LIMIT_BYTES
        )

    @property
    def is_reusable(self) -> bool:
        """Whether another request may be sent: both sides have left it open."""
        return self.is_idle and self.stream.stands

    @property
    def is_idle(self) -> bool:
        """Whether no request is under way, and another would be understood."""
        return self._http.our_state is h11.IDLE

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send *request* and give the answer's head; its body comes as it is read.

        Raises:
            httpx.TransportError: No answer, or none that is HTTP; the cause says why.
        """
        head, timeouts = prepare(request), request.extensions.get("timeout", {})
        try:
            await self._ask(head, timeouts.get("write"))
            answer = await self._next_event(timeouts.get("read"))
            while isinstance(answer, h11.InformationalResponse):
                answer = await self._next_event(timeouts.get("read"))
        except _BROKEN as exc:
            raise _HTTPX_OF[type(exc)](str(exc)) from exc
        assert isinstance(answer, h11.Response)  # noqa: S101 - nothing else begins one
        return httpx.Response(
            status_code=answer.status_code,
            headers=answer.headers.raw_items(),
            stream=_Body(self, timeouts.get("read")),
            extensions={
                "http_version": b"HTTP/" + answer.http_version,
                "reason_phrase": answer.reason,
                "network_stream": self.stream,
            },
        )

    async def chunks(self, timeout_s: float | None) -> AsyncIterator[bytes]:
        """Give the latest answer's body as it comes, up to its bound.

        Raises:
            httpx.TransportError: It did not come whole.
        """
        count_bytes = 0
        try:
            while isinstance(event := await self._next_event(timeout_s), h11.Data):
                count_bytes += len(event.data)
                if count_bytes > self._body_limit_bytes:
                    self.stream.close()
                    msg = f"body beyond {self._body_limit_bytes} bytes"
                    raise BodyTooLarge(msg)
                yield bytes(event.data)
        except _BROKEN as exc:
            raise _HTTPX_OF[type(exc)](str(exc)) from exc
        if self._http.our_state is self._http.their_state is h11.DONE:
            self._http.start_next_cycle()

    async def aclose(self) -> None:
        """Close the connection."""
        self.stream.close()

    async def _ask(self, head: h11.Request, timeout_s: float | None) -> None:
        http = self._http
        question = (http.send(head) or b"") + (http.send(h11.EndOfMessage()) or b"")
        # Who hangs up on a question may have answered it already.
        with contextlib.suppress(httpcore.WriteError):
            await self.stream.write(question, timeout_s)

    async def _next_event(self, timeout_s: float | None) -> object:
        """What the server says next, however many reads it takes."""
        while (event := self._http.next_event()) is h11.NEED_DATA:
            data = await self.stream.read(_READ_BYTES, timeout_s)
            if not data and self._http.their_state is h11.SEND_RESPONSE:
                msg = "closed by the peer before it answered"
                raise h11.RemoteProtocolError(msg)
            self._http.receive_data(data)
        return event


class _Body(httpx.AsyncByteStream):
    def __init__(
        self, transport: OwnConnectionTransport, timeout_s: float | None
    ) -> None:
        self._transport = transport
        self._timeout_s = timeout_s

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._transport.chunks(self._timeout_s)

    async def aclose(self) -> None:
        if not self._transport.is_idle:
            # What was left unread would be taken for the next answer.
            await self._transport.aclose()
