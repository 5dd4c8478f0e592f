"""Processes as the kernel lists them: who is whose child, and how much they hold."""

import contextlib
import os
import signal
import time
from collections import defaultdict
from pathlib import Path

_LOOK_EVERY_S = 0.02
_WITHIN_S = 30.0


def descendants(pid: int) -> list[int]:
    """Children of a process, theirs, and so on; parents before children."""
    children = defaultdict(list)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        # It may have ended since it was listed.
        with contextlib.suppress(OSError):
            # The name stands in brackets and may hold spaces and brackets.
            fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
            children[int(fields[1])].append(int(stat.parent.name))
    found = [pid]
    for one in found:
        found += children[one]
    return found[1:]


def kill_tree(pid: int) -> None:
    """Kill a process and all that it started, as a power cut would."""
    tree = [pid, *descendants(pid)]
    # First of all nobody may start anything more.
    for sign in (signal.SIGSTOP, signal.SIGKILL):
        for one in tree:
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, sign)
        tree = list(dict.fromkeys([*tree, *descendants(pid)]))


def end_children() -> None:
    """Kill and reap what is left of our children, orphans that we adopted included."""
    until = time.monotonic() + _WITHIN_S
    while time.monotonic() < until:
        for pid in descendants(os.getpid()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            time.sleep(_LOOK_EVERY_S)


def resident_bytes(pid: int) -> int:
    """Resident memory of a process now; 0 if it has gone."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()
        return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0
