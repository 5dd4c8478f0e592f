"""Runs the stages one after another; started inside the private network.

It does nothing while a prober works but look at what it costs, four times a second.
"""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.instrument import own
from benchmarks.instrument.load import Load, host_of, plan_of
from benchmarks.instrument.peers import blackbox
from benchmarks.instrument.peers.job import Job, write_job
from benchmarks.instrument.processes import Cost, Spent, Watch
from benchmarks.instrument.stages import ProberName, Stage, read_stages
from cloudgauge.planning.schedule import slots

STAGES = "stages.json"
READINGS = "readings.jsonl"
_COST = "cost.json"
_JOB = "job.json"
_LOOK_EVERY_S = 0.25
_LISTENING_WITHIN_S = 10.0
_DRIVERS = {
    ProberName.BLACKBOX: "blackbox",
    ProberName.HTTPING: "httping",
    ProberName.SHARED_CLIENT: "shared_client",
    ProberName.BARE: "bare_connection",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """How a stage went.

    Attributes:
        cost: Of the prober's processes; of the daemon's for blackbox_exporter.
        exit_code: Of the prober or its driver.
        begun_ns: Wall clock before it was started.
        ended_ns: Wall clock after it ended.
    """

    cost: Cost
    exit_code: int
    begun_ns: int
    ended_ns: int


def job_of(load: Load, folder: Path) -> Job:
    """The visits of a load for a peer's driver: the very slots of the plan."""
    return Job(
        visits=tuple(
            (slot.due_ns, host_of(slot.target_id)) for slot in slots(plan_of(load))
        ),
        warm_requests=load.warm_requests,
        output=folder / READINGS,
    )


def run_stage(stage: Stage, folder: Path) -> Finished:
    """Run one stage in a folder of its own."""
    if stage.prober is ProberName.OWN:
        return _watch(own.command(stage.load, folder), folder, daemon_pid=None)
    job = folder / _JOB
    write_job(job, job_of(stage.load, folder))
    module = f"benchmarks.instrument.peers.{_DRIVERS[stage.prober]}"
    command = [sys.executable, "-m", module, str(job)]
    if stage.prober is not ProberName.BLACKBOX:
        return _watch(command, folder, daemon_pid=None)
    with _daemon(folder) as pid:
        return _watch(command, folder, daemon_pid=pid)


def write_finished(folder: Path, finished: Finished) -> None:
    """Write how a stage went as JSON."""
    text = json.dumps(asdict(finished))
    (folder / _COST).write_text(text, encoding="utf-8")


def read_finished(folder: Path) -> Finished:
    """Read what `write_finished` wrote."""
    row = json.loads((folder / _COST).read_text(encoding="utf-8"))
    spent = tuple(Spent(**each) for each in row["cost"]["spent"])
    cost = Cost(**(row["cost"] | {"spent": spent}))
    return Finished(**(row | {"cost": cost}))


def _watch(command: list[str], folder: Path, *, daemon_pid: int | None) -> Finished:
    begun_ns = time.time_ns()
    with (folder / "output.txt").open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        watch = Watch(process.pid if daemon_pid is None else daemon_pid)
        while process.poll() is None:
            watch.look()
            time.sleep(_LOOK_EVERY_S)
    return Finished(
        cost=watch.cost(),
        exit_code=process.returncode,
        begun_ns=begun_ns,
        ended_ns=time.time_ns(),
    )


@contextmanager
def _daemon(folder: Path) -> Iterator[int]:
    config = folder / "blackbox.yml"
    config.write_text(blackbox.CONFIG, encoding="utf-8")
    with (folder / "daemon.txt").open("wb") as output:
        daemon = subprocess.Popen(
            blackbox.command(config), stdout=output, stderr=subprocess.STDOUT
        )
        try:
            blackbox.wait_until_listening(_LISTENING_WITHIN_S)
            yield daemon.pid
        finally:
            daemon.send_signal(signal.SIGTERM)
            daemon.wait()


def main() -> None:
    """Run the stages of the folder that is named on the command line."""
    folder = Path(sys.argv[1])
    stages = read_stages(folder / STAGES)
    for number, stage in enumerate(stages, 1):
        print(
            f"{number}/{len(stages)} {stage.part}: {stage.prober}, {stage.load.name}",
            file=sys.stderr,
            flush=True,
        )
        place = folder / stage.key
        place.mkdir()
        write_finished(place, run_stage(stage, place))


if __name__ == "__main__":
    main()
