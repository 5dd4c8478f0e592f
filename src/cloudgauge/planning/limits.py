"""What a plan would do, and whether its ceilings allow it, before a packet leaves."""

from collections import Counter, deque
from dataclasses import dataclass
from itertools import takewhile

from cloudgauge.errors import LimitExceeded
from cloudgauge.model.plan import Plan
from cloudgauge.model.quantity import (
    NS_PER_MS,
    NS_PER_S,
    format_byte_count,
    format_duration,
)
from cloudgauge.planning.schedule import slots
from cloudgauge.planning.spacing import Crowd, crowds_of, least_round_ns
from cloudgauge.planning.traffic import visit_down_bytes, visit_up_bytes

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
    """What a plan sends if every visit goes well.

    Attributes:
        visits: Connections too: each visit opens one.
        up_bytes: Estimated, with everything below HTTP (`planning.traffic`).
        down_bytes: Likewise.
        targets_by_provider: Name and number of targets, by name.
        loads: For all together, each provider, and the host that is visited most.
    """

    visits: int
    requests: int
    up_bytes: int
    down_bytes: int
    duration_ns: int
    targets_by_provider: tuple[tuple[str, int], ...]
    loads: tuple[Load, ...]

    @property
    def traffic_bytes(self) -> int:
        """Bytes both ways."""
        return self.up_bytes + self.down_bytes


def forecast(plan: Plan) -> Forecast:
    """Foresee what a plan sends; the plan need not keep its ceilings."""
    providers = Counter(target.region.provider for target in plan.targets)
    return Forecast(
        visits=plan.visit_count,
        requests=plan.visit_count * plan.probe.requests_per_visit,
        up_bytes=plan.visit_count * visit_up_bytes(plan.probe),
        down_bytes=plan.visit_count * visit_down_bytes(plan.probe),
        duration_ns=plan.pacing.duration_ns,
        targets_by_provider=tuple(sorted(providers.items())),
        loads=_loads(plan),
    )


def check_limits(plan: Plan) -> None:
    """Refuse a plan that would pass one of its ceilings.

    Raises:
        LimitExceeded: A ceiling that is passed, by how much, and what to do; of the
            rates the one that is passed most.
    """
    _check_totals(plan)
    series = plan.series_count
    crowd = max(crowds_of(plan), key=lambda crowd: least_round_ns(crowd, series))
    least_ns = least_round_ns(crowd, series)
    if plan.pacing.round_ns < least_ns:
        raise LimitExceeded(crowd.limit, _too_dense(plan, crowd, least_ns))


def _check_totals(plan: Plan) -> None:
    ceilings, visits = plan.ceilings, plan.visit_count
    requests = visits * plan.probe.requests_per_visit
    if requests > ceilings.requests:
        problem = (
            f"the plan sends {requests}, the ceiling is {ceilings.requests}; take "
            "fewer rounds, targets or warm_requests, or raise ceilings.requests"
        )
        raise LimitExceeded(limit="requests", problem=problem)
    a_visit = visit_up_bytes(plan.probe) + visit_down_bytes(plan.probe)
    if visits * a_visit > ceilings.traffic_bytes:
        problem = (
            f"the plan moves about {format_byte_count(visits * a_visit)}, the ceiling "
            f"is {format_byte_count(ceilings.traffic_bytes)}; take fewer rounds, "
            "targets or warm_requests, or raise ceilings.traffic"
        )
        raise LimitExceeded(limit="traffic", problem=problem)
    if plan.pacing.duration_ns > ceilings.duration_ns:
        problem = (
            f"the plan takes {format_duration(plan.pacing.duration_ns)}, the ceiling "
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
        for crowd in places[slot.target_id]:
            last_second = recent.setdefault(crowd, deque())
            last_second.append(slot.due_ns)
            while slot.due_ns - last_second[0] >= NS_PER_S:
                last_second.popleft()
            most[crowd] = max(most[crowd], len(last_second))
    return most
