"""What a plan would do, and whether its ceilings allow it, before a packet leaves."""

from collections import Counter, deque
from dataclasses import dataclass
from itertools import takewhile

from cloudgauge.errors import LimitExceeded
from cloudgauge.model.plan import Plan, ProbeKind
from cloudgauge.model.quantity import (
    NS_PER_MS,
    NS_PER_S,
    format_byte_count,
    format_duration,
)
from cloudgauge.model.target import Target
from cloudgauge.planning.bill import Bill, check_cost, foreseen_bill
from cloudgauge.planning.schedule import slots
from cloudgauge.planning.spacing import Crowd, crowds_of, least_round_ns
from cloudgauge.planning.totals import Totals, totals

# Rounds are alike in their density: these are enough to see the densest second.
_ROUNDS_LOOKED_AT = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How hard a plan leans on one ceiling of rate.

    Attributes:
        limit: The ceiling's name, a field of `Ceilings`.
        name: The provider or host; "" for all together.
        mean_per_s: Visits a second over a round.
        densest_per_s: Most visits in any span of one second of the schedule.
        ceiling_per_s: What is allowed.
        least_round_ns: The shortest round that keeps clear of the ceiling.
    """

    limit: str
    name: str
    mean_per_s: float
    densest_per_s: int
    ceiling_per_s: float
    least_round_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What a plan would do, and how close it comes to its ceilings.

    Attributes:
        total: What it sends and receives.
        duration_ns: From its start to the end of its last round.
        targets_by_provider: Name and number of targets, by name.
        objects_by_provider: Name and number of objects, by name.
        loads: For all visits together, each provider, and the host that is visited
            most; none where latency is not measured.
        bill: What the transfers cost at most.
    """

    total: Totals
    duration_ns: int
    targets_by_provider: tuple[tuple[str, int], ...]
    objects_by_provider: tuple[tuple[str, int], ...]
    loads: tuple[Load, ...]
    bill: Bill


def forecast(plan: Plan) -> Forecast:
    """Foresee what a plan sends; the plan need not keep its ceilings."""
    ceiling = plan.ceilings.cost
    return Forecast(
        total=totals(plan),
        duration_ns=plan.duration_ns,
        targets_by_provider=_by_provider(plan.targets),
        objects_by_provider=_by_provider(plan.objects),
        loads=_loads(plan),
        bill=foreseen_bill(plan, ceiling.currency if ceiling else None),
    )


def _by_provider(targets: tuple[Target, ...]) -> tuple[tuple[str, int], ...]:
    counted = Counter(target.region.provider for target in targets)
    return tuple(sorted(counted.items()))


def check_limits(plan: Plan) -> None:
    """Refuse a plan that would pass one of its ceilings.

    Raises:
        LimitExceeded: A ceiling that is passed, by how much, and what to do; of the
            rates the one that is passed most.
    """
    _check_totals(plan)
    check_cost(plan)
    if not plan.targets:
        return
    series = plan.series_count
    crowd = max(crowds_of(plan), key=lambda crowd: least_round_ns(crowd, series))
    least_ns = least_round_ns(crowd, series)
    if plan.pacing.round_ns < least_ns:
        raise LimitExceeded(crowd.limit, _too_dense(plan, crowd, least_ns))


def _check_totals(plan: Plan) -> None:
    ceilings, total = plan.ceilings, totals(plan)
    fewer = "fewer rounds, targets or warm_requests"
    if total.transfers:
        fewer = "fewer rounds, objects or streams, less transfer_bytes"
    if total.requests > ceilings.requests:
        problem = (
            f"the plan sends {total.requests}, the ceiling is {ceilings.requests}; "
            f"take {fewer}, or raise ceilings.requests"
        )
        raise LimitExceeded(limit="requests", problem=problem)
    if total.traffic_bytes > ceilings.traffic_bytes:
        problem = (
            f"the plan moves about {format_byte_count(total.traffic_bytes)}, the "
            f"ceiling is {format_byte_count(ceilings.traffic_bytes)}; take {fewer}, "
            "or raise ceilings.traffic"
        )
        raise LimitExceeded(limit="traffic", problem=problem)
    if plan.duration_ns > ceilings.duration_ns:
        problem = (
            f"the plan takes {format_duration(plan.duration_ns)}, the ceiling "
            f"is {format_duration(ceilings.duration_ns)}; take fewer rounds or a "
            "shorter duration, or raise ceilings.duration"
        )
        raise LimitExceeded(limit="duration", problem=problem)


def _too_dense(plan: Plan, crowd: Crowd, least_ns: int) -> str:
    rate = getattr(plan.ceilings, crowd.limit)
    least = format_duration(-(-least_ns // (100 * NS_PER_MS)) * 100 * NS_PER_MS)
    return (
        f"{crowd.series} visits a round{f' to {crowd.name}' if crowd.name else ''} "
        f"need a round of at least {least} to stay clear of {rate:g} a second, the "
        f"round is {format_duration(plan.pacing.round_ns)}; take fewer rounds in the "
        f"same time, fewer targets, or raise ceilings.{crowd.limit}"
    )


def _loads(plan: Plan) -> tuple[Load, ...]:
    if not plan.targets:
        return ()
    densest = _densest(plan)
    loads = [
        Load(
            limit=crowd.limit,
            name=crowd.name,
            mean_per_s=crowd.series * NS_PER_S / plan.pacing.round_ns,
            densest_per_s=densest[crowd.limit, crowd.name],
            ceiling_per_s=getattr(plan.ceilings, crowd.limit),
            least_round_ns=least_round_ns(crowd, plan.series_count),
        )
        for crowd in crowds_of(plan)
    ]
    hosts = [load for load in loads if load.limit == "visits_per_s_host"]
    busiest = max(hosts, key=lambda load: (load.mean_per_s, load.densest_per_s))
    return (*(load for load in loads if load not in hosts), busiest)


def _densest(plan: Plan) -> dict[tuple[str, str], int]:
    """The most visits in any second, by ceiling and by provider or host."""
    places = {
        target.target_id: (
            ("visits_per_s", ""),
            ("visits_per_s_provider", target.region.provider),
            ("visits_per_s_host", target.endpoint.host),
        )
        for target in plan.targets
    }
    recent: dict[tuple[str, str], deque[int]] = {}
    most: Counter[tuple[str, str]] = Counter()
    first = takewhile(lambda s: s.round_index < _ROUNDS_LOOKED_AT, slots(plan))
    for slot in first:
        if slot.kind is ProbeKind.DOWNLOAD:
            continue
        for crowd in places[slot.target_id]:
            last_second = recent.setdefault(crowd, deque())
            last_second.append(slot.due_ns)
            while slot.due_ns - last_second[0] >= NS_PER_S:
                last_second.popleft()
            most[crowd] = max(most[crowd], len(last_second))
    return most
