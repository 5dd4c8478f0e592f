from decimal import Decimal

import pytest

from cloudgauge.model.tariff import Charge, Pool, Tariff
from cloudgauge.pricefeed.answer import AnswerError, Skip
from cloudgauge.pricefeed.google import parse_page, parse_skus
from tests.pricefeed.payloads import SOURCE, Json, as_bytes, wanted

WANTED = wanted("gcp", "asia-northeast3", "us-central1", machines=("n2-standard-2",))
STANDARD = "Network Standard Data Transfer Out to Internet from Seoul"
SEOUL = ((0, 0), (10240, 109000000), (200, 119000000), (153600, 97000000))


def rate(start: float, nanos: int | None, units: str | None = "0") -> Json:
    price: Json = {"currencyCode": "USD"}
    price |= {} if units is None else {"units": units}
    price |= {} if nanos is None else {"nanos": nanos}
    return {"startUsageAmount": start, "unitPrice": price}


def pricing(
    rates: list[Json],
    *,
    unit: str = "GiBy",
    factor: int = 2**30,
    since: str = "2026-09-23T07:00:00Z",
) -> Json:
    return {
        "summary": "",
        "effectiveTime": since,
        "currencyConversionRate": 1,
        "aggregationInfo": {"aggregationLevel": "ACCOUNT", "aggregationCount": 1},
        "pricingExpression": {
            "usageUnit": unit,
            "baseUnitConversionFactor": factor,
            "displayQuantity": 1,
            "tieredRates": rates,
        },
    }


def sku(
    *infos: Json,
    description: str = STANDARD,
    group: str = "StandardInternetEgress",
    regions: tuple[str, ...] = ("asia-northeast3",),
    **fields: object,
) -> Json:
    tiers = [rate(start, nanos) for start, nanos in SEOUL]
    return {
        "name": "services/6F81-5844-456A/skus/XAAA",
        "skuId": "XAAA",
        "description": description,
        "category": {
            "resourceFamily": "Network",
            "resourceGroup": group,
            "usageType": "OnDemand",
        },
        "serviceRegions": list(regions),
        "pricingInfo": list(infos) or [pricing(tiers)],
        "geoTaxonomy": {"type": "REGIONAL", "regions": list(regions)},
    } | fields


def part(kind: str, price: Json, **fields: object) -> Json:
    unit = "h" if kind == "Core" else "GiBy.h"
    group = "CPU" if kind == "Core" else "RAM"
    info = pricing([price], unit=unit, factor=3600)
    usual: Json = {
        "description": f"N2 Instance {kind} running in Seoul",
        "category": {"resourceGroup": group, "usageType": "OnDemand"},
    }
    return sku(info) | usual | fields


def parse(*skus: Json) -> tuple[tuple[Tariff, ...], tuple[Skip, ...]]:
    page, _ = parse_page(as_bytes({"skus": list(skus), "nextPageToken": ""}), "url")
    return parse_skus(page, SOURCE, WANTED)


def prices(*tariffs: Tariff) -> list[str]:
    return [f"{tier.price:f}" for tariff in tariffs for tier in tariff.tiers]


def reasons(skips: tuple[Skip, ...]) -> list[str]:
    return [skip.reason for skip in skips]


def test_standard_tier_traffic_with_its_free_part_comes_out_in_order() -> None:
    (tariff,), skipped = parse(sku())

    assert prices(tariff) == ["0", "0.119", "0.109", "0.097"]
    assert [f"{one.start:f}" for one in tariff.tiers] == ["0", "200", "10240", "153600"]
    assert (tariff.unit, tariff.unit_bytes) == ("GiB", 2**30)
    assert (tariff.route, tariff.by_default) == ("standard-tier", False)
    assert tariff.charge is Charge.TO_INTERNET
    assert skipped == ()


def test_missing_nanos_are_none_and_units_count_whole() -> None:
    (tariff,), _ = parse(
        sku(pricing([rate(0, None, "2"), rate(10, 500000000, "1"), rate(20, 5, None)]))
    )

    assert prices(tariff) == ["2", "1.5", "0.000000005"]


def test_a_rate_with_neither_units_nor_nanos_is_no_price() -> None:
    tariffs, skipped = parse(sku(pricing([rate(0, None, None)])))

    assert tariffs == ()
    assert reasons(skipped) == ["has a rate without a price"]


def test_a_region_may_stand_in_the_taxonomy_alone() -> None:
    taxonomy = {"type": "REGIONAL", "regions": ["us-central1"]}
    (tariff,), _ = parse(sku(serviceRegions=["global"], geoTaxonomy=taxonomy))

    assert tariff.region_ids == ("gcp/us-central1",)


def test_a_sku_of_the_whole_world_names_no_region() -> None:
    taxonomy = {"type": "GLOBAL", "regions": []}
    tariffs, skipped = parse(sku(serviceRegions=["global"], geoTaxonomy=taxonomy))

    assert tariffs == ()
    assert reasons(skipped) == ["names no region"]


def test_of_two_prices_the_newer_counts() -> None:
    old = pricing([rate(0, 300000000)], since="2025-09-23T07:00:00Z")
    new = pricing([rate(0, 200000000)])
    (tariff,), _ = parse(sku(old, new), sku(new, old))

    assert prices(tariff) == ["0.2"]


def test_a_sku_with_one_rate_of_zero_is_no_price() -> None:
    tariffs, skipped = parse(sku(pricing([rate(0, 0)])))

    assert tariffs == ()
    assert reasons(skipped) == ["the price is 0 in every tier"]


def test_a_machine_is_its_cores_and_its_memory() -> None:
    (tariff,), skipped = parse(
        part("Core", rate(0, 40618000)), part("Ram", rate(0, 5419000))
    )

    # 2 x 0.040618 + 8 x 0.005419
    assert prices(tariff) == ["0.124588"]
    assert (tariff.sku, tariff.vcpus) == ("n2-standard-2", 2)
    assert tariff.memory_gib == Decimal(8)
    assert skipped == ()


def test_cores_without_memory_give_no_price() -> None:
    tariffs, skipped = parse(part("Core", rate(0, 40618000)))

    assert tariffs == ()
    assert reasons(skipped) == ["has a price of cores or memory alone"]


def test_spot_and_committed_and_custom_parts_are_passed_over() -> None:
    spot = {"resourceGroup": "CPU", "usageType": "Preemptible"}
    custom = "N2 Custom Instance Ram running in Seoul"
    (tariff,), _ = parse(
        part("Core", rate(0, 40618000)),
        part("Core", rate(0, 9000000), category=spot),
        part("Ram", rate(0, 5419000)),
        part("Ram", rate(0, 9419000), description=custom),
    )

    assert prices(tariff) == ["0.124588"]


def test_a_machine_of_shared_cores_is_not_added_up() -> None:
    shared = wanted("gcp", "us-central1", machines=("e2-micro",))
    tariffs, skipped = parse_skus([], SOURCE, shared)

    assert tariffs == ()
    assert reasons(skipped) == ["is a machine whose parts are not simply added"]


def test_premium_traffic_names_its_receivers_and_adds_up_over_its_regions() -> None:
    text = "Network Internet Data Transfer Out from Americas to China"
    both = ("asia-northeast3", "us-central1")
    (tariff,), _ = parse(
        sku(description=text, group="PremiumInternetEgress", regions=both)
    )

    assert (tariff.route, tariff.by_default) == ("premium-tier", True)
    assert tariff.receivers == "mainland China"
    assert tariff.pool is Pool.ACCOUNT
    assert len(tariff.region_ids) == 2


def test_receivers_that_nobody_mapped_are_skipped_and_said() -> None:
    text = "Network Internet Data Transfer Out from Seoul to Atlantis"
    tariffs, skipped = parse(sku(description=text, group="PremiumInternetEgress"))

    assert tariffs == ()
    assert skipped == (
        Skip(reason="goes to receivers that are not mapped", count=1, example=text),
    )


def test_what_is_called_gb_and_counted_in_gib_stays_both() -> None:
    (tariff,), _ = parse(sku(pricing([rate(0, 119000000)], unit="GBy")))

    assert (tariff.unit, tariff.unit_bytes) == ("GB", 2**30)


@pytest.mark.parametrize(("unit", "factor"), [("TiBy", 2**40), ("GiBy", 10**9)])
def test_a_unit_of_other_bytes_is_no_price(unit: str, factor: int) -> None:
    tariffs, skipped = parse(
        sku(pricing([rate(0, 119000000)], unit=unit, factor=factor))
    )

    assert tariffs == ()
    assert reasons(skipped) == [f'is billed by "{unit}" of {factor} bytes']


@pytest.mark.parametrize(
    "page",
    [{"nextPageToken": ""}, {"skus": [], "nextPageToken": "more"}, {"skus": ["x"]}],
)
def test_a_page_that_may_be_cut_off_is_refused(page: object) -> None:
    with pytest.raises(AnswerError, match=r"^url: "):
        parse_page(as_bytes(page), "url")


@pytest.mark.parametrize(
    ("info", "reason"),
    [
        ("none", "has no price"),
        ({"effectiveTime": "2026-09-23T07:00:00Z"}, "has no price"),
        (pricing([]), "has no one currency"),
        (pricing([]) | {"pricingExpression": {}}, 'is billed by "" of None bytes'),
        (
            pricing([rate(0, 1), rate(5, 2) | {"unitPrice": {"currencyCode": "EUR"}}]),
            "has no one currency",
        ),
        (pricing([rate(0, 1) | {"unitPrice": "1"}]), "has no one currency"),
        (pricing([rate(0, -1)]), "a number is missing or unreadable"),
    ],
)
def test_a_sku_of_another_shape_is_skipped_and_said(info: Json, reason: str) -> None:
    tariffs, skipped = parse(sku(info))

    assert tariffs == ()
    assert reasons(skipped) == [reason]


def test_parts_in_tiers_or_by_another_unit_or_with_two_prices_give_no_machine() -> None:
    tiers = pricing([rate(0, 5), rate(9, 4)], unit="h", factor=3600)
    tariffs, skipped = parse(
        part("Core", rate(0, 40618000)),
        part("Core", rate(0, 40618001)),
        part("Core", rate(0, 1), pricingInfo=[tiers]),
        part("Ram", rate(0, 1), pricingInfo=[pricing([rate(0, 5)], unit="GiBy.mo")]),
    )

    assert tariffs == ()
    assert sorted(reasons(skipped)) == [
        "has tiers, which a machine has not",
        'is billed by "GiBy.mo"',
        "two rows of one thing have different prices",
    ]


def test_cores_with_two_prices_give_no_machine_whatever_comes_after() -> None:
    tariffs, _ = parse(
        part("Core", rate(0, 40618000)),
        part("Core", rate(0, 40618001)),
        part("Core", rate(0, 40618000)),
        part("Ram", rate(0, 5419000)),
    )

    assert tariffs == ()
