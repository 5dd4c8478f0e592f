from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloudgauge.catalog.files import ReadFile, egress_rows, shipped_files
from cloudgauge.catalog.loader import load_catalog
from cloudgauge.catalog.prices import (
    EgressPrices,
    build_egress_prices,
    load_egress_prices,
)
from cloudgauge.errors import ConfigErrors
from cloudgauge.model.price import Money
from cloudgauge.model.target import Confidence
from tests.catalog.target_files import egress, endpoint, read, region, write

HERE = "acme/rotterdam-1"
SHIPPED = load_egress_prices()


def prices_of(folder: Path, *rows: str) -> EgressPrices:
    return build_egress_prices((read(folder, region(), endpoint(), *rows),))


def amount(prices: EgressPrices, currency: str = "EUR") -> Decimal | None:
    found = prices.of(HERE, currency)
    return found.price.amount if found else None


def test_a_row_becomes_a_price_with_its_date_source_and_way(tmp_path: Path) -> None:
    sources = '[sources]\nlist = "our price list"\n'
    row = egress(
        source=["list", "a bill"],
        receivers="Australia",
        tier_start=5,
        unit="GiB",
        confidence="low",
    )
    free = egress(receivers="Australia", tier_end=5, unit="GiB", price="0")
    (price,) = prices_of(tmp_path, sources, free, row).prices
    assert price.region_id == HERE
    assert price.price == Money(amount=Decimal("0.09"), currency="EUR")
    assert price.unit == "GiB"
    assert price.dated == date(2026, 9, 1)
    assert price.provenance.confidence is Confidence.LOW
    assert price.provenance.checked == date(2026, 11, 22)
    assert price.provenance.sources == (
        "our price list (route default to receivers in Australia, "
        "tier from 5 GiB a month)",
        "a bill",
    )


def test_the_dearest_tier_counts_wherever_it_stands(tmp_path: Path) -> None:
    tiers = (
        egress(tier_end=10, price="0.05"),
        egress(tier_start=10, tier_end=20, price="0.11"),
        egress(tier_start=20, price="0.02"),
    )
    assert amount(prices_of(tmp_path, *tiers)) == Decimal("0.11")


def test_a_route_that_somebody_must_choose_does_not_count(tmp_path: Path) -> None:
    premium = egress(route="premium", by_default=False, price="0.45")
    assert amount(prices_of(tmp_path, premium, egress())) == Decimal("0.09")
    assert amount(prices_of(tmp_path, premium)) is None


def test_of_several_default_routes_and_receivers_the_dearest_counts(
    tmp_path: Path,
) -> None:
    rows = (
        egress(),
        egress(receivers="Australia", price="0.19"),
        egress(route="another", price="0.12"),
    )
    assert amount(prices_of(tmp_path, *rows)) == Decimal("0.19")


def test_units_are_compared_by_what_the_same_bytes_cost(tmp_path: Path) -> None:
    # A GiB has 7 % more bytes than a GB: 0.090 a GB is 0.0966 a GiB.
    rows = (egress(), egress(route="another", unit="GiB", price="0.095"))
    found = prices_of(tmp_path, *rows).of(HERE, "EUR")
    assert found is not None
    assert (found.unit, found.price.amount) == ("GB", Decimal("0.09"))


def test_a_currency_or_region_that_nobody_priced_is_unknown(tmp_path: Path) -> None:
    prices = prices_of(tmp_path, egress())
    assert amount(prices, "USD") is None
    assert prices.of("acme/delft-1", "EUR") is None
    assert [price.price.currency for price in prices.of_region(HERE)] == ["EUR"]
    assert prices.of_region("acme/delft-1") == ()


def test_an_own_price_takes_the_place_of_the_shipped_ones(tmp_path: Path) -> None:
    own = write(
        tmp_path, egress(regions=["aws/us-east-1"], currency="USD", price="0.01")
    )
    prices = load_egress_prices((own,))
    found = prices.of("aws/us-east-1", "USD")
    assert found is not None
    assert found.price.amount == Decimal("0.01")
    assert prices.of("aws/us-east-2", "USD") == SHIPPED.of("aws/us-east-2", "USD")


def test_an_own_price_in_another_currency_stands_beside_the_shipped(
    tmp_path: Path,
) -> None:
    own = write(tmp_path, egress(regions=["aws/us-east-1"]))
    found = load_egress_prices((own,)).of_region("aws/us-east-1")
    assert [price.price.currency for price in found] == ["EUR", "USD"]


def test_prices_that_do_not_fit_are_refused_with_file_and_key(tmp_path: Path) -> None:
    own = write(tmp_path, egress(regions=["aws/us-esat-1"]))
    with pytest.raises(
        ConfigErrors, match=r'egress\[0\]\.regions\[0\]: no region "aws'
    ):
        load_egress_prices((own,))


def test_prices_are_unique_and_in_order() -> None:
    two = SHIPPED.prices[:2]
    message = r"^prices must be unique and in the order of region and currency$"
    with pytest.raises(ValueError, match=message):
        EgressPrices(prices=two[::-1])
    with pytest.raises(ValueError, match=message):
        EgressPrices(prices=(two[0], two[0]))
    assert EgressPrices(prices=two) == replace(EgressPrices(prices=two))


def test_every_shipped_price_is_of_a_shipped_region_and_above_nothing() -> None:
    known = {region.region_id for region in load_catalog().regions}
    assert {price.region_id for price in SHIPPED.prices} <= known
    assert all(price.price.amount > 0 for price in SHIPPED.prices)
    assert all(price.dated <= date(2026, 11, 22) for price in SHIPPED.prices)


@pytest.mark.parametrize(
    ("region_id", "currency", "amount"),
    [
        ("aws/us-east-1", "USD", "0.09"),
        ("aws/af-south-1", "USD", "0.154"),
        # Of the default premium tier the dearest receivers; Standard is cheaper.
        ("gcp/europe-west2", "USD", "0.23"),
        # The ISP route is cheaper, and somebody must choose it.
        ("azure/uaenorth", "USD", "0.181"),
        # The premium line is 0.778, and somebody must choose it.
        ("alibaba/ap-southeast-1", "USD", "0.081"),
        ("tencent/ap-guangzhou", "CNY", "0.8"),
        ("huawei/la-north-2", "USD", "0.081"),
    ],
)
def test_the_shipped_price_of_a_region_is_what_its_source_says(
    region_id: str, currency: str, amount: str
) -> None:
    found = SHIPPED.of(region_id, currency)
    assert found is not None
    assert found.price.amount == Decimal(amount)


@pytest.mark.parametrize(
    ("region_id", "currency"),
    [
        # Its neighbours are priced.
        ("gcp/asia-northeast1", "USD"),
        ("huawei/na-mexico-1", "USD"),
        ("aws/cn-north-1", "CNY"),
        # It is priced in USD.
        ("aws/us-east-1", "CNY"),
    ],
)
def test_a_price_is_never_taken_from_a_neighbour_or_converted(
    region_id: str, currency: str
) -> None:
    assert SHIPPED.of(region_id, currency) is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(
    st.lists(
        st.tuples(
            st.integers(min_value=1, max_value=10**6),
            st.integers(min_value=0, max_value=10**9).map(
                lambda micro: str(Decimal(micro).scaleb(-6))
            ),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_the_bound_holds_for_every_tier(
    tmp_path: Path, tiers: list[tuple[int, str]]
) -> None:
    rows, start = [], 0
    for width, price in tiers:
        end = start + width
        rows.append(
            egress(tier_start=start, tier_end=end, price=format(Decimal(price), "f"))
        )
        start = end
    found = prices_of(tmp_path, *rows).of(HERE, "EUR")
    assert found is not None
    assert found.price.amount == max(Decimal(price) for _, price in tiers)
    assert all(found.of(10**9).amount >= Decimal(price) for _, price in tiers)


def test_every_shipped_row_can_be_read_back_exactly() -> None:
    for _, row, _ in egress_rows(shipped_files()):
        assert isinstance(row.price, Decimal)
        assert row.price == Decimal(format(row.price, "f"))


def test_a_file_that_does_not_fit_gives_no_prices(tmp_path: Path) -> None:
    broken: ReadFile = read(tmp_path, region(), endpoint(), egress(price=0.09))
    with pytest.raises(ConfigErrors, match="want an exact price as a string"):
        build_egress_prices((broken,))
