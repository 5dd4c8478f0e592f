"""What the shipped price sheets say, held against sums worked out from sources."""

import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

from cloudgauge.catalog.files import price_rows, shipped_files
from cloudgauge.catalog.loader import load_catalog
from cloudgauge.catalog.prices import load_egress_prices
from cloudgauge.catalog.tariffs import load_tariffs
from cloudgauge.model.price import Money
from cloudgauge.model.tariff import Charge, Pool, Tariff

TARIFFS = load_tariffs()
INTERNET = Charge.TO_INTERNET
TARGETS = Path(__file__).parents[2]


def internet(region_id: str, route: str, receivers: str = "") -> Tariff:
    (found,) = TARIFFS.of(region_id, INTERNET, route=route, receivers=receivers)
    return found


@pytest.mark.parametrize(
    ("region_id", "route", "volume", "amount"),
    [
        # Azure, 1024 GB: the first 100 are a tier of price 0, 924 x 0.087.
        ("azure/eastus", "microsoft-global-network", 1024, "80.388"),
        # Google, 1024 GiB: 200 free, 824 x 0.085.
        ("gcp/us-central1", "standard-tier", 1024, "70.040"),
        # Alibaba, flat: 1024 x 0.123.
        ("alibaba/cn-hangzhou", "bgp", 1024, "125.952"),
        # AWS, allowance left aside: 10240 x 0.15 + 10240 x 0.138.
        ("aws/sa-east-1", "default", 20480, "2949.120"),
    ],
)
def test_a_month_of_traffic_costs_what_its_tiers_add_up_to(
    region_id: str, route: str, volume: int, amount: str
) -> None:
    found = internet(region_id, route).cost_of(Decimal(volume))
    assert found == Money(amount=Decimal(amount), currency="USD")


def test_the_allowance_of_an_account_comes_off_before_the_tiers() -> None:
    # AWS, 1024 GB: (1024 - 100) x 0.09.
    (free,) = TARIFFS.allowances_of("aws/us-east-1")
    tariff = internet("aws/us-east-1", "default")
    assert free.unit_bytes == tariff.unit_bytes
    found = tariff.cost_of(Decimal(1024) - free.volume)
    assert found == Money(amount=Decimal("83.16"), currency="USD")


def test_one_allowance_of_aws_is_for_all_commercial_regions_together() -> None:
    (free,) = TARIFFS.allowances_of("aws/us-east-1")
    assert "aws/eu-west-1" in free.region_ids
    assert TARIFFS.allowances_of("aws/us-gov-west-1") == ()
    assert TARIFFS.allowances_of("aws/cn-north-1") == ()
    (mainland,) = TARIFFS.allowances_of("alibaba/cn-hangzhou")
    (abroad,) = TARIFFS.allowances_of("alibaba/cn-hongkong")
    assert (mainland.volume, abroad.volume) == (Decimal(20), Decimal(200))
    assert mainland.routes == abroad.routes == ("cdt-bgp",)


def test_a_volume_past_the_last_known_tier_has_no_price() -> None:
    # Of zone 3 only the first tiers were seen.
    tariff = internet("azure/uaenorth", "microsoft-global-network")
    assert tariff.cost_of(Decimal(10335)) is not None
    assert tariff.cost_of(Decimal(10336)) is None


def test_bytes_in_a_unit_are_the_vendor_s() -> None:
    assert internet("aws/us-east-1", "default").unit_bytes == 2**30
    assert internet("gcp/us-central1", "standard-tier").unit_bytes == 2**30
    azure = internet("azure/eastus", "microsoft-global-network")
    assert azure.unit_bytes == 10**9
    assert "does not say how many bytes" in azure.note
    assert azure.pool is Pool.ACCOUNT


@pytest.mark.parametrize(
    ("region_id", "currency", "sku", "hour"),
    [
        ("aws/us-east-1", "USD", "m6i.large", "0.096"),
        ("aws/eu-south-2", "USD", "m7i.large", "0.11235"),
        ("aws/cn-north-1", "CNY", "m6i.large", "1.01321"),
        ("azure/eastus", "USD", "Standard_D2s_v5", "0.096"),
        ("gcp/us-central1", "USD", "n2-standard-2", "0.097118"),
        ("gcp/northamerica-south1", "USD", "e2-standard-2", "0.073042"),
        ("gcp/asia-southeast3", "USD", "n4-standard-2", "0.095236"),
        ("alibaba/cn-hangzhou", "CNY", "ecs.g7.large", "0.52325"),
        ("alibaba/cn-qingdao", "CNY", "ecs.g6.large", "0.5"),
        ("tencent/ap-guangzhou", "CNY", "S5.MEDIUM8", "0.45"),
    ],
)
def test_one_comparable_machine_stands_for_a_region(
    region_id: str, currency: str, sku: str, hour: str
) -> None:
    (found,) = [one for one in TARIFFS.of(region_id, Charge.MACHINE) if one.by_default]
    assert (found.sku, found.currency) == (sku, currency)
    assert (found.vcpus, found.memory_gib) == (2, Decimal(8))
    assert found.cost_of(Decimal(1)) == Money(amount=Decimal(hour), currency=currency)


def test_every_default_machine_has_2_vcpus_and_8_gib() -> None:
    machines = [one for one in TARIFFS.tariffs if one.charge is Charge.MACHINE]
    alike = {(one.vcpus, one.memory_gib) for one in machines if one.by_default}
    assert alike == {(2, Decimal(8))}
    # The only one that Huawei has is smaller, and stands for nothing.
    (small,) = TARIFFS.of("huawei/la-north-2", Charge.MACHINE)
    assert (small.by_default, small.memory_gib) == (False, Decimal(4))


def test_a_gb_between_zones_costs_what_both_sides_pay() -> None:
    (zones,) = TARIFFS.of("aws/eu-west-1", Charge.TO_OTHER_ZONE)
    assert zones.tiers[0].price == Decimal("0.02")
    (zones,) = TARIFFS.of("gcp/europe-west1", Charge.TO_OTHER_ZONE)
    assert zones.tiers[0].price == Decimal("0.01")


def test_a_pair_of_regions_has_its_own_price_beside_the_usual() -> None:
    usual = TARIFFS.of("aws/us-east-1", Charge.TO_OTHER_REGION, receivers="")
    pair = TARIFFS.of(
        "aws/us-east-1", Charge.TO_OTHER_REGION, receivers="aws/us-east-2"
    )
    assert [one.tiers[0].price for one in (*usual, *pair)] == [
        Decimal("0.02"),
        Decimal("0.01"),
    ]


def test_rates_of_a_vpn_gateway_are_nobodys_default() -> None:
    found = TARIFFS.of("gcp/europe-west1", Charge.TO_OTHER_REGION)
    assert found
    assert not any(one.by_default for one in found)


@pytest.mark.parametrize(
    ("region_id", "charge"),
    [
        ("aws/us-east-1", Charge.PUBLIC_IPV4),
        ("gcp/asia-northeast1", Charge.PUBLIC_IPV4),
        ("aws/cn-north-1", INTERNET),
        ("huawei/na-mexico-1", Charge.MACHINE),
        ("azure/eastus", Charge.TO_OTHER_REGION),
    ],
)
def test_what_no_dated_source_says_is_unknown(region_id: str, charge: Charge) -> None:
    assert TARIFFS.of(region_id, charge) == ()


def test_every_row_of_a_tariff_can_be_found_in_its_file() -> None:
    files: dict[str, dict[str, list[dict[str, object]]]] = {}
    for tariff in TARIFFS.tariffs:
        name, _, rows = tariff.row.partition(": ")
        sheet = files.setdefault(
            name, tomllib.loads((TARGETS / name).read_text(encoding="utf-8"))
        )
        for row, tier in zip(rows.split(", "), tariff.tiers, strict=True):
            table, _, number = row.rstrip("]").partition("[")
            found = sheet[table][int(number)]
            assert Decimal(str(found["price"])) == tier.price
            regions = found["regions"]
            assert isinstance(regions, list)
            assert set(tariff.region_ids) <= set(regions)


def test_the_bound_for_a_run_is_the_dearest_tier_of_the_same_rows() -> None:
    for price in load_egress_prices().prices:
        tariffs = TARIFFS.of(price.region_id, INTERNET, currency=price.price.currency)
        tiers = [tier for one in tariffs if one.by_default for tier in one.tiers]
        assert price.price.amount == max(tier.price for tier in tiers)


def test_the_sheets_reach_as_many_regions_as_their_sources_do() -> None:
    def reached(provider: str, charge: Charge) -> int:
        return sum(
            any(one.by_default for one in TARIFFS.of(region.region_id, charge))
            for region in load_catalog().regions
            if region.provider == provider
        )

    found = {
        provider: tuple(
            reached(provider, charge)
            for charge in (Charge.MACHINE, INTERNET, Charge.PUBLIC_IPV4)
        )
        for provider in ("alibaba", "aws", "azure", "gcp", "huawei", "tencent")
    }
    assert found == {
        "alibaba": (27, 29, 29),
        "aws": (35, 32, 0),
        "azure": (57, 51, 0),
        "gcp": (43, 40, 0),
        "huawei": (0, 1, 0),
        "tencent": (16, 16, 0),
    }


def test_no_shipped_price_is_0_but_where_a_vendor_s_list_has_a_free_tier() -> None:
    free = [
        (place.file.provider, getattr(row, "tier_start", None))
        for place, row, _ in price_rows(shipped_files())
        if getattr(row, "price", None) == 0
    ]
    assert set(free) == {("azure", 0), ("gcp", 0)}


def test_price_rows_stand_by_region_and_then_by_what_they_are_of() -> None:
    standing: dict[tuple[str, str], list[tuple[object, ...]]] = {}
    for place, row, _ in price_rows(shipped_files()):
        assert list(row.regions) == sorted(row.regions)
        key = (
            row.regions,
            *(getattr(row, name, "") for name in ("destination", "route", "receivers")),
            not getattr(row, "by_default", True),
            getattr(row, "sku", ""),
        )
        if place.table != "egress":
            standing.setdefault((place.file.where, place.table), []).append(key)
    assert standing
    assert all(keys == sorted(keys) for keys in standing.values())
