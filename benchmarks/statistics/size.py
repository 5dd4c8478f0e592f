"""How long it takes to show ten million samples, and how much memory.

    python -m benchmarks.statistics.size [SAMPLES]

Makes a sealed set of so many samples in a folder for the time being, and opens it by
what a user would: `cloudgauge show`, and from Python a frame of its series and one of
its rounds. Each is a process of its own; time counts from its start to its end, memory
is the most that was resident.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.statistics.large_set import make_large_set

SAMPLES = 10_000_000
GOAL_S = 10.0
GOAL_BYTES = 2 * 1024**3
_KIB = 1024
_WAYS = {
    "cloudgauge show": ("-m", "cloudgauge", "show", "{set}"),
    "load(...).targets()": (
        "-c",
        "import cloudgauge, sys; cloudgauge.load(sys.argv[1]).targets()",
        "{set}",
    ),
    "load(...).rounds()": (
        "-c",
        "import cloudgauge, sys; cloudgauge.load(sys.argv[1]).rounds()",
        "{set}",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one way to open a set took.

    Attributes:
        wall_s: From the start of the process to its end.
        processor_s: Of all its threads, in the system too.
        peak_bytes: The most that was resident.
    """

    name: str
    samples: int
    wall_s: float
    processor_s: float
    peak_bytes: int

    @property
    def keeps_its_goal(self) -> bool:
        """Whether it is within the goals for `SAMPLES`."""
        return self.wall_s <= GOAL_S and self.peak_bytes <= GOAL_BYTES


def read_ways(folder: Path, samples: int) -> tuple[Reading, ...]:
    """Open a set in each way, one after another.

    Raises:
        RuntimeError: One of them failed.
    """
    return tuple(_reading(name, folder, samples) for name in _WAYS)


def _reading(name: str, folder: Path, samples: int) -> Reading:
    arguments = [part.replace("{set}", str(folder)) for part in _WAYS[name]]
    began_s = time.monotonic()
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.monotonic() - began_s
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        msg = f"{name} ended with {process.returncode}"
        raise RuntimeError(msg)
    return Reading(
        name=name,
        samples=samples,
        wall_s=wall_s,
        processor_s=usage.ru_utime + usage.ru_stime,
        peak_bytes=usage.ru_maxrss * _KIB,
    )


def table(readings: Sequence[Reading]) -> str:
    """The readings as Markdown."""
    head = "| way | samples | s | processor s | MiB | goal |"
    return "\n".join(
        (head, "| --- | ---: | ---: | ---: | ---: | --- |", *map(_line, readings), "")
    )


def _line(one: Reading) -> str:
    cells = (
        f"`{one.name}`",
        f"{one.samples:,}",
        f"{one.wall_s:.1f}",
        f"{one.processor_s:.1f}",
        f"{one.peak_bytes / 1024**2:,.0f}",
        "kept" if one.keeps_its_goal else "missed",
    )
    return f"| {' | '.join(cells)} |"


def main(arguments: Sequence[str]) -> int:
    """Measure and print; 1 if a goal was missed."""
    samples = int(arguments[0]) if arguments else SAMPLES
    with tempfile.TemporaryDirectory(prefix="cloudgauge-size-") as parent:
        folder = make_large_set(Path(parent), samples)
        readings = read_ways(folder, samples)
    print(table(readings))
    return 0 if all(one.keeps_its_goal for one in readings) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
