"""Measures the toolkit by itself and beside its peers; prints tables.

Run it from the repository's top folder, on a machine that does nothing else:
``python -m benchmarks.instrument``. Linux, and the right to make a network
namespace; peers that are not installed are left out, and the report says so.
"""

import argparse
import shutil
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.instrument import goals
from benchmarks.instrument.machine import describe_machine
from benchmarks.instrument.outcome import outcomes_of
from benchmarks.instrument.parts import PARTS, run_part
from benchmarks.instrument.peers import blackbox, httping
from benchmarks.instrument.private import run_programme
from benchmarks.instrument.report import (
    Findings,
    Results,
    Row,
    Side,
    to_json,
    to_markdown,
)
from benchmarks.instrument.sides import sides_of
from benchmarks.instrument.size import weigh_sealed_set
from benchmarks.instrument.stages import QUICK, Effort, Part, ProberName, programme
from benchmarks.instrument.start_up import start_up_s
from cloudgauge.errors import CloudgaugeError

_EXIT_MACHINE = 74
# Program, prober, and where to get it.
_INSTALLED = (
    (blackbox.PROGRAM, ProberName.BLACKBOX, "prometheus-blackbox-exporter"),
    (httping.PROGRAM, ProberName.HTTPING, "httping"),
)


def main(arguments: list[str]) -> int:
    """Run the parts that are asked for; the exit code."""
    options = _parser().parse_args(arguments)
    parts = frozenset(map(Part, options.only)) or frozenset(Part)
    effort = QUICK if options.quick else Effort()
    if options.seconds is not None:
        effort = effort.lasting(options.seconds)
    try:
        results = _measure(parts, effort, options)
    except CloudgaugeError as exc:
        print(f"benchmark: {exc}", file=sys.stderr)
        return _EXIT_MACHINE
    markdown = to_markdown(results)
    if options.output is None:
        print(markdown, end="")
    else:
        options.output.write_text(markdown, encoding="utf-8")
        beside = options.output.with_suffix(".json")
        beside.write_text(to_json(results), encoding="utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.instrument",
        description=(__doc__ or "").partition("\n")[0],
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="fewer loads and shorter stages; noisier figures",
    )
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        choices=[part.value for part in Part],
        help="this part of the benchmark; may be given more than once",
    )
    parser.add_argument(
        "--seconds",
        type=float,
        help="length of every stage of visits, instead of its own",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE.md",
        help="write Markdown here and JSON beside it, instead of to stdout",
    )
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="leave raw readings and logs here"
    )
    return parser


def _measure(
    parts: frozenset[Part], effort: Effort, options: argparse.Namespace
) -> Results:
    began = time.monotonic()
    measured = time.strftime("%Y-%m-%d", time.gmtime())
    rows, sides = _private(parts, effort, options.keep)
    if Part.SIZE in parts:
        _say("size: a sealed set")
        with TemporaryDirectory(prefix="cloudgauge-size-") as name:
            size = weigh_sealed_set(Path(name))
        rows += (goals.size_row(size.bytes_per_sample, size.samples),)
    if Part.START in parts:
        _say("start: asking for help")
        rows += (goals.start_up_row(start_up_s()),)
    findings = [
        _part(part, options.keep, quick=options.quick)
        for part in PARTS
        if part in parts
    ]
    rows += tuple(row for found in findings for row in found.rows)
    _say(f"done after {time.monotonic() - began:.0f} s")
    return Results(
        machine=describe_machine(),
        measured=measured,
        rows=rows,
        sides=sides,
        details=tuple(detail for found in findings for detail in found.details),
    )


def _part(part: Part, keep: Path | None, *, quick: bool) -> Findings:
    """One of the parts that have a network or a server of their own."""
    _say(f"{part}: begun")
    began = time.monotonic()
    with TemporaryDirectory(prefix=f"cloudgauge-{part}-") as name:
        folder = Path(name) if keep is None else keep / part
        folder.mkdir(parents=True, exist_ok=True)
        findings = run_part(part, folder, quick=quick)
    _say(f"{part}: done after {time.monotonic() - began:.0f} s")
    return findings


def _private(
    parts: frozenset[Part], effort: Effort, keep: Path | None
) -> tuple[tuple[Row, ...], tuple[Side, ...]]:
    probers = set(ProberName)
    missing: list[Row] = []
    for program, prober, package in _INSTALLED:
        if shutil.which(program) is None:
            probers.remove(prober)
            missing.append(goals.missing_row(program, package))
    stages = programme(parts, frozenset(probers), effort)
    if not stages:
        return (), ()
    with TemporaryDirectory(prefix="cloudgauge-instrument-") as name:
        folder = Path(name) if keep is None else keep
        folder.mkdir(parents=True, exist_ok=True)
        run_programme(stages, folder)
        _say("reading what was really true")
        outcomes = outcomes_of(stages, folder)
    return (*goals.rows_of(outcomes), *missing), sides_of(outcomes)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
