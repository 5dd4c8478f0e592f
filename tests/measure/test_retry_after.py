"""Seconds and dates in a Retry-After header."""

import pytest

from cloudgauge.measure.retry_after import retry_after_ns

NOW_NS = 1_768_478_400_000_000_000  # Thu, 15 Jan 2026 12:00:00 GMT


@pytest.mark.parametrize(
    ("header", "ns"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-3", None),
        ("1.5", None),
        ("9" * 30, None),
        ("0", 0),
        (" 120 ", 120_000_000_000),
        ("Thu, 15 Jan 2026 12:00:30 GMT", 30_000_000_000),
        ("Thursday, 15-Jan-26 12:00:30 GMT", 30_000_000_000),
        ("Thu Jan 15 12:00:30 2026", 30_000_000_000),
        ("Thu, 15 Jan 2026 13:00:30 +0100", 30_000_000_000),
        ("Thu, 15 Jan 2026 11:00:00 GMT", 0),
        ("Thu, 99 Jan 2026 11:00:00 GMT", None),
    ],
)
def test_a_wish_to_be_left_alone_is_read(header: str | None, ns: int | None) -> None:
    assert retry_after_ns(header, wall_ns=NOW_NS) == ns
