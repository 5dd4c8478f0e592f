"""Which host stands where in a private network, on what link, with which conduct; pure.

A scenario and the targets of a catalogue become sites: one for each host name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from cloudgauge.catalog.geography import great_circle_km
from cloudgauge.errors import ConfigError
from cloudgauge.model.run import Vantage
from cloudgauge.model.target import Region, Target
from cloudgauge.settings.toml_file import nearest
from cloudgauge.world.scenario import Override, Scenario, geographic_rtt_ns, place_of
from cloudgauge.world.site import (
    FIRST_SITE_NUMBER,
    IPV4_NETWORK,
    MOST_ADDRESSES,
    Conduct,
    Link,
    Site,
)


def sites_of(
    scenario: Scenario,
    targets: Iterable[Target],
    vantage: Vantage,
    *,
    objects: Iterable[Target] = (),
) -> tuple[Site, ...]:
    """Play every host name of *targets* and *objects* once, ordered by name.

    A name that several of them share is played for the first of them, targets
    before objects.

    Raises:
        ConfigError: A pattern matches no target, a place is no region of this
            world, a value is not possible, or the targets do not fit into the
            private network.
    """
    world = _World(
        scenario=scenario,
        vantage=vantage,
        targets=tuple(sorted(targets, key=_target_id)),
        objects=tuple(sorted(objects, key=_target_id)),
    )
    for override in scenario.overrides:
        _check_match(world, override)
    sites = []
    number = FIRST_SITE_NUMBER
    for host, sharing in sorted(world.by_host().items()):
        site = _site_of(world, host, sharing, number)
        number += len(site.numbers)
        sites.append(site)
    if number >= IPV4_NETWORK.num_addresses:
        problem = f"want at most {IPV4_NETWORK.num_addresses} addresses, got {number}"
        where = f"scenario {scenario.name}"
        raise ConfigError(where, problem)
    return tuple(sites)


def _target_id(target: Target) -> str:
    return target.target_id


@dataclass(frozen=True, slots=True, kw_only=True)
class _World:
    """A scenario and what is played in it; both in the order of their ids."""

    scenario: Scenario
    vantage: Vantage
    targets: tuple[Target, ...]
    objects: tuple[Target, ...]

    @property
    def regions(self) -> Mapping[str, Region]:
        every = (*self.targets, *self.objects)
        return {target.region.region_id: target.region for target in every}

    def by_host(self) -> dict[str, tuple[list[Target], list[Target]]]:
        """Targets and objects of each host name."""
        found: dict[str, tuple[list[Target], list[Target]]] = {}
        for kind, targets in enumerate((self.targets, self.objects)):
            for target in targets:
                found.setdefault(target.endpoint.host, ([], []))[kind].append(target)
        return found


def _site_of(
    world: _World, host: str, sharing: tuple[list[Target], list[Target]], number: int
) -> Site:
    targets, objects = sharing
    every = [*targets, *objects]
    region = every[0].region
    # What shares a name with another region's is played for the first of them.
    near = [target for target in every if target.region == region]
    overrides = [
        override
        for override in world.scenario.overrides
        if override.applies_to(near, world.vantage)
    ]
    link, conduct, addresses, asked_places = _settle(world, region, overrides)
    return Site(
        host=host,
        region_id=region.region_id,
        primary=any(target.endpoint.primary for target in targets),
        # 80 for who looks for a captive portal or a redirect there.
        ports=tuple(sorted({80, *(target.endpoint.port for target in every)})),
        expected=tuple(
            (target.endpoint.path, (target.endpoint.expect or (200,))[0])
            for target in targets
        ),
        numbers=tuple(range(number, number + min(addresses, MOST_ADDRESSES))),
        link=link,
        conduct=conduct,
        objects=tuple(
            (target.endpoint.path, _object_bytes(world, overrides, target))
            for target in objects
        ),
        places=asked_places,
        guest_ports=world.scenario.guest_ports,
    )


def _settle(
    world: _World, region: Region, overrides: list[Override]
) -> tuple[Link, Conduct, int, tuple[str, ...]]:
    """Link, conduct, addresses and places of a site, the overrides applied."""
    asked = next((row.places for row in reversed(overrides) if row.places), ())
    places = _by_distance(world, asked)
    there = region
    if places:
        # The pair's own draw, so that a site moved to another's place is no twin.
        found = world.regions[places[0]]
        there = replace(
            region, latitude_deg=found.latitude_deg, longitude_deg=found.longitude_deg
        )
    scenario = world.scenario
    rtt_ns = geographic_rtt_ns(
        scenario.geography, world.vantage, there, seed=scenario.seed
    )
    link, conduct = replace(scenario.link, rtt_ns=rtt_ns), Conduct()
    addresses = 1
    for override in overrides:
        try:
            link = replace(link, **dict(override.link))
            conduct = replace(conduct, **dict(override.conduct))
        except ValueError as exc:
            raise ConfigError(_where(scenario, override), str(exc)) from exc
        addresses = override.addresses or addresses
    return link, conduct, addresses, places


def _object_bytes(world: _World, overrides: list[Override], target: Target) -> int:
    """The length of one object: its own, though others share its host."""
    sizes = [
        row.object_bytes
        for row in overrides
        if row.object_bytes is not None and row.applies_to([target], world.vantage)
    ]
    return sizes[-1] if sizes else world.scenario.object_bytes


def _by_distance(world: _World, places: tuple[str, ...]) -> tuple[str, ...]:
    """The regions of these ids, the nearest to the vantage first."""
    latitude_deg, longitude_deg = place_of(world.vantage)

    def km(region_id: str) -> tuple[float, str]:
        region = world.regions[region_id]
        there = (region.latitude_deg, region.longitude_deg)
        return great_circle_km(latitude_deg, longitude_deg, *there), region_id

    return tuple(sorted(places, key=km))


def _where(scenario: Scenario, override: Override) -> str:
    return f"scenario {scenario.name}: region {override.match}"


def _check_match(world: _World, override: Override) -> None:
    where = _where(world.scenario, override)
    names = [vantage.name for vantage in world.scenario.vantages]
    if override.vantage is not None and override.vantage not in names:
        problem = f'no vantage "{override.vantage}"; want one of {", ".join(names)}'
        raise ConfigError(where, problem)
    regions = set(world.regions)
    known = regions | {row.target_id for row in (*world.targets, *world.objects)}
    if not any(fnmatchcase(name, override.match) for name in known):
        problem = "matches no region or target of this world"
        raise ConfigError(where, problem + _hint(override.match, known))
    for region_id in override.places:
        if region_id not in regions:
            problem = f'place "{region_id}" is no region of this world'
            raise ConfigError(where, problem + _hint(region_id, regions))


def _hint(word: str, known: Iterable[str]) -> str:
    meant = nearest(word, known)
    return f'; did you mean "{meant}"?' if meant else ""
