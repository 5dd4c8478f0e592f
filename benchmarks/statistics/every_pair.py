"""The interval of every pair beside other ways, asked as in `intervals`."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.statistics import rivals
from benchmarks.statistics.asking import Ends, Question, Way
from benchmarks.statistics.noise import HEAVY, Floats
from benchmarks.statistics.series import Series
from cloudgauge.stats.pairs import all_pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Jittered(Series):
    """A heavy tail above a floor that is not sharp; no quantile of it is asked for."""

    def rounds_ms(self, rng: np.random.Generator, rounds: int, each: int = 1) -> Floats:
        """Draw shape (rounds, each)."""
        return HEAVY.own_ms(rng, rounds, each)


JITTERED = Jittered(name="heavy tail, jitter", is_heavy=True)


def _every_pair(one: Floats, other: Floats) -> Ends:
    found = all_pairs(np.column_stack((one[:, 0], other[:, 0]))).estimate(0, 1)
    return found.low, found.high


def _of_differences(way: Callable[[Floats], Ends]) -> Way:
    def ends(one: Floats, other: Floats) -> Ends:
        known = np.isfinite(one[:, 0]) | np.isfinite(other[:, 0])
        return way(other[known, 0] - one[known, 0])

    return ends


def _resampled(way: Callable[[Floats, np.random.Generator], Ends]) -> Way:
    def ends(values: Floats) -> Ends:
        known = values[np.isfinite(values)]
        # Chance of its own that is the same for the same series.
        return way(values, np.random.default_rng(int(1e6 * abs(known).sum())))

    return _of_differences(ends)


EVERY_PAIR = Question(
    name="every pair",
    truth=lambda _: 0.0,
    ours=_every_pair,
    others={
        "Student on the mean": _of_differences(rivals.student),
        "order statistics": _of_differences(rivals.order_statistics),
        "signed ranks, independent": _of_differences(rivals.signed_ranks),
        "signed ranks, cosines": _of_differences(rivals.cosines),
        "medians of ten batches": _of_differences(rivals.batches),
        "plain bootstrap": _resampled(rivals.bootstrap),
        "blocks of n^(1/3)": _resampled(rivals.blocks),
        "blocks of 2 root n": _resampled(rivals.long_blocks),
    },
)
