"""A refresh as a file: rows of the sheets' own schema, whole or not at all."""

import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from cloudgauge.catalog.price_overlay import SCHEMA_VERSION, overlay_of
from cloudgauge.errors import MachineError
from cloudgauge.model.tariff import Charge, Pool, Tariff, Tier
from cloudgauge.pricefeed.answer import AnswerError
from cloudgauge.settings.toml_file import FILE_LIMIT_BYTES

_TABLES = {
    Charge.TO_INTERNET: ("egress", "internet"),
    Charge.TO_OTHER_REGION: ("transfer", "other-region"),
    Charge.TO_OTHER_ZONE: ("transfer", "same-region-other-zone"),
    Charge.MACHINE: ("machine", ""),
    Charge.PUBLIC_IPV4: ("ipv4", ""),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """What one refresh brought.

    Attributes:
        provider: Of every row.
        retrieved_at: UTC.
        tariffs: At least one.
    """

    tool_version: str
    provider: str
    retrieved_at: datetime
    tariffs: tuple[Tariff, ...]

    @property
    def file_name(self) -> str:
        """Dated to the second, so that each refresh has its own."""
        return f"prices-{self.provider}-{self.retrieved_at:%Y%m%dT%H%M%SZ}.toml"


def write_overlay(folder: Path, overlay: Overlay) -> Path:
    """Write an overlay into the folder that prices are read from.

    It is checked first as its reader will check it, and appears under its name when
    all of it is on the disk; older overlays are never touched.

    Raises:
        AnswerError: The rows do not make a price sheet.
        MachineError: It cannot be written.
    """
    text = overlay_to_toml(overlay)
    path = folder / overlay.file_name
    errors = overlay_of(text, where=overlay.file_name).errors
    if errors or len(text.encode()) > FILE_LIMIT_BYTES:
        first = errors[0] if errors else f"more than {FILE_LIMIT_BYTES} bytes"
        msg = f"the answers of {overlay.provider} make no price sheet: {first}"
        raise AnswerError(msg)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(prefix=".prices-", dir=folder)
        fresh = Path(name)
        try:
            with os.fdopen(number, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            fresh.rename(path)
        finally:
            with suppress(FileNotFoundError):
                fresh.unlink()
    except OSError as exc:
        msg = f"{folder}: prices cannot be kept there: {exc.strerror}"
        raise MachineError(msg) from exc
    return path


def overlay_to_toml(overlay: Overlay) -> str:
    """Write an overlay as TOML that `catalog.price_overlay.overlay_of` reads."""
    tariffs = gathered(overlay.tariffs)
    sources = dict.fromkeys(
        source for one in tariffs for source in one.provenance.sources
    )
    keys = {source: f"answer-{number}" for number, source in enumerate(sources, 1)}
    lines = [
        "# What the provider's price interface said: cloudgauge prices refresh",
        f"schema_version = {SCHEMA_VERSION}",
        f"tool_version = {_text(overlay.tool_version)}",
        f"provider = {_text(overlay.provider)}",
        f"retrieved_at = {overlay.retrieved_at:%Y-%m-%dT%H:%M:%SZ}",
        "",
        "[sources]",
        *(f"{key} = {_text(source)}" for source, key in keys.items()),
    ]
    for tariff in tariffs:
        for tier in tariff.tiers:
            lines += _row(tariff, tier, keys)
    return "\n".join(lines) + "\n"


def gathered(tariffs: Iterable[Tariff]) -> tuple[Tariff, ...]:
    """Make one of tariffs that differ in their region alone.

    Those that add up over an account stay apart: each is a meter of its own.
    """
    alike: dict[Tariff, list[str]] = {}
    for one in tariffs:
        row = "" if one.pool is Pool.REGION else one.row
        alone = replace(one, row=row, region_ids=("",))
        alike.setdefault(alone, []).extend(one.region_ids)
    return tuple(
        replace(one, region_ids=tuple(sorted(set(region_ids))))
        for one, region_ids in alike.items()
    )


def _row(tariff: Tariff, tier: Tier, keys: Mapping[str, str]) -> Iterator[str]:
    table, destination = _TABLES[tariff.charge]
    regions = ", ".join(_text(region_id) for region_id in tariff.region_ids)
    yield from ("", f"[[{table}]]", f"regions = [{regions}]")
    if destination:
        yield f"destination = {_text(destination)}"
        if tariff.receivers:
            yield f"receivers = {_text(tariff.receivers)}"
        yield f"route = {_text(tariff.route)}"
        yield f"tier_start = {tier.start:f}"
        if tier.end is not None:
            yield f"tier_end = {tier.end:f}"
        yield f"unit_bytes = {tariff.unit_bytes}"
        if tariff.pool is not Pool.REGION:
            yield f"pool = {_text(tariff.pool)}"
    if tariff.charge is Charge.MACHINE:
        yield f"sku = {_text(tariff.sku)}"
        yield f"vcpus = {tariff.vcpus}"
        yield f'memory_gib = "{tariff.memory_gib:f}"'
    if tariff.charge is not Charge.PUBLIC_IPV4:
        yield f"by_default = {'true' if tariff.by_default else 'false'}"
    yield f'price = "{tier.price:f}"'
    yield f"currency = {_text(tariff.currency)}"
    yield f"unit = {_text(tariff.unit)}"
    yield f"dated = {tariff.dated.isoformat()}"
    yield f"confidence = {_text(tariff.provenance.confidence)}"
    cited = ", ".join(_text(keys[source]) for source in tariff.provenance.sources)
    yield f"source = [{cited}]"
    yield f"checked = {tariff.provenance.checked.isoformat()}"
    if tariff.note:
        yield f"note = {_text(tariff.note)}"


def _text(text: str) -> str:
    # A JSON string is a TOML string, but for DEL, which TOML wants escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
