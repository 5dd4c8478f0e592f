"""Users and regions of a made-up world, the same for the same seed."""

from collections.abc import Mapping

import numpy as np

from cloudgauge.placement.problem import Objective, Problem, Promise

USERS, REGIONS, CHOSEN = 300, 180, 3
_CITIES = 12
QUESTIONS: Mapping[str, tuple[Objective, bool]] = {
    "mean latency": (Objective.LATENCY, False),
    "mean latency, 80 % promised": (Objective.LATENCY, True),
    "the worst user": (Objective.WORST, False),
    "cost": (Objective.COST, False),
    "cost, 80 % promised": (Objective.COST, True),
}


def problem(
    question: str, *, seed: int, users: int = USERS, regions: int = REGIONS
) -> Problem:
    """Users about a dozen cities, regions nearer to them; times by distance and luck.

    Args:
        question: One of `QUESTIONS`.
        seed: Of everything.
        users: Groups of users.
        regions: To choose from.
    """
    objective, has_promise = QUESTIONS[question]
    rng = np.random.default_rng(seed)
    cities = rng.uniform(0, 200, (_CITIES, 2))
    here = cities[rng.integers(0, _CITIES, users)] + rng.normal(0, 12, (users, 2))
    there = cities[rng.integers(0, _CITIES, regions)] + rng.normal(0, 6, (regions, 2))
    far = np.hypot(*(here[:, None] - there).transpose(2, 0, 1))
    times = far + 5 + rng.exponential(4, (users, regions))
    weights = rng.uniform(1, 5, users)
    weights /= weights.sum()
    promise = Promise(latency_ms=1.2 * times, limit_ms=110.0, share=0.8)
    return Problem(
        latency_ms=times,
        weights=weights,
        objective=objective,
        least=CHOSEN,
        most=CHOSEN,
        fixed_cost=rng.uniform(50, 100, regions),
        unit_cost=weights[:, None] * rng.uniform(200, 400, regions),
        promise=promise if has_promise else None,
        groups=rng.integers(0, 6, regions),
    )
