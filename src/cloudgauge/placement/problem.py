"""What is to be chosen: users, regions, what is minimised, and within which limits."""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]


class Objective(StrEnum):
    """What is minimised; every user goes to the nearest region that is chosen.

    The p-median, the p-centre and the facility location problem; Daskin, Network and
    Discrete Location, 2nd ed., 2013, chapters 5 to 8.
    """

    LATENCY = "latency"
    WORST = "worst"
    COST = "cost"


class Limit(StrEnum):
    """What a set of regions can fail by."""

    SERVED = "served"
    BUDGET = "budget"
    SHARE = "share"
    GROUPS = "groups"
    APART = "apart"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A share of users that must be served within a time.

    Attributes:
        latency_ms: Users x regions, at the quantile that the promise is about; inf
            where it is not known.
        limit_ms: What a user may wait, above 0.
        share: Of all users' weight that must wait no longer, in (0, 1].
    """

    latency_ms: Floats
    limit_ms: float
    share: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.limit_ms) and self.limit_ms > 0):
            msg = f"limit of a promise must be finite and > 0 ms, got {self.limit_ms}"
            raise ValueError(msg)
        if not 0 < self.share <= 1:
            msg = f"share of a promise must be in (0, 1], got {self.share}"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Regions to choose for users.

    Attributes:
        latency_ms: Users x regions, >= 0; inf where a region was not measured, and so
            cannot serve. A user goes to the nearest region that is chosen, the first
            of equals.
        weights: Of the users, each > 0; they sum to 1.
        objective: What is minimised.
        least: Regions at least, >= 1.
        most: Regions at most.
        fixed_cost: Of each region by itself; finite, >= 0.
        unit_cost: Users x regions: what it costs to serve all of a user's traffic
            from there; finite, >= 0.
        budget: What all may cost; None for any amount.
        promise: What must hold for a share of the users.
        groups: A number for each region's provider, from 0.
        least_groups: So many providers at least.
        pair_ms: Regions x regions, symmetric: time between two; inf where it is not
            known. None where it does not matter.
        pair_limit_ms: How far apart any two may be; inf for any distance.
    """

    latency_ms: Floats
    weights: Floats
    objective: Objective
    least: int
    most: int
    fixed_cost: Floats
    unit_cost: Floats
    budget: float | None = None
    promise: Promise | None = None
    groups: Ints
    least_groups: int = 1
    pair_ms: Floats | None = None
    pair_limit_ms: float = math.inf

    def __post_init__(self) -> None:
        users, regions = self.shape
        for name, array, shape in (
            ("weights", self.weights, (users,)),
            ("fixed_cost", self.fixed_cost, (regions,)),
            ("unit_cost", self.unit_cost, (users, regions)),
            ("groups", self.groups, (regions,)),
        ):
            if array.shape != shape:
                msg = f"{name}: want shape {shape}, got {array.shape}"
                raise ValueError(msg)
        if not users or not regions:
            msg = f"want at least one user and one region, got {users} and {regions}"
            raise ValueError(msg)
        if not (self.weights > 0).all() or not math.isclose(self.weights.sum(), 1):
            msg = "weights must be above 0 and sum to 1"
            raise ValueError(msg)
        if not 1 <= self.least <= self.most <= regions:
            msg = (
                f"want 1 <= least <= most <= {regions} regions, got {self.least} "
                f"and {self.most}"
            )
            raise ValueError(msg)
        if self.pair_ms is not None and (self.pair_ms != self.pair_ms.T).any():
            msg = "pair_ms: want it symmetric"
            raise ValueError(msg)
        if np.isnan(self.latency_ms).any():
            msg = "latency_ms: a time that is not known is inf, not NaN"
            raise ValueError(msg)

    @property
    def shape(self) -> tuple[int, int]:
        """How many users and regions there are."""
        users, regions = self.latency_ms.shape
        return users, regions
