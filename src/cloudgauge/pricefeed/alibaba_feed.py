"""Alibaba's signed calls: machines one by one, traffic as a list. Needs a key."""

import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from cloudgauge.errors import ConfigError
from cloudgauge.model.tariff import Tariff
from cloudgauge.pricefeed.alibaba import parse_machine_price, parse_page, parse_rows
from cloudgauge.pricefeed.answer import AnswerError, Refused, Skip, Skips
from cloudgauge.pricefeed.fetching import Ask
from cloudgauge.pricefeed.question import Fetched, Question, joined
from cloudgauge.pricefeed.signing import Action, sign_alibaba

_PAGE_SIZE = 50
_MOST_PAGES = 500
_LIST = Action(name="QuerySkuPriceList", version="2017-12-14")
_PRICE = Action(name="DescribePrice", version="2014-05-26")
# Where a region does not sell a machine, or an account may not enter a region.
_NOT_SOLD = (
    *("InvalidInstanceType", "InvalidRegionId", "InvalidSystemDiskCategory"),
    *("PriceNotFound", "RegionUnauthorized"),
)


def fetch_alibaba(question: Question) -> Fetched:
    """Fetch machines of each wanted region, and the list of flat prices of traffic.

    Raises:
        AnswerError: An answer did not come whole, or a list ended too early.
        ConfigError: The key is refused.
    """
    parts = [_traffic(question)]
    skips = Skips()
    for code, region_id in question.wanted.regions.items():
        question.fetcher.tell(f"asking for machines of {region_id}")
        for machine in question.wanted.machines.values():
            query = urlencode(
                {
                    "RegionId": code,
                    "ResourceType": "instance",
                    "InstanceType": machine.sku,
                    "PriceUnit": "Hour",
                }
            )
            host = question.hosts.alibaba_ecs.format(region=code)
            ask = Ask(url=f"{host}/?{query}", body=b"")
            try:
                body = question.fetcher.body(ask, sign=_signing(question, _PRICE))
            except Refused as exc:
                if not exc.code.startswith(_NOT_SOLD):
                    raise
                skips.add("is not sold there", f"{machine.sku} in {region_id}")
                continue
            source = question.source(f"{host}/ (DescribePrice)")
            parts.append(parse_machine_price(body, source, region_id, machine))
    return joined([*parts, ((), skips.told())])


def _traffic(question: Question) -> tuple[tuple[Tariff, ...], tuple[Skip, ...]]:
    commodity = "ecs" if question.hosts.currency == "CNY" else "ecs_intl"
    where = f"{question.hosts.alibaba_bss}/ (QuerySkuPriceList vm_flow_out)"
    rows: list[Mapping[str, Any]] = []
    token, pages = "", 0
    while True:
        query = {
            "CommodityCode": commodity,
            "PriceEntityCode": "vm_flow_out",
            "PriceFactorConditionMap": json.dumps({}),
            "PageSize": str(_PAGE_SIZE),
            "Lang": "en",
        }
        if token:
            query["NextPageToken"] = token
        url = f"{question.hosts.alibaba_bss}/?{urlencode(query)}"
        ask = Ask(url=url, body=b"")
        body = question.fetcher.body(ask, sign=_signing(question, _LIST))
        found, token, total = parse_page(body, where)
        rows += found
        pages += 1
        if len(rows) >= total:
            break
        if not token or not found or pages == _MOST_PAGES:
            msg = f"{where}: the list ends after {len(rows)} rows of {total}"
            raise AnswerError(msg)
    return parse_rows(rows, question.source(where), question.wanted)


def _signing(question: Question, action: Action) -> Callable[[Ask], Ask]:
    key = question.key
    if key is None:
        where = "--provider alibaba"
        raise ConfigError(where, "list prices need an AccessKey here")
    now = question.fetcher.waiting.today
    return lambda ask: sign_alibaba(
        ask, action, key, at=now(), nonce=secrets.token_hex(16)
    )
