from decimal import Decimal

import pytest

from cloudgauge.model.tariff import Charge, Pool, Tariff
from cloudgauge.pricefeed.answer import AnswerError, Skip
from cloudgauge.pricefeed.azure import parse_items, parse_page
from tests.pricefeed.payloads import (
    SOURCE,
    Json,
    as_bytes,
    azure_item,
    azure_machine,
    azure_page,
    azure_tiers,
    wanted,
)

WANTED = wanted("azure", "eastus", "westeurope", machines=("Standard_D2s_v5",))
URL = "https://prices.example/page"


def parse(*items: Json) -> tuple[tuple[Tariff, ...], tuple[Skip, ...]]:
    page, _ = parse_page(as_bytes(azure_page(list(items))), URL)
    return parse_items(page, SOURCE, WANTED)


def prices(*tariffs: Tariff) -> list[str]:
    return [f"{tier.price:f}" for tariff in tariffs for tier in tariff.tiers]


def reasons(skips: tuple[Skip, ...]) -> list[str]:
    return [skip.reason for skip in skips]


def test_tiers_in_the_wrong_order_come_out_in_order_with_the_free_one_first() -> None:
    (tariff,), skipped = parse(*azure_tiers())

    assert prices(tariff) == ["0", "0.087", "0.083"]
    assert [f"{tier.start:f}" for tier in tariff.tiers] == ["0", "100", "10335"]
    assert tariff.charge is Charge.TO_INTERNET
    assert (tariff.unit, tariff.unit_bytes) == ("GB", 10**9)
    assert (tariff.route, tariff.by_default) == ("microsoft-global-network", True)
    assert skipped == ()
    # 1024 GB: 924 at 0.087.
    cost = tariff.cost_of(Decimal(1024))
    assert cost is not None
    assert cost.amount == Decimal("80.388")


def test_tiers_over_two_pages_are_one_price() -> None:
    first, second, third = azure_tiers()
    pages = [
        azure_page([first], "https://prices.example/2"),
        azure_page([second, third]),
    ]
    items = [item for page in pages for item in parse_page(as_bytes(page), URL)[0]]

    (tariff,), _ = parse_items(items, SOURCE, WANTED)

    assert prices(tariff) == ["0", "0.087", "0.083"]


def test_traffic_by_the_isps_is_a_route_that_somebody_must_choose() -> None:
    isp = {"productName": "Bandwidth - Routing Preference: Internet", "meterId": "X2"}
    tariffs, _ = parse(*azure_tiers(), *azure_tiers(**isp))

    assert [(one.route, one.by_default) for one in tariffs] == [
        ("microsoft-global-network", True),
        ("isp-routing-preference", False),
    ]


def test_windows_and_spot_rows_beside_the_wanted_one_are_passed_over() -> None:
    dear = {"retailPrice": 0.188, "unitPrice": 0.188}
    (tariff,), skipped = parse(
        azure_machine(productName="Virtual Machines Dsv5 Series Windows", **dear),
        azure_machine(skuName="D2s v5 Spot", **dear),
        azure_machine(skuName="D2s v5 Low Priority", **dear),
        azure_machine(meterName="D2s v5 Low Priority", **dear),
        azure_machine(productName="Dsv5 Series Cloud Services", **dear),
        azure_machine(productName="Dsv5 Series CloudServices", **dear),
        azure_machine(type="Reservation", reservationTerm="1 Year", **dear),
        azure_machine(type="DevTestConsumption", **dear),
        azure_machine(),
    )

    assert prices(tariff) == ["0.096"]
    assert (tariff.sku, tariff.vcpus, tariff.unit) == ("Standard_D2s_v5", 2, "hour")
    assert skipped == ()


def test_a_shared_meter_that_comes_once_for_each_region_is_kept_for_each() -> None:
    (tariff,), _ = parse(
        *azure_tiers(),
        *azure_tiers(armRegionName="westeurope", isPrimaryMeterRegion=False),
        *azure_tiers(isPrimaryMeterRegion=False),
    )

    assert tariff.region_ids == ("azure/eastus", "azure/westeurope")
    assert tariff.pool is Pool.ACCOUNT


def test_regions_with_meters_of_their_own_do_not_add_up() -> None:
    tariffs, _ = parse(
        *azure_tiers(), *azure_tiers(armRegionName="westeurope", meterId="XZONE9")
    )

    assert [one.region_ids for one in tariffs] == [
        ("azure/eastus",),
        ("azure/westeurope",),
    ]


def test_a_row_that_ends_soon_holds_and_says_until_when() -> None:
    (tariff,), _ = parse(azure_machine(effectiveEndDate="2026-12-31T00:00:00Z"))

    assert tariff.note == "Announced to hold until 2026-12-31."


def test_a_row_that_has_ended_or_not_begun_is_no_price() -> None:
    (tariff,), skipped = parse(
        azure_machine(retailPrice=0.2, effectiveEndDate="2026-11-22T00:00:00Z"),
        azure_machine(retailPrice=0.3, effectiveStartDate="2026-12-01T00:00:00Z"),
        azure_machine(),
    )

    assert prices(tariff) == ["0.096"]
    assert [(one.reason, one.count) for one in skipped] == [
        ("is not in force on that day", 2)
    ]


def test_the_number_in_a_unit_belongs_to_the_unit() -> None:
    (tariff,), _ = parse(
        azure_item(retailPrice=8.7, unitOfMeasure="100 GB"),
        azure_item(retailPrice=8.3, tierMinimumUnits=100, unitOfMeasure="100 GB"),
    )

    assert prices(tariff) == ["0.087", "0.083"]
    assert [f"{tier.start:f}" for tier in tariff.tiers] == ["0", "10000"]


@pytest.mark.parametrize("unit", ["10K", "1 GB/Month", "GB", "", "0.5 GB", "1 gb"])
def test_a_unit_that_is_no_count_of_gb_is_no_price(unit: str) -> None:
    tariffs, skipped = parse(azure_item(retailPrice=1.0, unitOfMeasure=unit))

    assert tariffs == ()
    assert reasons(skipped) == [f'is billed by "{unit}", not by the hour or GB']


def test_a_machine_by_the_gb_is_no_price() -> None:
    tariffs, skipped = parse(azure_machine(unitOfMeasure="1 GB"))

    assert tariffs == ()
    assert reasons(skipped) == ["is billed by the wrong unit for what it is"]


def test_a_meter_of_no_region_is_skipped_and_said() -> None:
    tariffs, skipped = parse(*azure_tiers(armRegionName=""))

    assert tariffs == ()
    assert [(one.reason, one.count) for one in skipped] == [("names no region", 3)]


def test_traffic_that_nobody_mapped_is_skipped_and_said() -> None:
    tariffs, skipped = parse(
        azure_item(productName="Bandwidth Inter-Region", retailPrice=0.02)
    )

    assert tariffs == ()
    assert reasons(skipped) == ["is traffic of a kind that is not mapped"]


def test_a_price_of_zero_alone_is_no_price() -> None:
    tariffs, skipped = parse(azure_item())

    assert tariffs == ()
    assert reasons(skipped) == ["the price is 0 in every tier"]


def test_two_meters_of_one_machine_with_two_prices_are_none() -> None:
    tariffs, skipped = parse(
        azure_machine(), azure_machine(meterId="XOTHER", retailPrice=0.2)
    )

    assert tariffs == ()
    assert reasons(skipped) == ["two rows of one thing have different prices"]


def test_a_row_without_a_currency_is_no_price() -> None:
    tariffs, skipped = parse(azure_machine(currencyCode=""))

    assert tariffs == ()
    assert reasons(skipped) == ["has no currency"]


def test_empty_items_are_a_page_without_a_price() -> None:
    assert parse_page(as_bytes(azure_page([])), URL) == ([], None)


@pytest.mark.parametrize(
    ("page", "problem"),
    [
        (azure_page([azure_item()]) | {"Count": 1000}, "counts 1000 items and has 1"),
        (azure_page([], "https://x.example/2"), "has no items and yet a next page"),
        ({"Items": [], "Count": 0}, "NextPageLink is missing or is no link"),
        (azure_page([]) | {"NextPageLink": 5}, "NextPageLink is missing or is no link"),
        (azure_page([]) | {"Items": None}, "Items is not a list of objects"),
        (azure_page([]) | {"Items": ["x"]}, "Items is not a list of objects"),
        ([], "the answer is not an object"),
    ],
)
def test_a_page_that_may_be_cut_off_fails_loudly(page: object, problem: str) -> None:
    with pytest.raises(AnswerError, match=f"^{URL}: {problem}"):
        parse_page(as_bytes(page), URL)


@pytest.mark.parametrize("kept", [0, 1, 300, -1])
def test_a_page_that_is_cut_off_is_refused_with_its_url(kept: int) -> None:
    text = as_bytes(azure_page(azure_tiers()))

    with pytest.raises(AnswerError, match=f"^{URL}: the answer is cut off"):
        parse_page(text[:kept], URL)


def test_a_number_that_json_does_not_know_is_refused() -> None:
    with pytest.raises(AnswerError, match="is not JSON"):
        parse_page(b'{"Items": [], "Count": NaN, "NextPageLink": null}', URL)
