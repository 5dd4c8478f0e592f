"""What stands where in a private network: links, faults, sites and their addresses.

Plain values that go to the delay line and the servers as JSON, so that those
processes load neither the catalogue nor a validation library.
"""

import ipaddress
import json
import sys
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from cloudgauge.model.later import later

# Set aside for benchmarking by RFC 2544; never routed on the Internet.
IPV4_NETWORK = ipaddress.IPv4Network("198.18.0.0/15")
# A unique local prefix (RFC 4193); the digits say 198.18 in hexadecimal.
IPV6_NETWORK = ipaddress.IPv6Network("fdc6:1200::/32")
CLIENT_NUMBER = 1
NAME_SERVER_NUMBER = 2
# Below it stand the client and the name server; room for more of their kind.
FIRST_SITE_NUMBER = 256
MOST_ADDRESSES = 8
# About what the agents weigh that clouds let everybody download.
OBJECT_BYTES = 40_000_000
# A bucket that cannot hold the largest packet would never let it pass.
_LEAST_BURST_BYTES = 65_536
_IPV6_BIT = 1 << 31


class Fault(StrEnum):
    """How a site misbehaves, from the path up to the answer's body."""

    NONE = "none"
    REFUSE = "refuse"
    UNREACHABLE = "unreachable"
    PROHIBIT = "prohibit"
    BLACKHOLE = "blackhole"
    TLS_STALL = "tls-stall"
    TLS_RESET = "tls-reset"
    TLS_GARBAGE = "tls-garbage"
    CERTIFICATE_NAME = "certificate-name"
    CERTIFICATE_EXPIRED = "certificate-expired"
    CERTIFICATE_UNKNOWN = "certificate-unknown"
    STALL = "stall"
    RESET = "reset"
    CLOSE = "close"
    GARBAGE = "garbage"
    THROTTLE = "throttle"
    UNAVAILABLE = "unavailable"
    PORTAL = "portal"
    TRUNCATE = "truncate"
    STALL_BODY = "stall-body"
    SLOW_BODY = "slow-body"
    ENDLESS_BODY = "endless-body"
    GZIP_BODY = "gzip-body"


ROUTE_FAULTS = frozenset({Fault.UNREACHABLE, Fault.PROHIBIT})
LINE_FAULTS = frozenset({Fault.REFUSE, Fault.BLACKHOLE})


class Resolution(StrEnum):
    """What happens to who asks for a site's name.

    ``private``: the name is answered with a private address, as by a resolver
    that lies; no packet may be sent there.
    """

    OK = "ok"
    NXDOMAIN = "nxdomain"
    FAIL = "fail"
    SILENT = "silent"
    NO_ADDRESS = "no-address"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """How packets fare between the vantage and a site, each direction alike.

    Attributes:
        rtt_ns: Round trip without jitter; half of it each way.
        jitter_ns: Mean of what chance adds to a round trip: an exponential
            delay each way, so a round trip adds a Gamma(2).
        spike_ns: Mean height of a rare, exponential extra delay.
        spike_share: Share of packets that meet a spike.
        loss: Share of packets lost, each way.
        bits_per_s: Rate each way; None for as fast as the machine.
        queue_ns: What waits longer than this for its turn is dropped.
        syn_drops: How many SYNs of each connection are lost before one passes.
        reorder: Whether a packet's jitter may carry it past an earlier one.
        burst_bytes: A token bucket, each way: so much passes at the full rate,
            what follows at the sustained one; None for no bucket.
        sustained_bits_per_s: The rate at which the bucket fills up again.
    """

    rtt_ns: int
    jitter_ns: int = 0
    spike_ns: int = 0
    spike_share: float = 0.0
    loss: float = 0.0
    bits_per_s: int | None = None
    queue_ns: int = 200_000_000
    syn_drops: int = 0
    reorder: bool = False
    burst_bytes: int | None = later(None)
    sustained_bits_per_s: int | None = later(None)

    def __post_init__(self) -> None:
        if min(self.rtt_ns, self.jitter_ns, self.spike_ns, self.queue_ns) < 0:
            msg = "rtt, jitter, spike and queue must be >= 0"
            raise ValueError(msg)
        if not (0 <= self.loss < 1 and 0 <= self.spike_share <= 1):
            msg = f"want loss in [0, 1), spike_share in [0, 1], got {self}"
            raise ValueError(msg)
        if self.bits_per_s is not None and self.bits_per_s < 1:
            msg = f"bits_per_s must be at least 1, got {self.bits_per_s}"
            raise ValueError(msg)
        if not 0 <= self.syn_drops <= 5:
            msg = f"syn_drops must be in [0, 5], got {self.syn_drops}"
            raise ValueError(msg)
        _check_bucket(self.burst_bytes, self.sustained_bits_per_s)


def _check_bucket(burst_bytes: int | None, sustained_bits_per_s: int | None) -> None:
    if burst_bytes is None and sustained_bits_per_s is None:
        return
    if burst_bytes is None or sustained_bits_per_s is None:
        msg = "burst and sustained_mbit_per_s go together: a bucket needs both"
        raise ValueError(msg)
    if burst_bytes < _LEAST_BURST_BYTES or sustained_bits_per_s < 1:
        msg = (
            f"want burst of at least {_LEAST_BURST_BYTES} B and a sustained rate of "
            f"at least 1 bit/s, got {burst_bytes} B and {sustained_bits_per_s} bit/s"
        )
        raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """How a site's servers behave.

    Attributes:
        fault_share: Share of connections that meet the fault.
        status: HTTP status of every answer; None for what the endpoint expects.
        retry_after_s: The Retry-After of 429 and 503; None for none.
        think_ns: The server's own time before each answer.
        body_bytes: Length of the answer's body; None for a usual one.
        newest_tls: ``1.2`` or ``1.3``.
    """

    fault: Fault = Fault.NONE
    fault_share: float = 1.0
    resolution: Resolution = Resolution.OK
    status: int | None = None
    retry_after_s: int | None = None
    think_ns: int = 0
    body_bytes: int | None = None
    newest_tls: str = "1.3"

    def __post_init__(self) -> None:
        if not 0 <= self.fault_share <= 1:
            msg = f"fault_share must be in [0, 1], got {self.fault_share}"
            raise ValueError(msg)
        if self.fault in ROUTE_FAULTS and self.fault_share != 1:
            msg = f'fault "{self.fault}" is a route: it has no fault_share'
            raise ValueError(msg)
        if self.status is not None and not 200 <= self.status <= 599:
            msg = f"status must be in [200, 599], got {self.status}"
            raise ValueError(msg)
        if self.newest_tls not in {"1.2", "1.3"}:
            msg = f'tls must be "1.2" or "1.3", got "{self.newest_tls}"'
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A host name of the catalogue, played by this machine.

    Attributes:
        host: The name that is resolved and that the certificate is for.
        region_id: The region it stands for.
        primary: Whether a region's default endpoint is here.
        ports: TCP ports that answer.
        expected: Path (with query) and the status that its endpoint expects.
        numbers: Its addresses, as offsets into both networks.
        objects: Path (with query) and length in bytes of what can be downloaded.
        places: Regions from which it is played, the nearest first; empty for its
            own. More than one is anycast.
        guest_ports: Ports on which programs of the user's may answer in its place.
    """

    host: str
    region_id: str
    primary: bool
    ports: tuple[int, ...]
    expected: tuple[tuple[str, int], ...]
    numbers: tuple[int, ...]
    link: Link
    conduct: Conduct = Conduct()
    objects: tuple[tuple[str, int], ...] = later(())
    places: tuple[str, ...] = later(())
    guest_ports: tuple[int, ...] = later(())

    @property
    def ipv4(self) -> tuple[str, ...]:
        """Its IPv4 addresses as text."""
        return tuple(ipv4_of(number) for number in self.numbers)

    @property
    def ipv6(self) -> tuple[str, ...]:
        """Its IPv6 addresses as text."""
        return tuple(ipv6_of(number) for number in self.numbers)


def ipv4_of(number: int) -> str:
    """The IPv4 address at an offset into the network."""
    return str(IPV4_NETWORK[number])


def ipv6_of(number: int) -> str:
    """The IPv6 address at an offset into the network."""
    return str(IPV6_NETWORK[number])


def remote_id_of(address: str) -> int:
    """The 32-bit number under which the logs know an address of the network.

    Raises:
        ValueError: It is no address of the private network.
    """
    parsed = ipaddress.ip_address(address)
    if parsed in IPV4_NETWORK:
        return int(parsed) - int(IPV4_NETWORK[0])
    if parsed in IPV6_NETWORK and int(parsed) - int(IPV6_NETWORK[0]) < _IPV6_BIT:
        return int(parsed) - int(IPV6_NETWORK[0]) + _IPV6_BIT
    msg = f"want an address of the private network, got {address}"
    raise ValueError(msg)


def address_of(remote_id: int) -> str:
    """The address that `remote_id_of` gave *remote_id* for."""
    if remote_id >= _IPV6_BIT:
        return ipv6_of(remote_id - _IPV6_BIT)
    return ipv4_of(remote_id)


def loopback_of(number: int) -> str:
    """The loopback address that plays the site with this number.

    Linux has all of 127.0.0.0/8; other systems have only 127.0.0.1.
    """
    if sys.platform != "linux":
        return "127.0.0.1"
    high, low = divmod(number, 256)
    return f"127.{18 + (high >> 8)}.{high & 255}.{low}"


def sites_to_json(sites: tuple[Site, ...]) -> str:
    """Write sites; the same sites give the same text."""
    return json.dumps([asdict(site) for site in sites], sort_keys=True)


def sites_from_json(text: str) -> tuple[Site, ...]:
    """Read what `sites_to_json` wrote."""
    return tuple(_site(row) for row in json.loads(text))


def _site(row: dict[str, Any]) -> Site:
    conduct = dict(row["conduct"])
    conduct["fault"] = Fault(conduct["fault"])
    conduct["resolution"] = Resolution(conduct["resolution"])
    return Site(
        host=row["host"],
        region_id=row["region_id"],
        primary=row["primary"],
        ports=tuple(row["ports"]),
        expected=tuple((path, status) for path, status in row["expected"]),
        numbers=tuple(row["numbers"]),
        link=Link(**row["link"]),
        conduct=Conduct(**conduct),
        # What an older version wrote has none of these.
        objects=tuple((path, size) for path, size in row.get("objects", ())),
        places=tuple(row.get("places", ())),
        guest_ports=tuple(row.get("guest_ports", ())),
    )
