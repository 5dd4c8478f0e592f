"""Addresses of schedulers."""

import pytest

from cloudgauge.errors import ConfigError
from cloudgauge.fleet.address import parse_scheduler


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("tls://192.0.2.7:8786", "192.0.2.7", 8786),
        ("tls://[2001:db8::1]:1", "2001:db8::1", 1),
        ("tls://scheduler.example:0", "scheduler.example", 0),
    ],
)
def test_an_address_is_read_and_written(text: str, host: str, port: int) -> None:
    address = parse_scheduler(text)

    assert (address.host, address.port, address.url) == (host, port, text)


@pytest.mark.parametrize(
    "text",
    [
        "tcp://192.0.2.7:8786",
        "192.0.2.7:8786",
        "tls://192.0.2.7",
        "tls://192.0.2.7:99999",
        "tls://me@192.0.2.7:1",
        "tls://192.0.2.7:1/path",
        "",
    ],
)
def test_what_is_no_address_or_has_no_tls_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="--scheduler: want tls://HOST:PORT"):
        parse_scheduler(text)
