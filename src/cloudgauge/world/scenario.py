"""Delays, losses and faults of every pair of vantage and region; pure.

A round trip follows from geography: great circle, times an inflation drawn for
the pair, over two thirds of the speed of light, plus the access network's share.
A scenario changes defaults, and single regions or targets by pattern.
"""

import hashlib
import json
import random
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from cloudgauge.catalog.geography import great_circle_km
from cloudgauge.errors import ConfigError
from cloudgauge.model.later import later
from cloudgauge.model.quantity import NS_PER_MS
from cloudgauge.model.run import Vantage
from cloudgauge.model.target import Region, Target
from cloudgauge.planning.plain import to_plain
from cloudgauge.settings.toml_file import nearest
from cloudgauge.world.site import (
    OBJECT_BYTES,
    Link,
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
        places: Ids of regions of this world from which the name is played, the
            nearest to the vantage answering; empty for its own.
        object_bytes: Length of the objects that match; None for the scenario's.
    """

    match: str
    vantage: str | None = None
    addresses: int | None = None
    link: tuple[tuple[str, Any], ...] = ()
    conduct: tuple[tuple[str, Any], ...] = ()
    places: tuple[str, ...] = later(())
    object_bytes: int | None = later(None)

    def applies_to(self, targets: Iterable[Target], vantage: Vantage) -> bool:
        """Whether it speaks of one of these targets seen from this vantage."""
        if self.vantage not in (None, vantage.name):
            return False
        return any(
            fnmatchcase(name, self.match)
            for target in targets
            for name in (target.region.region_id, target.target_id)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A private Internet, before it is built.

    Attributes:
        name: For people.
        seed: Of every draw, at least 0.
        vantages: At least one; the first is the default.
        link: Jitter, loss and so on of every pair; its round trip is not used.
        overrides: Later ones win, field by field.
        object_bytes: Length of each object where no override says another.
        guest_ports: TCP ports on which the user's own programs may answer inside,
            in the place of any site.
    """

    name: str = "default"
    seed: int = 1
    vantages: tuple[Vantage, ...] = (DEFAULT_VANTAGE,)
    geography: Geography = Geography()
    link: Link = DEFAULT_LINK
    overrides: tuple[Override, ...] = ()
    object_bytes: int = later(OBJECT_BYTES)
    guest_ports: tuple[int, ...] = later(())

    def __post_init__(self) -> None:
        if self.seed < 0 or not self.vantages:
            msg = f"want a seed >= 0 and a vantage, got seed {self.seed}"
            raise ValueError(msg)
        for vantage in self.vantages:
            place_of(vantage)


def scenario_hash(scenario: Scenario) -> str:
    """SHA-256 of the scenario without its seed, hexadecimal."""
    table = to_plain(scenario)
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
    latitude_deg, longitude_deg = place_of(vantage)
    km = great_circle_km(
        latitude_deg, longitude_deg, region.latitude_deg, region.longitude_deg
    )
    rng = random.Random(f"{seed}/{latitude_deg}/{longitude_deg}/{region.region_id}")
    spread = geography.inflation_spread
    inflation = max(1.0, geography.inflation + rng.uniform(-spread, spread))
    access_ns = geography.access_ns * rng.uniform(0.5, 1.5)
    return round(2 * km * inflation / FIBRE_KM_PER_S * 1e9 + access_ns)


def place_of(vantage: Vantage) -> tuple[float, float]:
    """Latitude and longitude of a vantage, degrees.

    Raises:
        ValueError: It has none.
    """
    if vantage.latitude_deg is None or vantage.longitude_deg is None:
        msg = f'vantage "{vantage.name}" needs coordinates'
        raise ValueError(msg)
    return vantage.latitude_deg, vantage.longitude_deg
