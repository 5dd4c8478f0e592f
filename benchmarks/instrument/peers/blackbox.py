"""blackbox_exporter, asked for one probe after another through its own interface.

What counts are the phases that it reports itself; the asking, by a driver that does
as little as it can on connections that stay open, is in none of them.
"""

import asyncio
import re
import socket
import sys
import time
from collections import deque
from pathlib import Path
from typing import cast
from urllib.parse import quote

import uvloop

from benchmarks.instrument.peers.job import (
    LEAD_NS,
    TIMEOUT_S,
    Job,
    addresses_of,
    read_job,
    walk,
)
from benchmarks.instrument.readings import Reading, write_readings

PROGRAM = "prometheus-blackbox-exporter"
PORT = 19_115
# A probe is one GET over HTTP/1.1 and IPv4, as the others do; every status that
# the sites of this network give is an answer.
CONFIG = """\
modules:
  cold:
    prober: http
    timeout: 10s
    http:
      method: GET
      valid_status_codes: [200, 204, 301, 307, 400, 403, 404, 405]
      follow_redirects: false
      enable_http2: false
      preferred_ip_protocol: ip4
      ip_protocol_fallback: false
"""
_PHASE = re.compile(
    r'^probe_http_duration_seconds\{phase="(\w+)"\} (\S+)$', re.MULTILINE
)
# "processing" is from when the connection stood until the answer's first byte.
_NAMES = {"connect": "connect", "tls": "tls", "processing": "first_byte"}


def command(config: Path) -> list[str]:
    """The daemon's command line."""
    return [
        PROGRAM,
        f"--config.file={config}",
        f"--web.listen-address=127.0.0.1:{PORT}",
        "--log.level=error",
    ]


def wait_until_listening(seconds: float) -> None:
    """Return when the daemon takes connections.

    Raises:
        TimeoutError: It does not within *seconds*.
    """
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", PORT), timeout=seconds).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    msg = f"{PROGRAM} does not listen on port {PORT}"
    raise TimeoutError(msg)


def phases_of(metrics: str) -> dict[str, int]:
    """The phases of a probe in nanoseconds; none if it did not succeed."""
    if "\nprobe_success 1\n" not in metrics:
        return {}
    return {
        _NAMES[phase]: round(float(seconds) * 1e9)
        for phase, seconds in _PHASE.findall(metrics)
        if phase in _NAMES
    }


def is_whole(answer: bytes) -> bool:
    """Whether an HTTP/1.1 answer has come to its end."""
    head, blank, body = answer.partition(b"\r\n\r\n")
    if not blank:
        return False
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return len(body) >= int(line.partition(b":")[2])
    return body.endswith(b"0\r\n\r\n")


class _Asking(asyncio.Protocol):
    """A connection to the daemon: one question at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclasses of asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._read += data
        # Nearly every answer's last bytes come last; look at the rest only then.
        if is_whole(self._read) and self._answer and not self._answer.done():
            self._answer.set_result((time.time_ns(), self._read))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError())

    async def ask(self, question: bytes) -> tuple[int, bytes]:
        """Send a question; its answer and when the last of it was read."""
        assert self._transport is not None
        self._read = b""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(question)
        return await self._answer

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.close()


class _Driver:
    def __init__(self, job: Job) -> None:
        self._job = job
        self._addresses = addresses_of(job.hosts)
        self._questions = {host: _question(host) for host in job.hosts}
        self._idle: deque[_Asking] = deque()
        self._answers: list[tuple[Reading, bytes]] = []

    async def run(self) -> list[Reading]:
        """Carry out the job."""
        start_ns = time.time_ns() + LEAD_NS
        await walk(self._job, self._visit, start_ns=start_ns)
        for asking in self._idle:
            asking.close()
        # Read only now, so that reading costs the measurement nothing.
        return [_with_phases(*answer) for answer in self._answers]

    async def _visit(self, host: str, due_ns: int) -> None:
        begun_ns = time.time_ns()
        ended_ns, answer = begun_ns, b""
        try:
            async with asyncio.timeout(2 * TIMEOUT_S):
                asking = self._idle.pop() if self._idle else await _connect()
                ended_ns, answer = await asking.ask(self._questions[host])
                self._idle.append(asking)
        except (OSError, TimeoutError):
            ended_ns = time.time_ns()
        reading = Reading(
            address=self._addresses[host],
            due_ns=due_ns,
            begun_ns=begun_ns,
            ended_ns=ended_ns,
        )
        self._answers.append((reading, answer))


def _question(host: str) -> bytes:
    target = quote(f"https://{host}/", safe="")
    return (
        f"GET /probe?module=cold&target={target} HTTP/1.1\r\n"
        f"Host: 127.0.0.1:{PORT}\r\n\r\n"
    ).encode()


async def _connect() -> _Asking:
    loop = asyncio.get_running_loop()
    _, asking = await loop.create_connection(_Asking, "127.0.0.1", PORT)
    return asking


def _with_phases(reading: Reading, answer: bytes) -> Reading:
    values_ns = phases_of(answer.decode("utf-8", "replace"))
    return Reading(
        address=reading.address,
        due_ns=reading.due_ns,
        begun_ns=reading.begun_ns,
        ended_ns=reading.ended_ns,
        values_ns=values_ns,
        failure="" if values_ns else "no phases",
    )


def main() -> None:
    """Carry out the job in the file that is named on the command line."""
    job = read_job(Path(sys.argv[1]))
    write_readings(job.output, uvloop.run(_Driver(job).run()))


if __name__ == "__main__":
    main()
