"""What a simple script does: one `httpx.AsyncClient` for all targets.

Two readings of each request: ``total`` is what `time.perf_counter` says around it;
``first_byte`` and ``connect`` come from the client's trace events.
"""

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from benchmarks.instrument.peers.job import (
    LEAD_NS,
    TIMEOUT_S,
    Job,
    addresses_of,
    read_job,
    walk,
)
from benchmarks.instrument.readings import Reading, write_readings

_PHASES = {
    "connect": ("connection.connect_tcp.started", "connection.connect_tcp.complete"),
    "first_byte": (
        "http11.send_request_headers.started",
        "http11.receive_response_headers.complete",
    ),
}


def phases_of(events_ns: dict[str, int]) -> dict[str, int]:
    """The phases between trace events; those that did not happen are left out."""
    return {
        phase: events_ns[ended] - events_ns[begun]
        for phase, (begun, ended) in _PHASES.items()
        if begun in events_ns and ended in events_ns
    }


class _Driver:
    def __init__(self, job: Job, client: httpx.AsyncClient) -> None:
        self._job = job
        self._client = client
        self._addresses = addresses_of(job.hosts)
        self._readings: list[Reading] = []

    async def run(self) -> list[Reading]:
        """Carry out the job."""
        start_ns = time.time_ns() + LEAD_NS
        await walk(self._job, self._visit, start_ns=start_ns)
        return self._readings

    async def _visit(self, host: str, due_ns: int) -> None:
        for number in range(1 + self._job.warm_requests):
            reading = await self._request(host, due_ns if number == 0 else None)
            self._readings.append(reading)
            if reading.failure:
                return

    async def _request(self, host: str, due_ns: int | None) -> Reading:
        events_ns: dict[str, int] = {}

        async def trace(name: str, _: dict[str, Any]) -> None:
            events_ns[name] = time.perf_counter_ns()

        values_ns: dict[str, int] = {}
        failure = ""
        begun_ns, begun = time.time_ns(), time.perf_counter_ns()
        try:
            await self._client.get(f"https://{host}/", extensions={"trace": trace})
        except httpx.HTTPError as exc:
            failure = type(exc).__name__
        else:
            values_ns["total"] = time.perf_counter_ns() - begun
            values_ns |= phases_of(events_ns)
        return Reading(
            address=self._addresses[host],
            exchange=None,
            due_ns=due_ns,
            begun_ns=begun_ns,
            ended_ns=time.time_ns(),
            values_ns=values_ns,
            failure=failure,
        )


async def _run(job: Job) -> list[Reading]:
    # A local address of IPv4's is the way to have IPv4 alone, as the others do.
    transport = httpx.AsyncHTTPTransport(local_address="0.0.0.0")  # noqa: S104
    async with httpx.AsyncClient(transport=transport, timeout=TIMEOUT_S) as client:
        return await _Driver(job, client).run()


def main() -> None:
    """Carry out the job in the file that is named on the command line."""
    job = read_job(Path(sys.argv[1]))
    write_readings(job.output, asyncio.run(_run(job)))


if __name__ == "__main__":
    main()
