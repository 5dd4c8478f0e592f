"""What stands between a client and its store: it meddles, or writes down what passes.

`BucketProxy` forwards to a real server and does what a test wants done to single
answers. `RecordingCloud` is every host of the Internet for a client that goes through
it as its HTTPS proxy, with a certificate for each.
"""

import http.client
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from tests.fakes.authority import Authority
from tests.fakes.server import FakeServer, Peer

_BOUND_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """One request as it came; header names in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def host(self) -> str:
        return self.headers["host"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meddling:
    """What is done to one request.

    Attributes:
        status: Answered in the store's place; None for the store's own answer.
        body: Of that answer.
        cut_bytes: Of the answer's body only so many come, and the line drops; None
            for all of it.
        drops: The line drops before the answer begins.
        forwards: The store gets the request, whatever is answered.
        sends: What the store gets in place of the body; None for the body.
        hides: A header of the request that the store does not get; "" for none.
        mark: The ETag that the answer has in place of the store's own; None for that.
    """

    status: int | None = None
    body: bytes = b""
    cut_bytes: int | None = None
    drops: bool = False
    forwards: bool = True
    sends: bytes | None = None
    hides: str = ""
    mark: str | None = None


Meddler = Callable[[Passing], Meddling | None]


def refusal(status: int, code: str) -> Meddling:
    """A store's own refusal, which the store behind never sees."""
    body = (
        f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>no</Message></Error>"
    )
    return Meddling(status=status, body=body.encode(), forwards=False)


class BucketProxy:
    """A proxy in front of one server on loopback, while it is entered.

    Attributes:
        seen: Every request so far.
        meddler: Decides about each; may be replaced at any time.
    """

    def __init__(self, upstream_port: int, meddler: Meddler) -> None:
        self._upstream_port = upstream_port
        self._server = FakeServer(self._serve)
        self.seen: list[Passing] = []
        self.meddler = meddler

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.port}"

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.__exit__(kind, exc, trace)

    def _serve(self, peer: Peer) -> None:
        while (passing := read_request(peer)) is not None:
            self.seen.append(passing)
            meddling = self.meddler(passing) or Meddling()
            status, headers, body = 0, [("Content-Type", "application/xml")], b""
            if meddling.forwards:
                body = passing.body if meddling.sends is None else meddling.sends
                status, headers, body = self._forwarded(passing, body, meddling.hides)
            if meddling.mark is not None:
                headers = [one for one in headers if one[0].lower() != "etag"]
                headers.append(("ETag", f'"{meddling.mark}"'))
            if meddling.drops:
                peer.reset()
                return
            if meddling.status is not None:
                status, body = meddling.status, meddling.body
            peer.send(_head(status, headers, len(body), passing.method))
            if passing.method == "HEAD":
                continue
            if meddling.cut_bytes is not None:
                peer.send(body[: meddling.cut_bytes])
                peer.close()
                return
            peer.send(body)

    def _forwarded(
        self, passing: Passing, sent: bytes, hides: str
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        line = http.client.HTTPConnection(
            "127.0.0.1", self._upstream_port, timeout=_BOUND_S
        )
        try:
            headers = {k: v for k, v in passing.headers.items() if k != hides}
            line.request(passing.method, passing.target, sent, headers=headers)
            answer = line.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            line.close()


def _head(
    status: int, headers: list[tuple[str, str]], length: int, method: str
) -> bytes:
    hop = {"connection", "transfer-encoding", "date", "server"}
    told = dict(headers)
    if method != "HEAD":
        hop.add("content-length")
    lines = [f"HTTP/1.1 {status} Told"]
    lines += [f"{k}: {v}" for k, v in told.items() if k.lower() not in hop]
    if method != "HEAD":
        lines.append(f"Content-Length: {length}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"


def read_request(peer: Peer) -> Passing | None:
    """Read one request with its body; None if the client has gone."""
    text = b""
    while b"\r\n\r\n" not in text:
        piece = peer._read()
        if not piece:
            return None
        text += piece
    head, _, body = text.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    headers = {
        name.lower(): value.strip()
        for name, _, value in (line.partition(":") for line in lines)
    }
    while len(body) < int(headers.get("content-length", 0)):
        piece = peer._read()
        if not piece:
            return None
        body += piece
    return Passing(method=method, target=target, headers=headers, body=body)


Answering = Callable[[Passing], tuple[int, bytes]]


class RecordingCloud:
    """Every HTTPS host, for a client whose proxy this is, while it is entered.

    Attributes:
        seen: Every request so far, of all hosts.
        connects: The host and port of every tunnel that was asked for.
    """

    def __init__(self, authority: Authority, answering: Answering) -> None:
        self._authority = authority
        self._answering = answering
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._server = FakeServer(self._serve)
        self.seen: list[Passing] = []
        self.connects: list[str] = []

    @property
    def environment(self) -> dict[str, str]:
        """The variables that lead a client through it and let it trust it."""
        return {
            "HTTPS_PROXY": f"http://127.0.0.1:{self._server.port}",
            "NO_PROXY": "",
            "SSL_CERT_FILE": str(self._authority.ca_file),
        }

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.__exit__(kind, exc, trace)

    def _serve(self, peer: Peer) -> None:
        asked = read_request(peer)
        if asked is None:
            return
        assert asked.method == "CONNECT", asked
        self.connects.append(asked.target)
        peer.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        host = asked.target.rpartition(":")[0]
        inside = Peer(peer.sock, self._context(host))
        inside.shake_hands()
        while (passing := read_request(inside)) is not None:
            self.seen.append(passing)
            status, body = self._answering(passing)
            headers = [("Content-Type", "application/xml"), ("ETag", '"none"')]
            inside.send(_head(status, headers, len(body), "GET"))
            if passing.method != "HEAD":
                inside.send(body)

    def _context(self, host: str) -> ssl.SSLContext:
        if host not in self._contexts:
            self._contexts[host] = self._authority.server_context(host)
        return self._contexts[host]
