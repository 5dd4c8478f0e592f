"""Search, programming and looking at all sets against a plain loop over all sets."""

from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudgauge.placement.bounds import reduce
from cloudgauge.placement.choice import Means, choose
from cloudgauge.placement.exhaustive import best_of_all
from cloudgauge.placement.problem import Objective, Problem, Promise
from cloudgauge.placement.proof import prove
from cloudgauge.placement.scoring import Chosen, nearest
from cloudgauge.placement.swap import search


def drawn(seed: int) -> Problem:
    """A small problem with limits of all kinds, some of them hard to keep."""
    rng = np.random.default_rng(seed)
    users, regions = int(rng.integers(1, 7)), int(rng.integers(1, 8))
    # Whole numbers, so that there are ties.
    times = rng.integers(1, 30, (users, regions)).astype(float)
    if rng.random() < 0.3:
        times[rng.random((users, regions)) < 0.2] = np.inf
    weights = rng.integers(1, 5, users).astype(float)
    most = int(rng.integers(1, regions + 1))
    pairs = rng.integers(1, 30, (regions, regions)).astype(float)
    pairs = np.minimum(pairs, pairs.T)
    np.fill_diagonal(pairs, 0)
    promise = Promise(
        latency_ms=times + rng.integers(0, 12, times.shape),
        limit_ms=float(rng.integers(5, 30)),
        share=float(rng.choice([0.5, 0.9, 1.0])),
    )
    return Problem(
        latency_ms=times,
        weights=weights / weights.sum(),
        objective=list(Objective)[int(rng.integers(3))],
        least=int(rng.integers(1, most + 1)),
        most=most,
        fixed_cost=rng.integers(0, 9, regions).astype(float),
        unit_cost=rng.integers(0, 9, (users, regions)).astype(float),
        budget=float(rng.integers(5, 40)) if rng.random() < 0.4 else None,
        promise=promise if rng.random() < 0.4 else None,
        groups=rng.integers(0, 3, regions),
        least_groups=int(rng.integers(1, 3)),
        pair_ms=pairs if rng.random() < 0.4 else None,
        pair_limit_ms=float(rng.integers(10, 30)),
    )


def worth(problem: Problem, chosen: Chosen) -> float:
    """What a set comes to, told user by user; inf if it fails a limit."""
    total = cost = kept = worst = 0.0
    for user, weight in enumerate(problem.weights):
        near = min(chosen, key=lambda at: (problem.latency_ms[user, at], at))
        total += weight * problem.latency_ms[user, near]
        worst = max(worst, problem.latency_ms[user, near])
        cost += problem.unit_cost[user, near]
        if problem.promise is not None:
            waits_ms = problem.promise.latency_ms[user, near]
            kept += weight if waits_ms <= problem.promise.limit_ms else 0
    cost += sum(problem.fixed_cost[at] for at in chosen)
    far = [
        problem.pair_ms is not None and problem.pair_ms[pair] > problem.pair_limit_ms
        for pair in combinations(chosen, 2)
    ]
    fails = (
        np.isinf(worst)
        or (problem.budget is not None and cost > problem.budget)
        or (problem.promise is not None and kept < problem.promise.share - 1e-9)
        or len({problem.groups[at] for at in chosen}) < problem.least_groups
        or any(far)
    )
    values = {"latency": total, "worst": worst, "cost": cost}
    return np.inf if fails else values[problem.objective]


def truth(problem: Problem) -> float:
    """The best that any set comes to; inf if none keeps the limits."""
    return min(
        worth(problem, chosen)
        for count in range(problem.least, problem.most + 1)
        for chosen in combinations(range(problem.shape[1]), count)
    )


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_all_ways_find_what_a_plain_loop_finds(seed: int) -> None:
    problem = drawn(seed)
    best = truth(problem)
    of_all = best_of_all(problem)
    stays = np.ones(problem.shape[1], dtype=np.bool_)
    proved = prove(problem, stays, time_limit_s=60)
    found = search(problem)
    assert proved.is_complete
    if np.isinf(best):
        assert (of_all, proved.chosen, found) == (None, None, None)
        return
    assert of_all is not None
    assert worth(problem, of_all) == pytest.approx(best)
    assert proved.chosen is not None
    assert worth(problem, proved.chosen) == pytest.approx(best)
    assert proved.bound == pytest.approx(best, abs=1e-5)
    if found is not None:
        known = best_of_all(problem, value=worth(problem, found))
        assert known is not None
        assert worth(problem, known) == pytest.approx(best)
        reduced = reduce(problem, worth(problem, found))
        assert reduced.bound <= best + 1e-9
        left = prove(problem, reduced.stays, time_limit_s=60)
        kept = [some for some in (found, left.chosen) if some is not None]
        assert min(worth(problem, some) for some in kept) == pytest.approx(best)


def spread(users: int, regions: int, **change: Any) -> Problem:
    """Users and regions on a line, as far apart as they look."""
    rng = np.random.default_rng(users * regions)
    here, there = rng.uniform(0, 100, users), rng.uniform(0, 100, regions)
    weights = rng.uniform(1, 5, users)
    problem = Problem(
        latency_ms=np.abs(here[:, None] - there) + 5,
        weights=weights / weights.sum(),
        objective=Objective.LATENCY,
        least=2,
        most=2,
        fixed_cost=rng.uniform(5, 50, regions),
        unit_cost=rng.uniform(0, 1, (users, regions)),
        groups=np.zeros(regions, dtype=np.intp),
    )
    return replace(problem, **change)


@pytest.mark.parametrize("objective", list(Objective))
@pytest.mark.parametrize(("least", "most"), [(2, 2), (1, 2), (1, 1)])
def test_what_is_left_out_before_the_proof_is_in_no_better_set(
    objective: Objective, least: int, most: int
) -> None:
    problem = spread(30, 60, objective=objective, least=least, most=most)
    best = best_of_all(problem)
    assert best is not None
    value = worth(problem, best)
    reduced = reduce(problem, value)
    assert reduced.stays[list(best)].all()
    assert reduced.bound <= value
    if objective is Objective.LATENCY:
        assert reduced.bound > 0.9 * value
        assert reduced.stays.sum() < 30


def test_of_times_without_any_order_little_can_be_left_out() -> None:
    rng = np.random.default_rng(5)
    times = rng.uniform(1, 100, (30, 60))
    problem = spread(30, 60, latency_ms=times, least=4, most=4)
    found = search(problem)
    assert found is not None
    reduced = reduce(problem, worth(problem, found))
    assert reduced.stays[list(found)].all()
    assert reduced.stays.sum() > 20


def test_a_choice_among_few_sets_is_proved_by_looking_at_all() -> None:
    problem = spread(5, 6)
    choice = choose(problem, time_limit_s=60)
    assert choice is not None
    assert choice.value == pytest.approx(truth(problem))
    assert (choice.means, choice.gap, choice.set_count) == (Means.ALL_SETS, 0, 15)
    assert choose(replace(problem, budget=0.1), time_limit_s=60) is None


@pytest.mark.parametrize("objective", list(Objective))
def test_a_choice_among_many_sets_is_proved_by_what_bounds_leave(
    objective: Objective,
) -> None:
    problem = spread(350, 100, least=3, most=3, objective=objective)
    choice = choose(problem, time_limit_s=60)
    assert choice is not None
    assert choice.chosen == best_of_all(problem)
    assert (choice.means, choice.gap) == (Means.ALL_SETS, 0)
    assert choice.set_count == 161_700


def test_a_choice_among_more_sets_than_can_be_looked_at_is_proved_by_programming() -> (
    None
):
    problem = spread(300, 40, least=10, most=10)
    found = search(problem)
    assert found is not None
    choice = choose(problem, time_limit_s=60)
    assert choice is not None
    assert choice.value <= worth(problem, found)
    assert (choice.means, choice.gap) == (Means.PROGRAMMING, 0)


def test_where_no_set_will_do_among_many_nothing_is_chosen() -> None:
    problem = spread(20, 40, least=20, most=20, budget=1.0)
    assert choose(problem, time_limit_s=60) is None


def test_without_time_for_the_proof_the_gap_is_told() -> None:
    times = np.random.default_rng(5).uniform(1, 100, (30, 60))
    problem = spread(30, 60, latency_ms=times, least=6, most=6)
    choice = choose(problem, time_limit_s=0)
    assert choice is not None
    assert choice.value == pytest.approx(worth(problem, choice.chosen))
    assert choice.means is Means.PROGRAMMING
    assert 0 < choice.gap < 1
    assert 0 < choice.bound < choice.value


def test_who_costs_nothing_has_no_gap() -> None:
    problem = spread(4, 5, fixed_cost=np.zeros(5), unit_cost=np.zeros((4, 5)))
    choice = choose(replace(problem, objective=Objective.COST), time_limit_s=60)
    assert choice is not None
    assert (choice.value, choice.gap) == (0, 0)


def test_a_user_goes_to_the_nearest_and_of_equals_to_the_first() -> None:
    times = np.array([[5.0, 5.0, 1.0], [9.0, 2.0, 1.0]])
    problem = spread(2, 3, latency_ms=times)
    assert nearest(problem, (1, 0)).tolist() == [0, 1]
