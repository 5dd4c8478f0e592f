"""Stands before a store and lets requests pass, or not, as a file says.

``python -m tests.fakes.store_gate HOST:PORT HOST:PORT MODE_FILE``: listens at the first
address, passes on to the second. What the file says counts for each request anew:
``pass``, a status such as ``403`` or ``503``, or ``drop``: the line breaks when half of
the request has been read. A line is printed for each request: what was done, method and
path.
"""

import http.client
import sys
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PASS, DROP = "pass", "drop"
_UPSTREAM_S = 120.0
_SINGLE_HOP = frozenset({"connection", "keep-alive", "transfer-encoding"})


class Gate(ThreadingHTTPServer):
    """Listens, and knows where to pass on to and what is said now."""

    daemon_threads = True

    def __init__(self, here: tuple[str, int], there: str, mode_file: Path) -> None:
        super().__init__(here, _Passing)
        self.there = there
        self._mode_file = mode_file

    @property
    def mode(self) -> str:
        """What is to be done with a request that comes now."""
        return self._mode_file.read_text(encoding="ascii").strip()


class _Passing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Gate

    def _answer(self) -> None:
        mode = self.server.mode
        size = int(self.headers.get("Content-Length") or 0)
        print(mode, self.command, self.path, flush=True)  # noqa: T201  the log
        if mode == DROP:
            self.rfile.read(size // 2)
            self.close_connection = True
            return
        body = self.rfile.read(size)
        if mode == PASS:
            self._pass_on(body)
            return
        self._reply(int(mode), [], b"")

    def _pass_on(self, body: bytes) -> None:
        connection = http.client.HTTPConnection(self.server.there, timeout=_UPSTREAM_S)
        try:
            headers = dict(self.headers.items())
            connection.request(self.command, self.path, body or None, headers)
            answer = connection.getresponse()
            self._reply(answer.status, answer.getheaders(), answer.read())
        finally:
            connection.close()

    def _reply(
        self, status: int, headers: Sequence[tuple[str, str]], body: bytes
    ) -> None:
        self.send_response_only(status)
        has_length = False
        for name, value in headers:
            if name.lower() not in _SINGLE_HOP:
                self.send_header(name, value)
                has_length = has_length or name.lower() == "content-length"
        if not has_length:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _answer  # noqa: N815  so they are called


def command(here: tuple[str, int], there: str, mode_file: Path) -> list[str]:
    """What starts one."""
    host, port = here
    words = [f"{host}:{port}", there, str(mode_file)]
    return [sys.executable, "-m", "tests.fakes.store_gate", *words]


def main(arguments: list[str]) -> None:
    """Stand there until killed."""
    here, there, mode_file = arguments
    host, _, port = here.rpartition(":")
    Gate((host, int(port)), there, Path(mode_file)).serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])
