from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from cloudgauge.catalog.keys import Currency, Price, UrlRule, is_slug

PRICE: TypeAdapter[Decimal] = TypeAdapter(Price)


@given(
    whole=st.integers(min_value=0, max_value=10**6 - 1),
    fraction=st.text("0123456789", max_size=12),
)
def test_a_price_is_read_digit_by_digit(whole: int, fraction: str) -> None:
    text = f"{whole}.{fraction}" if fraction else str(whole)
    price = PRICE.validate_python(text)
    assert format(price, "f") == text
    assert price == Decimal(text)


@given(st.floats() | st.integers() | st.booleans() | st.none())
def test_a_price_that_is_no_string_is_refused(value: object) -> None:
    with pytest.raises(ValidationError, match="want an exact price as a string"):
        PRICE.validate_python(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".5",
        "5.",
        "-0.09",
        "+0.09",
        "1e3",
        "NaN",
        "Infinity",
        "0,09",
        " 0.09",
        "0.09\n",
        "٣",
        "1000000",
        "0.1234567890123",
    ],
)
def test_a_price_is_plain_digits_with_at_most_one_point(text: str) -> None:
    with pytest.raises(ValidationError, match="want an exact price as a string"):
        PRICE.validate_python(text)


@pytest.mark.parametrize("text", ["usd", "US", "USDT", "US1", "€"])
def test_a_currency_is_three_capital_letters(text: str) -> None:
    with pytest.raises(ValidationError, match="want three capital letters of ISO 4217"):
        TypeAdapter(Currency).validate_python(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("https://a.example/x", 'want a url with "{code}" in it'),
        ("http://a-{code}.example/x", "want https"),
        ("https://{code}:99999/x", "want a url with a host and, if any"),
        ("https://a-{code}.example/a b", "want a url of printable ASCII"),
        ("https://me@{code}.example/", "want no user, password or fragment"),
    ],
)
def test_a_rule_of_urls_builds_a_whole_url(text: str, problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        TypeAdapter(UrlRule).validate_python(text)


def test_a_rule_of_urls_may_hold_the_code_anywhere() -> None:
    url = "https://s3.example.net/agent-{code}/{code}/agent.rpm"
    assert TypeAdapter(UrlRule).validate_python(url) == url


def test_a_slug_is_lower_case_letters_digits_and_hyphens() -> None:
    assert is_slug("ssm-agent")
    assert not is_slug("SSM agent")
