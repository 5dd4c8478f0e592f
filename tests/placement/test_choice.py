"""Search, programming and looking at all sets against a plain loop over all sets."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudgauge.placement.bounds import reduce
from cloudgauge.placement.choice import choose
from cloudgauge.placement.exhaustive import best_of_all
from cloudgauge.placement.problem import Objective, Problem, Promise
from cloudgauge.placement.proof import prove
from cloudgauge.placement.scoring import Chosen
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


@settings(max_examples=300, deadline=None)
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
    assert proved.bound == pytest.approx(best, abs=1e-6)
    if found is not None:
        reduced = reduce(problem, worth(problem, found))
        assert reduced.bound <= best + 1e-9
        left = prove(problem, reduced.stays, time_limit_s=60)
        kept = [some for some in (found, left.chosen) if some is not None]
        assert min(worth(problem, some) for some in kept) == pytest.approx(best)


def test_a_choice_says_that_nothing_is_better() -> None:
    problem = replace(drawn(7), budget=None, promise=None, pair_ms=None, least_groups=1)
    choice = choose(problem, time_limit_s=60)
    assert choice is not None
    assert choice.value == pytest.approx(truth(problem))
    assert choice.gap == 0
