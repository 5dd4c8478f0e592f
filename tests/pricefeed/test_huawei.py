import json
from decimal import Decimal

import pytest

from cloudgauge.model.tariff import Charge, Tariff
from cloudgauge.pricefeed.answer import AnswerError, Machine, Skip
from cloudgauge.pricefeed.huawei import TRAFFIC, parse_ratings, ratings_body
from tests.pricefeed.payloads import SOURCE, Json, as_bytes

MACHINE = Machine(sku="s6.large.4", vcpus=2, memory_gib=Decimal(8))
ASKED: dict[str, Machine | str] = {"s6.large.4": MACHINE, TRAFFIC: TRAFFIC}
REGION = "huawei/la-north-2"


def result(name: str, official: object, **fields: object) -> Json:
    return {
        "id": name,
        "product_id": "XPRODUCT",
        "amount": 0.01,
        "discount_amount": 0,
        "official_website_amount": official,
        "measure_id": 1,
        "discount_rating_results": [],
    } | fields


def answer(*results: Json, currency: str = "USD") -> bytes:
    return as_bytes(
        {
            "amount": 0.02,
            "official_website_amount": 0.16,
            "measure_id": 1,
            "currency": currency,
            "product_rating_results": list(results),
        }
    )


def parse(body: bytes) -> tuple[tuple[Tariff, ...], tuple[Skip, ...]]:
    return parse_ratings(body, SOURCE, REGION, ASKED, "USD")


def test_the_list_price_counts_and_not_what_the_account_would_pay() -> None:
    tariffs, skipped = parse(
        answer(result(TRAFFIC, 0.081), result("s6.large.4", 0.0856))
    )

    assert [(one.charge, one.tiers[0].price) for one in tariffs] == [
        (Charge.TO_INTERNET, Decimal("0.081")),
        (Charge.MACHINE, Decimal("0.0856")),
    ]
    assert [one.currency for one in tariffs] == ["USD", "USD"]
    assert (tariffs[0].route, tariffs[1].sku) == ("dynamic-bgp", "s6.large.4")
    assert skipped == ()


def test_an_empty_currency_is_that_of_the_site() -> None:
    (tariff, _), _ = parse(
        answer(result(TRAFFIC, 0.081), result("s6.large.4", 0.0856), currency="")
    )

    assert tariff.currency == "USD"


def test_what_has_no_result_is_said() -> None:
    tariffs, skipped = parse(answer(result("stranger", 5)))

    assert tariffs == ()
    assert sorted((one.reason, one.count) for one in skipped) == [
        ("has no result in the answer", 2),
        ("was not asked for", 1),
    ]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"official": 0}, "has a price of 0, which stands for unknown"),
        ({"official": None}, "a number is missing or unreadable"),
        (
            {"official": 8, "measure_id": 3},
            "is not told in whole units of its currency",
        ),
    ],
)
def test_a_result_that_is_no_price_says_why(fields: Json, reason: str) -> None:
    _, skipped = parse(answer(result(TRAFFIC, **fields), result("s6.large.4", 1)))

    assert [one.reason for one in skipped] == [reason]


def test_the_question_asks_for_an_hour_and_for_a_gb() -> None:
    body = json.loads(ratings_body("XPROJECT", "la-north-2", ASKED))

    machine, traffic = body["product_infos"]
    assert body["project_id"] == "XPROJECT"
    assert machine["resource_spec"] == "s6.large.4.linux"
    assert (machine["usage_factor"], machine["usage_measure_id"]) == ("Duration", 4)
    assert traffic["resource_spec"] == "12_bgp"
    assert (traffic["usage_factor"], traffic["usage_measure_id"]) == ("upflow", 10)


def test_an_answer_without_results_is_refused() -> None:
    with pytest.raises(AnswerError, match="product_rating_results is not a list"):
        parse(b'{"amount": 1}')
