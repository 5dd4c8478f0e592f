"""Regions chosen for users from what was measured, with how far that can be trusted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from cloudgauge.analysis.series import Floats
from cloudgauge.analysis.serving import Serving
from cloudgauge.placement.choice import Choice, choose
from cloudgauge.placement.problem import Objective, Problem, Promise
from cloudgauge.placement.relief import Loosened, reliefs
from cloudgauge.placement.scoring import nearest
from cloudgauge.placement.stability import Stability, stability
from cloudgauge.stats.summary import Estimate

DRAWS = 200
TIME_LIMIT_S = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionCost:
    """What a month in a region costs, all in one currency.

    Attributes:
        fixed: Whoever is served from there.
        traffic: To serve all users' traffic from there.
    """

    fixed: float
    traffic: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """A share of the users that is to be served within a time.

    Attributes:
        limit_ms: Above 0.
        share: In (0, 1].
        quantile: Of each user's times, in (0, 1).
    """

    limit_ms: float
    share: float
    quantile: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be chosen.

    Attributes:
        quantile: Of each user's times, which says how far a region is; in (0, 1).
        least: Regions at least.
        most: Regions at most. As few are chosen as keep all limits, but where cost is
            got down the cheapest set of any such count.
        budget: A month, in the currency of the costs.
        replication_ms: How far apart any two may be.
    """

    objective: Objective
    quantile: float
    least: int
    most: int
    within: Within | None = None
    budget: float | None = None
    least_providers: int = 1
    replication_ms: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much is done for the answer.

    Attributes:
        time_limit_s: For proofs by programming; of several counts of regions each has
            an equal part of it.
        draws: How often all is drawn anew.
        seed: Of the draws.
    """

    time_limit_s: float = TIME_LIMIT_S
    draws: int = DRAWS
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedUser:
    """A user and the region that serves it.

    Attributes:
        latency: Of the wanted quantile, in ms.
        promised: Of the quantile that a promise is about; None without one.
    """

    name: str
    weight: float
    region_id: str
    latency: Estimate
    promised: Estimate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Loosening:
    """What one limit would have to be, all others as they are.

    Attributes:
        regions: That would then do.
    """

    limit: Loosened
    to: float
    regions: tuple[str, ...]
    is_least: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What was chosen, or what is in the way.

    Attributes:
        choice: None where no set keeps the limits, or none was found in time.
        regions: Chosen, in order of their ids; none without a choice.
        users: In the order given; none without a choice.
        stability: None without a choice, or where no draw had one.
        chosen_share: Of the draws, by region, those of 0 left out.
        cost: As the choice was made: traffic at the price of all of it; None where it
            is not known.
        loosenings: Only without a choice.
    """

    choice: Choice | None
    regions: tuple[str, ...] = ()
    users: tuple[ServedUser, ...] = ()
    stability: Stability | None = None
    chosen_share: Mapping[str, float]
    cost: float | None = None
    loosenings: tuple[Loosening, ...] = ()


def place(
    serving: Serving,
    wanted: Wanted,
    costs: Mapping[str, RegionCost],
    pair_ms: Floats | None,
    effort: Effort,
) -> Placed:
    """Choose regions, and choose again from what is drawn anew.

    Args:
        serving: At least as many regions as are wanted.
        wanted: What is asked.
        costs: By region; of all where cost matters, may be none where it does not.
        pair_ms: Between regions; wanted where a distance is.
        effort: Bounds of time and chance.
    """
    problem = _problem(serving, wanted, costs, pair_ms)
    choice, problem = _choose(problem, effort.time_limit_s)
    if choice is None:
        return Placed(
            choice=None,
            chosen_share={},
            loosenings=tuple(_loosenings(serving, problem)),
        )
    rng = np.random.default_rng(effort.seed)
    counts = replace(wanted, least=problem.least, most=problem.most)
    draws = (
        _problem(serving.drawn(rng), counts, costs, pair_ms)
        for _ in range(effort.draws)
    )
    found = stability(choice.chosen, draws)
    regions = tuple(serving.regions[at] for at in choice.chosen)
    return Placed(
        choice=choice,
        regions=regions,
        users=tuple(_users(serving, wanted, problem, choice)),
        stability=found,
        chosen_share=_shares(serving, found),
        cost=_cost(problem, choice) if set(regions) <= costs.keys() else None,
    )


def _choose(problem: Problem, time_limit_s: float) -> tuple[Choice | None, Problem]:
    """As few regions as keep the limits; cost says itself how many pay.

    Returns:
        With the problem of that many regions; without a choice as it was.
    """
    if problem.objective is Objective.COST:
        return choose(problem, time_limit_s=time_limit_s), problem
    counts = range(problem.least, problem.most + 1)
    for count in counts:
        counted = replace(problem, least=count, most=count)
        choice = choose(counted, time_limit_s=time_limit_s / len(counts))
        if choice is not None:
            return choice, counted
    return None, problem


def _problem(
    serving: Serving,
    wanted: Wanted,
    costs: Mapping[str, RegionCost],
    pair_ms: Floats | None,
) -> Problem:
    nothing = RegionCost(fixed=0.0, traffic=0.0)
    each = [costs.get(region, nothing) for region in serving.regions]
    traffic = np.array([one.traffic for one in each])
    providers = [region.partition("/")[0] for region in serving.regions]
    _, groups = np.unique(providers, return_inverse=True)
    promise = None
    if wanted.within is not None:
        promise = Promise(
            latency_ms=serving.quantiles(wanted.within.quantile),
            limit_ms=wanted.within.limit_ms,
            share=wanted.within.share,
        )
    problem = Problem(
        latency_ms=serving.quantiles(wanted.quantile),
        weights=serving.weights,
        objective=wanted.objective,
        least=wanted.least,
        most=wanted.most,
        fixed_cost=np.array([one.fixed for one in each]),
        unit_cost=serving.weights[:, None] * traffic,
        budget=wanted.budget,
        promise=promise,
        groups=groups.astype(np.intp),
        least_groups=wanted.least_providers,
    )
    if wanted.replication_ms is None:
        return problem
    return replace(problem, pair_ms=pair_ms, pair_limit_ms=wanted.replication_ms)


def _users(
    serving: Serving, wanted: Wanted, problem: Problem, choice: Choice
) -> Iterator[ServedUser]:
    within = wanted.within
    for user, at in enumerate(nearest(problem, choice.chosen).tolist()):
        yield ServedUser(
            name=serving.users[user],
            weight=float(serving.weights[user]),
            region_id=serving.regions[at],
            latency=serving.estimate(user, at, wanted.quantile),
            promised=serving.estimate(user, at, within.quantile) if within else None,
        )


def _shares(serving: Serving, found: Stability | None) -> dict[str, float]:
    if found is None:
        return {}
    shares = zip(serving.regions, found.chosen_share.tolist(), strict=True)
    return {region: share for region, share in shares if share}


def _cost(problem: Problem, choice: Choice) -> float:
    chosen = list(choice.chosen)
    near = nearest(problem, choice.chosen)
    moved = problem.unit_cost[np.arange(len(near)), near].sum()
    return float(problem.fixed_cost[chosen].sum() + moved)


def _loosenings(serving: Serving, problem: Problem) -> Iterator[Loosening]:
    for relief in reliefs(problem):
        yield Loosening(
            limit=relief.limit,
            to=relief.to,
            regions=tuple(serving.regions[at] for at in relief.chosen),
            is_least=relief.is_least,
        )
