"""AWS Price List bulk files into tariffs: pure, and streamed where a file is large.

AWS writes GB and bounds its tiers at multiples of 1024: what it meters is 2^30 bytes.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from cloudgauge.model.tariff import Charge, Tariff
from cloudgauge.pricefeed.answer import (
    AnswerError,
    Machine,
    NotAPrice,
    Skip,
    Skips,
    Source,
    Wanted,
    decimal_of,
    price_of,
    text_of,
    tiers_of,
)
from cloudgauge.pricefeed.json_members import members
from cloudgauge.pricefeed.one_price import one_each

_PRODUCTS, _TERMS = ("products",), ("terms",)
_ON_DEMAND, _RESERVED = ("terms", "OnDemand"), ("terms", "Reserved")
_ENTER = (_PRODUCTS, _TERMS, _ON_DEMAND, _RESERVED)
_ON_DEMAND_CODE = "JRTCKXETXF"
_GIB = 2**30
_UNITS = {"GB": ("GB", _GIB), "Hrs": ("hour", 1)}
_MEMORY = re.compile(r"([\d,]+(?:\.\d+)?) GiB", re.ASCII)
# One comparable Linux machine: without all of these, dedicated tenancy (a tenth
# dearer) and reserved capacity (at 0) come in under the same name.
_PLAIN_LINUX = {
    "operatingSystem": "Linux",
    "preInstalledSw": "NA",
    "licenseModel": "No License required",
    "locationType": "AWS Region",
    "capacitystatus": "Used",
    "marketoption": "OnDemand",
    "tenancy": "Shared",
}
_TRANSFERS = {
    "AWS Outbound": Charge.TO_INTERNET,
    "InterRegion Outbound": Charge.TO_OTHER_REGION,
    "IntraRegion": Charge.TO_OTHER_ZONE,
}
_BOTH_SIDES = "Charged on each side: the sum of both."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Product:
    """A product that is wanted, before its price is known.

    Attributes:
        sides: How many sides pay the listed price for one unit that is moved.
    """

    sku: str
    charge: Charge
    region_id: str
    receivers: str = ""
    machine: Machine | None = None
    sides: int = 1


@dataclass(slots=True)
class _Reading:
    """What a file has shown so far."""

    source: Source
    wanted: Wanted
    dated: date
    skips: Skips = field(default_factory=Skips)
    products: dict[str, _Product] = field(default_factory=dict)
    tariffs: list[Tariff] = field(default_factory=list)


def parse_price_file(
    pieces: Iterable[bytes], source: Source, wanted: Wanted
) -> tuple[tuple[Tariff, ...], tuple[Skip, ...]]:
    """Read a price file of ``AWSDataTransfer`` or ``AmazonEC2``.

    Args:
        pieces: The JSON text in pieces of any size; read to its end, never kept.
        source: Where it is from.
        wanted: Regions and machines to look for.

    Returns:
        Prices in the order of the file, and what was left out. A row that is nothing
        of what is wanted (Windows, reserved, another region) is not counted.

    Raises:
        AnswerError: The file is cut off or not as documented.
    """
    reading = _Reading(source=source, wanted=wanted, dated=source.retrieved)
    seen: set[str] = set()
    for path, value in members(pieces, enter=_ENTER, where=source.url):
        seen.add(path[0])
        if path == ("publicationDate",):
            reading.dated = _day(value, source)
        elif path[:-1] == _PRODUCTS:
            _note_product(reading, path[-1], value)
        elif path[:-1] == _ON_DEMAND and path[-1] in reading.products:
            _note_price(reading, reading.products.pop(path[-1]), value)
    if "products" not in seen and "terms" not in seen:
        msg = f"{source.url}: the answer has neither products nor terms"
        raise AnswerError(msg)
    for product in reading.products.values():
        reading.skips.add("has no on-demand terms", product.sku)
    return one_each(reading.tariffs, reading.skips), reading.skips.told()


def _day(value: object, source: Source) -> date:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError as exc:
        msg = f"{source.url}: publicationDate is no date"
        raise AnswerError(msg) from exc


def _note_product(reading: _Reading, sku: str, value: object) -> None:
    attributes = value.get("attributes") if isinstance(value, dict) else None
    if not isinstance(attributes, dict):
        reading.skips.add("has no attributes", sku)
        return
    if text_of(attributes, "servicecode") == "AWSDataTransfer":
        found = _transfer(reading, sku, attributes)
    else:
        found = _machine(reading, sku, attributes)
    if found is not None:
        reading.products[sku] = found


def _transfer(
    reading: _Reading, sku: str, attributes: Mapping[str, Any]
) -> _Product | None:
    """What a row of traffic is the price of; None if it is nothing that is wanted."""
    kind, to = text_of(attributes, "transferType"), text_of(attributes, "toLocation")
    charge = _TRANSFERS.get(kind)
    if charge is None or (charge is Charge.TO_INTERNET and to != "External"):
        return None
    if text_of(attributes, "fromLocationType") != "AWS Region":
        reading.skips.add("leaves a Local Zone, not a region", sku)
        return None
    region_id = reading.wanted.regions.get(text_of(attributes, "fromRegionCode"))
    receivers = ""
    if region_id is not None and charge is Charge.TO_OTHER_REGION:
        receivers = _receivers(reading, sku, attributes)
    if region_id is None or (charge is Charge.TO_OTHER_REGION and not receivers):
        return None
    return _Product(
        sku=sku,
        charge=charge,
        region_id=region_id,
        receivers=receivers,
        sides=2 if charge is Charge.TO_OTHER_ZONE else 1,
    )


def _receivers(reading: _Reading, sku: str, attributes: Mapping[str, Any]) -> str:
    """Id of the region that traffic goes to; "" where it goes elsewhere."""
    if text_of(attributes, "toLocationType") not in {"", "AWS Region"}:
        reading.skips.add("goes to a Local Zone, not to a region", sku)
        return ""
    code = text_of(attributes, "toRegionCode")
    if code not in reading.wanted.all_regions:
        reading.skips.add("goes to a region that the catalogue lacks", sku)
        return ""
    return reading.wanted.all_regions[code]


def _machine(
    reading: _Reading, sku: str, attributes: Mapping[str, Any]
) -> _Product | None:
    known = reading.wanted.machines.get(text_of(attributes, "instanceType"))
    region_id = reading.wanted.regions.get(text_of(attributes, "regionCode"))
    if known is None or region_id is None:
        return None
    if any(attributes.get(key) != value for key, value in _PLAIN_LINUX.items()):
        return None
    memory = _MEMORY.fullmatch(text_of(attributes, "memory"))
    vcpus = text_of(attributes, "vcpu")
    if memory is None or not (vcpus.isascii() and vcpus.isdigit()):
        reading.skips.add("does not say its vcpu and memory", sku)
        return None
    machine = Machine(
        sku=known.sku,
        vcpus=int(vcpus),
        memory_gib=decimal_of(memory[1].replace(",", "")),
    )
    return _Product(
        sku=sku, charge=Charge.MACHINE, region_id=region_id, machine=machine
    )


def _note_price(reading: _Reading, product: _Product, offers: object) -> None:
    try:
        reading.tariffs.append(_tariff(reading, product, _dimensions(product, offers)))
    except NotAPrice as exc:
        reading.skips.add(str(exc), product.sku)


def _dimensions(product: _Product, offers: object) -> list[Mapping[str, Any]]:
    offer = (
        offers.get(f"{product.sku}.{_ON_DEMAND_CODE}")
        if isinstance(offers, dict)
        else None
    )
    found = offer.get("priceDimensions") if isinstance(offer, dict) else None
    if not isinstance(found, dict) or not found:
        msg = "has no on-demand price"
        raise NotAPrice(msg)
    if not all(isinstance(one, dict) for one in found.values()):
        msg = "has a price that is no object"
        raise NotAPrice(msg)
    return list(found.values())


def _tariff(
    reading: _Reading, product: _Product, dimensions: list[Mapping[str, Any]]
) -> Tariff:
    units = {text_of(one, "unit") for one in dimensions}
    is_machine = product.charge is Charge.MACHINE
    if units != ({"Hrs"} if is_machine else {"GB"}):
        msg = f'is billed by "{", ".join(sorted(units))}", not by the hour or GB'
        raise NotAPrice(msg)
    unit, unit_bytes = _UNITS[units.pop()]
    currency = _currency(dimensions)
    tiers = tiers_of(
        (
            decimal_of(one.get("beginRange")),
            product.sides * price_of(one["pricePerUnit"][currency]),
        )
        for one in dimensions
    )
    _check_ends(dimensions, [tier.end for tier in tiers])
    if is_machine and len(tiers) > 1:
        msg = "has tiers, which a machine has not"
        raise NotAPrice(msg)
    machine = product.machine
    return Tariff(
        row=f"{reading.source.url}: {product.sku}",
        charge=product.charge,
        region_ids=(product.region_id,),
        currency=currency,
        unit=unit,
        unit_bytes=unit_bytes,
        tiers=tiers,
        receivers=product.receivers,
        route="" if is_machine else "default",
        by_default=not is_machine,
        sku=machine.sku if machine else "",
        vcpus=machine.vcpus if machine else None,
        memory_gib=machine.memory_gib if machine else None,
        dated=reading.dated,
        provenance=reading.source.provenance,
        note=_BOTH_SIDES if product.sides > 1 else "",
    )


def _currency(dimensions: list[Mapping[str, Any]]) -> str:
    """Dollars where there are any, else the one currency that there is."""
    prices = [one.get("pricePerUnit") for one in dimensions]
    if not all(isinstance(one, dict) for one in prices):
        msg = "has no price for a unit"
        raise NotAPrice(msg)
    shared = set.intersection(*(set(one) for one in prices if isinstance(one, dict)))
    if "USD" in shared:
        return "USD"
    if len(shared) != 1 or not re.fullmatch("[A-Z]{3}", min(shared)):
        msg = "has no one currency"
        raise NotAPrice(msg)
    return str(shared.pop())


def _check_ends(
    dimensions: list[Mapping[str, Any]], ends: list[Decimal | None]
) -> None:
    """A tier must end where the next begins: a tier that is missing leaves a gap."""
    said = [
        None if one.get("endRange") == "Inf" else decimal_of(one.get("endRange"))
        for one in sorted(dimensions, key=lambda one: decimal_of(one.get("beginRange")))
    ]
    if said != ends:
        msg = "its tiers have a gap or overlap"
        raise NotAPrice(msg)
