"""Target files made by hand, each row a valid one unless a test changes it."""

import json
from collections.abc import Mapping
from pathlib import Path

from cloudgauge.catalog.files import ReadFile, user_file

TomlValue = str | int | float | bool | list[str] | list[int] | None
_DATES = ("checked", "dated")

REGION: Mapping[str, TomlValue] = {
    "id": "acme/rotterdam-1",
    "name": "Rotterdam",
    "city": "Rotterdam",
    "country": "NL",
    "latitude": 51.92,
    "longitude": 4.48,
    "partition": "public",
    "status": "open",
    "on_by_default": True,
    "confidence": "high",
    "source": ["our own data centre"],
    "checked": "2026-11-22",
}
ENDPOINT: Mapping[str, TomlValue] = {
    "region": "acme/rotterdam-1",
    "service": "object-storage",
    "url": "https://storage.rotterdam-1.example.net/",
    "reach": "in-region",
    "primary": True,
    "confidence": "high",
    "source": ["our own data centre"],
    "checked": "2026-11-22",
}
OBJECT: Mapping[str, TomlValue] = {
    "region": "acme/rotterdam-1",
    "name": "agent",
    "url": "https://storage.rotterdam-1.example.net/agent.rpm",
    "primary": True,
    "confidence": "high",
    "source": ["our own data centre"],
    "checked": "2026-11-22",
}
EGRESS: Mapping[str, TomlValue] = {
    "regions": ["acme/rotterdam-1"],
    "destination": "internet",
    "route": "default",
    "by_default": True,
    "tier_start": 0,
    "price": "0.09",
    "currency": "EUR",
    "unit": "GB",
    "dated": "2026-09-01",
    "confidence": "high",
    "source": ["our own price list"],
    "checked": "2026-11-22",
}
TRANSFER: Mapping[str, TomlValue] = {
    **EGRESS,
    "destination": "other-region",
    "price": "0.02",
}
_DATED: Mapping[str, TomlValue] = {
    "regions": ["acme/rotterdam-1"],
    "dated": "2026-09-01",
    "confidence": "high",
    "source": ["our own price list"],
    "checked": "2026-11-22",
}
MACHINE: Mapping[str, TomlValue] = {
    **_DATED,
    "sku": "acme.large",
    "vcpus": 2,
    "memory_gib": 8,
    "by_default": True,
    "price": "0.1",
    "currency": "EUR",
    "unit": "hour",
}
IPV4: Mapping[str, TomlValue] = {
    **_DATED,
    "price": "0.005",
    "currency": "EUR",
    "unit": "hour",
}
ALLOWANCE: Mapping[str, TomlValue] = {
    **_DATED,
    "destination": "internet",
    "volume": 100,
    "unit": "GB",
}


def row(table: str, base: Mapping[str, TomlValue], **changes: TomlValue) -> str:
    """A ``[[table]]`` of *base* with keys changed, added or (None) left out."""
    lines = [f"[[{table}]]"]
    for key, value in {**base, **changes}.items():
        if value is None:
            continue
        is_date = key in _DATES and isinstance(value, str)
        lines.append(f"{key} = {value if is_date else json.dumps(value)}")
    return "\n".join(lines) + "\n"


def region(**changes: TomlValue) -> str:
    """A region's table."""
    return row("region", REGION, **changes)


def endpoint(**changes: TomlValue) -> str:
    """An endpoint's table."""
    return row("endpoint", ENDPOINT, **changes)


def download(**changes: TomlValue) -> str:
    """An object's table."""
    return row("object", OBJECT, **changes)


def egress(**changes: TomlValue) -> str:
    """A price's table: one tier."""
    return row("egress", EGRESS, **changes)


def transfer(**changes: TomlValue) -> str:
    """The table of a price between regions: one tier."""
    return row("transfer", TRANSFER, **changes)


def machine(**changes: TomlValue) -> str:
    """The table of an hour of a machine."""
    return row("machine", MACHINE, **changes)


def ipv4(**changes: TomlValue) -> str:
    """The table of an hour of an address."""
    return row("ipv4", IPV4, **changes)


def allowance(**changes: TomlValue) -> str:
    """The table of what is free each month."""
    return row("allowance", ALLOWANCE, **changes)


def write(folder: Path, *tables: str, name: str = "mine.toml") -> Path:
    """Write tables as one file."""
    path = folder / name
    path.write_text("\n".join(tables), encoding="utf-8")
    return path


def read(folder: Path, *tables: str, name: str = "mine.toml") -> ReadFile:
    """Write tables as one file and read it."""
    return user_file(write(folder, *tables, name=name))
