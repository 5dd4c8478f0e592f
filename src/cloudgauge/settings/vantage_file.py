"""``vantage.toml``: the one place where a vantage says where it stands."""

from dataclasses import replace
from pathlib import Path

from cloudgauge.errors import ConfigError
from cloudgauge.model.run import Vantage
from cloudgauge.settings.toml_file import Row, read_toml

UNNAMED = "unnamed"


class VantageRow(Row):
    """The keys of ``vantage.toml``; all but the name may be left out."""

    name: str
    city: str | None = None
    country: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    uncertainty_km: float | None = None
    network_type: str | None = None
    asn: int | None = None
    cloud_region: str | None = None


def read_vantage(path: Path) -> Vantage:
    """Read a vantage.

    Raises:
        ConfigError: Naming file and key.
    """
    row = read_toml(path, VantageRow)
    try:
        return Vantage(
            name=row.name,
            city=row.city,
            country=row.country,
            latitude_deg=row.latitude,
            longitude_deg=row.longitude,
            uncertainty_km=row.uncertainty_km,
            network_type=row.network_type,
            asn=row.asn,
            cloud_region=row.cloud_region,
        )
    except ValueError as exc:
        raise ConfigError(str(path), str(exc)) from exc


def choose_vantage(name: str | None, path: Path | None, default: Path) -> Vantage:
    """Decide which vantage a run has.

    A name given by hand that is not the file's names another place: then
    nothing of the file holds, and the rest is unknown rather than wrong.

    Args:
        name: Of ``--vantage``, or None.
        path: A file that was asked for, or None.
        default: A file that counts when *path* is None and it exists.

    Raises:
        ConfigError: The file or the name is not valid.
    """
    known = None
    if path is not None or default.is_file():
        known = read_vantage(path or default)
    if known is not None and name in (None, known.name):
        return known
    try:
        return Vantage(name=name or UNNAMED)
    except ValueError as exc:
        where = "--vantage"
        raise ConfigError(where, str(exc)) from exc


def in_world(vantage: Vantage, place: Vantage) -> Vantage:
    """The vantage of a run in the private network: its place, under our own name."""
    return place if vantage.name == UNNAMED else replace(place, name=vantage.name)
