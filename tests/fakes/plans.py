"""Targets and plans that are nowhere, for those who plan and those who run."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from cloudgauge.model.download import DownloadSpec
from cloudgauge.model.plan import Ceilings, Pacing, Plan, ProbeSpec
from cloudgauge.model.price import EgressPrice, parse_money
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.target import (
    Confidence,
    Endpoint,
    Partition,
    Provenance,
    Reach,
    Region,
    RegionStatus,
    Target,
)

_PROVENANCE = Provenance(
    sources=("made up",), checked=date(2026, 1, 1), confidence=Confidence.HIGH
)
DEFAULT_PROBE = ProbeSpec()
DEFAULT_CEILINGS = Ceilings()
DEFAULT_DOWNLOAD = DownloadSpec()
TWO_ROUNDS = Pacing(rounds=2, round_ns=18 * NS_PER_S)


def target(provider: str, code: str, *, host: str | None = None) -> Target:
    """A target of one provider; *host* lets several share one."""
    return Target(
        region=Region(
            provider=provider,
            code=code,
            name=f"Region {code}",
            city="Springfield",
            country="US",
            latitude_deg=40.0,
            longitude_deg=-90.0,
            partition=Partition.PUBLIC,
            status=RegionStatus.OPEN,
            zones=None,
            on_by_default=True,
            provenance=_PROVENANCE,
        ),
        endpoint=Endpoint(
            service="object-storage",
            url=f"https://{host or f'{code}.{provider}.example'}/",
            expect=(200, 403),
            reach=Reach.IN_REGION,
            primary=True,
            provenance=_PROVENANCE,
        ),
    )


def targets_of(**counts: int) -> tuple[Target, ...]:
    """So many targets of each provider, each with a host of its own."""
    made = [
        target(provider, f"place-{index}")
        for provider, count in counts.items()
        for index in range(count)
    ]
    return tuple(sorted(made, key=lambda one: one.target_id))


def plan_of(
    targets: Sequence[Target],
    *,
    pacing: Pacing | None = None,
    controls: tuple[str, ...] = (),
    probe: ProbeSpec = DEFAULT_PROBE,
    ceilings: Ceilings = DEFAULT_CEILINGS,
) -> Plan:
    """A plan over *targets*, by default two rounds of 18 s."""
    return Plan(
        name="made-up",
        question="does it work?",
        seed=1,
        targets=tuple(sorted(targets, key=lambda one: one.target_id)),
        controls=controls,
        probe=probe,
        pacing=pacing or TWO_ROUNDS,
        ceilings=ceilings,
    )


def object_in(provider: str, code: str, *, host: str | None = None) -> Target:
    """What can be downloaded in a region; *host* lets several share one."""
    place = target(provider, code)
    url = f"https://{host or f'files.{code}.{provider}.example'}/agent.bin"
    endpoint = replace(place.endpoint, service="agent", url=url, expect=(200,))
    return replace(place, endpoint=endpoint)


def download_plan(
    objects: Sequence[Target],
    *,
    targets: Sequence[Target] = (),
    download: DownloadSpec = DEFAULT_DOWNLOAD,
    pacing: Pacing = TWO_ROUNDS,
    ceilings: Ceilings = DEFAULT_CEILINGS,
) -> Plan:
    """A plan that downloads *objects*, and visits *targets* if there are any."""
    return Plan(
        name="made-up",
        question="how fast is it?",
        seed=1,
        targets=tuple(sorted(targets, key=lambda one: one.target_id)),
        controls=(),
        probe=DEFAULT_PROBE,
        pacing=pacing,
        ceilings=ceilings,
        objects=tuple(sorted(objects, key=lambda one: one.target_id)),
        download=download,
    )


def price_of(region_id: str, price: str = "0.10 USD", unit: str = "GB") -> EgressPrice:
    """What a byte out of a region costs."""
    return EgressPrice(
        region_id=region_id,
        price=parse_money(price),
        unit=unit,
        dated=date(2026, 1, 1),
        provenance=_PROVENANCE,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a catalogue would answer to who wants to download."""

    objects: tuple[Target, ...] = ()
    objectless: tuple[str, ...] = ()
