"""All questions, asked by their places: functions do not travel between processes.

Nor does what stands in a package's ``__main__``, which a new process does not read.
"""

from benchmarks.statistics.asking import Outcome, simulate
from benchmarks.statistics.every_pair import EVERY_PAIR
from benchmarks.statistics.intervals import QUESTIONS as OF_INTERVALS
from benchmarks.statistics.series import Series

QUESTIONS = (EVERY_PAIR, *OF_INTERVALS)


def answered(
    at: int, kind: Series, rounds: int, replicates: int
) -> tuple[Outcome, ...]:
    """Ask the question of a place of one kind of series."""
    return simulate(
        QUESTIONS[at], kind, rounds=rounds, replicates=replicates, seed=50 + at
    )
