"""Choose regions: a start by search, the proof, or what would have to give."""

import math
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from cloudgauge.placement.bounds import Reduced, reduce
from cloudgauge.placement.exhaustive import (
    FEW_CELLS,
    MANY_CELLS,
    best_of_all,
    count_cells,
    count_sets,
)
from cloudgauge.placement.problem import Objective, Problem
from cloudgauge.placement.proof import prove
from cloudgauge.placement.scoring import Chosen, score
from cloudgauge.placement.swap import search


class Means(StrEnum):
    """How it is known that nothing is better."""

    ALL_SETS = "all-sets"
    PROGRAMMING = "programming"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The regions that were chosen.

    Attributes:
        chosen: In order of their place in the problem.
        value: Of the objective.
        bound: No set has a lower value; equals `value` where that is proved.
        means: How the bound is known.
        set_count: Of how many sets they were chosen.
    """

    chosen: Chosen
    value: float
    bound: float
    means: Means
    set_count: int

    @property
    def gap(self) -> float:
        """How much better another set might be, as a share of the value."""
        return max(0.0, (self.value - self.bound) / self.value) if self.value else 0.0


def choose(problem: Problem, *, time_limit_s: float) -> Choice | None:
    """The best regions for the users, within all limits.

    Where few sets are possible, or few are left by bounds, all are looked at; else
    they are found by search and proved by programming.

    Args:
        problem: What is asked.
        time_limit_s: For the proof by programming; the best that was found by then is
            given, with the gap that is left.

    Returns:
        None where no set keeps the limits, or none was found in time.
    """
    if count_cells(problem) <= FEW_CELLS:
        best = best_of_all(problem)
        return None if best is None else _choice(problem, best, Means.ALL_SETS)
    start = search(problem)
    if start is None:
        stays = np.ones(problem.shape[1], dtype=np.bool_)
        reduced, value = Reduced(stays=stays, bound=0.0), math.inf
    else:
        value = _value(problem, start)
        reduced = reduce(problem, value)
    if count_cells(problem, int(reduced.stays.sum())) <= _most_cells(problem):
        best = best_of_all(problem, stays=reduced.stays, value=value)
        return None if best is None else _choice(problem, best, Means.ALL_SETS)
    return _proved(problem, start, reduced, time_limit_s)


def _most_cells(problem: Problem) -> int:
    """Programming is quick where all limits bend to the nearest region.

    Where users must be told to go there it is slow, and so many sets can be looked at.
    """
    is_bent = problem.promise is not None or problem.budget is not None
    is_quick = problem.objective is Objective.LATENCY and not is_bent
    return FEW_CELLS if is_quick else MANY_CELLS


def _proved(
    problem: Problem, start: Chosen | None, reduced: Reduced, time_limit_s: float
) -> Choice | None:
    proved = prove(problem, reduced.stays, time_limit_s=time_limit_s)
    found = [chosen for chosen in (start, proved.chosen) if chosen is not None]
    if not found:
        return None
    best = min(found, key=lambda chosen: _value(problem, chosen))
    choice = _choice(problem, best, Means.PROGRAMMING)
    if proved.is_complete:
        return choice
    bound = max(proved.bound, reduced.bound)
    return replace(choice, bound=min(bound, choice.value))


def _choice(problem: Problem, chosen: Chosen, means: Means) -> Choice:
    value = _value(problem, chosen)
    return Choice(
        chosen=chosen,
        value=value,
        bound=value,
        means=means,
        set_count=count_sets(problem),
    )


def _value(problem: Problem, chosen: Chosen) -> float:
    return float(score(problem, chosen).value[0])
