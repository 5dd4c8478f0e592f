"""Tries the statistics on noise with a known truth; prints a table.

Run it from the repository's top folder: ``python -m benchmarks.statistics``. All chance
comes from fixed seeds, so that only the times differ from run to run. With ``--quick``
it looks whether anything is far off, in a few minutes.
"""

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from benchmarks.statistics import alarms, anytime, noise, series, size, speed
from benchmarks.statistics.alarms import Family
from benchmarks.statistics.answering import QUESTIONS, answered
from benchmarks.statistics.every_pair import JITTERED
from benchmarks.statistics.large_set import make_large_set
from benchmarks.statistics.report import Results, Times, to_markdown
from benchmarks.statistics.vantages import cover_vantages

REPLICATES = 500
QUICK = 40
ROUNDS = (300, 60, 24)
# Their truth does not depend on what is drawn.
OF_SHIFTS = ("every pair", "paired shift", "shift", "order")
# Of the greater family, which takes 25 times as long.
REPLICATES_OF_MANY = 40
MANY = 100


def main(arguments: list[str]) -> int:
    """Run everything on two processes, the times alone."""
    options = _parser().parse_args(arguments)
    replicates = QUICK if options.quick else options.replicates
    samples = size.SAMPLES // 10 if options.quick else size.SAMPLES
    begin = time.perf_counter()
    # Both processors have work enough; read by the libraries of the new processes.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=2, mp_context=context) as pool:
        results = _simulate(pool, replicates)
    simulated_s = time.perf_counter() - begin
    del os.environ["OPENBLAS_NUM_THREADS"]
    times = Times(
        simulated_s=simulated_s, speed=speed.measure(), readings=_read(samples)
    )
    markdown = to_markdown(results, times)
    if options.output is None:
        print(markdown, end="")
    else:
        options.output.write_text(markdown, encoding="utf-8")
    return 0


def _read(samples: int) -> tuple[size.Reading, ...]:
    with tempfile.TemporaryDirectory(prefix="cloudgauge-size-") as parent:
        return size.read_ways(make_large_set(Path(parent), samples), samples)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.statistics",
        description=(__doc__ or "").partition("\n")[0],
    )
    parser.add_argument(
        "--replicates",
        type=int,
        default=REPLICATES,
        help="of each simulation (default %(default)s); with fewer, goals are judged "
        "more loosely",
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help=f"only look: {QUICK} replicates of each, and a set of a tenth of the size",
    )
    parser.add_argument(
        "-o", "--output", type=Path, help="write the table there instead of printing it"
    )
    return parser


def _simulate(pool: ProcessPoolExecutor, replicates: int) -> Results:
    # The longest first, so that both processes end together.
    excluded = [
        pool.submit(anytime.exclude, world, seed, replicates)
        for seed, world in enumerate((*reversed(anytime.WORLDS), *anytime.SLOWER))
    ]
    few = max(REPLICATES_OF_MANY * replicates // REPLICATES, 1)
    families = [
        *((Family(noise=kind), replicates) for kind in noise.NOISES),
        *(
            (Family(noise=kind, targets=10, rounds=rounds), replicates)
            for rounds in alarms.SHORT
            for kind in (*noise.PLANNED, noise.CORRELATED)
        ),
        (Family(noise=noise.CORRELATED, targets=MANY), few),
    ]
    sounded = [
        pool.submit(alarms.sound, family, 30 + seed, often)
        for seed, (family, often) in enumerate(families)
    ]
    vantages = [
        pool.submit(cover_vantages, rounds, 40, replicates) for rounds in ROUNDS[:2]
    ]
    covered = [
        pool.submit(answered, at, kind, rounds, replicates)
        for at, question in enumerate(QUESTIONS)
        for kind in (
            *series.KINDS,
            *((JITTERED,) if question.name in OF_SHIFTS else ()),
        )
        for rounds in ROUNDS
        if rounds >= question.least_rounds
    ]
    return Results(
        outcomes=(
            *(task.result() for task in covered),
            *(row for task in vantages for row in task.result()),
        ),
        alarms=tuple(task.result() for task in sounded),
        excluded=tuple(task.result() for task in excluded),
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
