"""Settings and targets into a plan: nothing is left to be looked up later."""

import hashlib
import math
from collections import defaultdict

from cloudgauge.errors import ConfigError
from cloudgauge.model.plan import Pacing, Plan, ProbeSpec
from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S
from cloudgauge.model.target import Target
from cloudgauge.planning.settings import PlanSettings
from cloudgauge.planning.spacing import crowds, least_round_ns
from cloudgauge.settings.toml_file import nearest

DEFAULT_ROUNDS = 10
# Ten of them are three minutes; over some 200 regions, 11 visits a second.
DEFAULT_ROUND_NS = 18 * NS_PER_S
# Half the way round the Earth and back by cable, with detours: what a round trip
# of a far region takes. A visit needs two to connect, one for a name, one a request.
_LONG_ROUND_TRIP_NS = 300 * NS_PER_MS
_TRIPS_BEFORE_REQUESTS = 3


def make_plan(
    settings: PlanSettings, targets: tuple[Target, ...], *, where: str | None = None
) -> Plan:
    """Make the plan of *settings* over *targets*; the same input, the same plan.

    Of rounds, round length and run length, what was given decides the rest:

    * rounds and round, or round and duration: as they say (whole rounds only);
    * rounds and duration: the round is the duration's share;
    * duration alone: as many default rounds as fit, at least one, stretched to fill it;
    * round alone: ten rounds; rounds alone, or nothing: the default round.

    The default round is 18 s, or longer if a ceiling needs more (`spacing`), or if
    the visits to one host would otherwise overlap. A round that was given and is too
    short is kept as it is, and refused by `limits.check_limits`.

    Args:
        settings: What a person asked for.
        targets: What the selection chose, ids unique, any order.
        where: How messages name the plan; None to take its name.

    Raises:
        ConfigError: There is no target, or a control is none of them.
    """
    where = where or f"plan {settings.name}"
    if not targets:
        key = f"{where}: select"
        raise ConfigError(key, "no target of the catalogue fits this selection")
    chosen = tuple(sorted(targets, key=lambda target: target.target_id))
    controls = _controls(settings, chosen, where)
    return Plan(
        name=settings.name,
        question=settings.question,
        seed=settings.seed,
        targets=chosen,
        controls=controls,
        probe=settings.probe,
        pacing=_pacing(settings, _default_round_ns(settings, chosen, controls)),
        ceilings=settings.ceilings,
    )


def _controls(
    settings: PlanSettings, targets: tuple[Target, ...], where: str
) -> tuple[str, ...]:
    if settings.controls is False:
        return ()
    if settings.controls is True:
        return _one_a_provider(settings.seed, targets)
    ids = [target.target_id for target in targets]
    for control in settings.controls:
        if control not in ids:
            meant = nearest(control, ids)
            hint = f'; did you mean "{meant}"?' if meant else ""
            problem = f'"{control}" is no target of this plan{hint}'
            key = f"{where}: controls"
            raise ConfigError(key, problem)
    return tuple(sorted(set(settings.controls)))


def _one_a_provider(seed: int, targets: tuple[Target, ...]) -> tuple[str, ...]:
    by_provider: dict[str, list[str]] = defaultdict(list)
    for target in targets:
        by_provider[target.region.provider].append(target.target_id)
    return tuple(
        # The least hash is a random choice that a new target rarely changes.
        min(ids, key=lambda name: hashlib.sha256(f"{seed}/{name}".encode()).digest())
        for _, ids in sorted(by_provider.items())
    )


def _default_round_ns(
    settings: PlanSettings, targets: tuple[Target, ...], controls: tuple[str, ...]
) -> int:
    series = (len(targets) + len(controls)) * len(settings.probe.families)
    need_ns = DEFAULT_ROUND_NS
    for crowd in crowds(targets, controls, settings.probe, settings.ceilings):
        need_ns = max(need_ns, least_round_ns(crowd, series))
        if crowd.limit == "visits_per_s_host":
            need_ns = max(need_ns, crowd.series * _long_visit_ns(settings.probe))
    return math.ceil(need_ns / NS_PER_S) * NS_PER_S


def _long_visit_ns(probe: ProbeSpec) -> int:
    trips = _TRIPS_BEFORE_REQUESTS + probe.requests_per_visit
    return trips * _LONG_ROUND_TRIP_NS


def _pacing(settings: PlanSettings, default_ns: int) -> Pacing:
    rounds, round_ns = settings.rounds, settings.round_ns
    if settings.duration_ns is not None:
        if rounds is None:
            rounds = max(1, settings.duration_ns // (round_ns or default_ns))
        if round_ns is None:
            round_ns = max(1, settings.duration_ns // rounds)
    return Pacing(
        rounds=rounds or DEFAULT_ROUNDS,
        round_ns=round_ns or default_ns,
        jitter=settings.jitter,
    )
