"""How long ranks and pairs take, beside a loop over scipy on some of the pairs."""

import math
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from benchmarks.statistics.noise import INDEPENDENT, Floats
from cloudgauge.stats.pairs import all_pairs
from cloudgauge.stats.rankset import rank_sets

Places = NDArray[np.intp]

TARGETS = 200
ROUNDS = 1000
LOOPED = 60
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
    """

    targets: int
    rounds: int
    pairs: int
    rank_s: float
    pairs_s: float
    reduced_to: int | None
    loop_s: float
    looped: int

    @property
    def times_faster(self) -> float:
        """Than the loop."""
        return self.loop_s / self.pairs_s


def measure(
    targets: int = TARGETS, rounds: int = ROUNDS, looped: int = LOOPED
) -> Speed:
    """Time each once, after a small one that loads what is loaded."""
    rng = np.random.default_rng(SEED)
    shifts_ms = np.linspace(0, 100, targets)
    cells = INDEPENDENT.rounds_ms(rng, rounds, shifts_ms)
    rank_sets(cells[:, :5], rng=rng)
    begin = time.perf_counter()
    pairs = all_pairs(cells)
    pairs_s = time.perf_counter() - begin
    begin = time.perf_counter()
    rank_sets(cells, rng=rng)
    rank_s = time.perf_counter() - begin
    chosen = rng.choice(len(pairs.n), size=looped, replace=False)
    rows, columns = np.triu_indices(rounds)
    begin = time.perf_counter()
    for at in chosen:
        differences = cells[:, pairs.second[at]] - cells[:, pairs.first[at]]
        _by_scipy(differences, rows, columns)
    loop_s = (time.perf_counter() - begin) / looped * len(pairs.n)
    return Speed(
        targets=targets,
        rounds=rounds,
        pairs=len(pairs.n),
        rank_s=rank_s,
        pairs_s=pairs_s,
        reduced_to=pairs.reduced_to,
        loop_s=loop_s,
        looped=looped,
    )


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
