"""HTTP/1.1 requests, read from bytes; pure."""

from dataclasses import dataclass

REQUEST_LIMIT_BYTES = 64 * 1024
_HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The head of a request.

    Attributes:
        target: Path and query.
        keep_alive: Whether the connection stays open.
        size_bytes: Length of head and body.
    """

    method: str
    target: str
    keep_alive: bool
    size_bytes: int


class MalformedRequestError(Exception):
    """What came is no HTTP/1.1 request."""


def read_request(data: bytes | bytearray) -> Request | None:
    """Read a request from the start of *data*; None if it is not whole yet.

    Raises:
        MalformedRequestError: It will never be one.
    """
    end = data.find(_HEAD_END)
    if end < 0:
        if len(data) > REQUEST_LIMIT_BYTES:
            raise MalformedRequestError
        return None
    lines = bytes(data[:end]).decode("latin-1").split("\r\n")
    parts = lines[0].split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise MalformedRequestError
    keep_alive = parts[2] == "HTTP/1.1"
    body_bytes = 0
    for line in lines[1:]:
        name, _, value = line.partition(":")
        match name.strip().lower():
            case "connection":
                keep_alive = value.strip().lower() != "close" and keep_alive
            case "content-length":
                if not value.strip().isdecimal():
                    raise MalformedRequestError
                body_bytes = int(value)
    size_bytes = end + len(_HEAD_END) + body_bytes
    if size_bytes > REQUEST_LIMIT_BYTES:
        raise MalformedRequestError
    if size_bytes > len(data):
        return None
    return Request(
        method=parts[0], target=parts[1], keep_alive=keep_alive, size_bytes=size_bytes
    )
