"""What is left of a shaped link for bodies, against figures worked out by hand."""

import pytest

from cloudgauge.world.goodput import goodput_bits_per_s
from cloudgauge.world.site import Link


def _link(**fields: int) -> Link:
    return Link(rtt_ns=0, **fields)  # type: ignore[arg-type]  # numbers by name


def test_headers_and_records_are_taken_off() -> None:
    link = _link(bits_per_s=1_500_000)
    # 1500 bytes hold 20 of IP, 20 of TCP and 12 of time stamps; IPv6 has 40.
    assert goodput_bits_per_s(link, tls=False) == pytest.approx(1_448_000)
    assert goodput_bits_per_s(link, tls=False, ipv6=True) == pytest.approx(1_428_000)
    # A record of 16406 bytes holds 16384.
    assert goodput_bits_per_s(link) == pytest.approx(1_448_000 * 16_384 / 16_406)
    wide = goodput_bits_per_s(link, tls=False, mtu_bytes=9000)
    assert wide == pytest.approx(1_500_000 * 8948 / 9000)


def test_a_bucket_gives_its_sustained_rate_unless_the_link_is_narrower() -> None:
    bucket = _link(burst_bytes=10**8, sustained_bits_per_s=3_000_000)
    assert goodput_bits_per_s(bucket, tls=False) == pytest.approx(2_896_000)
    narrow = _link(
        burst_bytes=10**8, sustained_bits_per_s=3_000_000, bits_per_s=1_500_000
    )
    assert goodput_bits_per_s(narrow, tls=False) == pytest.approx(1_448_000)


def test_a_link_that_is_not_shaped_has_none() -> None:
    assert goodput_bits_per_s(_link()) is None
