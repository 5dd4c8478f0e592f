"""Runs monitors inside the private network, one after the other in one folder.

``python -m tests.integration.monitored_world FOLDER``: a first monitor is asked for its
metrics and killed without a warning, a second one goes on in its folder and is stopped.
What was seen is printed as JSON.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
_PATIENCE_S = 600
_COMMAND = (
    *(sys.executable, "-m", "cloudgauge", "run", "small.toml", "--forever"),
    *("--vantage", "lab", "--every", "3s", "--keep-size", "120kB"),
    *("--metrics", "127.0.0.1:0", "--results", "monitor"),
)


class Monitor:
    """A monitor that runs."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            _COMMAND, cwd=folder, stderr=subprocess.PIPE, text=True
        )
        assert self._process.stderr is not None
        self.said: list[str] = []
        self.base = ""
        while not self.base:
            line = self._process.stderr.readline()
            assert line, self.said
            self.said.append(line)
            found = re.match(r"metrics: (http://127\.0\.0\.1:\d+)/metrics", line)
            self.base = found[1] if found else ""

    def asked(self, path: str, method: str = "GET") -> tuple[int, str]:
        """Status and body of an answer."""
        request = urllib.request.Request(  # noqa: S310  our own, on loopback
            self.base + path, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=_PATIENCE_S) as answer:  # noqa: S310  as above
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as exc:
            return exc.code, exc.read().decode()

    def number(self, name: str) -> float:
        """A metric of the monitor itself."""
        _, text = self.asked("/metrics")
        found = re.search(rf"^{name}\{{[^}}]*\}} (\S+)$", text, re.MULTILINE)
        return float(found[1]) if found else -1.0

    def keeper(self) -> int:
        """The process that keeps house."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        # Between the end of one and the start of the next there is none.
        return int((children.read_text().split() or ["0"])[0])

    def ended(self, number: signal.Signals) -> tuple[int, str]:
        """Send a signal, wait for the end of all; the exit code, and what was said."""
        keeper = self.keeper()
        self._process.send_signal(number)
        assert self._process.stderr is not None
        # Until the last process that can write there has ended.
        said = "".join(self.said) + self._process.stderr.read()
        code = self._process.wait()
        until(lambda: has_ended(keeper) or None)
        return code, said


def has_ended(pid: int) -> bool:
    """Whether a process is no more, or only waits for somebody to ask how it ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True
    return stat.rpartition(")")[2].split()[0] == "Z"


def until(look: Callable[[], T | None]) -> T:
    """What *look* gives when it gives something."""
    limit_s = time.monotonic() + _PATIENCE_S
    while (found := look()) is None:
        assert time.monotonic() < limit_s
        time.sleep(0.05)
    return found


def refused(folder: Path) -> tuple[int, str]:
    """How another monitor of the same folder ends."""
    ended = subprocess.run(
        _COMMAND, cwd=folder, capture_output=True, text=True, check=False
    )
    return ended.returncode, ended.stderr


def main() -> None:
    folder = Path(sys.argv[1])
    first = Monitor(folder)
    seen: dict[str, object] = {"second": refused(folder)}
    until(lambda: first.number("cloudgauge_monitor_parts_total") >= 4 or None)
    last_seal = "cloudgauge_monitor_last_seal_timestamp_seconds"
    until(lambda: first.number(last_seal) > 0 or None)
    seen["metrics"] = first.asked("/metrics")
    seen["health"] = first.asked("/health")
    seen["post"] = first.asked("/metrics", "POST")
    seen["elsewhere"] = first.asked("/")
    # Who keeps house dies: the next round starts another, and nothing is lost.
    gone = first.keeper()
    os.kill(gone, signal.SIGKILL)
    until(lambda: first.keeper() != gone or None)
    seen["killed"] = first.ended(signal.SIGKILL)
    again = Monitor(folder)
    until(lambda: again.number("cloudgauge_monitor_sets_pruned_total") >= 1 or None)
    seen["stopped"] = again.ended(signal.SIGTERM)
    sys.stdout.write(json.dumps(seen))


if __name__ == "__main__":
    main()
