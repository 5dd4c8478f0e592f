"""Tencent's price answers into tariffs: pure. An error comes with status 200."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from cloudgauge.model.tariff import Tariff
from cloudgauge.pricefeed.answer import (
    NotAPrice,
    Skip,
    Skips,
    Source,
    Wanted,
    listed,
    mapping,
    price_of,
    read_json,
    text_of,
)
from cloudgauge.pricefeed.fetching import refusal
from cloudgauge.pricefeed.flat_price import flat_price
from cloudgauge.pricefeed.one_price import one_each

_Part = tuple[tuple[Tariff, ...], tuple[Skip, ...]]
_ROUTE = "bgp"


def parse_zones(
    body: bytes, source: Source, region_id: str, wanted: Wanted, currency: str
) -> _Part:
    """Read an answer of DescribeZoneInstanceConfigInfos: machines of all zones.

    Zones of a region that differ in a price give none: nobody knows which holds.

    Args:
        body: JSON.
        source: Where it is from.
        region_id: That was asked about.
        wanted: Machines to look for.
        currency: Of the account's site, since the answer does not say it.

    Raises:
        Refused: The call failed.
        AnswerError: It is cut off or not as documented.
        ConfigError: The key is refused.
    """
    response = _response(body, source)
    name = "InstanceTypeQuotaSet"
    skips = Skips()
    tariffs: list[Tariff] = []
    for row in listed(response.get(name), source.url, name):
        machine = wanted.machines.get(text_of(row, "InstanceType"))
        if machine is None or row.get("InstanceChargeType") != "POSTPAID_BY_HOUR":
            continue
        try:
            price = _hourly(row.get("Price"))
            tariffs.append(flat_price(price, currency, machine, region_id, source))
        except NotAPrice as exc:
            skips.add(str(exc), f"{machine.sku} in {text_of(row, 'Zone')}")
    return one_each(tariffs, skips), skips.told()


def parse_address(body: bytes, source: Source, region_id: str, currency: str) -> _Part:
    """Read an answer of InquiryPriceAllocateAddresses that asked for traffic billing.

    Its price is for a GB, whatever `ChargeUnit` says.

    Raises:
        Refused: The call failed.
        AnswerError: It is cut off or not as documented.
        ConfigError: The key is refused.
    """
    response = _response(body, source)
    price = mapping(response.get("Price"), source.url, "Price")
    address = mapping(price.get("AddressPrice"), source.url, "AddressPrice")
    skips = Skips()
    try:
        amount = price_of(address.get("UnitPrice"))
        tariff = flat_price(amount, currency, _ROUTE, region_id, source)
    except NotAPrice as exc:
        skips.add(str(exc), f"traffic of {region_id}")
        return (), skips.told()
    return (tariff,), ()


def _response(body: bytes, source: Source) -> Mapping[str, Any]:
    answer = read_json(body, source.url)
    response = mapping(answer.get("Response"), source.url, "Response")
    error = response.get("Error")
    if error is not None:
        code = text_of(mapping(error, source.url, "Error"), "Code")
        raise refusal(source.url, "an error", code if _is_plain(code) else "")
    return response


def _hourly(price: object) -> Decimal:
    """List price of an hour, where it is the same however long a machine runs."""
    if not isinstance(price, dict) or price.get("ChargeUnit") != "HOUR":
        msg = "has no price by the hour"
        raise NotAPrice(msg)
    first = price_of(price.get("UnitPrice"))
    # A step of 0 is one that is not used.
    steps = [
        price_of(price.get(f"UnitPrice{step}Step", 0)) for step in ("Second", "Third")
    ]
    if any(step not in {Decimal(0), first} for step in steps):
        msg = "becomes cheaper after some days, which no sheet can say"
        raise NotAPrice(msg)
    return first


def _is_plain(code: str) -> bool:
    return code.isascii() and code.replace(".", "").replace("_", "").isalnum()
