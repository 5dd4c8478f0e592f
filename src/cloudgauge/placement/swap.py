"""A good set of regions in milliseconds: greedy start, then swaps while they help.

Teitz and Bart, Heuristic methods for estimating the generalized vertex median, 1968.
What it finds is no proof: `proof` gives that.
"""

from dataclasses import dataclass

import numpy as np

from cloudgauge.placement.problem import Floats, Limit, Problem
from cloudgauge.placement.scoring import Chosen, Ground, Scores, Started

# By how much a set fails, what it comes to, and the set.
_Keyed = tuple[tuple[float, float], Chosen]


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What a search gets down: the objective, or how far one limit is failed.

    Attributes:
        relaxed: The limit of which as little as possible is to be failed, while all
            others hold; None to get the objective down, with all limits.
    """

    relaxed: Limit | None = None

    def keys(self, problem: Problem, scores: Scores) -> tuple[Floats, Floats]:
        """By how much limits are failed, and what is minimised where none is."""
        failed = np.zeros(len(scores.value))
        for limit, amount in scores.failing.items():
            if limit is not self.relaxed:
                failed = failed + np.minimum(amount / _scale(problem, limit), 1e6)
        if self.relaxed is None:
            return failed, scores.value
        nothing = np.zeros(len(scores.value))
        return failed, scores.failing.get(self.relaxed, nothing)


def search(problem: Problem, *, aim: Aim | None = None) -> Chosen | None:
    """The best set that was found, in order; None if none keeps the limits."""
    ground = Ground(problem)
    walk = _Walk(ground, aim or Aim())
    found = [
        walk.swapped(walk.greedy(count))
        for count in range(problem.least, problem.most + 1)
    ]
    (failed, _), best = min(found)
    return None if failed > 0 else tuple(sorted(best))


class _Walk:
    """Steps from set to set, each to the best that one region makes."""

    def __init__(self, ground: Ground, aim: Aim) -> None:
        self._ground = ground
        self._aim = aim

    def greedy(self, count: int) -> _Keyed:
        """Add the region that helps most, *count* times."""
        best: _Keyed = (np.inf, np.inf), ()
        for _ in range(count):
            best = self._best_addition(best[1])
        return best

    def swapped(self, begin: _Keyed) -> _Keyed:
        """Swap one region for the best other as long as that helps."""
        best = begin
        while True:
            _, chosen = best
            offer = min(
                self._best_addition(_without(chosen, place))
                for place in range(len(chosen))
            )
            if offer[0] >= best[0]:
                return best
            best = offer

    def _best_addition(self, chosen: Chosen) -> _Keyed:
        problem = self._ground.problem
        scores = Started(self._ground, chosen).with_each(slice(None))
        failed, value = self._aim.keys(problem, scores)
        failed[list(chosen)] = np.inf
        # Of equals the first, so that the answer does not hang on the order of a sort.
        best = int(np.lexsort((value, failed))[0])
        return (float(failed[best]), float(value[best])), (*chosen, best)


def _without(chosen: Chosen, place: int) -> Chosen:
    return (*chosen[:place], *chosen[place + 1 :])


def _scale(problem: Problem, limit: Limit) -> float:
    """What counts as failing a limit wholly, so that failures can be added up."""
    if limit is Limit.BUDGET and problem.budget:
        return problem.budget
    return problem.pair_limit_ms if limit is Limit.APART else 1.0
