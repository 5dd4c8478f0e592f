"""A prober made of nothing but sockets, that runs inside a world and tells in JSON.

    python visiting.py HOST/4|6/[STAGE|drip]...

At the stage that is named it waits for a short time only, and so it does for a body
that drips. It shares no code with the package, so that it can contradict it.
"""

import json
import socket
import ssl
import struct
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

_SHORT_S, _LONG_S = 1.5, 60.0
_BODY_LIMIT_BYTES = 1_000_000
_TCP_INFO_BYTES = 256


def visit(name: str) -> dict[str, Any]:
    host, family, silent = name.split("/")
    seen: dict[str, Any] = {"host": host, "stage": "resolve", "silent": silent}
    kind = {"6": socket.AF_INET6, "4": socket.AF_INET}[family]
    sock: socket.socket | None = None
    try:
        found = socket.getaddrinfo(host, 443, kind, socket.SOCK_STREAM)
        seen["addresses"] = sorted({str(row[4][0]) for row in found})
        sock = socket.socket(kind, socket.SOCK_STREAM)
        _enter("connect", sock, seen)
        seen["wall_ns"] = time.time_ns()
        sock.connect(found[0][4])
        info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_BYTES)
        (seen["rtt_us"],) = struct.unpack_from("<I", info, 68)
        (seen["retransmits"],) = struct.unpack_from("<I", info, 100)
        seen["local_port"] = sock.getsockname()[1]
        seen["remote"] = sock.getpeername()[0]
        _enter("tls", sock, seen)
        _talk(sock, host, seen)
        seen["stage"] = "done"
    except OSError as exc:
        seen["error"] = type(exc).__name__
        seen["errno"] = exc.errno
    finally:
        if sock is not None:
            sock.close()
    return seen


def _wait_s(seen: dict[str, Any]) -> float:
    return _SHORT_S if seen["stage"] == seen["silent"] else _LONG_S


def _enter(stage: str, sock: socket.socket, seen: dict[str, Any]) -> None:
    seen["stage"] = stage
    sock.settimeout(_wait_s(seen))


def _talk(sock: socket.socket, host: str, seen: dict[str, Any]) -> None:
    context = ssl.create_default_context()
    began_ns = time.perf_counter_ns()
    with context.wrap_socket(
        sock, server_hostname=host, suppress_ragged_eofs=False
    ) as tls:
        seen["tls_ns"] = time.perf_counter_ns() - began_ns
        seen["tls"] = tls.version()
        _enter("answer", tls, seen)
        seen["first_byte_ns"] = []
        for _ in range(3):
            began_ns = time.perf_counter_ns()
            tls.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            data = tls.recv(65_536)
            seen["first_byte_ns"].append(time.perf_counter_ns() - began_ns)
            if not data.startswith(b"HTTP/1.1 "):
                seen["garbage"] = data.decode("latin-1")
                return
            seen["status"] = int(data[9:12])
            if not _read_body(tls, data, seen):
                return


def _read_body(tls: ssl.SSLSocket, data: bytes, seen: dict[str, Any]) -> bool:
    head, _, body = data.partition(b"\r\n\r\n")
    headers = dict(
        line.lower().split(": ", 1) for line in head.decode().split("\r\n")[1:]
    )
    wanted = int(headers.get("content-length", 2**40))
    seen["retry_after"] = headers.get("retry-after")
    count = len(body)
    _enter("body", tls, seen)
    until = time.monotonic() + (_SHORT_S if seen["silent"] else _LONG_S)
    while count < wanted and count < _BODY_LIMIT_BYTES:
        seen["missing_bytes"] = wanted - count
        if time.monotonic() > until:
            seen["slow"] = True
            return False
        piece = tls.recv(65_536)
        count += len(piece)
    seen["missing_bytes"] = wanted - count
    _enter("answer", tls, seen)
    return count == wanted and headers.get("connection") != "close"


if __name__ == "__main__":
    with ThreadPoolExecutor(32) as pool:
        sys.stdout.write(json.dumps(list(pool.map(visit, sys.argv[1:]))))
