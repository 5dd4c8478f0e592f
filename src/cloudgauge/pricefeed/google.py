"""Google's billing catalogue into tariffs: pure. A machine is the sum of its parts."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from cloudgauge.model.tariff import Charge, Pool, Tariff, Tier
from cloudgauge.pricefeed.answer import (
    AnswerError,
    Machine,
    NotAPrice,
    Skip,
    Skips,
    Source,
    Wanted,
    decimal_of,
    listed,
    price_of,
    read_json,
    text_of,
    tiers_of,
)
from cloudgauge.pricefeed.one_price import one_each

_Sku = Mapping[str, Any]
_GIB = 2**30
_PREDEFINED = re.compile(r"([a-z]\d[a-z]?)-(?:standard|highmem|highcpu)-\d+", re.ASCII)
_PART = re.compile(r"([A-Z]\d[A-Z]?) Instance (Core|Ram) running in .+", re.ASCII)
_PART_UNITS = {"Core": "h", "Ram": "GiBy.h"}
_PREMIUM = re.compile(
    r"Network Internet (?:Egress|Data Transfer Out) from .+? to (.+)", re.ASCII
)
# Where the receivers are, by what a description ends with. What is not in here is
# left out and said: some of the catalogue's destinations contradict the price page.
_RECEIVERS = {
    "Americas": "the Americas",
    "Australia": "Australia",
    "China": "mainland China",
}
_GROUPS = ("PremiumInternetEgress", "StandardInternetEgress")


def parse_page(body: bytes, where: str) -> tuple[list[_Sku], str]:
    """Read one page: its SKUs, and the token of the next one; "" at the end.

    Raises:
        AnswerError: It is cut off or has no SKUs.
    """
    page = read_json(body, where)
    skus = listed(page.get("skus"), where, "skus")
    token = page.get("nextPageToken", "")
    if not isinstance(token, str) or (token and not skus):
        msg = f"{where}: its pages do not follow one another"
        raise AnswerError(msg)
    return skus, token


def parse_skus(
    skus: Iterable[_Sku], source: Source, wanted: Wanted
) -> tuple[tuple[Tariff, ...], tuple[Skip, ...]]:
    """Make tariffs of the SKUs of all pages together.

    Returns:
        Traffic to the Internet, then machines of which cores and memory both have a
        price in a region; and what was left out.
    """
    skips = Skips()
    tariffs: list[Tariff] = []
    parts: dict[tuple[str, str, str], tuple[Decimal, str] | None] = {}
    for sku in skus:
        category = sku.get("category")
        if (
            not isinstance(category, dict)
            or text_of(category, "usageType") != "OnDemand"
        ):
            continue
        try:
            if text_of(category, "resourceGroup") in _GROUPS:
                tariffs += _traffic(sku, source, wanted)
            else:
                _note_part(sku, wanted, parts)
        except NotAPrice as exc:
            skips.add(str(exc), text_of(sku, "description") or "a SKU")
    for machine in wanted.machines.values():
        tariffs += _machines(machine, parts, source, wanted, skips)
    return one_each(tariffs, skips), skips.told()


def _regions(sku: _Sku, wanted: Wanted) -> tuple[str, ...]:
    """Ids of the wanted regions that a SKU is for; in either of two places."""
    taxonomy = sku.get("geoTaxonomy")
    named = [sku.get("serviceRegions")]
    named.append(taxonomy.get("regions") if isinstance(taxonomy, dict) else None)
    codes = {
        code
        for one in named
        if isinstance(one, list)
        for code in one
        if isinstance(code, str)
    }
    if not codes - {"global"}:
        msg = "names no region"
        raise NotAPrice(msg)
    return tuple(
        region_id for code, region_id in wanted.regions.items() if code in codes
    )


def _expression(sku: _Sku) -> Mapping[str, Any]:
    """How the newest price of a SKU is put."""
    infos = sku.get("pricingInfo")
    if not isinstance(infos, list) or not all(isinstance(one, dict) for one in infos):
        infos = []
    # ISO 8601 in UTC: as text in the order of time.
    newest = max(infos, key=lambda one: text_of(one, "effectiveTime"), default=None)
    expression = newest.get("pricingExpression") if newest else None
    if not isinstance(expression, dict):
        msg = "has no price"
        raise NotAPrice(msg)
    return expression


def _rates(expression: Mapping[str, Any]) -> tuple[tuple[Tier, ...], str]:
    """Tiers of a price, and their currency."""
    rates = expression.get("tieredRates")
    if not isinstance(rates, list) or not all(isinstance(one, dict) for one in rates):
        msg = "has no rates"
        raise NotAPrice(msg)
    prices = [one.get("unitPrice") for one in rates]
    currencies = {
        text_of(one, "currencyCode") if isinstance(one, dict) else "" for one in prices
    }
    if len(currencies) != 1 or not re.fullmatch("[A-Z]{3}", min(currencies)):
        msg = "has no one currency"
        raise NotAPrice(msg)
    tiers = tiers_of(
        (decimal_of(rate.get("startUsageAmount", 0)), _amount(price))
        for rate, price in zip(rates, prices, strict=True)
    )
    return tiers, currencies.pop()


def _amount(price: Any) -> Decimal:
    """Whole units and billionths; either may be missing, which is 0, but not both."""
    if "units" not in price and "nanos" not in price:
        msg = "has a rate without a price"
        raise NotAPrice(msg)
    whole = decimal_of(price.get("units", "0"))
    return price_of(whole + decimal_of(price.get("nanos", 0)).scaleb(-9))


def _traffic(sku: _Sku, source: Source, wanted: Wanted) -> list[Tariff]:
    region_ids = _regions(sku, wanted)
    if not region_ids:
        return []
    group = text_of(sku["category"], "resourceGroup")
    is_premium = group == "PremiumInternetEgress"
    receivers = _receivers(text_of(sku, "description")) if is_premium else ""
    expression = _expression(sku)
    unit = text_of(expression, "usageUnit")
    factor = expression.get("baseUnitConversionFactor")
    # Who writes GB and counts 2^30 is believed what is counted.
    if (unit, factor) not in {("GiBy", _GIB), ("GBy", _GIB), ("GBy", 10**9)}:
        msg = f'is billed by "{unit}" of {factor} bytes'
        raise NotAPrice(msg)
    tiers, currency = _rates(expression)
    return [
        Tariff(
            row=f"{source.url}: {text_of(sku, 'skuId')}",
            charge=Charge.TO_INTERNET,
            region_ids=region_ids,
            currency=currency,
            unit="GiB" if unit == "GiBy" else "GB",
            unit_bytes=int(factor or 0),
            tiers=tiers,
            # One SKU of many regions adds up over them.
            pool=Pool.ACCOUNT if len(region_ids) > 1 else Pool.REGION,
            receivers=receivers,
            route="premium-tier" if is_premium else "standard-tier",
            by_default=is_premium,
            dated=source.retrieved,
            provenance=source.provenance,
        )
    ]


def _receivers(description: str) -> str:
    found = _PREMIUM.fullmatch(description)
    receivers = _RECEIVERS.get(found[1]) if found else None
    if receivers is None:
        msg = "goes to receivers that are not mapped"
        raise NotAPrice(msg)
    return receivers


def _note_part(
    sku: _Sku,
    wanted: Wanted,
    parts: dict[tuple[str, str, str], tuple[Decimal, str] | None],
) -> None:
    """Keep the price of a core or a GiB of a family in a region."""
    found = _PART.fullmatch(text_of(sku, "description"))
    if found is None:
        return
    region_ids = _regions(sku, wanted)
    expression = _expression(sku)
    if text_of(expression, "usageUnit") != _PART_UNITS[found[2]]:
        msg = f'is billed by "{text_of(expression, "usageUnit")}"'
        raise NotAPrice(msg)
    tiers, currency = _rates(expression)
    if len(tiers) > 1:
        msg = "has tiers, which a machine has not"
        raise NotAPrice(msg)
    for region_id in region_ids:
        key = (region_id, found[1].lower(), found[2])
        part = (tiers[0].price, currency)
        if parts.setdefault(key, part) != part:
            # Nobody knows which holds: from here on neither does.
            parts[key] = None
            msg = "two rows of one thing have different prices"
            raise NotAPrice(msg)


def _machines(
    machine: Machine,
    parts: Mapping[tuple[str, str, str], tuple[Decimal, str] | None],
    source: Source,
    wanted: Wanted,
    skips: Skips,
) -> Iterable[Tariff]:
    name = _PREDEFINED.fullmatch(machine.sku)
    if name is None:
        skips.add("is a machine whose parts are not simply added", machine.sku)
        return
    for region_id in wanted.regions.values():
        core = parts.get((region_id, name[1], "Core"))
        memory = parts.get((region_id, name[1], "Ram"))
        if core is None and memory is None:
            continue
        if core is None or memory is None or core[1] != memory[1]:
            skips.add("has a price of cores or memory alone", machine.sku)
            continue
        price = machine.vcpus * core[0] + machine.memory_gib * memory[0]
        yield Tariff(
            row=f"{source.url}: {machine.sku}",
            charge=Charge.MACHINE,
            region_ids=(region_id,),
            currency=core[1],
            unit="hour",
            unit_bytes=1,
            tiers=(Tier(start=Decimal(0), end=None, price=price),),
            by_default=False,
            sku=machine.sku,
            vcpus=machine.vcpus,
            memory_gib=machine.memory_gib,
            dated=source.retrieved,
            provenance=source.provenance,
            note="Price of its cores and its memory together.",
        )
