"""Regions that cannot be in the best set, found before the proof begins.

Lagrange's relaxation of "each user is served", with reduced cost fixing: Beasley, 1993,
Lagrangean heuristics for location problems; multipliers by the subgradient.
"""

from dataclasses import dataclass

import numpy as np

from cloudgauge.placement.problem import Bools, Floats, Ints, Objective, Problem

STEPS = 1500
# So often regions that are out are left out of the sums.
_EVERY = 25
# So few that the proof is quick.
_FEW = 20
_PATIENCE = 15
# Room for the last bits of sums, relative to the value.
_SLACK = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduced:
    """What is left to prove.

    Attributes:
        stays: Which regions a better set can hold.
        bound: No set has a lower value.
    """

    stays: Bools
    bound: float


def reduce(problem: Problem, value: float) -> Reduced:
    """Leave out regions that no set better than *value* can hold.

    Other limits only make sets worse, so the bound holds with them, too. Of the worst
    user's latency no bound is known; every region stays.

    Args:
        problem: Whose limits are all kept by some set.
        value: Of such a set.
    """
    regions = problem.shape[1]
    stays = np.ones(regions, dtype=np.bool_)
    if problem.objective is Objective.WORST:
        return Reduced(stays=stays, bound=0.0)
    limit = value * (1 + _SLACK)
    if problem.objective is Objective.COST:
        cost, fixed = problem.unit_cost, problem.fixed_cost
    else:
        # To be served from an unmeasured region is never better than the set at hand.
        far = limit / problem.weights.min() + 1
        cost = problem.weights[:, None] * np.minimum(problem.latency_ms, far)
        fixed = np.zeros(regions)
    prices = np.sort(cost, axis=1)[:, min(1, regions - 1)]
    agility, best, since = 2.0, -np.inf, 0
    for step in range(STEPS):
        if step % _EVERY == 0:
            left = np.flatnonzero(stays)
            if len(left) <= max(_FEW, problem.most):
                break
            costs = np.ascontiguousarray(cost[:, left])
        below = np.minimum(costs - prices[:, None], 0)
        gains = fixed[left] + below.sum(axis=0)
        opened = _opened(gains, problem)
        bound = float(prices.sum() + gains[opened].sum())
        stays[left[bound + _extra(gains, opened, problem) > limit]] = False
        slope = 1.0 - (below[:, opened] < 0).sum(axis=1)
        length = float(slope @ slope)
        since = 0 if bound > best else since + 1
        best = max(best, bound)
        if length == 0:
            break
        if since == _PATIENCE:
            agility, since = agility / 2, 0
        prices = prices + agility * max(limit - bound, 0.0) / length * slope
    return Reduced(stays=stays, bound=min(best, value))


def _opened(gains: Floats, problem: Problem) -> Ints:
    """The regions that pay, but no fewer and no more than are wanted."""
    order = np.argsort(gains, kind="stable")
    paying = int((gains < 0).sum())
    return np.asarray(order[: min(max(paying, problem.least), problem.most)])


def _extra(gains: Floats, opened: Ints, problem: Problem) -> Floats:
    """What it adds at least to hold a region, 0 for those that are held anyway."""
    last = float(gains[opened[-1]])
    freed = last if len(opened) == problem.most else max(last, 0.0)
    extra = np.maximum(gains - freed, 0)
    extra[opened] = 0
    return np.asarray(extra)
