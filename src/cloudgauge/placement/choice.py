"""Choose regions: a start by search, the proof, or what would have to give."""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from cloudgauge.placement.bounds import Reduced, reduce
from cloudgauge.placement.exhaustive import best_of_all, count_sets, is_small
from cloudgauge.placement.problem import Problem
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

    Where few sets are possible all are looked at; else they are found by search and
    proved by programming.

    Args:
        problem: What is asked.
        time_limit_s: For the proof; the best that was found by then is given, with
            the gap that is left.

    Returns:
        None where no set keeps the limits, or none was found in time.
    """
    if is_small(problem):
        best = best_of_all(problem)
        return None if best is None else _choice(problem, best, Means.ALL_SETS)
    start = search(problem)
    if start is None:
        stays = np.ones(problem.shape[1], dtype=np.bool_)
        reduced = Reduced(stays=stays, bound=0.0)
    else:
        reduced = reduce(problem, _value(problem, start))
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
