"""Price interfaces on loopback: real sockets, pages, 429s and answers cut short."""

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType

from tests.fakes.server import FakeServer, Peer


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as it came; header names in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One answer.

    Attributes:
        said_bytes: What the head says of the body's length; None for the truth, -1
            for nothing: then the end of the connection ends the body.
    """

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    said_bytes: int | None = None

    @property
    def is_honest(self) -> bool:
        return self.said_bytes is None

    def as_bytes(self) -> bytes:
        length = len(self.body) if self.said_bytes is None else self.said_bytes
        lines = [f"HTTP/1.1 {self.status} Told"]
        if length >= 0:
            lines.append(f"Content-Length: {length}")
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + self.body


Answering = Callable[[Asked], Told]


def told(answer: object, status: int = 200, **headers: str) -> Told:
    """Answer with JSON, or with bytes as they are."""
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return Told(
        body=body,
        status=status,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


def cut(answer: object, kept_bytes: int) -> Told:
    """Promise all of an answer, and hang up in the middle."""
    whole = told(answer)
    return Told(body=whole.body[:kept_bytes], said_bytes=len(whole.body))


def zipped(answer: object, *, lost_bytes: int = 0) -> Told:
    """Compress an answer; what is lost at its end is lost behind an honest length."""
    body = gzip.compress(told(answer).body)
    return Told(
        body=body[: len(body) - lost_bytes], headers={"Content-Encoding": "gzip"}
    )


class PriceServer:
    """Listens on loopback while it is entered.

    Attributes:
        asked: Every request so far, in order.
    """

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._server = FakeServer(self._serve)
        self.asked: list[Asked] = []

    @property
    def url(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self._server.port}"

    def __enter__(self) -> "PriceServer":
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
        while True:
            asked = _read(peer)
            if asked is None:
                return
            self.asked.append(asked)
            answer = self._answering(asked)
            peer.send(answer.as_bytes())
            if not answer.is_honest:
                peer.close()
                return


def in_turn(*answers: Told) -> Answering:
    """Give one answer after another, and the last one for ever."""
    left = list(answers)

    def answering(_: Asked) -> Told:
        return left.pop(0) if len(left) > 1 else left[0]

    return answering


def _read(peer: Peer) -> Asked | None:
    text = b""
    while b"\r\n\r\n" not in text:
        piece = peer.sock.recv(65536)
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
        body += peer.sock.recv(65536)
    return Asked(method=method, target=target, headers=headers, body=body)
