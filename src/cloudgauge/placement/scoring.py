"""What sets of regions come to: what is minimised, and by how much limits are failed.

Sets are scored many at a time: all that differ from one set by the region that is
added last. Swap search and enumeration both walk such families.
"""

from dataclasses import dataclass

import numpy as np

from cloudgauge.placement.problem import Bools, Floats, Ints, Limit, Objective, Problem

Chosen = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Figures of several sets, one element a set.

    Attributes:
        value: What is minimised; inf where a user cannot be served.
        failing: By how much each limit is failed, >= 0, in units of its own; a limit
            that was not set is left out.
    """

    value: Floats
    failing: dict[Limit, Floats]

    def holds(self) -> Bools:
        """Which sets keep all limits."""
        kept = np.ones(len(self.value), dtype=np.bool_)
        for amount in self.failing.values():
            kept &= amount <= 0
        return kept


class Ground:
    """A problem laid out for scoring: a row a region, and only what matters."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.times = np.ascontiguousarray(problem.latency_ms.T)
        self.reaches_all = bool(np.isfinite(problem.latency_ms).all())
        needs_cost = problem.objective is Objective.COST or problem.budget is not None
        self.fixed = problem.fixed_cost if needs_cost else None
        moves = needs_cost and bool(problem.unit_cost.any())
        self.unit = np.ascontiguousarray(problem.unit_cost.T) if moves else None
        # No user can be served for less than from here, or sooner.
        self.least_unit = None if self.unit is None else self.unit.min(axis=0)
        self.least_times = self.times.min(axis=0)
        self.kept: Bools | None = None
        if problem.promise is not None:
            kept = problem.promise.latency_ms <= problem.promise.limit_ms
            self.kept = np.ascontiguousarray(kept.T)


class Started:
    """A set that is to be completed by one region more; may be empty."""

    def __init__(self, ground: Ground, chosen: Chosen) -> None:
        users = ground.times.shape[1]
        self._ground, self._chosen = ground, chosen
        self._near_ms = np.full(users, np.inf)
        self._near = np.full(users, ground.times.shape[0])
        self._unit = np.zeros(users)
        self._kept = np.zeros(users, dtype=np.bool_)
        if chosen:
            # In order, so that of equals the first serves, whatever was added when.
            some = np.array(sorted(chosen), dtype=np.intp)
            self._near = some[ground.times[some].argmin(axis=0)]
            everyone = np.arange(users)
            self._near_ms = ground.times[self._near, everyone]
            if ground.unit is not None:
                self._unit = ground.unit[self._near, everyone]
            if ground.kept is not None:
                self._kept = ground.kept[self._near, everyone]

    def with_each(self, some: Ints | slice) -> Scores:
        """Scores of this set with each of some regions added."""
        ground = self._ground
        problem, times = ground.problem, ground.times[some]
        places = np.arange(ground.times.shape[0])[some]
        cost, moves = np.zeros(len(places)), None
        if ground.unit is not None or ground.kept is not None:
            first = places[:, None] < self._near
            moves = (times < self._near_ms) | ((times == self._near_ms) & first)
        if ground.fixed is not None:
            cost = self._cost(places, ground.fixed, moves)
        near_ms = np.minimum(times, self._near_ms)
        failing: dict[Limit, Floats] = {}
        if not ground.reaches_all:
            failing[Limit.SERVED] = np.isinf(near_ms) @ problem.weights
        if problem.budget is not None:
            failing[Limit.BUDGET] = np.maximum(cost - problem.budget, 0)
        if ground.kept is not None and problem.promise and moves is not None:
            kept = np.where(moves, ground.kept[some], self._kept) @ problem.weights
            short = problem.promise.share - kept
            # Sums of weights: the last bits of both sides are not the same.
            failing[Limit.SHARE] = np.where(short > 1e-12, short, 0)
        if problem.least_groups > 1:
            failing[Limit.GROUPS] = self._groups_missing(places)
        if problem.pair_ms is not None and np.isfinite(problem.pair_limit_ms):
            failing[Limit.APART] = self._too_far_ms(places, problem.pair_ms)
        return Scores(value=self._value(near_ms, cost, failing), failing=failing)

    def hopeful(self, rest: Ints, limit: float) -> Ints:
        """Those of some regions with which this set may come to no more than *limit*.

        Told from bounds that are quick to have; with all others it comes to more.
        """
        problem, ground = self._ground.problem, self._ground
        if not self._chosen or not np.isfinite(limit):
            return rest
        if problem.objective is Objective.WORST:
            # Who waits longest now must be served by the region that is added.
            worst = int(self._near_ms.argmax())
            if self._near_ms[worst] <= limit:
                return rest
            return np.asarray(rest[ground.times[rest, worst] <= limit])
        if problem.objective is Objective.LATENCY:
            least = np.minimum(self._near_ms, ground.least_times) @ problem.weights
            return rest if least <= limit else rest[:0]
        least = problem.fixed_cost[list(self._chosen)].sum()
        if ground.least_unit is not None:
            least = least + np.minimum(self._unit, ground.least_unit).sum()
        return np.asarray(rest[problem.fixed_cost[rest] + least <= limit])

    def _value(
        self, near_ms: Floats, cost: Floats, failing: dict[Limit, Floats]
    ) -> Floats:
        problem = self._ground.problem
        if problem.objective is Objective.COST:
            return cost
        if problem.objective is Objective.WORST:
            return np.asarray(near_ms.max(axis=1))
        if Limit.SERVED not in failing:
            return np.asarray(near_ms @ problem.weights)
        known = np.where(np.isinf(near_ms), 0, near_ms) @ problem.weights
        return np.asarray(np.where(failing[Limit.SERVED] > 0, np.inf, known))

    def _cost(self, places: Ints, fixed: Floats, moves: Bools | None) -> Floats:
        ground = self._ground
        cost = fixed[list(self._chosen)].sum() + fixed[places]
        if ground.unit is not None and moves is not None:
            unit = np.where(moves, ground.unit[places], self._unit)
            cost = cost + unit.sum(axis=1)
        return np.asarray(cost)

    def _groups_missing(self, places: Ints) -> Floats:
        problem = self._ground.problem
        here = np.unique(problem.groups[list(self._chosen)])
        count = len(here) + ~np.isin(problem.groups[places], here)
        missing = np.maximum(problem.least_groups - count, 0)
        return np.asarray(missing, dtype=np.float64)

    def _too_far_ms(self, places: Ints, pair_ms: Floats) -> Floats:
        own = list(self._chosen)
        among = pair_ms[np.ix_(own, own)][np.triu_indices(len(own), 1)]
        farthest = np.full(len(places), among.max(initial=0.0))
        if own:
            farthest = np.maximum(farthest, pair_ms[own][:, places].max(axis=0))
        limit_ms = self._ground.problem.pair_limit_ms
        return np.asarray(np.maximum(farthest - limit_ms, 0))


def score(problem: Problem, chosen: Chosen) -> Scores:
    """Scores of one set, of one element each."""
    *started, last = sorted(chosen)
    return Started(Ground(problem), tuple(started)).with_each(slice(last, last + 1))


def nearest(problem: Problem, chosen: Chosen) -> Ints:
    """The region that serves each user."""
    some = np.array(sorted(chosen), dtype=np.intp)
    return np.asarray(some[problem.latency_ms[:, some].argmin(axis=1)])
