"""Times quantiles of many sets beside pandas alone, and looks if intervals hold.

Run it from the repository's top folder: ``python -m benchmarks.scale``. It draws up to
a hundred million samples, 1.9 GB, into a folder for the time being; no network is
asked. Each reading is a process of its own, one after another.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.instrument.machine import describe_machine
from benchmarks.scale.coverage import KINDS, Covered, cover
from benchmarks.scale.many_sets import TARGETS, VANTAGES, make_sets
from benchmarks.scale.readings import WAYS, Reading, read

SIZES = (1_000_000, 10_000_000, 100_000_000)
GOAL_S = 60.0
GOAL_BYTES = 4 * 1024**3
MOST_OF_PANDAS = 10_000_000
REPLICATES = 500
ROUNDS = (300, 5_000)
_HEAD = """# Many sets as one: how fast, in how much memory, how sure

`python -m benchmarks.scale -o benchmarks/scale/RESULTS.md` makes this anew.

"""


def main(arguments: list[str]) -> int:
    """Measure, simulate, print; 1 if a goal was missed."""
    options = _parser().parse_args(arguments)
    sizes = [size for size in SIZES if size <= options.most]
    with tempfile.TemporaryDirectory(prefix="cloudgauge-scale-") as name:
        parent = options.sets or Path(name)
        readings = [
            one for size in sizes for one in _read(parent / str(size), size, options)
        ]
    covered = [
        one
        for kind in KINDS
        for rounds in ROUNDS
        for each in (1, 4)
        for one in cover(
            kind, rounds=rounds, each=each, replicates=options.replicates, seed=1
        )
    ]
    text = _HEAD + "\n".join(_page(readings, covered))
    if options.output is None:
        print(text)
    else:
        options.output.write_text(text + "\n", encoding="utf-8")
    return 0 if all(_goals(readings, covered).values()) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale")
    parser.add_argument(
        "--most", type=int, default=SIZES[-1], help="samples (default %(default)s)"
    )
    parser.add_argument(
        "--pandas-most",
        type=int,
        default=MOST_OF_PANDAS,
        help="samples that pandas is given: 100,000,000 take 9 GB (default "
        "%(default)s)",
    )
    parser.add_argument("--replicates", type=int, default=REPLICATES)
    parser.add_argument(
        "--sets", type=Path, help="keep what is drawn in this folder, or find it there"
    )
    parser.add_argument(
        "-o", "--output", type=Path, help="write the tables there, not to stdout"
    )
    return parser


def _read(folder: Path, size: int, options: argparse.Namespace) -> Iterator[Reading]:
    if not folder.exists():
        print(f"drawing {size:,} samples", file=sys.stderr)
        make_sets(folder, size)
    for way in WAYS:
        if way.of_pandas and size > options.pandas_most:
            continue
        found = read(way, folder, size)
        print(_line(_cells(found)), file=sys.stderr)
        yield found


def _goals(
    readings: Sequence[Reading], covered: Sequence[Covered]
) -> dict[tuple[str, str, str], bool]:
    """What was wanted, what was found, and whether that is enough."""
    found: dict[tuple[str, str, str], bool] = {}
    largest = max(reading.samples for reading in readings)
    for one in readings:
        if one.way == WAYS[0].name and one.samples == largest:
            wall_s, peak = GOAL_S, GOAL_BYTES
            what = f"{one.samples:,} samples, {one.cells:,} cells with intervals"
            wanted = f"{wall_s:.0f} s, {peak / 1024**2:,.0f} MiB"
            got = f"{one.wall_s:.1f} s, {one.peak_bytes / 1024**2:,.0f} MiB"
            met = one.wall_s <= wall_s and one.peak_bytes <= peak
            found[what, got, wanted] = met and one.cells == TARGETS * VANTAGES
    worst = min(covered, key=lambda one: one.holds)
    what = f"95 % intervals that hold, at worst of {len(covered)} cases"
    got = f"{worst.holds:.1%} ({worst.kind}, {worst.rounds} x {worst.each}, "
    got += f"p{100 * worst.share:.0f})"
    wanted = f"95 %, less 3 standard errors of {worst.replicates}"
    found[what, got, wanted] = all(one.is_valid for one in covered)
    return found


def _page(readings: Sequence[Reading], covered: Sequence[Covered]) -> Iterator[str]:
    yield f"{describe_machine()}.\n"
    yield _line(("goal", "found", "wanted", ""))
    yield _line(("---",) * 4)
    for what, met in _goals(readings, covered).items():
        yield _line((*what, "met" if met else "MISSED"))
    yield (
        f"\n## Time and memory\n\np50, p95 and p99 of {TARGETS} regions from "
        f"{VANTAGES} vantages, from the start of a process to its end: imports, "
        "opening, and every file's hash are in it, pandas has no hash to check. "
        "`processor` is of all its threads. pandas alone gives the same quantiles and "
        "no intervals.\n"
    )
    yield _line(("way", "samples", "s", "processor s", "MiB", "million a s"))
    yield _line(("---", *("---:",) * 5))
    yield from (_line(_cells(one)) for one in readings)
    yield (
        "\n## Intervals at 95 %\n\nRounds of known distributions with so many values "
        f"each, {covered[0].replicates} replicates; open are intervals without one "
        "of their ends, where so few rounds do not bound it.\n"
    )
    yield _line(("rounds are", "rounds x values", "quantile", "holds", "open", ""))
    yield _line(("---", "---", "---", "---:", "---:", "---"))
    for one in covered:
        yield _line(
            (
                one.kind,
                f"{one.rounds} x {one.each}",
                f"p{100 * one.share:.0f}",
                f"{one.holds:.1%}",
                f"{one.open:.0%}" if one.open else "",
                "" if one.is_valid else "NOT VALID",
            )
        )


def _cells(one: Reading) -> tuple[str, ...]:
    return (
        f"{one.way}",
        f"{one.samples:,}",
        f"{one.wall_s:.1f}",
        f"{one.processor_s:.1f}",
        f"{one.peak_bytes / 1024**2:,.0f}",
        f"{one.samples / one.wall_s / 1e6:.2f}",
    )


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
