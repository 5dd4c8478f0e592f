"""Targets in places of our own, for worlds that tests build."""

from datetime import date

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
FRANKFURT = (50.11, 8.68)


def place(
    code: str,
    *,
    provider: str = "lab",
    at: tuple[float, float] = FRANKFURT,
    host: str | None = None,
    expect: tuple[int, ...] = (403,),
) -> Target:
    """A target of the region ``lab/CODE`` with the host ``CODE.lab.example``."""
    return Target(
        region=Region(
            provider=provider,
            code=code,
            name=code,
            city="Springfield",
            country="DE",
            latitude_deg=at[0],
            longitude_deg=at[1],
            partition=Partition.PUBLIC,
            status=RegionStatus.OPEN,
            zones=None,
            on_by_default=True,
            provenance=_PROVENANCE,
        ),
        endpoint=Endpoint(
            service="object-storage",
            url=f"https://{host or f'{code}.{provider}.example'}/",
            expect=expect,
            reach=Reach.IN_REGION,
            primary=True,
            provenance=_PROVENANCE,
        ),
    )
