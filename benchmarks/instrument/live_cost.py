"""What it costs to look on: a run that is drawn beside the same run told in lines.

    cloudgauge world -- python -m benchmarks.instrument.live_cost FOLDER -o FILE

Inside the private network, the targets of an area and those of a whole catalogue are
measured with the figures drawn on a terminal and without. The processor time of prober
and drawing, and how late and how long visits were, stand beside each other; it is read
from the kernel, so other work on the machine does not count.
"""

import argparse
import contextlib
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cloudgauge
from benchmarks.instrument.machine import describe_machine

GOAL = 0.02
"""Of a core, for drawing."""

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_POLL_S = 0.2
_SECONDS = 45
_LOADS = (("--area", "south-east-asia", "-n", "5"), ("-n", "2"))
_HEAD = """# What it costs to look on while a run goes on

`cloudgauge world -- python -m benchmarks.instrument.live_cost FOLDER -o
benchmarks/instrument/LIVE.md` makes this anew. The same targets are measured in the
private network with the figures drawn on a terminal and without, in turns. Other work
on the machine is in lateness and phases, not in processor time.
"""
_COLUMNS = (
    "targets",
    "drawn",
    "visits",
    "prober CPU s",
    "drawing CPU s",
    "of a core",
    "late p50 ms",
    "late p99 ms",
    "connect p50 ms",
    "first byte p50 ms",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one run took, and what it saw.

    Attributes:
        prober_s: Processor time of the process that probes.
        drawing_s: Of the one that draws; 0 where nothing is drawn.
        seconds: How long both lived.
    """

    prober_s: float
    drawing_s: float
    seconds: float
    targets: int
    visits: int
    lateness_p50_ms: float
    lateness_p99_ms: float
    connect_p50_ms: float
    first_byte_p50_ms: float

    @property
    def drawing_share(self) -> float:
        """Of one core, while the run lasted."""
        return self.drawing_s / self.seconds


def cpu_s(pid: int) -> float:
    """Processor time of a process alone, user's and system's."""
    text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    fields = text.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S


def children_of(pid: int) -> list[int]:
    """The processes that a process has started."""
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(word) for word in path.read_text(encoding="utf-8").split()]


def run_once(words: tuple[str, ...], results: Path, *, drawn: bool) -> Cost:
    """Carry out one run and watch its processes."""
    command = [sys.executable, "-m", "cloudgauge", "run", *words]
    command += ["-d", f"{_SECONDS}s", "--results", str(results)]
    ours, theirs = pty.openpty() if drawn else os.pipe()
    began_s = time.monotonic()
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=theirs, env=os.environ
    ) as process:
        os.close(theirs)
        spent = dict(_watched(process, ours))
    os.close(ours)
    prober_s = spent.pop(process.pid)
    return _cost(results, prober_s, sum(spent.values()), time.monotonic() - began_s)


def _watched(
    process: "subprocess.Popen[bytes]", ours: int
) -> Iterator[tuple[int, float]]:
    """The last that was known of the prober and of the process that draws."""
    spent: dict[int, float] = {}
    while process.poll() is None:
        # What is written is taken, as a terminal would.
        if select.select([ours], [], [], _POLL_S)[0]:
            with contextlib.suppress(OSError):
                os.read(ours, 65_536)
        with contextlib.suppress(OSError):
            children = children_of(process.pid)
            drawing = [pid for pid in children if b"live_process" in _command(pid)]
            if len(drawing) == len(children):
                # Once it seals and shows, it does not probe any more.
                for pid in (process.pid, *drawing):
                    spent[pid] = cpu_s(pid)
    yield from spent.items()


def _command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def _cost(results: Path, prober_s: float, drawing_s: float, seconds: float) -> Cost:
    frame = cloudgauge.load(results).frame()
    cold = frame[frame["exchange"] == 0]
    late_ms = cold["lateness_ns"].astype("float64") / 1e6
    good = frame[frame["failure"].isna()]
    return Cost(
        prober_s=prober_s,
        drawing_s=drawing_s,
        seconds=seconds,
        targets=cold["target_id"].nunique(),
        visits=len(cold),
        lateness_p50_ms=float(late_ms.quantile(0.5)),
        lateness_p99_ms=float(late_ms.quantile(0.99)),
        connect_p50_ms=float(good["connect_rtt_us"].astype("float64").median() / 1e3),
        first_byte_p50_ms=float(good["first_byte_ns"].astype("float64").median() / 1e6),
    )


def to_markdown(found: Sequence[tuple[bool, Cost]], machine: str) -> str:
    """What is kept: each run in its order, the goal, and whether it was met.

    Args:
        found: Whether a run was drawn, and what it took.
        machine: On which it was.
    """
    most = max(cost.drawing_share for drawn, cost in found if drawn)
    met = "met" if most < GOAL else "MISSED"
    lines = [
        _HEAD,
        f"{machine}",
        "",
        f"Drawing took at most {most:.2%} of a core; wanted is less than {GOAL:.0%}: "
        f"{met}.",
        "",
        f"| {' | '.join(_COLUMNS)} |",
        f"|{' ---: |' * len(_COLUMNS)}",
        *(_row(cost, drawn=drawn) for drawn, cost in found),
    ]
    return "\n".join(lines) + "\n"


def _row(cost: Cost, *, drawn: bool) -> str:
    cells = (
        f"{cost.targets}",
        "yes" if drawn else "no",
        f"{cost.visits}",
        f"{cost.prober_s:.2f}",
        f"{cost.drawing_s:.2f}",
        f"{cost.drawing_share:.2%}",
        f"{cost.lateness_p50_ms:.3f}",
        f"{cost.lateness_p99_ms:.3f}",
        f"{cost.connect_p50_ms:.3f}",
        f"{cost.first_byte_p50_ms:.3f}",
    )
    return f"| {' | '.join(cells)} |"


def main(arguments: list[str]) -> int:
    """Run everything, one after another, and write a table."""
    options = _parser().parse_args(arguments)
    found = []
    for words in _LOADS:
        for drawn in (True, False, False, True):
            name = f"{drawn}-{time.monotonic_ns()}"
            cost = run_once(words, options.folder / name, drawn=drawn)
            print(_row(cost, drawn=drawn), file=sys.stderr, flush=True)
            found.append((drawn, cost))
    markdown = to_markdown(found, describe_machine())
    if options.output is None:
        print(markdown, end="")
    else:
        options.output.write_text(markdown, encoding="utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.instrument.live_cost")
    parser.add_argument("folder", type=Path, help="where the result sets are put")
    parser.add_argument(
        "-o", "--output", type=Path, help="write the table there instead of printing it"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
