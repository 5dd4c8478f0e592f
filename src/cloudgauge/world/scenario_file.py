"""Scenario files: TOML into a `Scenario`; unknown keys are refused."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from cloudgauge.errors import ConfigError
from cloudgauge.model.run import Vantage
from cloudgauge.settings.toml_file import (
    ByteCount,
    DurationNs,
    Row,
    Word,
    Words,
    parse_toml,
    read_text,
)
from cloudgauge.world.scenario import Geography, Override, Scenario
from cloudgauge.world.site import Fault, Link, Resolution

_Share = Annotated[float, Field(ge=0, le=1)]
_Rate = Annotated[float, Field(gt=0)]
_Port = Annotated[int, Field(ge=1, le=65_535)]
_LINK_NAMES = {
    "rtt": "rtt_ns",
    "jitter": "jitter_ns",
    "spike": "spike_ns",
    "spike_share": "spike_share",
    "loss": "loss",
    "queue": "queue_ns",
    "syn_drops": "syn_drops",
    "reorder": "reorder",
    "burst": "burst_bytes",
}
_RATE_NAMES = {
    "bandwidth_mbit_per_s": "bits_per_s",
    "sustained_mbit_per_s": "sustained_bits_per_s",
}
_CONDUCT_NAMES = {
    "fault": "fault",
    "fault_share": "fault_share",
    "resolve": "resolution",
    "status": "status",
    "think": "think_ns",
    "body": "body_bytes",
    "tls": "newest_tls",
}


class VantageRow(Row):
    """A ``[[vantage]]``: a place to measure from."""

    name: str
    latitude: float
    longitude: float
    city: str | None = None
    country: str | None = None


class GeographyRow(Row):
    """``[geography]``: how distance becomes a round trip."""

    inflation: float = Geography().inflation
    inflation_spread: float = Geography().inflation_spread
    access: DurationNs = Geography().access_ns


class PathRow(Row):
    """``[path]``: how packets fare, wherever a region says nothing else."""

    jitter: DurationNs | None = None
    spike: DurationNs | None = None
    spike_share: _Share | None = None
    loss: Annotated[float, Field(ge=0, lt=1)] | None = None
    bandwidth_mbit_per_s: _Rate | None = None
    burst: ByteCount | None = None
    sustained_mbit_per_s: _Rate | None = None
    queue: DurationNs | None = None
    syn_drops: Annotated[int, Field(ge=0, le=5)] | None = None
    reorder: bool | None = None
    object: Annotated[ByteCount, Field(ge=1)] | None = None


class RegionRow(PathRow):
    """A ``[[region]]``: what is different for some regions or targets."""

    match: str
    vantage: str | None = None
    places: Words[str] = ()
    rtt: DurationNs | None = None
    addresses: Annotated[int, Field(ge=1, le=8)] | None = None
    fault: Word[Fault] | None = None
    fault_share: _Share | None = None
    resolve: Word[Resolution] | None = None
    status: Annotated[int, Field(ge=200, le=599)] | None = None
    retry_after: DurationNs | None = None
    think: DurationNs | None = None
    body: ByteCount | None = None
    tls: str | None = None


class ScenarioRow(Row):
    """The whole file."""

    # A file of the first days has none; it means what it meant then.
    schema_version: Literal[1] = Field(default=1, alias="schema")
    name: str
    seed: Annotated[int, Field(ge=0)] = 1
    guest_ports: Words[_Port] = ()
    vantage: Words[VantageRow] = ()
    geography: GeographyRow = GeographyRow()
    path: PathRow = PathRow()
    region: Words[RegionRow] = ()


def read_scenario(path: Path) -> Scenario:
    """Read a scenario file.

    Raises:
        ConfigError: Naming file, key, what was found and what was wanted.
    """
    return parse_scenario(read_text(path), where=str(path))


def parse_scenario(text: str, *, where: str) -> Scenario:
    """Read a scenario from TOML text; *where* names it in messages.

    Raises:
        ConfigError: Naming file, key, what was found and what was wanted.
    """
    row = parse_toml(text, where=where, row_type=ScenarioRow)
    try:
        default = Scenario()
        return Scenario(
            name=row.name,
            seed=row.seed,
            vantages=tuple(map(_vantage, row.vantage)) or default.vantages,
            geography=Geography(
                inflation=row.geography.inflation,
                inflation_spread=row.geography.inflation_spread,
                access_ns=row.geography.access,
            ),
            # A file starts from clean paths: what it does not say is not there.
            link=Link(rtt_ns=0, **dict(_link_fields(row.path))),
            overrides=tuple(map(_override, row.region)),
            object_bytes=row.path.object or default.object_bytes,
            guest_ports=row.guest_ports,
        )
    except ValueError as exc:
        raise ConfigError(where, str(exc)) from exc


def _vantage(row: VantageRow) -> Vantage:
    return Vantage(
        name=row.name,
        city=row.city,
        country=row.country,
        latitude_deg=row.latitude,
        longitude_deg=row.longitude,
    )


def _override(row: RegionRow) -> Override:
    conduct = _renamed(row, _CONDUCT_NAMES)
    if row.retry_after is not None:
        conduct += (("retry_after_s", round(row.retry_after / 1e9)),)
    return Override(
        match=row.match,
        vantage=row.vantage,
        addresses=row.addresses,
        link=_link_fields(row),
        conduct=conduct,
        places=row.places,
        object_bytes=row.object,
    )


def _link_fields(row: PathRow) -> tuple[tuple[str, Any], ...]:
    fields = _renamed(row, _LINK_NAMES)
    return fields + tuple(
        (name, round(mbit_per_s * 1e6))
        for name, mbit_per_s in _renamed(row, _RATE_NAMES)
    )


def _renamed(row: Row, names: dict[str, str]) -> tuple[tuple[str, Any], ...]:
    given = row.model_dump(exclude_none=True)
    return tuple((names[key], given[key]) for key in names if key in given)
