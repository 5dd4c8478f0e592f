"""How long ranks, pairs and one shift take, beside a loop over scipy on some pairs."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from benchmarks.statistics.noise import INDEPENDENT, Floats
from cloudgauge.stats.compare import shift
from cloudgauge.stats.pairs import all_pairs
from cloudgauge.stats.rankset import rank_sets

Places = NDArray[np.intp]
Found = TypeVar("Found")

TARGETS = 200
ROUNDS = 1000
LOOPED = 60
SHIFTED = 20_000
SEED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """Seconds on this machine.

    Attributes:
        targets: How many there are.
        rounds: Of each.
        pairs: How many.
        rank_s: All of `rank_sets`.
        pairs_s: All of `all_pairs`.
        reduced_to: Means of two rounds of each pair.
        loop_s: Of the loop over scipy, from `looped` pairs to all.
        looped: How many pairs it was run on.
        shifted: Values on either side of the shift without pairs.
        shift_s: Of that shift with its interval, all differences taken.
    """

    targets: int
    rounds: int
    pairs: int
    rank_s: float
    pairs_s: float
    reduced_to: int | None
    loop_s: float
    looped: int
    shifted: int
    shift_s: float

    @property
    def times_faster(self) -> float:
        """Than the loop."""
        return self.loop_s / self.pairs_s


def measure(
    targets: int = TARGETS,
    rounds: int = ROUNDS,
    looped: int = LOOPED,
    shifted: int = SHIFTED,
) -> Speed:
    """Time each once, after a small one that loads what is loaded."""
    rng = np.random.default_rng(SEED)
    shifts_ms = np.linspace(0, 100, targets)
    cells = INDEPENDENT.rounds_ms(rng, rounds, shifts_ms)
    rank_sets(cells[:, :5], rng=rng)
    pairs_s, pairs = _timed(lambda: all_pairs(cells))
    rank_s, _ = _timed(lambda: rank_sets(cells, rng=rng))
    chosen = rng.choice(len(pairs.n), size=looped, replace=False)
    one, other = pairs.first[chosen], pairs.second[chosen]
    columns = (cells[:, other] - cells[:, one]).T
    every_two = np.triu_indices(rounds)
    loop_s, _ = _timed(lambda: [_by_scipy(column, *every_two) for column in columns])
    sides = rng.lognormal(size=(2, shifted))
    shift_s, _ = _timed(lambda: shift(*sides))
    return Speed(
        targets=targets,
        rounds=rounds,
        pairs=len(pairs.n),
        rank_s=rank_s,
        pairs_s=pairs_s,
        reduced_to=pairs.reduced_to,
        loop_s=loop_s / looped * len(pairs.n),
        looped=looped,
        shifted=shifted,
        shift_s=shift_s,
    )


def _timed(work: Callable[[], Found]) -> tuple[float, Found]:
    begin = time.perf_counter()
    found = work()
    return time.perf_counter() - begin, found


def _by_scipy(differences: Floats, rows: Places, columns: Places) -> tuple[float, ...]:
    """What a reader of scipy's manual would write: p, shift and interval."""
    p = float(stats.wilcoxon(differences).pvalue)
    means = (differences[rows] + differences[columns]) / 2
    n = len(differences)
    half = special.ndtri(0.975) * math.sqrt(n * (n + 1) * (2 * n + 1) / 24)
    rank = math.floor(len(means) / 2 - half)
    middle = len(means) // 2
    parted = np.partition(means, (rank - 1, middle, len(means) - rank))
    return p, float(parted[middle]), float(parted[rank - 1]), float(parted[-rank])
