"""Settings and targets into a plan: nothing is left to be looked up later."""

import hashlib
import math
from collections import defaultdict
from dataclasses import replace
from typing import Protocol

from cloudgauge.errors import ConfigError
from cloudgauge.model.plan import Pacing, Plan, ProbeSpec
from cloudgauge.model.price import EgressPrice
from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S, format_duration
from cloudgauge.model.target import Target
from cloudgauge.planning.bill import named
from cloudgauge.planning.settings import PlanSettings
from cloudgauge.planning.spacing import crowds, least_round_ns
from cloudgauge.settings.toml_file import nearest

DEFAULT_ROUNDS = 10
# A round of downloads is some 500 MB for each object.
DEFAULT_DOWNLOAD_ROUNDS = 3
# Ten of them are three minutes; over some 200 regions, 11 visits a second.
DEFAULT_ROUND_NS = 18 * NS_PER_S
# Half the way round the Earth and back by cable, with detours: what a round trip
# of a far region takes. A visit needs two to connect, one for a name, one a request.
_LONG_ROUND_TRIP_NS = 300 * NS_PER_MS
_TRIPS_BEFORE_REQUESTS = 3


class ObjectsChosen(Protocol):
    """What a selection found to download."""

    @property
    def objects(self) -> tuple[Target, ...]:
        """One for each region that has one, ids unique, any order."""
        ...

    @property
    def objectless(self) -> tuple[str, ...]:
        """Ids of the chosen regions that have none."""
        ...


def make_plan(
    settings: PlanSettings,
    targets: tuple[Target, ...],
    *,
    objects: ObjectsChosen | None = None,
    egress_prices: tuple[EgressPrice, ...] = (),
    where: str | None = None,
) -> Plan:
    """Make the plan of *settings* over *targets*; the same input, the same plan.

    Of rounds, round length and run length, what was given decides the rest:

    * rounds and round, or round and duration: as they say (whole rounds only);
    * rounds and duration: the round is the duration's share;
    * duration alone: as many default rounds as fit, at least one, stretched to fill it;
    * round alone: ten rounds; rounds alone, or nothing: the default round.

    The default round is 18 s, or longer if a ceiling needs more (`spacing`), or if
    the visits to one host would otherwise overlap. A round that was given and is too
    short is kept as it is, and refused by `limits.check_limits`. A round is as long as
    its visits of latency: the transfers that follow take their windows beside it, of
    a duration too; a plan that downloads has three rounds where nothing else is said.

    Args:
        settings: What a person asked for.
        targets: What the selection chose, ids unique, any order; of no account where
            latency is not measured.
        objects: What it chose to download; of no account where nothing is downloaded.
        egress_prices: What is known of prices; those of the objects' regions are kept.
        where: How messages name the plan; None to take its name.

    Raises:
        ConfigError: There is nothing to measure, a control is no target, or not even
            one round fits the duration.
    """
    where = where or f"plan {settings.name}"
    chosen = () if settings.probe is None else _in_order(targets)
    objects = None if settings.download is None else objects
    downloaded = _in_order(objects.objects) if objects else ()
    objectless = tuple(sorted(set(objects.objectless))) if objects else ()
    _check_choice(settings, chosen, downloaded, objectless, where=where)
    controls = _controls(settings, chosen, where)
    probe = settings.probe or ProbeSpec()
    regions = {one.region.region_id for one in downloaded}
    prices = (price for price in egress_prices if price.region_id in regions)
    plan = Plan(
        name=settings.name,
        question=settings.question,
        seed=settings.seed,
        targets=chosen,
        controls=controls,
        probe=probe,
        # Replaced as soon as the plan can say how long its transfers take.
        pacing=Pacing(rounds=1, round_ns=_default_round_ns(settings, chosen, controls)),
        ceilings=settings.ceilings,
        objects=downloaded,
        download=settings.download if downloaded else None,
        objectless=objectless,
        egress_prices=tuple(sorted(prices, key=_price_order)),
    )
    return replace(plan, pacing=_pacing(settings, plan, where))


def _in_order(targets: tuple[Target, ...]) -> tuple[Target, ...]:
    return tuple(sorted(targets, key=lambda target: target.target_id))


def _price_order(price: EgressPrice) -> tuple[str, str]:
    return price.region_id, price.price.currency


def _check_choice(
    settings: PlanSettings,
    targets: tuple[Target, ...],
    objects: tuple[Target, ...],
    objectless: tuple[str, ...],
    *,
    where: str,
) -> None:
    """Refuse a plan that would measure nothing of what was asked."""
    key = f"{where}: select"
    if settings.probe is not None and not targets:
        raise ConfigError(key, "no target of the catalogue fits this selection")
    if settings.probe is None and not objects:
        regions = f": {named(objectless)}" if objectless else ""
        problem = f"no throughput target: no region chosen has an object{regions}"
        raise ConfigError(key, problem)


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
    probe = settings.probe
    if probe is None:
        return DEFAULT_ROUND_NS
    series = (len(targets) + len(controls)) * len(probe.families)
    need_ns = DEFAULT_ROUND_NS
    for crowd in crowds(targets, controls, probe, settings.ceilings):
        need_ns = max(need_ns, least_round_ns(crowd, series))
        if crowd.limit == "visits_per_s_host":
            need_ns = max(need_ns, crowd.series * _long_visit_ns(probe))
    return math.ceil(need_ns / NS_PER_S) * NS_PER_S


def _long_visit_ns(probe: ProbeSpec) -> int:
    trips = _TRIPS_BEFORE_REQUESTS + probe.requests_per_visit
    return trips * _LONG_ROUND_TRIP_NS


def _pacing(settings: PlanSettings, plan: Plan, where: str) -> Pacing:
    """Decide on rounds; *plan* has one round of the default length."""
    rounds, round_ns = settings.rounds, settings.round_ns
    default_ns = plan.pacing.round_ns
    transfers_ns = plan.round_span_ns - (default_ns if plan.targets else 0)
    if settings.duration_ns is not None:
        visits_ns = (round_ns or default_ns) if plan.targets else 0
        if rounds is None:
            rounds = max(1, settings.duration_ns // (visits_ns + transfers_ns))
        left_ns = settings.duration_ns // rounds - transfers_ns
        if transfers_ns and left_ns < ((round_ns or 1) if plan.targets else 0):
            key = f"{where}: duration"
            raise ConfigError(key, _too_short(plan, transfers_ns))
        if round_ns is None and plan.targets:
            round_ns = max(1, left_ns)
    default_rounds = DEFAULT_DOWNLOAD_ROUNDS if plan.objects else DEFAULT_ROUNDS
    return Pacing(
        rounds=rounds or default_rounds,
        round_ns=round_ns or default_ns,
        jitter=settings.jitter,
    )


def _too_short(plan: Plan, transfers_ns: int) -> str:
    return (
        f"the {plan.transfers_per_round} transfers of a round take "
        f"{format_duration(transfers_ns)}, which is too long for it; take fewer "
        "rounds, regions or streams, or a longer duration"
    )
