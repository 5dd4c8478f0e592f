"""Addresses that a name of a stranger's must not lead us to."""

import ipaddress

import pytest

from cloudgauge.measure.policy import AddressPolicy

REFUSED = [
    ("169.254.169.254", "metadata"),
    ("100.100.100.200", "metadata"),
    ("168.63.129.16", "metadata"),
    ("169.254.0.23", "metadata"),
    ("fd00:ec2::254", "metadata"),
    ("fd20:ce::254", "metadata"),
    ("0.0.0.0", "unspecified"),  # noqa: S104 - to be refused, not bound
    ("::", "unspecified"),
    ("0.1.2.3", "reserved"),
    ("127.0.0.1", "loopback"),
    ("127.255.255.254", "loopback"),
    ("::1", "loopback"),
    ("169.254.7.7", "link-local"),
    ("fe80::1", "link-local"),
    ("fe80::1%eth0", "link-local"),
    ("224.0.0.1", "multicast"),
    ("ff02::1", "multicast"),
    ("255.255.255.255", "broadcast"),
    ("10.0.0.1", "private"),
    ("172.16.0.1", "private"),
    ("172.31.255.255", "private"),
    ("192.168.1.1", "private"),
    ("100.64.0.1", "private"),
    ("fc00::1", "private"),
    ("fec0::1", "private"),
    ("64:ff9b:1::a00:1", "private"),
    ("198.18.0.1", "reserved"),
    ("203.0.113.5", "reserved"),
    ("240.0.0.1", "reserved"),
    ("2001:db8::1", "reserved"),
    ("::ffff:10.0.0.1", "private (10.0.0.1)"),
    ("::ffff:169.254.169.254", "metadata (169.254.169.254)"),
    ("64:ff9b::a9fe:a9fe", "metadata (169.254.169.254)"),
    ("2002:7f00:1::", "loopback (127.0.0.1)"),
    ("::192.168.0.1", "private (192.168.0.1)"),
    # Teredo: the client's address is kept inverted.
    ("2001:0:808:808:0:0:f5ff:fffe", "private (10.0.0.1)"),
]


@pytest.mark.parametrize(("address", "reason"), REFUSED)
def test_what_is_not_of_the_public_internet_is_refused(
    address: str, reason: str
) -> None:
    assert AddressPolicy().refusal(address) == reason


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "52.219.40.1",
        "100.63.255.255",
        "100.128.0.1",
        "172.15.255.255",
        "172.32.0.1",
        "2600:1f18::1",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2002:808:808::1",
    ],
)
def test_public_addresses_pass(address: str) -> None:
    assert AddressPolicy().refusal(address) is None


@pytest.mark.parametrize("address", ["10.0.0.1", "127.0.0.1", "::1", "169.254.169.254"])
def test_who_allows_private_addresses_gets_all_of_them(address: str) -> None:
    assert AddressPolicy(private_allowed=True).refusal(address) is None


@pytest.mark.parametrize(
    "address",
    ["0.0.0.0", "::", "224.0.0.1", "255.255.255.255"],  # noqa: S104 - as above
)
def test_where_no_server_can_be_is_refused_whatever_is_allowed(address: str) -> None:
    assert AddressPolicy(private_allowed=True).refusal(address) is not None


def test_an_allowed_prefix_lets_itself_pass_and_nothing_else() -> None:
    prefixes = (
        ipaddress.ip_network("198.18.0.0/16"),
        ipaddress.ip_network("fd12::/32"),
    )
    policy = AddressPolicy(allowed_prefixes=prefixes)
    assert policy.refusal("198.18.200.1") is None
    assert policy.refusal("fd12::5") is None
    assert policy.refusal("198.19.0.1") == "reserved"
    assert policy.refusal("fd13::5") == "private"
    assert policy.refusal("127.0.0.1") == "loopback"


def test_what_is_no_address_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="does not appear to be an IPv4 or IPv6"):
        AddressPolicy().refusal("localhost")
