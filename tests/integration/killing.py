"""Inside the private network: starts runs and kills each at a random moment.

Writes a line of JSON for each: its folder's parent, its region, when it was killed.
"""

import functools
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# More at a time would only measure how long two cores take to start Python.
_AT_ONCE = 3
_LONGEST_S = 4.0
_START_LIMIT_S = 60.0
_PLAN = """
schema = 1
name = "killed"
rounds = 60
round = "500ms"
controls = false
[select]
regions = ["{region_id}"]
[ceilings]
visits_per_s_host = 5.0
"""


def start(region_id: str, results: Path) -> subprocess.Popen[bytes]:
    """Start a run of one region, two visits a second, for half a minute."""
    results.mkdir()
    plan = results.with_suffix(".toml")
    plan.write_text(_PLAN.format(region_id=region_id), encoding="utf-8")
    command = [sys.executable, "-m", "cloudgauge", "run", str(plan), "-q"]
    return subprocess.Popen(
        [*command, "--results", str(results)], stdout=subprocess.DEVNULL
    )


def wait_for_journal(results: Path, run: subprocess.Popen[bytes]) -> None:
    """Return when the run has begun to measure."""
    limit_s = time.monotonic() + _START_LIMIT_S
    while not list(results.glob("*/journal.sqlite")):
        if run.poll() is not None or time.monotonic() > limit_s:
            sys.exit(f"{results}: no journal")
        time.sleep(0.02)


class Stalls:
    """Knows how long this machine has let a process and its disk wait of late.

    A run may lose its last second, and what the machine itself took away from it.
    """

    def __init__(self, scratch: Path) -> None:
        self._waits: deque[tuple[float, int]] = deque()
        self._scratch = scratch
        threading.Thread(target=self._watch, daemon=True).start()

    def worst_ns(self) -> int:
        """The longest wait of the last ten seconds."""
        since_s = time.monotonic() - 10
        return max((ns for at_s, ns in list(self._waits) if at_s > since_s), default=0)

    def _watch(self) -> None:
        with self._scratch.open("wb", buffering=0) as file:
            while True:
                began_ns = time.monotonic_ns()
                time.sleep(0.02)
                file.write(b"x")
                os.fsync(file.fileno())
                self._waits.append((time.monotonic(), time.monotonic_ns() - began_ns))


def kill_later(
    stalls: Stalls, region_id: str, results: Path, after_s: float
) -> dict[str, object]:
    """Start a run and kill it *after_s* seconds after it began to measure."""
    run = start(region_id, results)
    wait_for_journal(results, run)
    time.sleep(after_s)
    run.kill()
    killed_wall_ns = time.time_ns()
    run.wait()
    return {
        "region_id": region_id,
        "results": str(results),
        "killed_wall_ns": killed_wall_ns,
        "stalled_ns": stalls.worst_ns(),
    }


def main() -> None:
    """Start and kill a run for each region named on the command line."""
    log, root, seed, *region_ids = sys.argv[1:]
    rng = random.Random(int(seed))
    places = [Path(root) / region_id.replace("/", "-") for region_id in region_ids]
    moments_s = [rng.uniform(0, _LONGEST_S) for _ in region_ids]
    kill = functools.partial(kill_later, Stalls(Path(root) / "scratch"))
    with ThreadPoolExecutor(_AT_ONCE) as pool, Path(log).open("w") as file:
        for line in pool.map(kill, region_ids, places, moments_s):
            file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
