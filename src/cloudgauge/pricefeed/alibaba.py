"""Alibaba's price answers into tariffs: pure. Regions in lists have internal codes."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NoReturn

from cloudgauge.model.tariff import Tariff
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
    mapping,
    price_of,
    read_json,
    text_of,
)
from cloudgauge.pricefeed.fetching import refusal
from cloudgauge.pricefeed.flat_price import flat_price
from cloudgauge.pricefeed.one_price import one_each

_Row = Mapping[str, Any]
# Codes of the price lists are not those of the regions; only these are known.
_REGION_OF = {
    "cn-beijing-btc-a01": "cn-beijing",
    "cn-hangzhou-dg-a01": "cn-hangzhou",
    "cn-huhehaote-nt12-a01": "cn-huhehaote",
    "cn-qingdao-cm5-a01": "cn-qingdao",
    "cn-shanghai-eu13-a01": "cn-shanghai",
    "cn-wulanchabu-na130-a01": "cn-wulanchabu",
    "cn-zhangjiakou-na62-a01": "cn-zhangjiakou",
    "us-west-ot7-a01": "us-west-1",
}
_NO_VALUE = "NOT_EXIST"
_ROUTES = {"NOT_EXIST": ("bgp", True), "BGP": ("bgp", True)}
_ROUTES |= {"BGP_PRO": ("bgp-premium", False)}


def parse_page(body: bytes, where: str) -> tuple[list[_Row], str, int]:
    """Read one page of QuerySkuPriceList: rows, token of the next page, rows in all.

    Raises:
        AnswerError: It is cut off or not as documented, or the call failed.
        ConfigError: The key is refused.
    """
    answer = read_json(body, where)
    if answer.get("Success") is not True or answer.get("Code") != "Success":
        raise refusal(where, "a failure", text_of(answer, "Code"))
    data = mapping(answer.get("Data"), where, "Data")
    page = mapping(data.get("SkuPricePage"), where, "SkuPricePage")
    rows = listed(page.get("SkuPriceList"), where, "SkuPriceList")
    total = page.get("TotalCount")
    if not isinstance(total, int) or isinstance(total, bool):
        msg = f"{where}: TotalCount is missing: the list may be cut off"
        raise AnswerError(msg)
    return rows, text_of(page, "NextPageToken"), total


def parse_rows(
    rows: Iterable[_Row], source: Source, wanted: Wanted
) -> tuple[tuple[Tariff, ...], tuple[Skip, ...]]:
    """Make tariffs of the rows of all pages: machines or traffic, flat."""
    skips = Skips()
    tariffs: list[Tariff] = []
    for row in rows:
        factors = row.get("SkuFactorMap")
        try:
            if not isinstance(factors, dict):
                _not_a_price("has no factors")
            elif "instance_type" in factors:
                tariffs += _machine(row, factors, source, wanted)
            else:
                tariffs += _traffic(row, factors, source, wanted)
        except NotAPrice as exc:
            skips.add(str(exc), text_of(row, "SkuCode") or "a SKU")
    return one_each(tariffs, skips), skips.told()


def parse_machine_price(
    body: bytes, source: Source, region_id: str, machine: Machine
) -> tuple[tuple[Tariff, ...], tuple[Skip, ...]]:
    """Read an answer of DescribePrice: the machine's part, without its disk.

    Raises:
        AnswerError: It is cut off or not as documented.
    """
    answer = read_json(body, source.url)
    info = mapping(answer.get("PriceInfo"), source.url, "PriceInfo")
    price = mapping(info.get("Price"), source.url, "Price")
    details = mapping(price.get("DetailInfos"), source.url, "DetailInfos")
    parts = listed(details.get("DetailInfo"), source.url, "DetailInfo")
    own = [one for one in parts if one.get("Resource") == "instanceType"]
    skips = Skips()
    tariffs: tuple[Tariff, ...] = ()
    try:
        if len(own) != 1:
            _not_a_price("does not tell the machine from its disk")
        amount = price_of(own[0].get("OriginalPrice"))
        currency = text_of(price, "Currency")
        tariffs = (flat_price(amount, currency, machine, region_id, source),)
    except NotAPrice as exc:
        skips.add(str(exc), f"{machine.sku} in {region_id}")
    return tariffs, skips.told()


def _machine(
    row: _Row, factors: _Row, source: Source, wanted: Wanted
) -> Iterable[Tariff]:
    machine = wanted.machines.get(text_of(factors, "instance_type"))
    if (
        machine is None
        or text_of(factors, "vm_os_kind") != "linux"
        or text_of(factors, "iooptimized") != "optimized"
    ):
        return
    region_id = _region(factors, wanted)
    if region_id is None:
        return
    found = [
        one
        for one in _prices(row)
        if one.get("PriceType") == "hourPrice"
        and one.get("PriceMode") == "NORMAL_PRICE"
    ]
    yield _flat(found, machine, region_id, source)


def _traffic(
    row: _Row, factors: _Row, source: Source, wanted: Wanted
) -> Iterable[Tariff]:
    route = _ROUTES.get(text_of(factors, "isp_type"))
    if route is None:
        _not_a_price("goes by a line that is not mapped")
        return
    region_id = _region(factors, wanted)
    if region_id is None:
        return
    # Beside the price of the traffic stands one of 0 by the hour.
    found = [
        one
        for one in _prices(row)
        if one.get("PriceType") == "usagePrice"
        and one.get("UsageUnit") == "GB"
        and decimal_of(one.get("Price"))
    ]
    if any(one.get("RangeList") for one in found):
        _not_a_price("has tiers, which are not documented")
    yield _flat(found, route[0], region_id, source, by_default=route[1])


def _flat(
    found: list[_Row],
    of: Machine | str,
    region_id: str,
    source: Source,
    *,
    by_default: bool = False,
) -> Tariff:
    if len(found) != 1:
        _not_a_price("has no one price above 0")
    amount, currency = price_of(found[0].get("Price")), text_of(found[0], "Currency")
    tariff = flat_price(amount, currency, of, region_id, source)
    return replace(tariff, by_default=by_default)


def _prices(row: _Row) -> list[_Row]:
    found = row.get("CskuPriceList")
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        _not_a_price("has no list of prices")
    return list(found or [])


def _region(factors: _Row, wanted: Wanted) -> str | None:
    """Id of the region of a row; None if it is known and not wanted."""
    internal = text_of(factors, "vm_region_no")
    if internal in {"", _NO_VALUE}:
        _not_a_price("names no region")
    if internal not in _REGION_OF:
        _not_a_price("names its region by an internal code that is not mapped")
    return wanted.regions.get(_REGION_OF[internal])


def _not_a_price(why: str) -> NoReturn:
    raise NotAPrice(why)
