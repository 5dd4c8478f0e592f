from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudgauge.model.price import EgressPrice, Money, parse_money
from tests.model.test_target import REGION

NINE_CENTS = EgressPrice(
    region_id="acme/a-1",
    price=Money(amount=Decimal("0.09"), currency="USD"),
    unit="GB",
    dated=date(2026, 9, 1),
    provenance=REGION.provenance,
)


@given(amount=st.decimals(0, 10**9, places=6))
def test_what_money_shows_is_read_back(amount: Decimal) -> None:
    money = Money(amount=amount, currency="CNY")
    assert parse_money(str(money)) == money


def test_a_blank_before_the_currency_may_be_left_out() -> None:
    assert parse_money("2.50USD") == Money(amount=Decimal("2.50"), currency="USD")


@pytest.mark.parametrize(
    "text", ["", "2.50", "USD 2.50", "-1 USD", "2,50 USD", "1e3 USD", "1 usd", "1 USDT"]
)
def test_what_is_no_amount_of_money_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r'^want an amount such as "2\.50 USD", got'):
        parse_money(text)


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-0.01"])
def test_an_amount_that_cannot_be_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match=r"^amount must be finite and >= 0, got"):
        Money(amount=Decimal(amount), currency="USD")


@pytest.mark.parametrize("currency", ["", "US", "usd", "US$", "USDT"])
def test_a_currency_is_three_capital_letters(currency: str) -> None:
    with pytest.raises(ValueError, match=r"^currency must be three capital letters"):
        Money(amount=Decimal(1), currency=currency)


def test_a_price_by_the_gigabyte_is_exact() -> None:
    # 250 MB are a quarter of 10^9 bytes.
    assert NINE_CENTS.of(250 * 10**6).amount == Decimal("0.0225")


def test_a_price_by_the_gibibyte_counts_in_its_own_unit() -> None:
    price = EgressPrice(
        region_id="acme/a-1",
        price=NINE_CENTS.price,
        unit="GiB",
        dated=NINE_CENTS.dated,
        provenance=NINE_CENTS.provenance,
    )
    assert price.of(2**31).amount == Decimal("0.18")


@given(
    amount=st.decimals(0, 999_999, places=40) | st.decimals(0, 999_999, places=13),
    unit=st.sampled_from(["GB", "GiB"]),
    count_bytes=st.integers(0, 10**27),
)
def test_a_sum_is_exact_or_rounded_up_at_its_fortieth_decimal(
    amount: Decimal, unit: str, count_bytes: int
) -> None:
    money = replace(NINE_CENTS.price, amount=amount)
    found = replace(NINE_CENTS, price=money, unit=unit).of(count_bytes).amount
    unit_bytes = {"GB": 10**9, "GiB": 2**30}[unit]
    over = Fraction(found) - Fraction(amount) * count_bytes / unit_bytes
    assert 0 <= over < Fraction(1, 10**40)
    if (Fraction(found) - over) * 10**40 % 1 == 0:
        assert over == 0


def test_a_price_that_no_sum_could_hold_is_refused() -> None:
    money = replace(NINE_CENTS.price, amount=Decimal(10**6))
    with pytest.raises(ValueError, match=r"^price must be below 10\^6 for a GB, got"):
        replace(NINE_CENTS, price=money)


def test_a_unit_that_no_vendor_bills_by_is_refused() -> None:
    with pytest.raises(ValueError, match=r'^unit must be "GB" or "GiB", got "MB"$'):
        EgressPrice(
            region_id="acme/a-1",
            price=NINE_CENTS.price,
            unit="MB",
            dated=NINE_CENTS.dated,
            provenance=NINE_CENTS.provenance,
        )


@pytest.mark.parametrize("amount", ["1E+999999999", "1E+24", "0E-999999999", "1E-41"])
def test_an_amount_that_would_fill_the_memory_when_written_is_refused(
    amount: str,
) -> None:
    with pytest.raises(ValueError, match=r"below 10\^24 and have at most 40 decimals"):
        Money(amount=Decimal(amount), currency="USD")


def test_an_amount_of_any_sense_is_taken() -> None:
    for amount in ("999999999999999.99", "1E-40", "1E+23"):
        assert Money(amount=Decimal(amount), currency="USD").amount == Decimal(amount)
