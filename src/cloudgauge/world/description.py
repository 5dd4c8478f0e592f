"""``world.json``: what a program inside a private network may know of it."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from cloudgauge.errors import WorldError
from cloudgauge.model.run import Simulation, Vantage

WORLD_VARIABLE = "CLOUDGAUGE_WORLD"
_NAME = "world.json"
# Files of a world's folder, and what a service says when it is ready.
SITES_NAME = "sites.json"
STARTED_NAME = "started"
COMMAND_ERROR_NAME = "command-error.txt"
ROOT_NAME = "ca.pem"
READY = b"ready\n"
LOOPBACK_LIMITS = (
    "loopback servers that delay their answers: the handshake with TLS and the "
    "first byte are delayed, the TCP connect and the kernel's round trips are "
    "not; no loss, bandwidth, refusal of packets, several addresses or IPv6"
)


class Means(StrEnum):
    """How a private network is made.

    ``tun``: a delay line on a TUN device in a network namespace of its own.
    ``loopback``: servers on the loopback device that delay their answers.
    """

    TUN = "tun"
    LOOPBACK = "loopback"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """Where a name is to be found when no hosts file can say it."""

    host: str
    port: int
    to_address: str
    to_port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldDescription:
    """A private network as seen from inside.

    Attributes:
        scenario_hash: SHA-256 of the scenario without its seed, hexadecimal.
        seed: Of every draw.
        vantage: The place that is played.
        prefixes: Addresses that are this world's although they are private.
        ca_file: The one root to trust.
        claim_file: A program that writes a result set writes its path here, and
            the truth is then moved beside it.
        pointers: Loopback only: where each name answers.
        ipv6: Whether the world has IPv6.
    """

    means: Means
    scenario: str
    scenario_hash: str
    seed: int
    vantage: Vantage
    prefixes: tuple[str, ...]
    ca_file: Path
    claim_file: Path
    pointers: tuple[Pointer, ...] = ()
    ipv6: bool = True

    @property
    def simulation(self) -> Simulation:
        """What a manifest says of it."""
        return Simulation(
            means=self.means,
            scenario=self.scenario,
            scenario_hash=self.scenario_hash,
            seed=self.seed,
            limits=LOOPBACK_LIMITS if self.means is Means.LOOPBACK else "",
        )


def write_world(folder: Path, world: WorldDescription) -> None:
    """Write the description into the world's folder."""
    text = json.dumps(asdict(world), default=str, indent=1)
    # Renamed into place, so that nobody reads half of it.
    fresh = folder / f"{_NAME}.new"
    fresh.write_text(text, encoding="utf-8")
    fresh.rename(folder / _NAME)


def read_world(folder: Path) -> WorldDescription:
    """Read the description of the world whose folder this is.

    Raises:
        WorldError: There is none.
    """
    try:
        table = json.loads((folder / _NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        msg = f"{folder}: want the folder of a private network: {exc}"
        raise WorldError(msg) from exc
    table["means"] = Means(table["means"])
    table["vantage"] = Vantage(**table["vantage"])
    table["prefixes"] = tuple(table["prefixes"])
    table["ca_file"] = Path(table["ca_file"])
    table["claim_file"] = Path(table["claim_file"])
    table["pointers"] = tuple(Pointer(**row) for row in table["pointers"])
    return WorldDescription(**table)
