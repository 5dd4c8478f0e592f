"""Targets and plans that are nowhere, for those who plan and those who run."""

from collections.abc import Sequence
from datetime import date

from cloudgauge.model.plan import Ceilings, Pacing, Plan, ProbeSpec
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
        pacing=pacing or Pacing(rounds=2, round_ns=18 * NS_PER_S),
        ceilings=ceilings,
    )
