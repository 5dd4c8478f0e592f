from decimal import Decimal

import pytest

from cloudgauge.errors import ConfigError
from cloudgauge.model.tariff import Charge, Tariff
from cloudgauge.pricefeed.answer import AnswerError, Refused, Skip
from cloudgauge.pricefeed.tencent import parse_address, parse_zones
from tests.pricefeed.payloads import SOURCE, Json, as_bytes, wanted

REGION = "tencent/ap-guangzhou"
WANTED = wanted("tencent", "ap-guangzhou", machines=("S5.MEDIUM8",))


def hourly(unit: float, second: float, third: float, charge_unit: str = "HOUR") -> Json:
    return {
        "UnitPrice": unit,
        "UnitPriceDiscount": unit / 2,
        "UnitPriceSecondStep": second,
        "UnitPriceThirdStep": third,
        "ChargeUnit": charge_unit,
        "OriginalPrice": 300,
        "DiscountPrice": 0,
    }


def quota(price: Json, **fields: object) -> Json:
    return {
        "Zone": "ap-guangzhou-7",
        "InstanceType": "S5.MEDIUM8",
        "InstanceFamily": "S5",
        "InstanceChargeType": "POSTPAID_BY_HOUR",
        "Cpu": 2,
        "Memory": 8,
        "Status": "SELL",
        "Price": price,
    } | fields


def zones(*rows: Json) -> bytes:
    return as_bytes(
        {"Response": {"RequestId": "EXAMPLE", "InstanceTypeQuotaSet": list(rows)}}
    )


def address(unit_price: object) -> bytes:
    price = {"UnitPrice": unit_price, "DiscountPrice": 0.7, "ChargeUnit": "HOUR"}
    response = {"Price": {"AddressPrice": price}, "RequestId": "EXAMPLE"}
    return as_bytes({"Response": response})


def parse(body: bytes) -> tuple[tuple[Tariff, ...], tuple[Skip, ...]]:
    return parse_zones(body, SOURCE, REGION, WANTED, "CNY")


def test_the_currency_is_that_of_the_accounts_site() -> None:
    (tariff,), skipped = parse(zones(quota(hourly(0.45, 0.45, 0.45))))

    assert (tariff.tiers[0].price, tariff.currency) == (Decimal("0.45"), "CNY")
    assert (tariff.charge, tariff.region_ids) == (Charge.MACHINE, (REGION,))
    assert skipped == ()


def test_a_step_of_zero_is_not_used_and_is_no_price() -> None:
    (tariff,), _ = parse(zones(quota(hourly(0.45, 0, 0))))

    assert tariff.tiers[0].price == Decimal("0.45")


@pytest.mark.parametrize(
    ("price", "reason"),
    [
        (hourly(0, 0, 0), "has a price of 0, which stands for unknown"),
        (
            hourly(0.45, 0.4, 0.3),
            "becomes cheaper after some days, which no sheet can say",
        ),
        (hourly(0.45, 0, 0, "MONTH"), "has no price by the hour"),
        ({"ChargeUnit": "HOUR"}, "a number is missing or unreadable"),
    ],
)
def test_a_row_that_is_no_price_says_why(price: Json, reason: str) -> None:
    tariffs, skipped = parse(zones(quota(price)))

    assert tariffs == ()
    assert skipped == (
        Skip(reason=reason, count=1, example="S5.MEDIUM8 in ap-guangzhou-7"),
    )


def test_zones_that_agree_are_one_price_and_zones_that_differ_are_none() -> None:
    alike, _ = parse(zones(*[quota(hourly(0.45, 0, 0), Zone=f"z{n}") for n in (1, 2)]))
    unlike, skipped = parse(
        zones(quota(hourly(0.45, 0, 0)), quota(hourly(0.5, 0, 0), Zone="z2"))
    )

    assert len(alike) == 1
    assert unlike == ()
    assert [one.reason for one in skipped] == [
        "two rows of one thing have different prices"
    ]


def test_prepaid_and_other_machines_are_passed_over_in_silence() -> None:
    price = hourly(0.45, 0, 0)
    tariffs, skipped = parse(
        zones(
            quota(price, InstanceChargeType="PREPAID"),
            quota(price, InstanceChargeType="SPOTPAID"),
            quota(price, InstanceType="SA9.OTHER"),
        )
    )

    assert (tariffs, skipped) == ((), ())


def test_traffic_that_is_said_to_be_by_the_hour_is_by_the_gb() -> None:
    (tariff,), _ = parse_address(address(0.8), SOURCE, REGION, "CNY")

    assert (tariff.charge, tariff.unit) == (Charge.TO_INTERNET, "GB")
    assert (tariff.tiers[0].price, tariff.route) == (Decimal("0.8"), "bgp")


def test_traffic_of_zero_is_unknown() -> None:
    tariffs, skipped = parse_address(address(0), SOURCE, REGION, "CNY")

    assert tariffs == ()
    assert [one.reason for one in skipped] == [
        "has a price of 0, which stands for unknown"
    ]


def test_an_error_comes_with_status_200_and_is_one_all_the_same() -> None:
    error = {"Code": "InternalError.Db", "Message": "hush"}

    with pytest.raises(Refused, match=r"an error \(InternalError\.Db\)") as caught:
        parse(as_bytes({"Response": {"Error": error, "RequestId": "X"}}))
    assert caught.value.code == "InternalError.Db"
    assert "hush" not in str(caught.value)


def test_an_expired_key_is_the_users_to_mend() -> None:
    error = {"Code": "AuthFailure.SignatureExpire", "Message": "hush"}

    with pytest.raises(ConfigError, match="refuses the key") as caught:
        parse(as_bytes({"Response": {"Error": error}}))
    assert "hush" not in str(caught.value)


def test_a_code_that_is_no_code_is_not_shown() -> None:
    with pytest.raises(Refused) as caught:
        parse(as_bytes({"Response": {"Error": {"Code": "\x1b[31m red"}}}))
    assert "red" not in str(caught.value)


def test_an_answer_without_its_list_is_refused() -> None:
    with pytest.raises(AnswerError, match="InstanceTypeQuotaSet is not a list"):
        parse(as_bytes({"Response": {}}))
