"""What a peer's driver is told: the visits, and where its readings go."""

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Names are looked up and connections to a daemon made before the first visit.
LEAD_NS = 1_000_000_000
TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Visits to carry out, as a prober's driver gets them.

    Attributes:
        visits: When each is due, nanoseconds after the start, and its host; the
            due times never fall.
        warm_requests: After the first one of each visit, on its connection.
        output: Where the readings go.
    """

    visits: tuple[tuple[int, str], ...]
    warm_requests: int
    output: Path

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every host once, in the order of the names."""
        return tuple(sorted({host for _, host in self.visits}))


def write_job(path: Path, job: Job) -> None:
    """Write a job as JSON."""
    table = {
        "visits": job.visits,
        "warm_requests": job.warm_requests,
        "output": str(job.output),
    }
    path.write_text(json.dumps(table), encoding="utf-8")


def read_job(path: Path) -> Job:
    """Read what `write_job` wrote."""
    table = json.loads(path.read_text(encoding="utf-8"))
    return Job(
        visits=tuple((due_ns, host) for due_ns, host in table["visits"]),
        warm_requests=table["warm_requests"],
        output=Path(table["output"]),
    )


def addresses_of(hosts: tuple[str, ...]) -> dict[str, str]:
    """The one IPv4 address of each host."""
    return {host: socket.gethostbyname(host) for host in hosts}


async def walk(
    job: Job,
    visit: Callable[[str, int], Coroutine[Any, Any, None]],
    *,
    start_ns: int,
) -> None:
    """Begin each visit when it is due, whether or not earlier ones have ended.

    Who has fallen so far behind that visits still go on well after the last was due
    does not get to end them.

    Args:
        job: Whose visits are meant.
        visit: Called with the host and the due time by the wall clock.
        start_ns: The start by the wall clock, still to come.
    """
    offset_ns = time.time_ns() - time.monotonic_ns()
    begins_in_s = (start_ns - time.time_ns()) / 1e9
    lasts_s = max(due_ns for due_ns, _ in job.visits) / 1e9
    with contextlib.suppress(TimeoutError):
        async with (
            asyncio.timeout(begins_in_s + lasts_s + TIMEOUT_S),
            asyncio.TaskGroup() as group,
        ):
            for due_ns, host in job.visits:
                wait_ns = start_ns + due_ns - offset_ns - time.monotonic_ns()
                await asyncio.sleep(max(0, wait_ns) / 1e9)
                group.create_task(visit(host, start_ns + due_ns))
