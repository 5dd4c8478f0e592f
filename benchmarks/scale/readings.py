"""One way to ask for quantiles, in a process of its own: how long, how much memory."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

_KIB = 1024
_ASK = (
    "import cloudgauge, sys; "
    "found = cloudgauge.load(sys.argv[1]).quantiles({}); "
    "print(len(found.frame()))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How quantiles are asked for.

    Attributes:
        arguments: Of Python, before the folder.
        of_pandas: What somebody would write without this tool.
    """

    name: str
    arguments: tuple[str, ...]
    of_pandas: bool = False


def _ours(given: str) -> Way:
    return Way(name=f"`quantiles({given})`", arguments=("-c", _ASK.format(given)))


WAYS = (
    _ours(""),
    _ours('engine="memory"'),
    _ours("exact=False"),
    _ours('"first-byte"'),
    Way(
        name="pandas alone",
        arguments=("-m", "benchmarks.scale.pandas_alone"),
        of_pandas=True,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one way took.

    Attributes:
        cells: How many it gave.
        wall_s: From the start of the process to its end.
        processor_s: Of all its threads, in the system too.
        peak_bytes: The most that was resident.
    """

    way: str
    samples: int
    cells: int
    wall_s: float
    processor_s: float
    peak_bytes: int


def read(way: Way, folder: Path, samples: int) -> Reading:
    """Ask once.

    Raises:
        RuntimeError: The process failed.
    """
    began_s = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, *way.arguments, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    told = process.stdout.read()
    process.stdout.close()
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.monotonic() - began_s
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        msg = f"{way.name} ended with {process.returncode}"
        raise RuntimeError(msg)
    return Reading(
        way=way.name,
        samples=samples,
        cells=int(told),
        wall_s=wall_s,
        processor_s=usage.ru_utime + usage.ru_stime,
        peak_bytes=usage.ru_maxrss * _KIB,
    )
