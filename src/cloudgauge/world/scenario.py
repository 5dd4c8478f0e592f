"""Delays, losses and faults of every pair of vantage and region; pure.

A round trip follows from geography: great circle, times an inflation drawn for
the pair, over two thirds of the speed of light, plus the access network's share.
A scenario changes defaults, and single regions or targets by pattern.
"""

import hashlib
import json
import random
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from cloudgauge.catalog.geography import great_circle_km
from cloudgauge.errors import ConfigError
from cloudgauge.model.quantity import NS_PER_MS
from cloudgauge.model.run import Vantage
from cloudgauge.model.target import Region, Target
from cloudgauge.settings.toml_file import nearest
from cloudgauge.world.site import (
    FIRST_SITE_NUMBER,
    IPV4_NETWORK,
    MOST_ADDRESSES,
    Conduct,
    Link,
    Site,
)

# Light in fibre goes at about two thirds of its speed in vacuum.
FIBRE_KM_PER_S = 299_792.458 * 2 / 3
DEFAULT_VANTAGE = Vantage(
    name="singapore",
    city="Singapore",
    country="SG",
    latitude_deg=1.3521,
    longitude_deg=103.8198,
)
DEFAULT_LINK = Link(
    rtt_ns=0,
    jitter_ns=NS_PER_MS // 2,
    spike_ns=20 * NS_PER_MS,
    spike_share=0.001,
    loss=0.0002,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Geography:
    """How distance becomes a round trip.

    Attributes:
        inflation: Mean of a pair's path length over its great circle, at least 1.
        inflation_spread: A pair's inflation is drawn evenly from the mean plus
            or minus this, and is never below 1.
        access_ns: Mean round trip of the access network and inside the region; a
            pair's is drawn from half to one and a half of it.
    """

    # Measured paths between cities are mostly 1.3 to 2.2 great circles long.
    inflation: float = 1.6
    inflation_spread: float = 0.3
    access_ns: int = 2 * NS_PER_MS

    def __post_init__(self) -> None:
        if not 1 <= self.inflation <= 10:
            msg = f"inflation must be in [1, 10], got {self.inflation}"
            raise ValueError(msg)
        if not 0 <= self.inflation_spread <= 10 or self.access_ns < 0:
            msg = "want inflation_spread in [0, 10] and access >= 0"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """What a scenario says of some regions or targets.

    Attributes:
        match: Region or target ids; ``*`` and ``?`` match as in file names.
        vantage: Name of the vantage it holds for; None for all.
        addresses: Addresses of the name, each family; None for one.
        link: Fields of `Link` that differ from the defaults.
        conduct: Fields of `Conduct` that differ from the defaults.
    """

    match: str
    vantage: str | None = None
    addresses: int | None = None
    link: tuple[tuple[str, Any], ...] = ()
    conduct: tuple[tuple[str, Any], ...] = ()

    def applies_to(self, target: Target, vantage: Vantage) -> bool:
        """Whether it speaks of this target seen from this vantage."""
        if self.vantage not in (None, vantage.name):
            return False
        names = (target.region.region_id, target.target_id)
        return any(fnmatchcase(name, self.match) for name in names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A private Internet, before it is built.

    Attributes:
        name: For people.
        seed: Of every draw, at least 0.
        vantages: At least one; the first is the default.
        link: Jitter, loss and so on of every pair; its round trip is not used.
        overrides: Later ones win, field by field.
    """

    name: str = "default"
    seed: int = 1
    vantages: tuple[Vantage, ...] = (DEFAULT_VANTAGE,)
    geography: Geography = Geography()
    link: Link = DEFAULT_LINK
    overrides: tuple[Override, ...] = ()

    def __post_init__(self) -> None:
        if self.seed < 0 or not self.vantages:
            msg = f"want a seed >= 0 and a vantage, got seed {self.seed}"
            raise ValueError(msg)
        for vantage in self.vantages:
            _place_of(vantage)


def scenario_hash(scenario: Scenario) -> str:
    """SHA-256 of the scenario without its seed, hexadecimal."""
    table = asdict(scenario)
    del table["seed"]
    return hashlib.sha256(json.dumps(table, sort_keys=True).encode()).hexdigest()


def choose_place(scenario: Scenario, asked: Vantage | None) -> Vantage:
    """The vantage that is played: a place that was asked for, or the scenario's.

    Args:
        scenario: Its vantages are known by their names.
        asked: Coordinates count; without them its name must be the scenario's.

    Raises:
        ConfigError: The name is neither known nor placed.
    """
    if asked is None:
        return scenario.vantages[0]
    if asked.latitude_deg is not None:
        return asked
    names = [vantage.name for vantage in scenario.vantages]
    if asked.name in names:
        return scenario.vantages[names.index(asked.name)]
    meant = nearest(asked.name, names)
    hint = f'; did you mean "{meant}"?' if meant else ""
    problem = (
        f'"{asked.name}" has no coordinates and is no vantage of scenario '
        f'"{scenario.name}"; want coordinates or one of {", ".join(names)}{hint}'
    )
    where = "vantage"
    raise ConfigError(where, problem)


def geographic_rtt_ns(
    geography: Geography, vantage: Vantage, region: Region, *, seed: int
) -> int:
    """The round trip of a pair by geography alone."""
    latitude_deg, longitude_deg = _place_of(vantage)
    km = great_circle_km(
        latitude_deg, longitude_deg, region.latitude_deg, region.longitude_deg
    )
    rng = random.Random(f"{seed}/{latitude_deg}/{longitude_deg}/{region.region_id}")
    spread = geography.inflation_spread
    inflation = max(1.0, geography.inflation + rng.uniform(-spread, spread))
    access_ns = geography.access_ns * rng.uniform(0.5, 1.5)
    return round(2 * km * inflation / FIBRE_KM_PER_S * 1e9 + access_ns)


def sites_of(
    scenario: Scenario, targets: Iterable[Target], vantage: Vantage
) -> tuple[Site, ...]:
    """Play every host name of *targets* once, in the order of the names.

    A name that several targets share is played for the first of them.

    Raises:
        ConfigError: A pattern matches no target, a value is not possible, or
            the targets do not fit into the private network.
    """
    by_host: dict[str, list[Target]] = {}
    every_target = sorted(targets, key=lambda target: target.target_id)
    for target in every_target:
        by_host.setdefault(target.endpoint.host, []).append(target)
    for override in scenario.overrides:
        _check_match(scenario, override, every_target)
    sites = []
    number = FIRST_SITE_NUMBER
    for host in sorted(by_host):
        site = _site_of(scenario, by_host[host], vantage, number)
        number += len(site.numbers)
        sites.append(site)
    if number >= IPV4_NETWORK.num_addresses:
        problem = f"want at most {IPV4_NETWORK.num_addresses} addresses, got {number}"
        where = f"scenario {scenario.name}"
        raise ConfigError(where, problem)
    return tuple(sites)


def _site_of(
    scenario: Scenario, sharing: list[Target], vantage: Vantage, number: int
) -> Site:
    first = sharing[0]
    rtt_ns = geographic_rtt_ns(
        scenario.geography, vantage, first.region, seed=scenario.seed
    )
    link = replace(scenario.link, rtt_ns=rtt_ns)
    conduct = Conduct()
    addresses = 1
    for override in scenario.overrides:
        if not override.applies_to(first, vantage):
            continue
        try:
            link = replace(link, **dict(override.link))
            conduct = replace(conduct, **dict(override.conduct))
        except ValueError as exc:
            where = f"scenario {scenario.name}: region {override.match}"
            raise ConfigError(where, str(exc)) from exc
        addresses = override.addresses or addresses
    return Site(
        host=first.endpoint.host,
        region_id=first.region.region_id,
        primary=any(target.endpoint.primary for target in sharing),
        # 80 for who looks for a captive portal or a redirect there.
        ports=tuple(sorted({80, *(target.endpoint.port for target in sharing)})),
        expected=tuple(
            (target.endpoint.path, (target.endpoint.expect or (200,))[0])
            for target in sharing
        ),
        numbers=tuple(range(number, number + min(addresses, MOST_ADDRESSES))),
        link=link,
        conduct=conduct,
    )


def _check_match(scenario: Scenario, override: Override, targets: list[Target]) -> None:
    where = f"scenario {scenario.name}: region {override.match}"
    names = [vantage.name for vantage in scenario.vantages]
    if override.vantage is not None and override.vantage not in names:
        problem = f'no vantage "{override.vantage}"; want one of {", ".join(names)}'
        raise ConfigError(where, problem)
    known = {target.region.region_id for target in targets}
    known |= {target.target_id for target in targets}
    if not any(fnmatchcase(name, override.match) for name in known):
        meant = nearest(override.match, known)
        hint = f'; did you mean "{meant}"?' if meant else ""
        problem = f"matches no region or target of this world{hint}"
        raise ConfigError(where, problem)


def _place_of(vantage: Vantage) -> tuple[float, float]:
    if vantage.latitude_deg is None or vantage.longitude_deg is None:
        msg = f'vantage "{vantage.name}" needs coordinates'
        raise ValueError(msg)
    return vantage.latitude_deg, vantage.longitude_deg
