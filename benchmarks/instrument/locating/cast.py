"""Who plays what: honest endpoints, moved ones, anycast ones; pure.

The endpoints are the catalogue's own, each as far away as its region. Some are played
from another region, some from three at once. Of the moved ones, some have come near to
a vantage that they claim to be far from: light cannot do that. Others have gone where
every vantage is further away than before: that no round trip can tell, and they are
counted by themselves.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from cloudgauge.catalog.geography import great_circle_km
from cloudgauge.model.plan import Ceilings, ProbeSpec
from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S
from cloudgauge.model.run import Vantage
from cloudgauge.model.target import Reach, Region, Selection, Target
from cloudgauge.planning.settings import PlanSettings
from cloudgauge.world.scenario import Override, Scenario, place_of
from cloudgauge.world.site import Link

_Thing = TypeVar("_Thing")

VANTAGES = (
    Vantage(name="singapore", latitude_deg=1.3521, longitude_deg=103.8198),
    Vantage(name="frankfurt", latitude_deg=50.1109, longitude_deg=8.6821),
    Vantage(name="ashburn", latitude_deg=39.0438, longitude_deg=-77.4874),
)
# What light in fibre crosses in 10 ms of round trip, and in 50 ms.
_NEAR_KM, _FAR_KM = 1_000.0, 5_000.0
_JITTER_NS = NS_PER_MS // 2
_VISITS_PER_S = 80.0


class Role(StrEnum):
    """How an endpoint is played."""

    HONEST = "honest"
    MOVED = "moved to another region"
    ANYCAST = "anycast from three regions"
    HIDDEN = "moved away from every vantage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large the private network is.

    Attributes:
        regions: Each with one endpoint.
        moved: How many of them are played near a vantage that they are far from.
        anycast: How many are played from several places.
        hidden: How many are played far from every vantage.
        rounds: Visits of each endpoint from each vantage.
    """

    regions: int
    moved: int
    anycast: int
    hidden: int
    rounds: int


WHOLE = Size(regions=200, moved=12, anycast=6, hidden=4, rounds=5)
QUICK = Size(regions=60, moved=6, anycast=3, hidden=2, rounds=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One endpoint, and from where it is played.

    Attributes:
        places: Regions; empty for its own.
    """

    target: Target
    role: Role
    places: tuple[str, ...] = ()


def cast_of(targets: Sequence[Target], size: Size) -> tuple[Part, ...]:
    """Give each endpoint its role, always the same way.

    Args:
        targets: The catalogue's.
        size: How many are wanted; each role goes to endpoints spread over the list.

    Raises:
        ValueError: There are not enough of them.
    """
    chosen = _spread(_usable(targets), size.regions)
    regions = [target.region for target in chosen]
    parts = {
        target.target_id: Part(target=target, role=Role.HONEST) for target in chosen
    }
    for wanted, places_of in (
        (size.moved, _moved),
        (size.anycast, _anycast),
        (size.hidden, _hidden),
    ):
        found = [
            part
            for number, target in enumerate(chosen)
            if parts[target.target_id].role is Role.HONEST
            and (part := places_of(target, regions, number)) is not None
        ]
        for part in _spread(found, wanted):
            parts[part.target.target_id] = part
    return tuple(parts.values())


def scenario_of(cast: Sequence[Part]) -> Scenario:
    """The private network in which they play."""
    return Scenario(
        name="locating",
        vantages=VANTAGES,
        link=Link(rtt_ns=0, jitter_ns=_JITTER_NS),
        overrides=tuple(
            Override(match=part.target.target_id, places=part.places)
            for part in cast
            if part.places
        ),
    )


def plan_settings(cast: Sequence[Part], rounds: int) -> PlanSettings:
    """The plan that every vantage carries out: connects alone are needed."""
    return PlanSettings(
        name="locating",
        question="Is every endpoint where it says?",
        selection=Selection(
            regions=tuple(part.target.region.region_id for part in cast),
            off_by_default=True,
        ),
        rounds=rounds,
        round_ns=round(len(cast) / _VISITS_PER_S * NS_PER_S),
        controls=False,
        probe=ProbeSpec(warm_requests=0),
        ceilings=Ceilings(
            visits_per_s=1_000.0, visits_per_s_provider=1_000.0, visits_per_s_host=10.0
        ),
    )


def _usable(targets: Sequence[Target]) -> list[Target]:
    """One endpoint of each region, of a name that nobody shares."""
    hosts = [target.endpoint.host for target in targets]
    return [
        target
        for target in targets
        if target.endpoint.primary
        and target.endpoint.reach is Reach.IN_REGION
        and hosts.count(target.endpoint.host) == 1
    ]


def _spread(things: Sequence[_Thing], count: int) -> list[_Thing]:
    if len(things) < count:
        msg = f"want {count} of them, got {len(things)}"
        raise ValueError(msg)
    return [things[number * len(things) // count] for number in range(count)]


def _moved(target: Target, regions: Sequence[Region], number: int) -> Part | None:
    """Played near a vantage that its region is far from; None where it is near all."""
    vantage = VANTAGES[number % len(VANTAGES)]
    if _km(vantage, target.region) < _FAR_KM:
        return None
    near = [region for region in regions if _km(vantage, region) < _NEAR_KM]
    places = tuple(region.region_id for region in near[number % len(near) :][:1])
    return Part(target=target, role=Role.MOVED, places=places) if places else None


def _anycast(target: Target, regions: Sequence[Region], number: int) -> Part | None:
    """Played from the region nearest to each vantage."""
    del number
    places = {_nearest(vantage, regions).region_id for vantage in VANTAGES}
    return Part(target=target, role=Role.ANYCAST, places=tuple(sorted(places)))


def _nearest(vantage: Vantage, regions: Sequence[Region]) -> Region:
    return min(regions, key=lambda region: _km(vantage, region))


def _hidden(target: Target, regions: Sequence[Region], number: int) -> Part | None:
    """Played where every vantage is far, and further than from its own region."""
    places = [
        region
        for region in regions
        if all(
            _km(vantage, region) > max(_FAR_KM, _km(vantage, target.region))
            for vantage in VANTAGES
        )
    ]
    if not places:
        return None
    place = places[number % len(places)].region_id
    return Part(target=target, role=Role.HIDDEN, places=(place,))


def _km(vantage: Vantage, region: Region) -> float:
    there = (region.latitude_deg, region.longitude_deg)
    return great_circle_km(*place_of(vantage), *there)


def of_role(cast: Sequence[Part], role: Role) -> Iterator[str]:
    """The ids of the endpoints that play *role*."""
    return (part.target.target_id for part in cast if part.role is role)
