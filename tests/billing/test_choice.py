from dataclasses import replace
from datetime import date
from decimal import Decimal

from cloudgauge.billing.choice import candidates, main_currency, pick
from cloudgauge.billing.demand import Demand
from cloudgauge.model.tariff import Charge
from tests.billing.sheets import Book, hourly, traffic

HOME = "acme/home"
OUT = Demand(region_id=HOME, charge=Charge.TO_INTERNET, amount=Decimal(1))
MACHINE = Demand(region_id=HOME, charge=Charge.MACHINE, amount=Decimal(1))
ANYWHERE = traffic(HOME, row="anywhere", route="standard")
CHINA = traffic(HOME, row="china", route="standard", receivers="mainland China")
PREMIUM = traffic(HOME, row="premium", route="premium", by_default=False)


def test_a_region_without_a_row_has_no_price() -> None:
    assert candidates(OUT, Book()) == "no price"
    assert candidates(MACHINE, Book((ANYWHERE,))) == "no price"


def test_the_default_is_read_unless_another_is_asked_for() -> None:
    book = Book((ANYWHERE, PREMIUM))
    assert candidates(OUT, book) == (ANYWHERE,)
    assert candidates(replace(OUT, route="premium"), book) == (PREMIUM,)
    assert candidates(replace(OUT, route="other"), book) == (
        "no price of other; known: premium, standard"
    )
    assert candidates(OUT, Book((PREMIUM,))) == (
        "no price of the default; known: premium"
    )


def test_no_price_is_taken_from_another_machine() -> None:
    small = hourly(HOME, price="1", sku="small", by_default=False)
    large = hourly(HOME, price="2", sku="large")
    book = Book((small, large))
    assert candidates(MACHINE, book) == (large,)
    assert candidates(replace(MACHINE, sku="small"), book) == (small,)
    assert candidates(replace(MACHINE, sku="huge"), book) == (
        "no price of huge; known: large, small"
    )
    unnamed = replace(large, sku="", by_default=False)
    assert candidates(MACHINE, Book((unnamed,))) == (
        "no price of the default; known: none"
    )


def test_the_narrowest_place_of_receivers_that_the_vendor_names_counts() -> None:
    region = traffic(HOME, row="region", receivers="acme/away")
    area = traffic(HOME, row="area", receivers="the Americas")
    book = Book((ANYWHERE, CHINA, area, region))
    near = replace(OUT, receivers=("acme/away", "north-america", "americas"))
    assert candidates(near, book) == (region,)
    assert candidates(replace(near, receivers=near.receivers[1:]), book) == (area,)
    assert candidates(replace(OUT, receivers=("mainland-china",)), book) == (CHINA,)
    assert candidates(replace(OUT, receivers=("europe",)), book) == (ANYWHERE,)
    assert candidates(OUT, book) == (ANYWHERE,)


def test_a_price_for_elsewhere_is_no_price() -> None:
    assert candidates(OUT, Book((CHINA,))) == (
        "no price unless it is said where to; known: mainland China"
    )
    assert candidates(replace(OUT, receivers=("europe",)), Book((CHINA,))) == (
        "no price to europe; known: mainland China"
    )


def test_one_currency_is_read_and_it_leaves_fewest_others() -> None:
    yuan = replace(ANYWHERE, currency="CNY")
    euro = replace(ANYWHERE, currency="EUR")
    both = (yuan, ANYWHERE)
    assert main_currency([], None) == "USD"
    assert main_currency([], "CNY") == "CNY"
    assert main_currency([both, (yuan,)], None) == "CNY"
    assert main_currency([both], None) == "USD"
    assert main_currency([(yuan, euro)], None) == "CNY"
    assert main_currency([both, (yuan,)], "USD") == "USD"
    assert main_currency([both], "EUR") == "USD"


def test_of_rows_that_fit_alike_the_currency_then_the_newest_counts() -> None:
    yuan = replace(ANYWHERE, currency="CNY")
    newer = replace(yuan, row="newer", dated=date(2026, 10, 1))
    assert pick((ANYWHERE, yuan), "CNY") == yuan
    assert pick((yuan, ANYWHERE), "EUR") == ANYWHERE
    assert pick((yuan, newer), "CNY") == newer
    assert pick((yuan, replace(yuan, row="a")), "CNY").row == "a"
