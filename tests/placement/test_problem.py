from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from cloudgauge.placement.problem import Objective, Problem, Promise

PROBLEM = Problem(
    latency_ms=np.array([[10.0, 30.0, 50.0], [40.0, 20.0, 60.0]]),
    weights=np.array([0.75, 0.25]),
    objective=Objective.LATENCY,
    least=1,
    most=2,
    fixed_cost=np.array([5.0, 3.0, 1.0]),
    unit_cost=np.zeros((2, 3)),
    groups=np.array([0, 0, 1]),
)
PROMISE = Promise(latency_ms=PROBLEM.latency_ms, limit_ms=25, share=0.9)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weights": np.ones(3)}, r"^weights: want shape \(2,\), got \(3,\)$"),
        ({"fixed_cost": np.ones(2)}, r"^fixed_cost: want shape \(3,\), got \(2,\)$"),
        ({"unit_cost": np.ones((3, 2))}, r"^unit_cost: want shape \(2, 3\), got"),
        ({"groups": np.zeros(1, dtype=int)}, r"^groups: want shape \(3,\), got"),
        ({"weights": np.array([1.0, 0.0])}, r"^weights must be above 0 and sum to 1$"),
        ({"weights": np.array([0.5, 0.6])}, r"^weights must be above 0 and sum to 1$"),
        ({"least": 0}, r"^want 1 <= least <= most <= 3 regions, got 0 and 2$"),
        ({"least": 3}, r"^want 1 <= least <= most <= 3 regions, got 3 and 2$"),
        ({"most": 4}, r"^want 1 <= least <= most <= 3 regions, got 1 and 4$"),
        ({"latency_ms": np.full((2, 3), np.nan)}, r"^latency_ms: a time that is not"),
        ({"pair_ms": np.arange(9.0).reshape(3, 3)}, r"^pair_ms: want it symmetric$"),
    ],
)
def test_a_problem_that_cannot_be_is_refused(
    change: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        replace(PROBLEM, **change)


def test_there_must_be_users_and_regions() -> None:
    with pytest.raises(ValueError, match=r"^want at least one user and one region"):
        replace(
            PROBLEM,
            latency_ms=np.zeros((0, 3)),
            weights=np.zeros(0),
            unit_cost=np.zeros((0, 3)),
        )


@pytest.mark.parametrize("limit_ms", [0.0, -1.0, np.inf, np.nan])
def test_a_promise_has_a_time(limit_ms: float) -> None:
    with pytest.raises(ValueError, match=r"^limit of a promise must be finite and > 0"):
        replace(PROMISE, limit_ms=limit_ms)


@pytest.mark.parametrize("share", [0.0, 1.1, np.nan])
def test_a_promise_is_for_a_share(share: float) -> None:
    with pytest.raises(ValueError, match=r"^share of a promise must be in \(0, 1\]"):
        replace(PROMISE, share=share)
