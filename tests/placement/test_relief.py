from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from cloudgauge.placement import relief
from cloudgauge.placement.problem import Objective, Problem, Promise
from cloudgauge.placement.relief import Loosened, reliefs
from tests.placement.test_problem import PROBLEM, PROMISE


def _all(problem: Problem) -> dict[Loosened, Any]:
    return {one.limit: (pytest.approx(one.to), one.chosen) for one in reliefs(problem)}


def test_a_budget_too_small_says_what_would_do() -> None:
    assert _all(replace(PROBLEM, budget=0.5)) == {Loosened.BUDGET: (1.0, (2,))}


def test_a_promise_can_be_for_fewer_or_for_later_or_kept_by_more_regions() -> None:
    assert _all(replace(PROBLEM, promise=PROMISE, most=1)) == {
        # The first user, who has three quarters of the weight, within 25 ms.
        Loosened.SHARE: (0.75, (0,)),
        # The second region serves both within 30 ms.
        Loosened.WITHIN: (30.0, (1,)),
        Loosened.MOST: (2, (0, 1)),
    }


def test_providers_and_distance_are_loosened_too() -> None:
    pairs = np.array([[0.0, 5.0, 80.0], [5.0, 0.0, 90.0], [80.0, 90.0, 0.0]])
    apart = replace(PROBLEM, least=2, least_groups=2, pair_ms=pairs, pair_limit_ms=50.0)
    found = _all(apart)
    assert found[Loosened.GROUPS] == (1, (0, 1))
    assert found[Loosened.APART] == (80.0, (0, 2))


def test_a_distance_that_nobody_knows_cannot_be_allowed() -> None:
    unknown = np.full((3, 3), np.inf)
    np.fill_diagonal(unknown, 0)
    alone = replace(PROBLEM, least=2, pair_ms=unknown, pair_limit_ms=50.0)
    assert _all(alone) == {}


def test_where_two_limits_are_to_blame_none_alone_helps() -> None:
    never = Promise(latency_ms=PROBLEM.latency_ms, limit_ms=1, share=1)
    assert _all(replace(PROBLEM, promise=never, budget=0.1)) == {}


def test_what_cannot_be_measured_cannot_be_loosened() -> None:
    unknown = np.full((2, 3), np.inf)
    assert _all(replace(PROBLEM, latency_ms=unknown)) == {}
    far = Promise(latency_ms=unknown, limit_ms=1, share=1)
    assert _all(replace(PROBLEM, promise=far)) == {Loosened.SHARE: (0.0, (0,))}


def test_of_many_sets_a_search_finds_what_would_do() -> None:
    rng = np.random.default_rng(0)
    users, regions = 300, 60
    problem = Problem(
        latency_ms=rng.uniform(10, 100, (users, regions)),
        weights=np.full(users, 1 / users),
        objective=Objective.COST,
        least=1,
        most=3,
        fixed_cost=np.full(regions, 10.0),
        unit_cost=np.zeros((users, regions)),
        budget=5.0,
        groups=np.zeros(regions, dtype=np.intp),
    )
    assert problem.shape[0] * regions**3 / 6 < relief.FEW_CELLS
    (small,) = reliefs(problem)
    assert (small.to, small.is_least) == (10.0, True)
    (large,) = reliefs(replace(problem, most=5))
    assert (large.to, large.is_least) == (10.0, False)
