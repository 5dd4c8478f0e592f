"""The catalogue as this user knows it, and where they wrote what chooses from it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cloudgauge.catalog.evidence import Evidence, Network, overlay
from cloudgauge.catalog.evidence_files import read_evidence_in
from cloudgauge.catalog.index import Catalog
from cloudgauge.catalog.loader import load_catalog

_OPTIONS = {
    "": "selection",
    "providers": "--provider",
    "areas": "--area",
    "regions": "--region",
    "countries": "--country",
    "service": "--service",
}


def by_option(field: str) -> str:
    """The option that a field of a `Selection` comes from; all of them for ""."""
    return _OPTIONS[field]


def in_plan_file(name: str) -> Callable[[str], str]:
    """The same for the plan file of that name, whose keys are the fields."""

    def key(field: str) -> str:
        return f"{name}: select.{field}" if field else f"{name}: select"

    return key


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceShelf:
    """Where earlier live checks are kept.

    Attributes:
        folder: May not exist.
        inside_world: We are inside a private network: only evidence of such counts.
        today: UTC.
    """

    folder: Path
    inside_world: bool
    today: date

    @property
    def network(self) -> Network:
        """Whose evidence counts."""
        return Network.PRIVATE if self.inside_world else Network.REAL

    def evidence(self) -> tuple[Evidence, ...]:
        """All that counts.

        Raises:
            ConfigError: A file is wrong; names file and key.
        """
        found = read_evidence_in(self.folder, today=self.today)
        return tuple(one for one in found if one.network is self.network)


def known_catalog(
    target_files: tuple[Path, ...] = (), shelf: EvidenceShelf | None = None
) -> Catalog:
    """The shipped targets and a user's own, under what live checks found of them.

    For people who read it. A plan takes its targets as the files have them: the same
    plan has the same hash at every vantage, whatever was checked there.

    Raises:
        ConfigError: A target file or an evidence file is wrong.
        MachineError: The installation has no catalogue.
    """
    catalog = load_catalog(target_files)
    if shelf is None:
        return catalog
    return overlay(catalog, shelf.evidence(), network=shelf.network)
