"""Which addresses may be probed: a name of a stranger's must not lead us inside."""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

# First match tells the reason, so the narrow ones come first. From the IANA registries
# of special-purpose addresses, and the clouds' documents on instance metadata; written
# out because `ipaddress.is_private` has changed its mind between Python versions.
_SPECIAL: tuple[tuple[str, str], ...] = (
    ("169.254.169.254/32", "metadata"),  # AWS, Azure, GCP, Huawei
    ("169.254.170.2/32", "metadata"),  # AWS, containers
    ("169.254.0.23/32", "metadata"),  # Tencent
    ("100.100.100.200/32", "metadata"),  # Alibaba
    ("168.63.129.16/32", "metadata"),  # Azure's host, though the address looks public
    ("192.0.0.192/32", "metadata"),  # Oracle
    ("fd00:ec2::254/128", "metadata"),  # AWS
    ("fd20:ce::254/128", "metadata"),  # GCP
    ("0.0.0.0/32", "unspecified"),
    ("::/128", "unspecified"),
    ("127.0.0.0/8", "loopback"),
    ("::1/128", "loopback"),
    ("169.254.0.0/16", "link-local"),
    ("fe80::/10", "link-local"),
    ("224.0.0.0/4", "multicast"),
    ("ff00::/8", "multicast"),
    ("255.255.255.255/32", "broadcast"),
    ("10.0.0.0/8", "private"),
    ("172.16.0.0/12", "private"),
    ("192.168.0.0/16", "private"),
    ("100.64.0.0/10", "private"),  # shared by carriers
    ("fc00::/7", "private"),
    ("fec0::/10", "private"),
    ("64:ff9b:1::/48", "private"),  # a translator of one's own
    ("0.0.0.0/8", "reserved"),
    ("192.0.0.0/24", "reserved"),
    ("192.0.2.0/24", "reserved"),
    ("198.18.0.0/15", "reserved"),
    ("198.51.100.0/24", "reserved"),
    ("203.0.113.0/24", "reserved"),
    ("240.0.0.0/4", "reserved"),
    ("100::/64", "reserved"),
    ("2001:db8::/32", "reserved"),
    ("3fff::/20", "reserved"),
    ("5f00::/16", "reserved"),
)
_NETWORKS = tuple((ipaddress.ip_network(text), reason) for text, reason in _SPECIAL)
# No TCP server can be at these, whatever the user allows.
_NEVER = frozenset({"unspecified", "multicast", "broadcast"})
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressPolicy:
    """Refuses addresses that are not of the public Internet.

    Attributes:
        private_allowed: Let private, loopback, link-local, metadata and reserved
            addresses pass.
        allowed_prefixes: Let these pass in any case, and nothing beside them.
    """

    private_allowed: bool = False
    allowed_prefixes: tuple[IPNetwork, ...] = ()

    def refusal(self, address: str) -> str | None:
        """Why *address* may not be probed; None if it may.

        Returns:
            One word, such as ``metadata``, with the inner address where an IPv6
            address carries an IPv4 one.

        Raises:
            ValueError: *address* is not an IP address.
        """
        return _refusal(self, address)


# Every visit asks, and a run has some hundred addresses.
@lru_cache(maxsize=4096)
def _refusal(policy: AddressPolicy, address: str) -> str | None:
    outer = ipaddress.ip_address(address)
    if any(outer in prefix for prefix in policy.allowed_prefixes):
        return None
    for inner in (outer, *_embedded(outer)):
        reason = _reason(inner)
        if reason is None or (policy.private_allowed and reason not in _NEVER):
            continue
        return reason if inner is outer else f"{reason} ({inner})"
    return None


def _reason(address: IPAddress) -> str | None:
    for network, reason in _NETWORKS:
        if address.version == network.version and address in network:
            return reason
    return None


def _embedded(address: IPAddress) -> Iterator[ipaddress.IPv4Address]:
    """The IPv4 addresses that a translator or tunnel would make of *address*."""
    if isinstance(address, ipaddress.IPv4Address):
        return
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    if address in _NAT64 or (address in _COMPATIBLE and int(address) > 0xFFFF):
        yield ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
