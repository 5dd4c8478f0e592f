"""A bare `httpcore` connection: the least that a request in Python costs.

A fresh `AsyncHTTP11Connection` each visit, over httpcore's own stream, on the event
loop that the toolkit uses itself; no client, no pool, no timing.
"""

import ssl
import sys
import time
from pathlib import Path

import httpcore
import uvloop
from httpcore import AsyncHTTP11Connection

from benchmarks.instrument.peers.job import (
    LEAD_NS,
    TIMEOUT_S,
    Job,
    addresses_of,
    read_job,
    walk,
)
from benchmarks.instrument.readings import Reading, write_readings


class _Driver:
    def __init__(self, job: Job) -> None:
        self._job = job
        self._addresses = addresses_of(job.hosts)
        self._tls = ssl.create_default_context()
        self._backend = httpcore.AnyIOBackend()
        self._readings: list[Reading] = []

    async def run(self) -> list[Reading]:
        """Carry out the job."""
        start_ns = time.time_ns() + LEAD_NS
        await walk(self._job, self._visit, start_ns=start_ns)
        return self._readings

    async def _visit(self, host: str, due_ns: int) -> None:
        failure = ""
        begun_ns = time.time_ns()
        try:
            await self._requests(host)
        except (httpcore.NetworkError, httpcore.TimeoutException) as exc:
            failure = type(exc).__name__
        self._readings.append(
            Reading(
                address=self._addresses[host],
                due_ns=due_ns,
                begun_ns=begun_ns,
                ended_ns=time.time_ns(),
                failure=failure,
            )
        )

    async def _requests(self, host: str) -> None:
        address = self._addresses[host]
        stream = await self._backend.connect_tcp(address, 443, timeout=TIMEOUT_S)
        stream = await stream.start_tls(self._tls, host, timeout=TIMEOUT_S)
        origin = httpcore.Origin(b"https", host.encode(), 443)
        async with AsyncHTTP11Connection(origin, stream) as connection:
            request = httpcore.Request(
                "GET",
                f"https://{host}/",
                headers={"Host": host},
                extensions={"timeout": {"read": TIMEOUT_S, "write": TIMEOUT_S}},
            )
            for _ in range(1 + self._job.warm_requests):
                response = await connection.handle_async_request(request)
                await response.aread()
                await response.aclose()


def main() -> None:
    """Carry out the job in the file that is named on the command line."""
    job = read_job(Path(sys.argv[1]))
    write_readings(job.output, uvloop.run(_Driver(job).run()))


if __name__ == "__main__":
    main()
