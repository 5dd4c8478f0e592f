"""Every set of regions looked at: the plainest proof, where there are few enough."""

from collections.abc import Iterator
from itertools import combinations
from math import comb

import numpy as np

from cloudgauge.placement.problem import Bools, Ints, Problem
from cloudgauge.placement.scoring import Chosen, Ground, Started
from cloudgauge.placement.swap import Aim

# Cells of users and sets that take a second, and a few seconds.
FEW_CELLS = 5 * 10**7
MANY_CELLS = 5 * 10**8
# As many take as long as it does to begin a set that is to be completed.
_TO_BEGIN = 5000
# Room for the last bits of sums, so that the first of equals is found.
_SLACK = 1e-9


def count_sets(problem: Problem, regions: int | None = None) -> int:
    """How many sets of so many regions there are; of all if None."""
    count = problem.shape[1] if regions is None else regions
    return sum(comb(count, k) for k in range(problem.least, problem.most + 1))


def count_cells(problem: Problem, regions: int | None = None) -> int:
    """How much work it is to look at all sets of so many regions; all if None."""
    count = problem.shape[1] if regions is None else regions
    begun = sum(comb(count, k - 1) for k in range(problem.least, problem.most + 1))
    return count_sets(problem, count) * problem.shape[0] + begun * _TO_BEGIN


def best_of_all(
    problem: Problem,
    *,
    aim: Aim | None = None,
    stays: Bools | None = None,
    value: float = np.inf,
) -> Chosen | None:
    """The best of all sets, the first of equals; None if none keeps the limits.

    Args:
        problem: What is asked.
        aim: What is got down; the objective if None.
        stays: Which regions may be chosen; all if None.
        value: Of a set that keeps the limits: sets that cannot be as good are left
            out as soon as that is seen. Only without an aim.
    """
    aim, ground = aim or Aim(), Ground(problem)
    some = np.arange(problem.shape[1]) if stays is None else np.flatnonzero(stays)
    best: tuple[float, Chosen] | None = None
    limit = value * (1 + _SLACK)
    for chosen, later in _begun(problem, some):
        started = Started(ground, chosen)
        rest = later if aim.relaxed else started.hopeful(later, limit)
        if not len(rest):
            continue
        scores = started.with_each(rest)
        failed, values = aim.keys(problem, scores)
        values = np.where(failed > 0, np.inf, values)
        at = int(values.argmin())
        if failed[at] or values[at] > limit:
            continue
        if best is None or values[at] < best[0]:
            best = float(values[at]), (*chosen, int(rest[at]))
            limit = min(limit, best[0])
    return None if best is None else best[1]


def _begun(problem: Problem, some: Ints) -> Iterator[tuple[Chosen, Ints]]:
    """Each set but for its last region, and the regions that can be the last."""
    for count in range(problem.least, problem.most + 1):
        for places in combinations(range(len(some) - 1), count - 1):
            first = places[-1] + 1 if places else 0
            yield tuple(int(some[at]) for at in places), some[first:]
