from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudgauge.model.quantity import (
    format_byte_count,
    format_duration,
    parse_byte_count,
    parse_duration_ns,
)


@pytest.mark.parametrize(
    ("text", "duration_ns"),
    [
        ("0s", 0),
        ("1ns", 1),
        ("250ms", 250_000_000),
        ("1.5us", 1_500),
        ("1m30s", 90_000_000_000),
        ("1d2h3m4s5ms6us7ns", 93_784_005_006_007),
        ("0.000000001s", 1),
        ("90s", 90_000_000_000),
    ],
)
def test_a_duration_is_read_exactly(text: str, duration_ns: int) -> None:
    assert parse_duration_ns(text) == duration_ns


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5",
        "s",
        "5 s",
        " 5s",
        "5s ",
        "-5s",
        "5S",
        "5sec",
        "30s1m",
        "1s1s",
        "1m 30s",
        "1ms2",
        "0.1ns",
        "1e3s",
        "٣s",
        ".5s",
    ],
)
def test_what_is_no_duration_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="want a duration such as") as caught:
        parse_duration_ns(text)
    wanted = f'want a duration such as "500ms" or "1m30s", got "{text}"'
    assert str(caught.value) == wanted


@given(st.integers(min_value=0, max_value=10**19))
def test_a_written_duration_is_read_back_equal(duration_ns: int) -> None:
    assert parse_duration_ns(format_duration(duration_ns)) == duration_ns


@given(st.text(max_size=12))
def test_any_text_is_a_duration_or_a_value_error(text: str) -> None:
    with suppress(ValueError):
        assert parse_duration_ns(text) >= 0


def test_durations_are_written_with_units_that_fall() -> None:
    assert format_duration(0) == "0s"
    assert format_duration(90_000_000_000) == "1m30s"
    assert format_duration(1_500) == "1us500ns"


def test_a_negative_duration_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match=r"^duration_ns must be >= 0, got -1$"):
        format_duration(-1)


@pytest.mark.parametrize(
    ("text", "count_bytes"),
    [
        ("0B", 0),
        ("512 B", 512),
        ("5MB", 5_000_000),
        ("64 KiB", 65_536),
        ("1.5 kB", 1_500),
        ("0.5KiB", 512),
        ("2 TiB", 2 * 2**40),
        ("1TB", 10**12),
    ],
)
def test_a_byte_count_is_read_exactly(text: str, count_bytes: int) -> None:
    assert parse_byte_count(text) == count_bytes


@pytest.mark.parametrize(
    "text", ["", "5", "MB", "5  MB", "5mb", "5KB", "-1 B", "0.5 B", "1 EB", "5MB "]
)
def test_what_is_no_byte_count_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="want a byte count such as") as caught:
        parse_byte_count(text)
    wanted = f'want a byte count such as "64 KiB" or "5 MB", got "{text}"'
    assert str(caught.value) == wanted


@given(st.integers(min_value=0, max_value=999 * 10**12))
def test_a_written_byte_count_is_within_half_of_its_third_digit(count: int) -> None:
    text = format_byte_count(count)
    number, unit = text.split(" ")
    unit_bytes = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}[unit]
    assert abs(Decimal(number) * unit_bytes - count) <= Decimal(count) / 199
    assert Decimal(number) < 1_000


@given(st.integers(min_value=0, max_value=998))
def test_few_bytes_are_written_exactly(count: int) -> None:
    assert parse_byte_count(format_byte_count(count)) == count


def test_byte_counts_take_the_next_unit_before_they_reach_a_thousand() -> None:
    assert format_byte_count(999) == "999 B"
    assert format_byte_count(999_499) == "999 kB"
    assert format_byte_count(999_500) == "1 MB"
    assert format_byte_count(1_234_567) == "1.23 MB"


def test_a_negative_byte_count_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match=r"^count_bytes must be >= 0, got -1$"):
        format_byte_count(-1)
