"""httping, one process a target, each keeping the pace of the schedule by itself.

It counts ``total_ms`` from the lookup to the answer's head, on a fresh connection
each time, and asks again a fixed interval after it asked; its first probe leaves
when the first visit of its target is due.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

from benchmarks.instrument.peers.job import (
    LEAD_NS,
    TIMEOUT_S,
    Job,
    addresses_of,
    read_job,
    walk,
)
from benchmarks.instrument.readings import Reading, write_readings

PROGRAM = "httping"


def command(host: str, *, count: int, interval_s: float) -> list[str]:
    """The command line for one target."""
    return [
        PROGRAM, "-M", "-c", str(count), "-i", f"{interval_s:.3f}", "--ai",
        "-t", f"{TIMEOUT_S:.0f}", "-g", f"https://{host}/",
    ]  # fmt: skip


def readings_of(text: str, *, address: str) -> list[Reading]:
    """The readings in an httping's JSON; a probe that failed says so.

    One object a line is read, not the whole: httping 2.5 can die of a failure, and
    the list then has no end.
    """
    readings = []
    for line in text.splitlines():
        if not line.startswith("{"):
            continue
        row = json.loads(line.rstrip().rstrip(","))
        begun_ns = round(float(row["start_ts"]) * 1e9)
        good = row["status"] == "1"
        total_ns = round(float(row["total_ms"]) * 1e6) if good else 0
        readings.append(
            Reading(
                address=address,
                # Written with six digits: what it left within the microsecond.
                begun_ns=begun_ns - 1000,
                ended_ns=begun_ns + total_ns if good else begun_ns,
                values_ns={"total": total_ns} if good else {},
                failure="" if good else row.get("msg", "failed"),
            )
        )
    return readings


def pace_of(job: Job) -> dict[str, tuple[int, float]]:
    """How many probes each host gets, and the seconds between them."""
    count = dict.fromkeys(job.hosts, 0)
    for _, host in job.visits:
        count[host] += 1
    last_ns = max(due_ns for due_ns, _ in job.visits)
    rounds = max(count.values())
    interval_s = last_ns / 1e9 / rounds
    return {host: (number, interval_s) for host, number in count.items()}


class _Driver:
    def __init__(self, job: Job) -> None:
        self._job = job
        self._pace = pace_of(job)
        self._begun: set[str] = set()
        self._texts: dict[str, bytes] = {}

    async def run(self) -> list[Reading]:
        """Carry out the job."""
        start_ns = time.time_ns() + LEAD_NS
        await walk(self._job, self._visit, start_ns=start_ns)
        addresses = addresses_of(self._job.hosts)
        return [
            reading
            for host, text in self._texts.items()
            for reading in readings_of(text.decode(), address=addresses[host])
        ]

    async def _visit(self, host: str, due_ns: int) -> None:
        del due_ns
        if host in self._begun:
            return
        self._begun.add(host)
        count, interval_s = self._pace[host]
        process = await asyncio.create_subprocess_exec(
            *command(host, count=count, interval_s=interval_s),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            self._texts[host], _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


def main() -> None:
    """Carry out the job in the file that is named on the command line."""
    job = read_job(Path(sys.argv[1]))
    write_readings(job.output, asyncio.run(_Driver(job).run()))


if __name__ == "__main__":
    main()
