from decimal import Decimal

import pytest

from cloudgauge.errors import ConfigError
from cloudgauge.model.tariff import Charge, Tariff
from cloudgauge.pricefeed.alibaba import parse_machine_price, parse_page, parse_rows
from cloudgauge.pricefeed.answer import AnswerError, Machine, Skip
from tests.pricefeed.payloads import SOURCE, Json, as_bytes, wanted

WANTED = wanted("alibaba", "us-west-1", "cn-beijing", machines=("ecs.xn4.small",))
MACHINE = Machine(sku="ecs.g7.large", vcpus=2, memory_gib=Decimal(8))


def price(amount: str, kind: str = "usagePrice", **fields: object) -> Json:
    return {
        "CskuCode": "Xc1",
        "Currency": "USD",
        "Price": amount,
        "PriceMode": "STEP_ARRIVE" if kind == "usagePrice" else "NORMAL_PRICE",
        "PriceType": kind,
        "PriceUnit": "USD/GB",
        "UsageUnit": "GB",
        "RangeList": [],
    } | fields


def machine_row(*prices: Json, **factors: str) -> Json:
    usual = {
        "vm_region_no": "us-west-ot7-a01",
        "instance_type": "ecs.xn4.small",
        "vm_os_kind": "linux",
        "iooptimized": "optimized",
    }
    found = list(prices) or [price("0.015", "hourPrice")]
    return {
        "SkuCode": "Xsku1",
        "SkuFactorMap": usual | factors,
        "CskuPriceList": found,
    }


def traffic_row(*prices: Json, **factors: str) -> Json:
    usual = {"vm_region_no": "cn-beijing-btc-a01", "isp_type": "NOT_EXIST"}
    found = list(prices) or [
        price("0.123"),
        price("0", "hourPrice", PriceMode="STEP_ARRIVE"),
    ]
    return {
        "SkuCode": "Xsku2",
        "SkuFactorMap": usual | factors,
        "CskuPriceList": found,
    }


def page(rows: list[Json], token: str = "", total: int | None = None) -> Json:
    found = {
        "NextPageToken": token,
        "TotalCount": len(rows) if total is None else total,
        "SkuPriceList": rows,
    }
    return {
        "Code": "Success",
        "Message": "Successful!",
        "Success": True,
        "RequestId": "EXAMPLE",
        "Data": {"SkuPricePage": found},
    }


def parse(*rows: Json) -> tuple[tuple[Tariff, ...], tuple[Skip, ...]]:
    found, _, _ = parse_page(as_bytes(page(list(rows))), "url")
    return parse_rows(found, SOURCE, WANTED)


def told_price(*details: Json) -> bytes:
    found = {"OriginalPrice": 0.9, "TradePrice": 0.8, "Currency": "USD"}
    found["DetailInfos"] = {"DetailInfo": list(details)}
    return as_bytes({"RequestId": "X", "PriceInfo": {"Price": found}})


def reasons(skips: tuple[Skip, ...]) -> list[str]:
    return [skip.reason for skip in skips]


def test_an_internal_code_stands_for_a_public_region() -> None:
    (tariff,), skipped = parse(machine_row())

    assert tariff.region_ids == ("alibaba/us-west-1",)
    assert (tariff.charge, tariff.sku) == (Charge.MACHINE, "ecs.xn4.small")
    assert (tariff.tiers[0].price, tariff.currency) == (Decimal("0.015"), "USD")
    assert skipped == ()


def test_an_internal_code_that_nobody_mapped_is_skipped_not_guessed() -> None:
    tariffs, skipped = parse(machine_row(vm_region_no="eu-central-xx9-a01"))

    assert tariffs == ()
    assert reasons(skipped) == [
        "names its region by an internal code that is not mapped"
    ]


def test_not_exist_is_no_region() -> None:
    tariffs, skipped = parse(traffic_row(vm_region_no="NOT_EXIST"))

    assert tariffs == ()
    assert reasons(skipped) == ["names no region"]


def test_the_row_of_zero_beside_the_price_is_not_the_price() -> None:
    (tariff,), skipped = parse(traffic_row())

    assert tariff.tiers[0].price == Decimal("0.123")
    assert (tariff.charge, tariff.route) == (Charge.TO_INTERNET, "bgp")
    assert (tariff.unit, tariff.by_default) == ("GB", True)
    assert skipped == ()


def test_traffic_of_zero_alone_is_no_price() -> None:
    tariffs, skipped = parse(traffic_row(price("0")))

    assert tariffs == ()
    assert reasons(skipped) == ["has no one price above 0"]


def test_a_premium_line_is_a_route_that_somebody_must_choose() -> None:
    (tariff,), _ = parse(traffic_row(isp_type="BGP_PRO"))

    assert (tariff.route, tariff.by_default) == ("bgp-premium", False)


def test_a_line_that_nobody_mapped_is_skipped() -> None:
    tariffs, skipped = parse(traffic_row(isp_type="MARS"))

    assert tariffs == ()
    assert reasons(skipped) == ["goes by a line that is not mapped"]


def test_ranges_that_nobody_documented_are_no_tiers() -> None:
    tariffs, skipped = parse(traffic_row(price("0.123", RangeList=[{"a": 1}])))

    assert tariffs == ()
    assert reasons(skipped) == ["has tiers, which are not documented"]


def test_windows_and_other_machines_are_passed_over_in_silence() -> None:
    tariffs, skipped = parse(
        machine_row(vm_os_kind="windows"),
        machine_row(iooptimized="none"),
        machine_row(instance_type="ecs.other"),
    )

    assert (tariffs, skipped) == ((), ())


def test_of_the_parts_of_a_price_the_machine_alone_counts() -> None:
    parts = (
        {"Resource": "systemDisk", "OriginalPrice": 0.01},
        {"Resource": "instanceType", "OriginalPrice": 0.113, "TradePrice": 0.1},
        {"Resource": "image", "OriginalPrice": 0},
    )
    (tariff,), skipped = parse_machine_price(
        told_price(*parts), SOURCE, "alibaba/us-west-1", MACHINE
    )

    assert tariff.tiers[0].price == Decimal("0.113")
    assert skipped == ()


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ((), "does not tell the machine from its disk"),
        (
            ({"Resource": "instanceType", "OriginalPrice": 0},),
            "has a price of 0, which stands for unknown",
        ),
        (({"Resource": "instanceType"},), "a number is missing or unreadable"),
    ],
)
def test_a_total_alone_is_no_price_of_a_machine(
    parts: tuple[Json, ...], reason: str
) -> None:
    tariffs, skipped = parse_machine_price(
        told_price(*parts), SOURCE, "alibaba/us-west-1", MACHINE
    )

    assert tariffs == ()
    assert reasons(skipped) == [reason]


def test_a_failure_comes_with_its_code_and_without_its_words() -> None:
    answer = {"Code": "InternalError", "Success": False, "Message": "hush"}

    with pytest.raises(AnswerError, match=r"a failure \(InternalError\)") as caught:
        parse_page(as_bytes(answer), "url")
    assert "hush" not in str(caught.value)


def test_a_key_that_is_refused_is_the_users_to_mend() -> None:
    answer = {"Code": "NotAuthorized", "Success": False}

    with pytest.raises(ConfigError, match="refuses the key"):
        parse_page(as_bytes(answer), "url")


def test_a_page_without_a_count_may_be_cut_off() -> None:
    answer = page([])
    del answer["Data"]["SkuPricePage"]["TotalCount"]

    with pytest.raises(AnswerError, match="TotalCount is missing"):
        parse_page(as_bytes(answer), "url")
