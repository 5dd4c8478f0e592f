"""Tends copies of a monitor's folder, each pass cut short at another step.

A step is each file that is opened, made, renamed or removed inside the folder. At the
step the process is killed, or the file system refuses it and all that comes after. The
next pass must find the rest to be done, and count every sample once.

``python -m tests.workflow.interrupted_keeping FOLDER WORKSHOP killed|refused``
"""

import errno
import os
import shutil
import signal
import sys
from pathlib import Path

from cloudgauge.analysis.long_term_figures import Every, figures_every
from cloudgauge.errors import MachineError
from cloudgauge.store.long_term import LONG_TERM, long_term_files
from cloudgauge.workflow.monitor_bounds import Bounds
from cloudgauge.workflow.monitor_keeping import keep_parts
from tests.fakes.monitored import BEGAN_NS, DAY_NS

_EVENTS = {
    "killed": frozenset(
        {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree"}
    ),
    # A full disk lets go of what it has.
    "refused": frozenset({"open", "os.rename", "os.mkdir"}),
}
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_DONE, _REFUSED = 0, 3
# Everything that is to be done at once: seal, fold, a day, and sets that go.
NOW_NS = BEGAN_NS + 23 * DAY_NS
BOUNDS = Bounds(keep_ns=22 * DAY_NS, keep_bytes=10**12)


def main() -> None:
    folder, workshop, means = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    # In this process, so that no child has to load what seals and folds.
    whole = workshop / "whole"
    shutil.copytree(folder, whole)
    wanted = (keep_parts(whole, BOUNDS, NOW_NS).room.sets, _figures(whole))
    for step in range(1, 2_000):
        copy = workshop / f"{means}-{step:03}"
        shutil.copytree(folder, copy)
        done = _kept_in_child(copy, step, means)
        keep_parts(copy, BOUNDS, NOW_NS)
        # Twice: nothing may be left to be done.
        kept = keep_parts(copy, BOUNDS, NOW_NS)
        if (kept.room.sets, _figures(copy)) != wanted:
            sys.exit(f"{means} at step {step}: another outcome than without")
        if kept.sealed or kept.folded or kept.days or kept.pruned:
            sys.exit(f"{means} at step {step}: something was done twice")
        left = [path for path in (copy / LONG_TERM).rglob(".*") if path.is_file()]
        if left or any((copy / LONG_TERM / ".gone").iterdir()):
            sys.exit(f"{means} at step {step}: {left} left over")
        shutil.rmtree(copy)
        if done:
            sys.stdout.write(f"{step} steps\n")
            return
    sys.exit("a pass has fewer steps than that")


def _figures(folder: Path) -> object:
    return list(figures_every(long_term_files(folder), Every.HOUR))


def _kept_in_child(folder: Path, step: int, means: str) -> bool:
    """Whether the pass came to its end before it came to *step*."""
    child = os.fork()
    if child == 0:
        os._exit(_keep_until(folder, step, means))
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    wanted = {"killed": -signal.SIGKILL, "refused": _REFUSED}[means]
    if status not in {_DONE, wanted}:
        sys.exit(f"{means} at step {step}: unexpected end {status}")
    return status == _DONE


def _keep_until(folder: Path, step: int, means: str) -> int:
    at = 0

    def count(event: str, args: tuple[object, ...]) -> None:
        nonlocal at
        if event not in _EVENTS[means] or not str(args[0]).startswith(str(folder)):
            return
        if event == "open" and means == "refused" and not int(str(args[2])) & _WRITES:
            return
        at += 1
        if at == step and means == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if at >= step:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(args[0]))

    sys.addaudithook(count)
    try:
        keep_parts(folder, BOUNDS, NOW_NS)
    except MachineError:
        return _REFUSED
    return _DONE


if __name__ == "__main__":
    main()
