"""A downloader made of nothing but sockets, that runs inside a world and tells in JSON.

    python downloading.py HOST[/stall|/drip]...

A body that stalls or drips is not awaited for long.
It asks for the head of ``/agent`` and then twice for all of it, both at once on one
connection. It shares no code with the package, so that it can contradict it.
"""

import hashlib
import json
import socket
import ssl
import struct
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

_SHORT_S, _LONG_S = 4, 120
_MOST_BYTES = 80_000_000
# Who has sent less when the time is over will never come to an end.
_SLOW_BYTES = 1000


def download(name: str) -> dict[str, Any]:
    host, _, fault = name.partition("/")
    seen: dict[str, Any] = {"host": host, "answers": []}
    context = ssl.create_default_context()
    try:
        with socket.create_connection((host, 443), timeout=_LONG_S) as sock:
            info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
            (seen["rtt_us"],) = struct.unpack_from("<I", info, 68)
            seen["local_port"] = sock.getsockname()[1]
            seen["remote"] = sock.getpeername()[0]
            with context.wrap_socket(
                sock, server_hostname=host, suppress_ragged_eofs=False
            ) as tls:
                seen["wall_ns"] = time.time_ns()
                _talk(tls, seen, fault)
        seen["end"] = "done"
    except OSError as exc:
        seen["end"] = type(exc).__name__
    return seen


def _talk(tls: ssl.SSLSocket, seen: dict[str, Any], fault: str) -> None:
    reader = _Reader(tls, fault)
    for methods in (("HEAD",), ("GET", "GET")):
        sent_ns = time.perf_counter_ns()
        for method in methods:
            tls.sendall(f"{method} /agent HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        for method in methods:
            answer: dict[str, Any] = {"method": method}
            seen["answers"].append(answer)
            is_whole = reader.read_answer(answer, sent_ns)
            answer["took_ns"] = time.perf_counter_ns() - sent_ns
            if not is_whole:
                return


class _Reader:
    """Reads answers that follow one another without a gap."""

    def __init__(self, tls: ssl.SSLSocket, fault: str) -> None:
        self._tls = tls
        self._silence_s = _SHORT_S if fault == "stall" else _LONG_S
        self._body_s = _SHORT_S if fault == "drip" else _LONG_S
        self._data = b""

    def read_answer(self, answer: dict[str, Any], sent_ns: int) -> bool:
        if not self._data:
            self._data = self._tls.recv(65_536)
        answer["first_byte_ns"] = time.perf_counter_ns() - sent_ns
        while b"\r\n\r\n" not in self._data:
            self._data += self._tls.recv(65_536)
        head, _, self._data = self._data.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        answer["status"] = int(first.split()[1])
        answer["headers"] = dict(line.lower().split(": ", 1) for line in lines)
        left = 0
        if answer["method"] == "GET":
            left = int(answer["headers"].get("content-length", _MOST_BYTES))
        digest = hashlib.sha256()
        answer["body_bytes"] = 0
        self._tls.settimeout(self._silence_s)
        until = time.monotonic() + self._body_s
        while left:
            if 0 < answer["body_bytes"] < _SLOW_BYTES and time.monotonic() > until:
                return False
            piece = self._data or self._tls.recv(65_536)
            self._data = piece[left:]
            digest.update(piece[:left])
            answer["body_bytes"] += len(piece[:left])
            left -= len(piece[:left])
        self._tls.settimeout(_LONG_S)
        answer["sha256"] = digest.hexdigest()
        return True


if __name__ == "__main__":
    with ThreadPoolExecutor(32) as pool:
        sys.stdout.write(json.dumps(list(pool.map(download, sys.argv[1:]))))
