"""Rows of one price into a tariff, each with file, table and numbers to trace it."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from cloudgauge.catalog.files import Place
from cloudgauge.catalog.price_rows import (
    AllowanceRow,
    EgressRow,
    Ipv4Row,
    MachineRow,
    PricedRow,
    TransferRow,
)
from cloudgauge.catalog.rows import TargetFile
from cloudgauge.model.target import Confidence, Provenance
from cloudgauge.model.tariff import Allowance, Charge, Pool, Tariff, Tier

_Priced = tuple[Place, PricedRow, TargetFile]
_WHOLE_HOUR = 1
# The least sure tier says how sure the whole price is.
_FROM_SURE_TO_UNSURE = (Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW)


def charge_of(row: PricedRow) -> Charge:
    """What a row is the price of."""
    if isinstance(row, MachineRow):
        return Charge.MACHINE
    if isinstance(row, Ipv4Row):
        return Charge.PUBLIC_IPV4
    if isinstance(row, EgressRow):
        return Charge.TO_INTERNET
    if row.destination == "other-region":
        return Charge.TO_OTHER_REGION
    return Charge.TO_OTHER_ZONE


def tariff_of(region_ids: tuple[str, ...], rows: Sequence[_Priced]) -> Tariff:
    """Make a tariff of the rows of one price.

    Args:
        region_ids: Those that have exactly these rows for it.
        rows: At least one, in the order of the tiers, already checked to fit.
    """
    first = rows[0][1]
    priced = [row for _, row, _ in rows]
    traffic = first if isinstance(first, (EgressRow, TransferRow)) else None
    machine = first if isinstance(first, MachineRow) else None
    return Tariff(
        row=_numbered(place for place, _, _ in rows),
        charge=charge_of(first),
        region_ids=region_ids,
        currency=first.currency,
        unit=first.unit,
        unit_bytes=traffic.bytes_in_unit if traffic else _WHOLE_HOUR,
        tiers=tuple(_tier(row) for row in priced),
        pool=traffic.pool if traffic else Pool.REGION,
        receivers=traffic.receivers if traffic else "",
        route=traffic.route if traffic else "",
        by_default=True if isinstance(first, Ipv4Row) else first.by_default,
        sku=machine.sku if machine else "",
        vcpus=machine.vcpus if machine else None,
        memory_gib=machine.memory_gib if machine else None,
        dated=min(row.dated for row in priced),
        provenance=_provenance(rows),
        note=" ".join(dict.fromkeys(row.note for row in priced if row.note)),
    )


def tier_rows(tariff: Tariff) -> dict[Decimal, str]:
    """Where each tier stands, by where it begins: ``prices.toml: egress[4]``.

    Where a tariff does not name one row for each of its tiers, the whole of `row`.
    """
    where, _, names = tariff.row.rpartition(": ")
    rows = names.split(", ")
    if len(rows) == 1 or len(rows) != len(tariff.tiers):
        return {tier.start: tariff.row for tier in tariff.tiers}
    starts = (tier.start for tier in tariff.tiers)
    return {start: f"{where}: {row}" for start, row in zip(starts, rows, strict=True)}


def allowance_of(place: Place, row: AllowanceRow, table: TargetFile) -> Allowance:
    """Make an allowance of its row."""
    return Allowance(
        row=place.row,
        region_ids=row.regions,
        routes=row.routes,
        volume=row.volume,
        unit=row.unit,
        unit_bytes=row.bytes_in_unit,
        dated=row.dated,
        provenance=Provenance(
            sources=_named(row.source, table),
            checked=row.checked,
            confidence=row.confidence,
        ),
        note=row.note,
    )


def _tier(row: PricedRow) -> Tier:
    if isinstance(row, (MachineRow, Ipv4Row)):
        return Tier(start=Decimal(0), end=None, price=row.price)
    end = None if row.tier_end is None else Decimal(row.tier_end)
    return Tier(start=Decimal(row.tier_start), end=end, price=row.price)


def _provenance(rows: Sequence[_Priced]) -> Provenance:
    sources = [source for _, row, table in rows for source in _named(row.source, table)]
    return Provenance(
        sources=tuple(dict.fromkeys(sources)),
        checked=min(row.checked for _, row, _ in rows),
        confidence=max(
            (row.confidence for _, row, _ in rows), key=_FROM_SURE_TO_UNSURE.index
        ),
    )


def _named(keys: tuple[str, ...], table: TargetFile) -> tuple[str, ...]:
    return tuple(table.sources.get(key, key) for key in keys)


def _numbered(places: Iterable[Place]) -> str:
    """File, table and number of each row: ``prices.toml: egress[0], egress[4]``."""
    by_file: dict[str, list[str]] = {}
    for place in places:
        by_file.setdefault(place.file.where, []).append(f"{place.table}[{place.index}]")
    return "; ".join(f"{file}: {', '.join(rows)}" for file, rows in by_file.items())
