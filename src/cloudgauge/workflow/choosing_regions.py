"""Choose regions for users: by what was measured, what it costs, and within limits."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from cloudgauge.analysis.placing import (
    Effort,
    Placed,
    RegionCost,
    Wanted,
    place,
)
from cloudgauge.analysis.serving import UserGroup, lines_of, pairs_of, serving_of
from cloudgauge.errors import ConfigError, NothingUsable
from cloudgauge.model.price import Money
from cloudgauge.model.target import Region
from cloudgauge.store.resultset import ResultSet
from cloudgauge.workflow.choosing_regions_prices import Month, Prices
from cloudgauge.workflow.choosing_regions_view import Choices, LeftOut
from cloudgauge.workflow.choosing_regions_wish import Wish
from cloudgauge.workflow.results import Results
from cloudgauge.workflow.set_view import provenance_of
from cloudgauge.workflow.standing_notes import burst_note, sets_doubts
from cloudgauge.workflow.vantage_rounds import VantageRounds, vantage_rounds

_NOT_SEEN = "not measured: no visit was answered"
_COST, _REPLICATION, _K = "--workload", "--replication", "-k"


def choose(
    results: Results,
    wish: Wish,
    *,
    prices: Prices | None = None,
    effort: Effort | None = None,
) -> Choices:
    """Choose the regions that serve users best, across providers.

    Args:
        results: Of vantages, each of which stands for users.
        wish: What is wanted, within which limits.
        prices: Of a workload; needed for a budget, or to get the cost down.
        effort: Time for the proof, and how often all is drawn anew.

    Raises:
        ConfigError: The wish does not fit what was measured.
        StoreError: A set cannot be read, or they do not fit together.
        NothingUsable: There is no value of the metric, or none of any region that may
            be chosen.
    """
    question = wish.question
    places = vantage_rounds(results.sets, question.metric, question.allowed)
    weights = question.weights_of([one.vantage for one in places])
    groups = [_group(one, weights[one.vantage]) for one in places]
    months = _months(_regions(places), prices)
    allowed, left_out = _allowed(places, groups, wish, months)
    _check_counts(wish, allowed, left_out)
    between = _clouds(results.sets, groups)
    _check_pairs(wish, between)
    effort, serving = effort or Effort(), serving_of(groups, allowed)
    pair_ms = pairs_of(between, allowed) if wish.replication_ms is not None else None
    wanted = _wanted(wish, len(allowed))
    found = place(serving, wanted, _costs(months), pair_ms, effort)
    return Choices(
        wish=wish,
        effort=effort,
        candidates=tuple(allowed),
        placed=found,
        months={one: month for one, month in months.items() if one in found.regions},
        billed=_billed(found, prices),
        left_out=tuple(left_out),
        draws_vantages=serving.draws_vantages,
        currency=prices.currency if prices else None,
        doubts=doubts_of(results.sets, places),
        provenance=(
            *(provenance_of(result) for result in results.sets),
            *(prices.provenance() if prices else ()),
        ),
    )


def doubts_of(
    sets: Sequence[ResultSet], places: Sequence[VantageRounds]
) -> tuple[str, ...]:
    """What to beware of in sets and in when they were measured."""
    bursts = burst_note(one.rounds.coverage().is_burst for one in places)
    return (*sets_doubts(sets), *bursts)


def _check_counts(
    wish: Wish, allowed: Sequence[str], left_out: Sequence[LeftOut]
) -> None:
    if not allowed:
        why = "; ".join(f"{one.region_id}: {one.why}" for one in left_out[:3])
        msg = f"no region can be chosen, such as {why}"
        raise NothingUsable(msg)
    if wish.least > len(allowed):
        problem = f"wants {wish.least} regions, and {len(allowed)} can be chosen"
        raise ConfigError(_K, problem)


def _regions(places: Sequence[VantageRounds]) -> dict[str, Region]:
    found = {
        place.targets[line.target_id].region.region_id: place.targets[
            line.target_id
        ].region
        for place in places
        for line in place.rounds.lines
    }
    return dict(sorted(found.items()))


def _group(place: VantageRounds, weight: float) -> UserGroup:
    return UserGroup(
        name=place.vantage,
        weight=weight,
        rounds=place.rounds,
        region_of={
            line.target_id: place.targets[line.target_id].region.region_id
            for line in place.rounds.lines
        },
    )


def _months(
    regions: Mapping[str, Region], prices: Prices | None
) -> dict[str, Month | str]:
    if prices is None:
        return {}
    return {region_id: prices.month(region_id) for region_id in regions}


def _allowed(
    places: Sequence[VantageRounds],
    groups: Sequence[UserGroup],
    wish: Wish,
    months: Mapping[str, Month | str],
) -> tuple[list[str], list[LeftOut]]:
    """The regions that may be chosen, and why the others may not."""
    if wish.wants_cost and not months:
        problem = "is wanted: without it nothing has a cost"
        raise ConfigError(_COST, problem)
    regions = _regions(places)
    wish.residency.check_providers({one.provider for one in regions.values()})
    users = [group for group in groups if group.weight > 0]
    seen = lines_of(users, list(regions))
    allowed, left_out = [], []
    for region_id, region in regions.items():
        month = months.get(region_id)
        why = wish.residency.why_not(region)
        if not why and region_id not in seen:
            why = _NOT_SEEN
        if not why and wish.wants_cost and not isinstance(month, Month):
            why = month or ""
        if why:
            left_out.append(LeftOut(region_id=region_id, why=why))
        else:
            allowed.append(region_id)
    return allowed, left_out


def _costs(months: Mapping[str, Month | str]) -> dict[str, RegionCost]:
    return {
        region_id: RegionCost(
            fixed=float(month.fixed.amount), traffic=float(month.traffic.amount)
        )
        for region_id, month in months.items()
        if isinstance(month, Month)
    }


def _wanted(wish: Wish, regions: int) -> Wanted:
    return Wanted(
        objective=wish.objective,
        quantile=wish.quantile,
        least=wish.least,
        most=regions if wish.most is None else min(wish.most, regions),
        within=wish.within,
        budget=None if wish.budget is None else float(wish.budget.amount),
        least_providers=wish.least_providers,
        replication_ms=wish.replication_ms,
    )


def _clouds(
    sets: Sequence[ResultSet], groups: Sequence[UserGroup]
) -> dict[str, UserGroup]:
    """What was measured from machines in a cloud, by their region."""
    by_name = {group.name: group for group in groups}
    found = {}
    for result in sets:
        vantage = result.manifest.run.vantage
        if vantage.cloud_region is not None and vantage.name in by_name:
            found[vantage.cloud_region] = replace(by_name[vantage.name], weight=1.0)
    return found


def _check_pairs(wish: Wish, between: Mapping[str, UserGroup]) -> None:
    if wish.replication_ms is None or wish.most == 1 or between:
        return
    problem = (
        "no set was measured from a cloud region (cloud_region in vantage.toml), so "
        "nobody knows how far regions are from one another"
    )
    raise ConfigError(_REPLICATION, problem)


def _billed(found: Placed, prices: Prices | None) -> Money | str | None:
    """What the choice is billed with the users' shares of the traffic."""
    if prices is None or not found.regions:
        return None
    shares = dict.fromkeys(found.regions, Decimal(0))
    for user in found.users:
        shares[user.region_id] += Decimal(user.weight)
    return prices.together({one: float(share) for one, share in shares.items()})
