"""What a process and its descendants cost: processor time and memory."""

import itertools
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_TICK_NS = 10**9 // os.sysconf("SC_CLK_TCK")
_KIB = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Processor time, user and system, that a process tree had used by an instant."""

    wall_ns: int
    cpu_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a process tree used while it was watched.

    Attributes:
        spent: Rising; at least two for a difference.
        peak_bytes: The most memory resident at once in the first process.
        tree_peak_bytes: The most in any one of the tree's processes.
    """

    spent: tuple[Spent, ...]
    peak_bytes: int
    tree_peak_bytes: int


def cpu_ns_of(stat: str) -> int:
    """User and system time in a line of ``/proc/PID/stat``, children left out."""
    # The name is in parentheses and may hold blanks and parentheses itself.
    fields = stat.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * _TICK_NS


def peak_bytes_of(status: str) -> int:
    """The peak of resident memory in ``/proc/PID/status``; 0 for a zombie."""
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * _KIB
    return 0


def cpu_between(spent: Sequence[Spent], begun_ns: int, ended_ns: int) -> int:
    """Processor time used between two instants, interpolated.

    Raises:
        ValueError: The instants are not inside what was watched.
    """
    return _cpu_at(spent, ended_ns) - _cpu_at(spent, begun_ns)


def _cpu_at(spent: Sequence[Spent], wall_ns: int) -> int:
    for before, after in itertools.pairwise(spent):
        if before.wall_ns <= wall_ns <= after.wall_ns:
            share = (wall_ns - before.wall_ns) / (after.wall_ns - before.wall_ns)
            return round(before.cpu_ns + share * (after.cpu_ns - before.cpu_ns))
    msg = f"nothing was watched at {wall_ns}"
    raise ValueError(msg)


class Watch:
    """Looks at a process tree now and then."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._spent: list[Spent] = []
        self._gone_cpu_ns = 0
        self._last: dict[int, int] = {}
        self._peak_bytes: dict[int, int] = {}

    def look(self) -> None:
        """Note what the tree has used by now; processes that ended stay counted."""
        now: dict[int, int] = {}
        for pid in _tree(self._pid):
            try:
                stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
                status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
            except (FileNotFoundError, ProcessLookupError):
                continue
            now[pid] = cpu_ns_of(stat)
            known_bytes = self._peak_bytes.get(pid, 0)
            self._peak_bytes[pid] = max(known_bytes, peak_bytes_of(status))
        gone = self._last.keys() - now.keys()
        self._gone_cpu_ns += sum(self._last[pid] for pid in gone)
        self._last = now
        used_ns = self._gone_cpu_ns + sum(now.values())
        self._spent.append(Spent(wall_ns=time.time_ns(), cpu_ns=used_ns))

    def cost(self) -> Cost:
        """What was seen so far."""
        return Cost(
            spent=tuple(self._spent),
            peak_bytes=self._peak_bytes.get(self._pid, 0),
            tree_peak_bytes=max(self._peak_bytes.values(), default=0),
        )


def _tree(root: int) -> list[int]:
    found = [root]
    for pid in found:
        try:
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                found += map(int, children.read_text(encoding="utf-8").split())
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found
