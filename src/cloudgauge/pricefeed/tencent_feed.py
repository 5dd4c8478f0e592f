"""Tencent's signed calls: machines and one address a region. Needs a key."""

import json

from cloudgauge.errors import ConfigError
from cloudgauge.model.tariff import Tariff
from cloudgauge.pricefeed.answer import Refused, Skip, Skips
from cloudgauge.pricefeed.fetching import Ask
from cloudgauge.pricefeed.question import Fetched, Question, joined
from cloudgauge.pricefeed.signing import Action, sign_tencent
from cloudgauge.pricefeed.tencent import parse_address, parse_zones

_VERSION = "2017-03-12"
_ZONES, _ADDRESS = "DescribeZoneInstanceConfigInfos", "InquiryPriceAllocateAddresses"
# Where an account may not enter a region, or the region is no more.
_NO_REGION = ("UnsupportedRegion", "InvalidParameterValue.Region", "InvalidRegion")
# Two a second is what the slower of the two calls allows.
_PAUSE_S = 0.5


def fetch_tencent(question: Question) -> Fetched:
    """Fetch machines and flat traffic of each wanted region.

    Raises:
        AnswerError: An answer did not come whole.
        ConfigError: The key is refused.
    """
    skips = Skips()
    parts: list[tuple[tuple[Tariff, ...], tuple[Skip, ...]]] = []
    for code, region_id in question.wanted.regions.items():
        question.fetcher.tell(f"asking for prices of {region_id}")
        try:
            parts += _prices(question, code, region_id)
        except Refused as exc:
            if not exc.code.startswith(_NO_REGION):
                raise
            skips.add("is a region that the account may not enter", region_id)
        question.fetcher.waiting.sleep(_PAUSE_S)
    return joined([*parts, ((), skips.told())])


def _prices(
    question: Question, code: str, region_id: str
) -> list[tuple[tuple[Tariff, ...], tuple[Skip, ...]]]:
    currency, hosts = question.hosts.currency, question.hosts
    filters = [
        {"Name": "instance-charge-type", "Values": ["POSTPAID_BY_HOUR"]},
        {"Name": "instance-type", "Values": list(question.wanted.machines)},
    ]
    zones = _called(question, hosts.tencent_cvm, _ZONES, code, {"Filters": filters})
    address = _called(
        question,
        hosts.tencent_vpc,
        _ADDRESS,
        code,
        {
            "InternetChargeType": "TRAFFIC_POSTPAID_BY_HOUR",
            "InternetMaxBandwidthOut": 1,
            "AddressType": "EIP",
        },
    )
    zones_at = question.source(f"{hosts.tencent_cvm}/ ({_ZONES})")
    address_at = question.source(f"{hosts.tencent_vpc}/ ({_ADDRESS})")
    return [
        parse_zones(zones, zones_at, region_id, question.wanted, currency),
        parse_address(address, address_at, region_id, currency),
    ]


def _called(
    question: Question, host: str, name: str, region: str, body: object
) -> bytes:
    key = question.key
    if key is None:
        where = "--provider tencent"
        raise ConfigError(where, "list prices need a SecretId and SecretKey here")
    action = Action(name=name, version=_VERSION, region=region)
    now = question.fetcher.waiting.today
    return question.fetcher.body(
        Ask(url=f"{host}/", body=json.dumps(body).encode()),
        sign=lambda ask: sign_tencent(ask, action, key, at=now()),
    )
