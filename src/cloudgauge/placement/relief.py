"""No set keeps the limits: which one would have to give, and by how much."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from cloudgauge.placement.exhaustive import best_of_all, count_cells
from cloudgauge.placement.problem import Limit, Problem
from cloudgauge.placement.scoring import Chosen, score
from cloudgauge.placement.swap import Aim, search

# Of `count_cells`: looked at in a fraction of a second.
FEW_CELLS = 2 * 10**7
_MORE_REGIONS = 5


class Loosened(StrEnum):
    """A limit that can be set otherwise."""

    BUDGET = "budget"
    SHARE = "share"
    WITHIN = "within"
    GROUPS = "groups"
    APART = "apart"
    MOST = "most"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relief:
    """One limit that, loosened alone, lets a set be chosen.

    Attributes:
        limit: Which.
        to: What it would have to be: an amount of cost, a share of users, a time in
            ms, a count.
        chosen: A set that would do.
        is_least: Whether it is proved that less would not do; else a search found it.
    """

    limit: Loosened
    to: float
    chosen: Chosen
    is_least: bool


def reliefs(problem: Problem) -> tuple[Relief, ...]:
    """What could be loosened, each alone; none where no single limit is to blame."""
    return (*_amounts(problem), *_within(problem), *_more(problem))


def _amounts(problem: Problem) -> Iterator[Relief]:
    for limit, loosened in (
        (Limit.BUDGET, Loosened.BUDGET),
        (Limit.SHARE, Loosened.SHARE),
        (Limit.GROUPS, Loosened.GROUPS),
        (Limit.APART, Loosened.APART),
    ):
        best = _find(problem, Aim(relaxed=limit))
        if best is None:
            continue
        by = float(score(problem, best).failing.get(limit, np.zeros(1))[0])
        if 0 < by < np.inf:
            yield Relief(
                limit=loosened,
                to=_moved(problem, limit, by),
                chosen=best,
                is_least=_is_few(problem),
            )


def _moved(problem: Problem, limit: Limit, by: float) -> float:
    if limit is Limit.BUDGET:
        return (problem.budget or 0.0) + by
    if limit is Limit.APART:
        return problem.pair_limit_ms + by
    if limit is Limit.GROUPS:
        return problem.least_groups - by
    return (problem.promise.share if problem.promise else 1.0) - by


def _within(problem: Problem) -> Iterator[Relief]:
    """The least time within which the wanted share can be served."""
    promise = problem.promise
    if promise is None:
        return
    times = np.unique(promise.latency_ms)
    times = times[np.isfinite(times) & (times > promise.limit_ms)]
    found: tuple[float, Chosen] | None = None
    low, high = 0, len(times)
    while low < high:
        middle = (low + high) // 2
        limit_ms = float(times[middle])
        tried = replace(problem, promise=replace(promise, limit_ms=limit_ms))
        best = _find(tried, Aim())
        if best is None:
            low = middle + 1
        else:
            found, high = (limit_ms, best), middle
    if found is not None:
        limit_ms, best = found
        yield Relief(
            limit=Loosened.WITHIN, to=limit_ms, chosen=best, is_least=_is_few(problem)
        )


def _more(problem: Problem) -> Iterator[Relief]:
    regions = problem.shape[1]
    for most in range(problem.most + 1, min(problem.most + _MORE_REGIONS, regions) + 1):
        tried = replace(problem, least=most, most=most)
        best = _find(tried, Aim())
        if best is not None:
            yield Relief(
                limit=Loosened.MOST, to=most, chosen=best, is_least=_is_few(tried)
            )
            return


def _find(problem: Problem, aim: Aim) -> Chosen | None:
    if _is_few(problem):
        return best_of_all(problem, aim=aim)
    return search(problem, aim=aim)


def _is_few(problem: Problem) -> bool:
    return count_cells(problem) <= FEW_CELLS
