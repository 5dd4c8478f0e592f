"""The best set by mixed integer programming, with a bound that proves it.

Each user's regions are taken in the order of distance; a variable for each says that
none up to there is chosen: Elloumi, 2010, A tighter formulation of the p-median
problem. Solved by HiGHS (Huangfu and Hall, 2018) through `scipy.optimize.milp`.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from cloudgauge.placement.problem import (
    Bools,
    Floats,
    Ints,
    Objective,
    Problem,
    Promise,
)
from cloudgauge.placement.quiet import silent_stdout
from cloudgauge.placement.scoring import Chosen

_SOLVED, _OUT_OF_TIME, _INFEASIBLE = 0, 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """What the solver ended with.

    Attributes:
        chosen: The best set that it found, in order; None if it found none.
        bound: No set is better than this; -inf if it had no time for one.
        is_complete: Whether it looked to the end, so that no set is better, or no
            set keeps the limits.
    """

    chosen: Chosen | None
    bound: float
    is_complete: bool


def prove(problem: Problem, stays: Bools, *, time_limit_s: float) -> Proved:
    """Find the best set of the regions that stay.

    Args:
        problem: What is asked.
        stays: Which regions may be chosen.
        time_limit_s: After which the best that was found is given, with its bound.
    """
    model = _Model(problem, np.flatnonzero(stays))
    with silent_stdout():
        answer = milp(
            model.objective(),
            constraints=model.constraints(),
            integrality=model.is_whole(),
            bounds=Bounds(0, model.upper()),
            options={"time_limit": time_limit_s, "mip_rel_gap": 0.0},
        )
    if answer.status == _INFEASIBLE:
        return Proved(chosen=None, bound=math.inf, is_complete=True)
    bound = -math.inf if answer.mip_dual_bound is None else float(answer.mip_dual_bound)
    return Proved(
        chosen=None if answer.x is None else model.chosen(answer.x),
        bound=bound + model.constant,
        is_complete=answer.status == _SOLVED,
    )


class _Model:
    """Variables: users x (regions - 1) of "none up to here"; regions; groups; worst.

    A user's figure of whatever kind is that of its nearest region plus, for each step
    farther that it must go, the difference to the next.
    """

    def __init__(self, problem: Problem, regions: Ints) -> None:
        self._problem = problem
        self._regions = regions
        times = problem.latency_ms[:, regions]
        self._order = np.argsort(times, axis=1, kind="stable")
        self._users, self._count = times.shape
        # Of equal weight to all: more than any user can wait.
        known = times[np.isfinite(times)]
        self._far_ms = float(known.max(initial=0.0)) + 1
        self._times = np.where(np.isinf(times), self._far_ms, times)
        self._steps = self._count - 1
        groups = np.unique(problem.groups[regions])
        self._groups = groups if problem.least_groups > 1 else groups[:0]
        self._closed = self._users * self._steps
        self._size = self._closed + self._count + len(self._groups) + 1
        self.constant = self._constant()

    def objective(self) -> Floats:
        """What each variable adds to what is minimised."""
        problem, row = self._problem, np.zeros(self._size)
        if problem.objective is Objective.WORST:
            row[-1] = 1
        elif problem.objective is Objective.LATENCY:
            row[: self._closed] = self._rises(self._weighed(self._times)).ravel()
        else:
            row = self._cost_row()
        return row

    def is_whole(self) -> Ints:
        """Regions and groups are chosen or not; the rest follows."""
        whole = np.zeros(self._size, dtype=np.intp)
        whole[self._closed : -1] = 1
        return whole

    def upper(self) -> Floats:
        """All are shares or choices, but the time of the worst user."""
        most = np.ones(self._size)
        most[-1] = self._far_ms
        return most

    def chosen(self, solution: Floats) -> Chosen:
        """The set that a solution means."""
        opened = solution[self._closed : self._closed + self._count] > 0.5
        return tuple(int(at) for at in self._regions[opened])

    def constraints(self) -> list[LinearConstraint]:
        """All limits, and that each user goes to its nearest region."""
        problem = self._problem
        found = [self._closing(), self._counting()]
        if self._must_be_told_to_go_near():
            found += self._nearest()
        if problem.budget is not None:
            row = self._cost_row()
            room = problem.budget - float(self._costs()[:, 0].sum())
            found.append(LinearConstraint(row[None], -np.inf, room))
        if problem.promise is not None:
            found.append(self._promising(problem.promise))
        if np.isinf(problem.latency_ms[:, self._regions]).any():
            found.append(self._serving())
        if len(self._groups):
            found += self._grouping()
        if problem.pair_ms is not None:
            found += self._keeping_apart(problem.pair_ms)
        if problem.objective is Objective.WORST:
            found.append(self._worst())
        return found

    def _constant(self) -> float:
        if self._problem.objective is Objective.LATENCY:
            return float(self._sorted(self._weighed(self._times))[:, 0].sum())
        if self._problem.objective is Objective.COST:
            return float(self._costs()[:, 0].sum())
        return 0.0

    def _weighed(self, figures: Floats) -> Floats:
        return np.asarray(self._problem.weights[:, None] * figures)

    def _sorted(self, figures: Floats) -> Floats:
        return np.take_along_axis(figures, self._order, axis=1)

    def _rises(self, figures: Floats) -> Floats:
        """From each region to the next farther one; users x steps."""
        return np.diff(self._sorted(figures), axis=1)

    def _costs(self) -> Floats:
        return self._sorted(self._problem.unit_cost[:, self._regions])

    def _cost_row(self) -> Floats:
        row = np.zeros(self._size)
        row[: self._closed] = np.diff(self._costs(), axis=1).ravel()
        row[self._closed : self._closed + self._count] = self._problem.fixed_cost[
            self._regions
        ]
        return row

    def _must_be_told_to_go_near(self) -> bool:
        """Where a farther region could pay: for cost, or for another quantile."""
        problem = self._problem
        return (
            problem.objective is Objective.COST
            or problem.budget is not None
            or problem.promise is not None
        )

    def _closing(self) -> LinearConstraint:
        """A step is taken only if the region before it is not chosen."""
        users, steps, size = self._users, self._steps, self._size
        at = np.arange(users * (steps + 1)).reshape(users, steps + 1)
        closed = np.arange(self._closed).reshape(users, steps)
        rows = [at[:, :steps].ravel(), at.ravel(), at[:, 1:].ravel()]
        columns = [closed.ravel(), self._closed + self._order.ravel(), closed.ravel()]
        values = [np.ones(self._closed), np.ones(at.size), -np.ones(self._closed)]
        least = np.zeros((users, steps + 1))
        least[:, 0] = 1
        return LinearConstraint(
            _matrix(values, rows, columns, (at.size, size)), least.ravel(), np.inf
        )

    def _nearest(self) -> list[LinearConstraint]:
        """No step past a region that is chosen; and none after one not taken."""
        users, steps, size = self._users, self._steps, self._size
        closed = np.arange(self._closed)
        near = self._closed + self._order[:, :steps].ravel()
        stop = _matrix(
            [np.ones(self._closed)] * 2,
            [closed] * 2,
            [closed, near],
            (closed.size, size),
        )
        later = np.arange(users * max(steps - 1, 0))
        grid = closed.reshape(users, steps)
        follow = _matrix(
            [np.ones(later.size), -np.ones(later.size)],
            [later] * 2,
            [grid[:, :-1].ravel(), grid[:, 1:].ravel()],
            (later.size, size),
        )
        return [
            LinearConstraint(stop, -np.inf, 1),
            LinearConstraint(follow, 0, np.inf),
        ]

    def _counting(self) -> LinearConstraint:
        row = np.zeros(self._size)
        row[self._closed : self._closed + self._count] = 1
        return LinearConstraint(row[None], self._problem.least, self._problem.most)

    def _promising(self, promise: Promise) -> LinearConstraint:
        kept = promise.latency_ms[:, self._regions] <= promise.limit_ms
        share = self._weighed(kept.astype(np.float64))
        row = np.zeros(self._size)
        row[: self._closed] = self._rises(share).ravel()
        wanted = promise.share - float(self._sorted(share)[:, 0].sum())
        return LinearConstraint(row[None], wanted - 1e-9, np.inf)

    def _serving(self) -> LinearConstraint:
        """No user goes to a region from which it was not measured."""
        missing = np.isinf(self._problem.latency_ms[:, self._regions]).astype(float)
        row = np.zeros(self._size)
        row[: self._closed] = self._rises(missing).ravel()
        return LinearConstraint(
            row[None], -np.inf, -float(self._sorted(missing)[:, 0].sum())
        )

    def _grouping(self) -> list[LinearConstraint]:
        own = self._problem.groups[self._regions]
        first = self._closed + self._count
        rows = np.zeros((len(self._groups), self._size))
        for at, group in enumerate(self._groups):
            rows[at, self._closed : first] = own == group
            rows[at, first + at] = -1
        total = np.zeros(self._size)
        total[first:-1] = 1
        return [
            LinearConstraint(rows, 0, np.inf),
            LinearConstraint(total[None], self._problem.least_groups, np.inf),
        ]

    def _keeping_apart(self, pair_ms: Floats) -> list[LinearConstraint]:
        own = pair_ms[np.ix_(self._regions, self._regions)]
        left, right = np.nonzero(np.triu(own > self._problem.pair_limit_ms, 1))
        rows = np.arange(len(left))
        together = _matrix(
            [np.ones(len(left))] * 2,
            [rows] * 2,
            [self._closed + left, self._closed + right],
            (len(left), self._size),
        )
        return [LinearConstraint(together, -np.inf, 1)] if len(left) else []

    def _worst(self) -> LinearConstraint:
        rises = self._rises(self._times)
        rows = np.repeat(np.arange(self._users), self._steps)
        users = np.arange(self._users)
        matrix = _matrix(
            [rises.ravel(), -np.ones(self._users)],
            [rows, users],
            [np.arange(self._closed), np.full(self._users, self._size - 1)],
            (self._users, self._size),
        )
        return LinearConstraint(matrix, -np.inf, -self._sorted(self._times)[:, 0])


def _matrix(
    values: list[Floats], rows: list[Ints], columns: list[Ints], shape: tuple[int, int]
) -> sparse.csr_array:
    return sparse.csr_array(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))),
        shape=shape,
    )
