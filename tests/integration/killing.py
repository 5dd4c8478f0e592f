"""Inside the private network: starts runs and kills each at a random moment.

Writes a line of JSON for each: its folder's parent, its region, when it was killed.
"""

import functools
import json
import random
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

from tests.fakes.stalls import MachineStalls, ProcessStalls

# More at a time would only measure how long two cores take to start Python.
_AT_ONCE = 3
_LONGEST_S = 4.0
_START_LIMIT_S = 300.0
# Who lives so long has so many samples that are older than a second.
_LONG_LIFE_S = 2.0
_SAMPLES = 6
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
    while samples_in(results) is None:
        if run.poll() is not None or time.monotonic() > limit_s:
            sys.exit(f"{results}: no journal")
        time.sleep(0.02)


def samples_in(results: Path) -> int | None:
    """How many a run has kept; None while it has no journal, or one that is made."""
    for journal in results.glob("*/journal.sqlite"):
        uri = f"file:{journal}?mode=ro"
        with (
            suppress(sqlite3.OperationalError),
            closing(sqlite3.connect(uri, uri=True)) as connection,
        ):
            row = connection.execute("SELECT count(*) FROM sample").fetchone()
            return int(row[0])
    return None


def kill_later(
    machine: MachineStalls, region_id: str, results: Path, after_s: float
) -> dict[str, object]:
    """Start a run and kill it *after_s* seconds after it began to measure, or later."""
    run = start(region_id, results)
    wait_for_journal(results, run)
    stalls = ProcessStalls(run.pid, machine)
    began_s = time.monotonic()
    kept_s: float | None = None
    while True:
        killed_wall_ns = time.time_ns()
        stalled_ns = stalls.look()
        now_s = time.monotonic()
        if now_s - began_s > _START_LIMIT_S:
            sys.exit(f"{results}: no samples")
        if kept_s is None and (
            after_s < _LONG_LIFE_S or (samples_in(results) or 0) >= _SAMPLES
        ):
            kept_s = now_s
        is_old = after_s < _LONG_LIFE_S or (
            kept_s is not None and now_s - kept_s > 1.2 + stalled_ns / 1e9
        )
        if is_old and now_s - began_s >= after_s:
            break
        time.sleep(0.02)
    run.kill()
    run.wait()
    return {
        "region_id": region_id,
        "results": str(results),
        "killed_wall_ns": killed_wall_ns,
        "stalled_ns": stalled_ns,
    }


def main() -> None:
    """Start and kill a run for each region named on the command line."""
    log, root, seed, *region_ids = sys.argv[1:]
    rng = random.Random(int(seed))
    places = [Path(root) / region_id.replace("/", "-") for region_id in region_ids]
    moments_s = [rng.uniform(0, _LONGEST_S) for _ in region_ids]
    kill = functools.partial(kill_later, MachineStalls(Path(root) / "scratch"))
    with ThreadPoolExecutor(_AT_ONCE) as pool, Path(log).open("w") as file:
        for line in pool.map(kill, region_ids, places, moments_s):
            file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
