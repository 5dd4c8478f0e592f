"""Inside the private network: each trial by the toolkit, then by iperf3.

Started as a program of its own by `running`, with the trials in a file.
"""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.instrument.shaped.trial import (
    PEER,
    PEER_PORT,
    Trial,
    peer_command,
    plan_settings,
    trials_from,
)
from cloudgauge.errors import WorldError
from cloudgauge.planning.files import write_plan

TRIALS = "trials.json"
TARGETS = "targets.toml"
RESULTS = "results"
TIMES = "times.json"
# The peer's whole test and as much again, so that one that hangs ends.
_PEER_PATIENCE = 2
_PEER_EXTRA_S = 10
_LISTENING_WITHIN_S = 10.0
_LOOK_EVERY_S = 0.05


def peer_answer_name(streams: int) -> str:
    """The file of what the peer said."""
    return f"iperf3-{streams}.json"


def own_command(trial: Trial, folder: Path, targets: Path) -> list[str]:
    """The command line of a trial; its plan is written into *folder*."""
    plan = folder / "plan.toml"
    plan.write_text(write_plan(plan_settings(trial)), encoding="utf-8")
    return [
        sys.executable, "-m", "cloudgauge", "run", str(plan),
        "--targets", str(targets), "--results", str(folder / RESULTS),
        "--quiet", "-o", str(folder / "shown.txt"),
    ]  # fmt: skip


def _run_own(trial: Trial, folder: Path, targets: Path) -> None:
    with (folder / "output.txt").open("wb") as output:
        command = own_command(trial, folder, targets)
        subprocess.call(command, stdout=output, stderr=subprocess.STDOUT)


def _run_peer(trial: Trial, folder: Path) -> None:
    for streams in trial.streams:
        place = folder / peer_answer_name(streams)
        with place.open("wb") as output:
            try:
                subprocess.run(
                    peer_command(trial, streams),
                    stdout=output,
                    timeout=trial.seconds * _PEER_PATIENCE + _PEER_EXTRA_S,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                place.write_text('{"error": "it did not end"}', encoding="utf-8")


@contextmanager
def _peer_server(folder: Path) -> Iterator[bool]:
    """The peer's server; False where the peer is not installed."""
    if shutil.which(PEER) is None:
        yield False
        return
    log = folder / "iperf3-server.txt"
    command = [PEER, "--server", "--port", str(PEER_PORT), "--forceflush"]
    # A file, not a pipe: nobody reads it while the trials go on.
    with log.open("wb") as output:
        server = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        try:
            _wait_until_listening(server, log)
            yield True
        finally:
            server.terminate()
            server.wait()


def _wait_until_listening(server: subprocess.Popen[bytes], log: Path) -> None:
    """Read what the peer's server says; a connection to try it would be a test."""
    until = time.monotonic() + _LISTENING_WITHIN_S
    while "Server listening" not in (said := log.read_text(encoding="utf-8")):
        if server.poll() is not None or time.monotonic() > until:
            msg = f"iperf3 does not listen: {said.strip() or 'it says nothing'}"
            raise WorldError(msg)
        time.sleep(_LOOK_EVERY_S)


def main() -> None:
    """Carry out the trials of the folder that is named on the command line."""
    folder = Path(sys.argv[1])
    rows = json.loads((folder / TRIALS).read_text(encoding="utf-8"))
    trials = trials_from(rows)
    with _peer_server(folder) as has_peer:
        for number, trial in enumerate(trials, 1):
            print(f"{number}/{len(trials)} {trial.key}", file=sys.stderr, flush=True)
            place = folder / trial.key
            place.mkdir()
            begun_ns = time.time_ns()
            _run_own(trial, place, folder / TARGETS)
            if has_peer:
                _run_peer(trial, place)
            times = {"begun_ns": begun_ns, "ended_ns": time.time_ns()}
            (place / TIMES).write_text(json.dumps(times), encoding="utf-8")


if __name__ == "__main__":
    main()
