"""Tries the statistics on noise with a known truth; prints a table.

Run it from the repository's top folder: ``python -m benchmarks.statistics``. All chance
comes from fixed seeds, so that only the times differ from run to run.
"""

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from benchmarks.statistics import alarms, anytime, intervals, noise, series, speed
from benchmarks.statistics.every_pair import EVERY_PAIR, JITTERED
from benchmarks.statistics.intervals import Outcome, simulate
from benchmarks.statistics.report import Results, to_markdown
from benchmarks.statistics.series import Series
from benchmarks.statistics.vantages import cover_vantages

REPLICATES = 500
QUESTIONS = (EVERY_PAIR, *intervals.QUESTIONS)
# Their truth does not depend on what is drawn.
OF_SHIFTS = ("every pair", "paired shift", "shift", "order")
# Of the greater family, which takes 25 times as long.
REPLICATES_OF_MANY = 40
MANY = 100


def main(arguments: list[str]) -> int:
    """Run everything on two processes, the times alone."""
    options = _parser().parse_args(arguments)
    begin = time.perf_counter()
    with ProcessPoolExecutor(max_workers=2) as pool:
        results = _simulate(pool, options.replicates)
    fast = speed.measure()
    took_s = time.perf_counter() - begin
    markdown = to_markdown(results, fast, took_s)
    if options.output is None:
        print(markdown, end="")
    else:
        options.output.write_text(markdown, encoding="utf-8")
    return 0


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
    many = [pool.submit(alarms.sound, noise.CORRELATED, MANY, 20, few)]
    sounded = [
        pool.submit(alarms.sound, kind, alarms.TARGETS, 30 + seed, replicates)
        for seed, kind in enumerate(noise.NOISES)
    ]
    vantages = [
        pool.submit(cover_vantages, rounds, 40, replicates) for rounds in (300, 60)
    ]
    covered = [
        pool.submit(_answered, at, kind, rounds, replicates)
        for at, question in enumerate(QUESTIONS)
        for kind in (
            *series.KINDS,
            *((JITTERED,) if question.name in OF_SHIFTS else ()),
        )
        for rounds in (300, 60)
    ]
    return Results(
        outcomes=(
            *(task.result() for task in covered),
            *(row for task in vantages for row in task.result()),
        ),
        alarms=tuple(task.result() for task in (*sounded, *many)),
        excluded=tuple(task.result() for task in excluded),
    )


def _answered(
    at: int, kind: Series, rounds: int, replicates: int
) -> tuple[Outcome, ...]:
    """A question is named by its place: functions do not travel between processes."""
    return simulate(
        QUESTIONS[at], kind, rounds=rounds, replicates=replicates, seed=50 + at
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
