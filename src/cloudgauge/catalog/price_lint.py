"""What is wrong between price rows: tiers with gaps, prices that stand twice."""

from collections.abc import Iterable, Iterator

from cloudgauge.catalog.files import Place
from cloudgauge.catalog.price_rows import (
    AllowanceRow,
    EgressRow,
    Ipv4Row,
    MachineRow,
    PriceRow,
    TieredRow,
    TransferRow,
)
from cloudgauge.catalog.rows import TargetFile
from cloudgauge.errors import ConfigError

_Rows = Iterable[tuple[Place, PriceRow, TargetFile]]


def bad_prices(rows: _Rows) -> Iterator[ConfigError]:
    """Find price rows that do not fit one another.

    Each layer is a sheet of its own: what is shipped, each refresh, and the user's
    own files together. A row is told once, however many regions it is for.
    """
    tiered: list[tuple[Place, TieredRow]] = []
    single: list[tuple[Place, MachineRow | Ipv4Row | AllowanceRow]] = []
    for place, row, _ in rows:
        if isinstance(row, (EgressRow, TransferRow)):
            tiered.append((place, row))
        else:
            single.append((place, row))
    yield from _broken_tiers(tiered)
    yield from _twice(single)


def _broken_tiers(rows: Iterable[tuple[Place, TieredRow]]) -> Iterator[ConfigError]:
    """Tiers of one price follow one another from 0, in the order of the file."""
    last: dict[tuple[str, ...], tuple[Place, TieredRow]] = {}
    for place, row in rows:
        if row.tier_end is not None and row.tier_end <= row.tier_start:
            problem = f"want more than tier_start {row.tier_start}, got {row.tier_end}"
            yield ConfigError(place.key("tier_end"), problem)
        problems = []
        for region_id in row.regions:
            key = _price_of(region_id, place, row)
            if key in last:
                problems.append(_misfit(region_id, *last[key], row))
            elif row.tier_start:
                problems.append(
                    f"the first tier of {region_id} begins at {row.tier_start}, want "
                    "0; what is free is a tier of price 0, or an [[allowance]]"
                )
            last[key] = (place, row)
        told = next((problem for problem in problems if problem), None)
        if told:
            yield ConfigError(place.key("tier_start"), told)


def _price_of(region_id: str, place: Place, row: TieredRow) -> tuple[str, ...]:
    names = (row.destination, row.receivers, row.route, row.currency)
    return (place.file.layer, region_id, *names)


def _misfit(
    region_id: str, place: Place, before: TieredRow, row: TieredRow
) -> str | None:
    if before.tier_end is None:
        return f"{region_id} has its last tier already at {place.key('tier_start')}"
    if row.tier_start != before.tier_end:
        return (
            f"want {before.tier_end}, where the tier of {region_id} at "
            f"{place.key('tier_end')} ends, got {row.tier_start}"
        )
    if row.unit != before.unit:
        return f"want the unit {before.unit} of the tier before it, got {row.unit}"
    for key, was, found in (
        ("unit_bytes", before.bytes_in_unit, row.bytes_in_unit),
        ("pool", before.pool, row.pool),
        ("by_default", before.by_default, row.by_default),
    ):
        if was != found:
            return f"want the {key} of the tier before it, {was}, got {found}"
    return None


def _twice(
    rows: Iterable[tuple[Place, MachineRow | Ipv4Row | AllowanceRow]],
) -> Iterator[ConfigError]:
    first: dict[tuple[str, ...], Place] = {}
    standing: dict[tuple[str, str, str], Place] = {}
    for place, row in rows:
        for region_id in row.regions:
            key = (place.file.layer, place.table, region_id, *_names(row))
            other = first.setdefault(key, place)
            if other is not place or row.regions.count(region_id) > 1:
                problem = f"{region_id} has such a price already at {other.row}"
                yield ConfigError(place.key("regions"), problem)
                break
            if not isinstance(row, MachineRow) or not row.by_default:
                continue
            sheet = (place.file.layer, region_id, row.currency)
            other = standing.setdefault(sheet, place)
            if other is not place:
                problem = f"{region_id} has its default machine at {other.row}"
                yield ConfigError(place.key("by_default"), problem)
                break


def _names(row: MachineRow | Ipv4Row | AllowanceRow) -> tuple[str, ...]:
    if isinstance(row, MachineRow):
        return (row.sku, row.currency)
    return (row.currency,) if isinstance(row, Ipv4Row) else row.routes
