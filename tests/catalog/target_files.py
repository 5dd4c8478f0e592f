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


def write(folder: Path, *tables: str, name: str = "mine.toml") -> Path:
    """Write tables as one file."""
    path = folder / name
    path.write_text("\n".join(tables), encoding="utf-8")
    return path


def read(folder: Path, *tables: str, name: str = "mine.toml") -> ReadFile:
    """Write tables as one file and read it."""
    return user_file(write(folder, *tables, name=name))
