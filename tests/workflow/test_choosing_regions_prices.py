from decimal import Decimal
from pathlib import Path

import pytest

from cloudgauge.billing.rates import Rates, parse_rate
from cloudgauge.billing.workload import Machines, Traffic, Workload
from cloudgauge.errors import ConfigError
from cloudgauge.model.price import Money
from cloudgauge.model.tariff import Charge
from cloudgauge.workflow.choosing_regions_prices import Month, Prices, prices_within
from cloudgauge.workflow.costing import PriceShelf
from tests.billing.sheets import Book, hourly, traffic

GB = 2**30
BOOK = Book(
    (
        hourly("x/a", price="0.1"),
        traffic("x/a", steps=(("0", "0"), ("100", "0.1"))),
        hourly("x/b", price="0.2"),
        traffic("x/b", steps=(("0", "0.05"),)),
        hourly("x/c", price="1", currency="CNY"),
        traffic("x/c", steps=(("0", "1"),), currency="CNY"),
        hourly("x/d", price="1"),
        traffic("x/a", steps=(("0", "0.02"),), charge=Charge.TO_OTHER_ZONE),
    )
)
WORKLOAD = Workload(
    name="shop",
    machines=(Machines(count=1, hours=Decimal(100)),),
    traffic=(Traffic(volume_bytes=1000 * GB),),
)
PRICES = Prices(workload=WORKLOAD, book=BOOK, rates=Rates(to="USD"))


def usd(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="USD")


def test_a_month_tells_what_is_paid_anyway_from_what_traffic_costs() -> None:
    month = PRICES.month("x/a")
    assert month == Month(fixed=usd("10.0"), traffic=usd("90.0"), dated="2026-09-16")


def test_a_region_without_a_price_says_of_what() -> None:
    assert PRICES.month("x/d") == "to-internet: no price"
    assert PRICES.month("x/z") == "machine: no price"


def test_another_currency_wants_a_rate() -> None:
    assert PRICES.month("x/c") == "priced in CNY: a rate for CNY is wanted"
    euro = Prices(workload=WORKLOAD, book=BOOK, rates=Rates(to="EUR"))
    assert euro.month("x/a") == "priced in USD: a rate for EUR is wanted"
    rates = Rates(to="USD", rates=(parse_rate("CNY=8@2026-11-01"),))
    month = Prices(workload=WORKLOAD, book=BOOK, rates=rates).month("x/c")
    assert isinstance(month, Month)
    assert (month.fixed, month.traffic) == (usd("12.5"), usd("125"))


def test_regions_together_are_billed_for_their_share_of_the_traffic() -> None:
    # Of 600 GB 100 are free in x/a; x/b has 400 GB at 0.05.
    assert PRICES.together({"x/a": 0.6, "x/b": 0.4}) == usd("100.0")
    assert PRICES.together({"x/a": 1.0, "x/d": 0.0}) == usd("200.0")
    assert PRICES.together({"x/a": 0.5, "x/d": 0.5}) == "to-internet: no price"


def test_traffic_of_one_region_and_between_zones_is_not_shared() -> None:
    only = (
        Traffic(volume_bytes=500 * GB, regions=("x/b",)),
        Traffic(volume_bytes=10 * GB, to_zones=True, regions=("x/a",)),
    )
    workload = Workload(name="only", traffic=only)
    prices = Prices(workload=workload, book=BOOK, rates=Rates(to="USD"))
    # 10 GB at 0.02 between zones, and half of x/b's 500 GB at 0.05.
    assert prices.together({"x/a": 0.5, "x/b": 0.5}) == usd("12.70")
    alone = Workload(name="alone", traffic=only[:1])
    assert Prices(workload=alone, book=BOOK, rates=Rates(to="USD")).together(
        {"x/a": 1.0}
    ) == usd("0")


def test_a_file_and_its_keys_say_the_same(tmp_path: Path) -> None:
    file = tmp_path / "shop.toml"
    file.write_text('schema = 1\nname = "shop"\n[[egress]]\nvolume = "5 TB"\n')
    egress = [{"volume": "5 TB"}]
    table = {"schema": 1, "name": "shop", "egress": egress}
    budget = Money(amount=Decimal(1), currency="EUR")
    found = prices_within(file, budget, ["EUR=0.9@2026-11-01"], PriceShelf())
    assert found is not None
    assert found.workload == Prices.of(table).workload
    assert (found.currency, Prices.of(table).currency) == ("EUR", "USD")
    assert [*found.provenance()][1:] == ["rate: 1 USD = 0.9 EUR (2026-11-01)"]


def test_rates_want_a_workload_and_must_be_some() -> None:
    assert prices_within(None, None, [], PriceShelf()) is None
    with pytest.raises(ConfigError, match=r"^--fx: converts prices, and no --workload"):
        prices_within(None, None, ["CNY=7@2026-11-01"], PriceShelf())
    with pytest.raises(ConfigError, match=r"^--fx: want a rate such as"):
        Prices.of({"schema": 1, "name": "x"}, fx=["CNY"])
