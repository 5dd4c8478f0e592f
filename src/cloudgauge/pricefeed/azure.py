"""Azure Retail Prices into tariffs: pure; a tier is an item, a page a thousand.

Microsoft bounds its tiers by units that it writes GB, and nowhere says that it counts
2^30 bytes in one; they are taken as written.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from cloudgauge.model.tariff import Charge, Pool, Tariff
from cloudgauge.pricefeed.answer import (
    AnswerError,
    NotAPrice,
    Skip,
    Skips,
    Source,
    Wanted,
    decimal_of,
    listed,
    mapping,
    price_of,
    read_json,
    text_of,
    tiers_of,
)
from cloudgauge.pricefeed.one_price import one_each

_Item = Mapping[str, Any]
_UNIT = re.compile(r"(\d{1,6}) (GB|Hours?)", re.ASCII)
# Product and meter of traffic to the Internet: route, and whether it is the default.
# The names of the meters of the second route are Microsoft's own to change.
_ROUTES = {
    "Rtn Preference: MGN": ("microsoft-global-network", True),
    "Bandwidth - Routing Preference: Internet": ("isp-routing-preference", False),
}
_METER = "Standard Data Transfer Out"
_NOT_PLAIN = (" Spot", " Low Priority")


def parse_page(body: bytes, where: str) -> tuple[list[_Item], str | None]:
    """Read one page: its items, and the link to the next one.

    Raises:
        AnswerError: It is cut off, counts other items than it has, or points on
            without having any.
    """
    page = read_json(body, where)
    items = listed(page.get("Items"), where, "Items")
    link = page.get("NextPageLink", "")
    if link == "" or not isinstance(link, str | None):
        msg = f"{where}: NextPageLink is missing or is no link: the list may be cut off"
        raise AnswerError(msg)
    if page.get("Count") != len(items):
        msg = f"{where}: counts {page.get('Count')} items and has {len(items)}"
        raise AnswerError(msg)
    if link is not None and not items:
        msg = f"{where}: has no items and yet a next page"
        raise AnswerError(msg)
    return items, link


def parse_items(
    items: Iterable[_Item], source: Source, wanted: Wanted
) -> tuple[tuple[Tariff, ...], tuple[Skip, ...]]:
    """Make tariffs of the items of all pages together.

    Returns:
        Prices in the order in which they were first met, and what was left out.
        Reservations, Windows, spot machines and other regions are not counted.
    """
    skips = Skips()
    meters: dict[tuple[str, ...], list[_Item]] = {}
    for item in items:
        mapping(item, source.url, "an item")
        key = _key(item, source, wanted, skips)
        if key is not None:
            meters.setdefault(key, []).append(item)
    tariffs: list[Tariff] = []
    for same in meters.values():
        try:
            tariffs.append(_tariff(same, source, wanted))
        except NotAPrice as exc:
            skips.add(str(exc), _name(same[0]))
    return _pooled(one_each(tariffs, skips)), skips.told()


def _key(
    item: _Item, source: Source, wanted: Wanted, skips: Skips
) -> tuple[str, ...] | None:
    """What an item is a tier of; None if it is nothing that is wanted."""
    if text_of(item, "type") != "Consumption":
        return None
    if not _is_machine(item, wanted) and not _is_egress(item, skips):
        return None
    region = text_of(item, "armRegionName")
    if not region:
        skips.add("names no region", _name(item))
        return None
    if region not in wanted.regions:
        return None
    if not _in_force(item, source.retrieved):
        skips.add("is not in force on that day", _name(item))
        return None
    keys = ("productName", "meterName", "meterId", "armSkuName", "currencyCode")
    return (region, *(text_of(item, key) for key in keys))


def _is_machine(item: _Item, wanted: Wanted) -> bool:
    product, meter = text_of(item, "productName"), text_of(item, "meterName")
    return (
        text_of(item, "serviceName") == "Virtual Machines"
        and text_of(item, "armSkuName") in wanted.machines
        and not product.endswith(" Windows")
        and "Cloud Services" not in product.replace("CloudServices", "Cloud Services")
        and not text_of(item, "skuName").endswith(_NOT_PLAIN)
        and not any(word.strip() in meter for word in _NOT_PLAIN)
    )


def _is_egress(item: _Item, skips: Skips) -> bool:
    if text_of(item, "serviceName") != "Bandwidth":
        return False
    meter = text_of(item, "meterName")
    if text_of(item, "productName") not in _ROUTES:
        skips.add("is traffic of a kind that is not mapped", _name(item))
        return False
    return meter.endswith(_METER)


def _in_force(item: _Item, day: date) -> bool:
    start, end = (
        text_of(item, key)[:10] for key in ("effectiveStartDate", "effectiveEndDate")
    )
    # As text: both are ISO 8601 days.
    return start <= day.isoformat() and not (end and end <= day.isoformat())


def _tariff(items: list[_Item], source: Source, wanted: Wanted) -> Tariff:
    first = items[0]
    machine = wanted.machines.get(text_of(first, "armSkuName"))
    count = _units(items, "hour" if machine else "GB")
    # A meter that regions share comes once for each of them, with the same price.
    tiers = tiers_of(
        {
            (
                decimal_of(one.get("tierMinimumUnits")) * count,
                price_of(_one_of(one, count)),
            )
            for one in items
        }
    )
    if machine and len(tiers) > 1:
        msg = "has tiers, which a machine has not"
        raise NotAPrice(msg)
    route, by_default = _ROUTES.get(text_of(first, "productName"), ("", False))
    return Tariff(
        row=f"{source.url}: {text_of(first, 'meterId')}",
        charge=Charge.MACHINE if machine else Charge.TO_INTERNET,
        region_ids=(wanted.regions[text_of(first, "armRegionName")],),
        currency=_currency(first),
        unit="hour" if machine else "GB",
        unit_bytes=1 if machine else 10**9,
        tiers=tiers,
        pool=Pool.REGION if machine else Pool.ACCOUNT,
        route=route,
        by_default=by_default,
        sku=machine.sku if machine else "",
        vcpus=machine.vcpus if machine else None,
        memory_gib=machine.memory_gib if machine else None,
        dated=source.retrieved,
        provenance=source.provenance,
        note=_note(items),
    )


def _units(items: list[_Item], wanted: str) -> Decimal:
    """How many hours or GB the price is for; the same for all tiers."""
    found = {text_of(one, "unitOfMeasure") for one in items}
    unit = _UNIT.fullmatch(min(found))
    if unit is None or len(found) > 1 or not int(unit[1]):
        msg = f'is billed by "{", ".join(sorted(found))}", not by the hour or GB'
        raise NotAPrice(msg)
    if (unit[2] == "GB") != (wanted == "GB"):
        msg = "is billed by the wrong unit for what it is"
        raise NotAPrice(msg)
    return Decimal(unit[1])


def _pooled(tariffs: tuple[Tariff, ...]) -> tuple[Tariff, ...]:
    """Regions that share a meter add up on it: one price for all of them together."""
    found: dict[Tariff, list[str]] = {}
    for one in tariffs:
        found.setdefault(replace(one, region_ids=("",)), []).extend(one.region_ids)
    return tuple(
        replace(one, region_ids=tuple(sorted(region_ids)))
        for one, region_ids in found.items()
    )


def _one_of(item: _Item, count: Decimal) -> Decimal:
    """Price of one, where the number in "100 GB" belongs to the unit."""
    return decimal_of(item.get("retailPrice")) / count


def _currency(item: _Item) -> str:
    currency = text_of(item, "currencyCode")
    if not re.fullmatch("[A-Z]{3}", currency):
        msg = "has no currency"
        raise NotAPrice(msg)
    return currency


def _note(items: list[_Item]) -> str:
    ends = {text_of(one, "effectiveEndDate")[:10] for one in items} - {""}
    return f"Announced to hold until {min(ends)}." if ends else ""


def _name(item: _Item) -> str:
    keys = ("productName", "meterName", "armRegionName")
    return ", ".join(text_of(item, key) for key in keys if text_of(item, key))
