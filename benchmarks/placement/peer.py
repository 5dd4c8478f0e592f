"""The peer: the p-median as textbooks write it, given to scipy's milp as it is.

A variable for each user and region, a row for each of them; only the regions are whole.
ReVelle and Swain, Central Facilities Location, Geographical Analysis 2 (1970).
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from cloudgauge.placement.problem import Problem
from cloudgauge.placement.quiet import silent_stdout


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """What it ended with.

    Attributes:
        value: None where it found nothing.
        gap: What may be missing, as a share; 0 where it is proved.
    """

    value: float | None
    gap: float


def plain_p_median(problem: Problem, *, time_limit_s: float) -> Plain:
    """Choose by mean latency alone."""
    users, regions = problem.shape
    cells = users * regions
    cost = (problem.weights[:, None] * problem.latency_ms).ravel()
    served = sparse.kron(sparse.eye_array(users), np.ones((1, regions)))
    open_rows = sparse.kron(np.ones((users, 1)), sparse.eye_array(regions))
    count = np.concatenate([np.zeros(cells), np.ones(regions)])
    whole = np.concatenate([np.zeros(cells), np.ones(regions)])
    everyone = sparse.hstack([served, sparse.csr_array((users, regions))])
    only_open = sparse.hstack([sparse.eye_array(cells), -open_rows])
    with silent_stdout():
        answer = milp(
            np.concatenate([cost, np.zeros(regions)]),
            constraints=[
                LinearConstraint(sparse.csr_array(everyone), 1, 1),
                LinearConstraint(sparse.csr_array(only_open), -np.inf, 0),
                LinearConstraint(count[None], problem.least, problem.most),
            ],
            integrality=whole,
            bounds=Bounds(0, 1),
            options={"time_limit": time_limit_s, "mip_rel_gap": 0.0},
        )
    if answer.x is None:
        return Plain(value=None, gap=1.0)
    return Plain(value=float(answer.fun), gap=float(answer.mip_gap or 0.0))
