"""What a refresh changed: old price, new price, and by how many per cent."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from cloudgauge.catalog.tariff_rows import tier_rows
from cloudgauge.catalog.tariffs import Tariffs
from cloudgauge.model.tariff import Charge, Tariff
from cloudgauge.pricefeed.overlay import Overlay
from cloudgauge.pricefeed.question import Fetched
from cloudgauge.report.document import Column, Document, Scale, Table

_COLUMNS = (
    Column(name="change", label="change"),
    Column(name="charge", label="charge"),
    Column(name="what", label="what"),
    Column(name="region", label="region"),
    Column(name="regions", label="of", scale=Scale.COUNT),
    Column(name="tier_start", label="from"),
    Column(name="unit", label="unit"),
    Column(name="currency", label="in"),
    Column(name="old", label="old"),
    Column(name="new", label="new"),
    Column(name="per_cent", label="%"),
    Column(name="row", label="row"),
)
_SKIPPED = (
    Column(name="reason", label="left out, because the row"),
    Column(name="count", label="rows", scale=Scale.COUNT),
    Column(name="example", label="such as"),
)
_Line = tuple[Charge, str, Decimal]
_Found = tuple[Tariff, Decimal, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One tier of one price that is not what it was, in one or more regions.

    Attributes:
        what: Machine, route and receivers.
        region_ids: At least one, in order.
        tier_start: First unit of a month that it holds for.
        old: None where no such price was known.
        new: None where the provider names no such tier any more.
        row: Where the new price stands; where the old one stood if there is no new.
    """

    charge: Charge
    what: str
    region_ids: tuple[str, ...]
    tier_start: Decimal
    unit: str
    currency: str
    old: Decimal | None
    new: Decimal | None
    row: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What an overlay changes.

    Attributes:
        same: How many tiers of how many regions say what they said.
    """

    changed: tuple[Change, ...]
    same: int


def changes_between(before: Tariffs, after: Tariffs, file_name: str) -> Changes:
    """Hold all prices with an overlay against those without it.

    Args:
        before: Without it.
        after: With it; only what it brought is looked at.
        file_name: Of the overlay.
    """
    brought = [one for one in after.tariffs if one.row.startswith(f"{file_name}: ")]
    places = {
        (region_id, one.charge, one.currency, _what(one))
        for one in brought
        for region_id in one.region_ids
    }
    found: dict[tuple[object, ...], list[Change]] = {}
    same = 0
    for region_id, charge, currency, what in sorted(places):
        old, new = (
            _lines(
                one
                for one in tariffs.of(region_id, charge, currency=currency)
                if _what(one) == what
            )
            for tariffs in (before, after)
        )
        for line in sorted(old.keys() | new.keys()):
            change = _change(region_id, line, old.get(line), new.get(line))
            if change.old == change.new:
                same += 1
                continue
            key = (*line, change.old, change.new, change.row, currency)
            found.setdefault(key, []).append(change)
    return Changes(changed=tuple(_joined(found)), same=same)


def refresh_document(
    changes: Changes, fetched: Fetched, overlay: Overlay, path: Path | None
) -> Document:
    """Show what a refresh changed, or would change where no file was written."""
    count = len(overlay.tariffs)
    verb = "would keep" if path is None else "keeps"
    notes = [*fetched.notes]
    notes.append(
        f"{len(changes.changed)} changed, {changes.same} the same as before; "
        "what this refresh did not ask for stays as it was"
    )
    if path is None:
        notes.append("a dry run: nothing was written")
    urls = dict.fromkeys(
        source for one in overlay.tariffs for source in one.provenance.sources
    )
    tables = [
        Table(
            name="changes",
            title="Changes",
            columns=_COLUMNS,
            rows=tuple(_row(change) for change in changes.changed),
        )
    ]
    if fetched.skipped:
        rows = tuple((one.reason, one.count, one.example) for one in fetched.skipped)
        tables.append(
            Table(name="skipped", title="Left out", columns=_SKIPPED, rows=rows)
        )
    return Document(
        kind="prices-refresh",
        title=f"{overlay.provider}: {verb} {count} prices in {path or 'no file'}",
        tables=tuple(tables),
        notes=tuple(notes),
        provenance=tuple(urls),
    )


def _lines(tariffs: Iterable[Tariff]) -> dict[_Line, _Found]:
    """Tariff, price and row of each tier."""
    return {
        (one.charge, _what(one), tier.start): (one, tier.price, rows[tier.start])
        for one in tariffs
        for rows in (tier_rows(one),)
        for tier in one.tiers
    }


def _what(tariff: Tariff) -> str:
    to = f"to {tariff.receivers}" if tariff.receivers else ""
    return " ".join(part for part in (tariff.sku, tariff.route, to) if part)


def _change(
    region_id: str,
    line: _Line,
    old: _Found | None,
    new: _Found | None,
) -> Change:
    tariff, _, row = new or old or _nothing()
    return Change(
        charge=line[0],
        what=line[1],
        region_ids=(region_id,),
        tier_start=line[2],
        unit=tariff.unit,
        currency=tariff.currency,
        old=old[1] if old else None,
        new=new[1] if new else None,
        row=row,
    )


def _nothing() -> _Found:
    msg = "want an old or a new price"
    raise ValueError(msg)


def _joined(found: dict[tuple[object, ...], list[Change]]) -> Iterator[Change]:
    for alike in found.values():
        first = alike[0]
        yield Change(
            charge=first.charge,
            what=first.what,
            region_ids=tuple(one.region_ids[0] for one in alike),
            tier_start=first.tier_start,
            unit=first.unit,
            currency=first.currency,
            old=first.old,
            new=first.new,
            row=first.row,
        )


def _row(change: Change) -> tuple[str | int | float | None, ...]:
    kind = "changed"
    if change.old is None or change.new is None:
        kind = "new" if change.old is None else "gone"
    return (
        kind,
        change.charge.value,
        change.what,
        change.region_ids[0],
        len(change.region_ids),
        f"{change.tier_start:f}",
        change.unit,
        change.currency,
        None if change.old is None else f"{change.old:f}",
        None if change.new is None else f"{change.new:f}",
        _per_cent(change),
        change.row,
    )


def _per_cent(change: Change) -> str | None:
    """Of the old price; None from or to nothing, and from a price of 0."""
    if change.old is None or change.new is None or not change.old:
        return None
    ratio = (change.new - change.old) / change.old
    return f"{ratio * 100:+.1f}"
