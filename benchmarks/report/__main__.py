"""Writes and opens the page of large result sets, and prints a table with goals.

Run it from the repository's top folder: ``python -m benchmarks.report``. It needs
Chromium and the extra ``report``, and asks no network for anything.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.instrument.machine import describe_machine
from benchmarks.report.drawn_sets import Size, make_sets
from benchmarks.report.timing import Opened, Written, open_page, write

WRITTEN_S = 20.0
PEAK_BYTES = 1024**3
SIZE_BYTES = 5_000_000
OPENED_S = 2.0
_FULL = Size()
_HEAD = """# The page: how long it takes to write and to open

`python -m benchmarks.report -o benchmarks/report/RESULTS.md` makes this anew. The
samples are drawn, no network is asked. The peer ranks nothing and has neither intervals
nor tables.

"""


def main(arguments: list[str]) -> int:
    """Measure the page and its peer on the same sets, one after the other."""
    options = _parser().parse_args(arguments)
    size = Size(
        targets=options.targets, vantages=options.vantages, rounds=options.rounds
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sets = [str(one) for one in make_sets(folder / "sets", size)]
        page, peer = folder / "report.html", folder / "peer.html"
        asked = ["-m", "cloudgauge", "report", *sets, "-o", str(page), "-q"]
        ours = write(asked, page)
        theirs = write(["-m", "benchmarks.report.peer", str(peer), *sets], peer)
        ours_open = open_page(page, drawn="[data-drawn] svg")
        theirs_open = open_page(peer, drawn=".vega-embed canvas, .vega-embed svg")
    markdown = to_markdown(size, (ours, ours_open), (theirs, theirs_open))
    if options.output is None:
        print(markdown, end="")
    else:
        options.output.write_text(f"{_HEAD}{markdown}", encoding="utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report")
    parser.add_argument("--targets", type=int, default=_FULL.targets)
    parser.add_argument("--vantages", type=int, default=_FULL.vantages)
    parser.add_argument("--rounds", type=int, default=_FULL.rounds)
    parser.add_argument(
        "-o", "--output", type=Path, help="write the table there instead of printing it"
    )
    return parser


def to_markdown(
    size: Size, ours: tuple[Written, Opened], theirs: tuple[Written, Opened]
) -> str:
    """The figures beside their goals and the peer's."""
    (written, opened), (other, other_open) = ours, theirs
    rows = (
        ("written in", written.wall_s, WRITTEN_S, other.wall_s, "s"),
        ("processor time", written.processor_s, None, other.processor_s, "s"),
        (
            "peak memory",
            written.peak_bytes / 2**20,
            PEAK_BYTES / 2**20,
            other.peak_bytes / 2**20,
            "MiB",
        ),
        (
            "size",
            written.size_bytes / 1e6,
            SIZE_BYTES / 1e6,
            other.size_bytes / 1e6,
            "MB",
        ),
        ("loaded in", opened.loaded_s, OPENED_S, other_open.loaded_s, "s"),
        ("first picture after", opened.drawn_s, OPENED_S, other_open.drawn_s, "s"),
    )
    lines = [
        f"{size.text}; {describe_machine()}",
        "",
        "| figure | the page | goal | | one picture by pandas and Altair |",
        "| --- | ---: | ---: | --- | ---: |",
    ]
    for what, found, goal, peer, unit in rows:
        wanted = "" if goal is None else f"≤ {_plain(goal)} {unit}"
        kept = "" if goal is None else ("met" if found <= goal else "MISSED")
        lines.append(
            f"| {what} | {_plain(found)} {unit} | {wanted} | {kept} "
            f"| {_plain(peer)} {unit} |"
        )
    return "\n".join(lines) + "\n"


def _plain(number: float) -> str:
    """Three digits, or all before the point."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
