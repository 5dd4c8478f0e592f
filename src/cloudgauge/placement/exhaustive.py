"""Every set of regions looked at: the plainest proof, where there are few enough."""

from collections.abc import Iterator
from itertools import combinations
from math import comb

import numpy as np

from cloudgauge.placement.problem import Objective, Problem
from cloudgauge.placement.scoring import Chosen, Ground, Started
from cloudgauge.placement.swap import Aim

# Users times sets that take a second, and a few seconds.
_FEW_CELLS = 5 * 10**7
_MANY_CELLS = 5 * 10**8


def count_sets(problem: Problem) -> int:
    """How many sets of regions there are."""
    regions = problem.shape[1]
    return sum(comb(regions, k) for k in range(problem.least, problem.most + 1))


def is_small(problem: Problem) -> bool:
    """Whether looking at all sets is the quickest proof.

    Programming is quick where all limits bend to the nearest region, and slow where
    users must be told to go there.
    """
    most = _FEW_CELLS if problem.objective is Objective.LATENCY else _MANY_CELLS
    return count_sets(problem) * problem.shape[0] <= most


def best_of_all(problem: Problem, *, aim: Aim | None = None) -> Chosen | None:
    """The best of all sets, the first of equals; None if none keeps the limits."""
    aim, ground = aim or Aim(), Ground(problem)
    best: tuple[float, Chosen] | None = None
    for started in _begun(problem):
        first = started[-1] + 1 if started else 0
        scores = Started(ground, started).with_each(slice(first, None))
        failed, value = aim.keys(problem, scores)
        value = np.where(failed > 0, np.inf, value)
        at = int(value.argmin())
        if failed[at] == 0 and (best is None or value[at] < best[0]):
            best = float(value[at]), (*started, first + at)
    return None if best is None else best[1]


def _begun(problem: Problem) -> Iterator[Chosen]:
    """Each set but for its last region."""
    regions = problem.shape[1]
    for count in range(problem.least, problem.most + 1):
        yield from combinations(range(regions - 1), count - 1)
