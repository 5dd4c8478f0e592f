from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudgauge.billing.amount import money, total
from cloudgauge.billing.rates import Rate, Rates, parse_rate
from cloudgauge.model.price import Money

CNY = parse_rate("CNY=7.1@2026-11-01")
EUR = parse_rate("EUR=0.8@2026-11-01")


def test_a_rate_says_what_a_dollar_was_worth_on_a_day() -> None:
    want = Rate(currency="CNY", per_dollar=Decimal("7.1"), dated=date(2026, 11, 1))
    assert want == CNY
    assert str(CNY) == "1 USD = 7.1 CNY (2026-11-01)"


@pytest.mark.parametrize(
    "text",
    ["CNY", "CNY=7.1", "cny=7.1@2026-11-01", "CNY=-7@2026-11-01", "=7@2026-11-01"],
)
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r'want a rate such as "CNY=7.1@2026-11-01"'):
        parse_rate(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("USD=1@2026-11-01", "a rate is for one USD"),
        ("CNY=0@2026-11-01", r"above 10\^-9 and below 10\^9, got 0"),
        ("CNY=1000000000@2026-11-01", r"above 10\^-9 and below 10\^9"),
        ("CNY=7.1@2026-13-01", "month must be in 1..12"),
    ],
)
def test_a_rate_that_cannot_be_says_why(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        parse_rate(text)


def test_two_rates_of_one_currency_are_refused() -> None:
    with pytest.raises(ValueError, match="one rate for each currency"):
        Rates(to="USD", rates=(CNY, CNY))


@pytest.mark.parametrize(
    ("amount", "to", "want"),
    [
        ("71 CNY", "USD", "10"),
        ("10 USD", "CNY", "71"),
        ("71 CNY", "EUR", "8"),
        ("3 EUR", "EUR", "3"),
    ],
)
def test_amounts_are_brought_into_one_currency(amount: str, to: str, want: str) -> None:
    number, _, currency = amount.partition(" ")
    rates = Rates(to=to, rates=(CNY, EUR))
    found = rates.convert(Money(amount=Decimal(number), currency=currency))
    assert found == Money(amount=Decimal(want), currency=to)


def test_without_a_rate_an_amount_stays_as_it_is() -> None:
    yen = Money(amount=Decimal(5), currency="JPY")
    assert Rates().convert(yen) == yen
    assert Rates(to="USD", rates=(CNY,)).convert(yen) == yen
    assert Rates().knows("JPY")
    assert not Rates(to="USD", rates=(CNY,)).knows("JPY")
    assert Rates(to="JPY").knows("JPY")
    assert Rates(to="USD", rates=(CNY,)).knows("CNY")
    assert not Rates(to="JPY", rates=(CNY,)).knows("USD")


@given(
    amount=st.decimals(0, 10**12, places=10),
    rate=st.decimals(Decimal("0.001"), 1000, places=4),
)
def test_a_rate_is_exact_to_the_last_decimal(amount: Decimal, rate: Decimal) -> None:
    rates = Rates(
        to="USD",
        rates=(Rate(currency="CNY", per_dollar=rate, dated=date(2026, 11, 1)),),
    )
    found = rates.convert(Money(amount=amount, currency="CNY")).amount
    error = abs(Fraction(found) - Fraction(amount) / Fraction(rate))
    assert error <= Fraction(1, 2 * 10**40)
    back = Rates(to="CNY", rates=rates.rates)
    exact = back.convert(Money(amount=amount, currency="USD")).amount
    assert Fraction(exact) == Fraction(amount) * Fraction(rate)


def test_an_amount_with_too_many_decimals_is_rounded_half_even() -> None:
    half = Decimal("5E-41")
    assert money(half, "USD").amount == 0
    assert money(3 * half, "USD").amount == Decimal("2E-40")
    assert money(Decimal("1E-40"), "USD").amount == Decimal("1E-40")


def test_a_sum_is_of_one_currency() -> None:
    one = Money(amount=Decimal("1E-40"), currency="USD")
    large = Money(amount=Decimal(10) ** 20, currency="USD")
    assert total([one, large], "USD").amount == Decimal(f"1{'0' * 20}.{'0' * 39}1")
    assert total([], "CNY") == Money(amount=Decimal(0), currency="CNY")
    with pytest.raises(ValueError, match="want CNY alone, got USD too"):
        total([one], "CNY")
