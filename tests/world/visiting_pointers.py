"""Visits what a loopback world's description points at, and tells in JSON."""

import json
import os
import socket
import ssl
import sys
import time
from pathlib import Path
from typing import Any


def visit(pointer: dict[str, Any]) -> dict[str, Any]:
    seen: dict[str, Any] = {"host": pointer["host"]}
    context = ssl.create_default_context()
    try:
        address = (pointer["to_address"], pointer["to_port"])
        with (
            socket.create_connection(address, timeout=60) as sock,
            context.wrap_socket(sock, server_hostname=pointer["host"]) as tls,
        ):
            seen["local_port"] = tls.getsockname()[1]
            seen["remote"] = tls.getpeername()[0]
            seen["wall_ns"] = time.time_ns()
            began_ns = time.perf_counter_ns()
            tls.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            seen["status"] = int(tls.recv(65_536)[9:12])
            seen["first_byte_ns"] = time.perf_counter_ns() - began_ns
    except OSError as exc:
        seen["error"] = type(exc).__name__
    return seen


if __name__ == "__main__":
    folder = Path(os.environ["CLOUDGAUGE_WORLD"])
    world = json.loads((folder / "world.json").read_text())
    Path(sys.argv[1]).write_text(json.dumps([visit(row) for row in world["pointers"]]))
    Path(world["claim_file"]).write_text(str(Path(sys.argv[1]).parent / "set"))
