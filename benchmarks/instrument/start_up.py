"""What asking for help costs, beside a Python that does nothing."""

import subprocess
import sys
import time

from benchmarks.instrument.figures import middle

_REPEATS = 11
_HELP = (sys.executable, "-m", "cloudgauge", "--help")
_NOTHING = (sys.executable, "-c", "pass")


def start_up_s(repeats: int = _REPEATS) -> float:
    """Seconds of ``cloudgauge --help`` beyond ``python -c pass``, the median.

    The two take turns, so that a busy moment hits both.
    """
    differences = []
    for _ in range(repeats):
        nothing_s = _seconds(_NOTHING)
        differences.append(_seconds(_HELP) - nothing_s)
    return middle(differences)


def _seconds(command: tuple[str, ...]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began
