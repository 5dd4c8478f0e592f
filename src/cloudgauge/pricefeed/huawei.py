"""Huawei's on-demand ratings into tariffs: pure, the question and its answer."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from cloudgauge.model.tariff import Tariff
from cloudgauge.pricefeed.answer import (
    Machine,
    NotAPrice,
    Skip,
    Skips,
    Source,
    listed,
    price_of,
    read_json,
    text_of,
)
from cloudgauge.pricefeed.flat_price import flat_price

# Dynamic BGP, by traffic. Its unit is one GB (measure 10) of what goes out.
TRAFFIC = "dynamic-bgp"
_TRAFFIC_SPEC = "12_bgp"
_AN_HOUR, _A_GB = 4, 10
_TEN_DECIMALS = 1
_WHOLE_UNITS = 1


def ratings_body(
    project: str, region: str, wanted: Mapping[str, Machine | str]
) -> bytes:
    """Write the body of a call for the list prices of one region.

    Args:
        project: Id of the account's project in the region.
        region: The provider's code.
        wanted: A machine, or `TRAFFIC`, by a name that the answer repeats.
    """
    products = []
    for name, of in wanted.items():
        kind = (
            ("hws.service.type.ec2", "hws.resource.type.vm", f"{of.sku}.linux")
            if isinstance(of, Machine)
            else ("hws.service.type.vpc", "hws.resource.type.bandwidth", _TRAFFIC_SPEC)
        )
        is_machine = isinstance(of, Machine)
        products.append(
            {
                "id": name,
                "cloud_service_type": kind[0],
                "resource_type": kind[1],
                "resource_spec": kind[2],
                "region": region,
                "usage_factor": "Duration" if is_machine else "upflow",
                "usage_value": 1,
                "usage_measure_id": _AN_HOUR if is_machine else _A_GB,
                "subscription_num": 1,
            }
        )
    body = {
        "project_id": project,
        "inquiry_precision": _TEN_DECIMALS,
        "product_infos": products,
    }
    return json.dumps(body).encode()


def parse_ratings(
    body: bytes,
    source: Source,
    region_id: str,
    wanted: Mapping[str, Machine | str],
    currency: str,
) -> tuple[tuple[Tariff, ...], tuple[Skip, ...]]:
    """Read the answer to `ratings_body`: list prices, before any discount.

    Args:
        body: JSON.
        source: Where it is from.
        region_id: That was asked about.
        wanted: What was asked.
        currency: Of the account's site, for an answer that names none.

    Raises:
        AnswerError: It is cut off or not as documented.
    """
    answer = read_json(body, source.url)
    results = listed(
        answer.get("product_rating_results"), source.url, "product_rating_results"
    )
    said = text_of(answer, "currency") or currency
    skips = Skips()
    tariffs: list[Tariff] = []
    missing = dict(wanted)
    for result in results:
        name = text_of(result, "id")
        of = missing.pop(name, None)
        if of is None:
            skips.add("was not asked for", name or "a result")
            continue
        try:
            amount = _list_price(result)
            tariffs.append(flat_price(amount, said, of, region_id, source))
        except NotAPrice as exc:
            skips.add(str(exc), f"{name} in {region_id}")
    for name in missing:
        skips.add("has no result in the answer", f"{name} in {region_id}")
    return tuple(tariffs), skips.told()


def _list_price(result: Mapping[str, Any]) -> Decimal:
    if result.get("measure_id") != _WHOLE_UNITS:
        msg = "is not told in whole units of its currency"
        raise NotAPrice(msg)
    return price_of(result.get("official_website_amount"))
