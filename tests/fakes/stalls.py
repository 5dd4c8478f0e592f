"""How long a machine has let a process wait of late.

A run may lose its last second, and what the machine itself took away from it.
"""

import contextlib
import os
import threading
import time
from collections import deque
from pathlib import Path

_OF_LATE_S = 10.0


class MachineStalls:
    """Waits to be woken and for the disk, again and again, and knows how late it was.

    Args:
        scratch: A file on the disk that counts.
    """

    def __init__(self, scratch: Path) -> None:
        self._waits: deque[tuple[float, int]] = deque()
        self._scratch = scratch
        threading.Thread(target=self._watch, daemon=True).start()

    def worst_ns(self) -> int:
        """The longest wait of late."""
        since_s = time.monotonic() - _OF_LATE_S
        return max((ns for at_s, ns in list(self._waits) if at_s > since_s), default=0)

    def _watch(self) -> None:
        with self._scratch.open("wb", buffering=0) as file:
            while True:
                began_ns = time.monotonic_ns()
                time.sleep(0.02)
                file.write(b"x")
                os.fsync(file.fileno())
                self._waits.append((time.monotonic(), time.monotonic_ns() - began_ns))


class ProcessStalls:
    """How long a process had work to do and got no processor; look at it often."""

    def __init__(self, pid: int, machine: MachineStalls) -> None:
        self._tasks = Path("/proc", str(pid), "task")
        self._machine = machine
        self._seen: deque[tuple[float, int]] = deque()

    def look(self) -> int:
        """The nanoseconds that were taken from it in its last two seconds or more."""
        now_s = time.monotonic()
        self._seen.append((now_s, self._waited_ns()))
        while len(self._seen) > 1 and self._seen[1][0] < now_s - 2:
            self._seen.popleft()
        taken_ns = self._seen[-1][1] - self._seen[0][1]
        return self._machine.worst_ns() + max(taken_ns, 0)

    def _waited_ns(self) -> int:
        waited_ns = 0
        for task in self._tasks.iterdir():
            with contextlib.suppress(OSError):  # a thread that has ended meanwhile
                waited_ns += int((task / "schedstat").read_text("ascii").split()[1])
        return waited_ns
