"""A worker whose clock is five minutes ahead: python -m tests.fleet.ahead FOLDER URL.

The machine's own clock stays as it is; the worker is given another one, as it would
read it. Its prober is this module too: it keeps what it was asked, and ends.
"""

import datetime as dt
import json
import sys
import time
from pathlib import Path

from cloudgauge.fleet.asking_prober import Reach, asker
from cloudgauge.fleet.identity import load_identity
from cloudgauge.fleet.prober import Prober
from cloudgauge.fleet.worker import WorkerRequest, run_worker
from cloudgauge.model.run import Vantage

AHEAD_NS = 300 * 10**9
ASKED = "asked.json"


def ahead_ns() -> int:
    """A clock five minutes ahead of this machine's."""
    return time.time_ns() + AHEAD_NS


def be_prober(folder: Path) -> None:
    """Keep the request; end as a prober does that has nothing left to do."""
    (folder / ASKED).write_text(sys.stdin.readline())
    sys.stdout.write(f"{json.dumps({'event': 'ended', 'complete': False})}\n")


def say(line: str) -> None:
    """Tell what the worker tells people."""
    sys.stderr.write(f"{line}\n")


def be_worker(folder: Path, scheduler: str) -> None:
    """Take part as vantage tokyo."""
    vantage, results = Vantage(name="tokyo"), folder / "tokyo"
    certificates = folder / "certificates" / "vantages" / "tokyo"
    request = WorkerRequest(
        vantage=vantage,
        scheduler=scheduler,
        identity=load_identity(certificates, dt.datetime.now(dt.UTC)),
        results=results,
        ask=asker(vantage, results, Reach()),
        wall_ns=ahead_ns,
        prober=Prober([sys.executable, "-m", "tests.fleet.ahead", str(folder)]),
    )
    run_worker(request, say)


if __name__ == "__main__":
    if len(sys.argv) == 2:
        be_prober(Path(sys.argv[1]))
    else:
        be_worker(Path(sys.argv[1]), sys.argv[2])
