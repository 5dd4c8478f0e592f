"""The lab's own Internet between places: which packet goes where, when, or is lost.

Kept apart from devices and namespaces, so that what a cut or hidden link does to a
packet can be tried by itself.
"""

from collections import Counter
from dataclasses import dataclass
from ipaddress import IPv4Address

from cloudgauge.world import packet as wire

_IPV4 = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """How a place is connected.

    Attributes:
        up: Whether anything passes; what is sent while it is not is lost silently.
        delay_ns: What a packet waits on its way in, and again on its way out.
        hidden: Behind a translator of addresses: answers come in, but nobody can open
            a connection to it.
    """

    up: bool = True
    delay_ns: int = 0
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What went from one place to another.

    Attributes:
        source: IPv4 address.
        destination: IPv4 address.
        port: The lower one of both ends: the server's.
        total_bytes: Of whole packets.
    """

    source: str
    destination: str
    port: int
    total_bytes: int


class Switch:
    """Where packets between places go. Places are known by their IPv4 addresses."""

    def __init__(self) -> None:
        self._links: dict[bytes, Link] = {}
        self._bytes: Counter[tuple[bytes, bytes, int]] = Counter()

    def carried(self) -> tuple[Carried, ...]:
        """What was carried so far, in the order of places and ports."""
        return tuple(
            Carried(
                source=str(IPv4Address(source)),
                destination=str(IPv4Address(destination)),
                port=port,
                total_bytes=total_bytes,
            )
            for (source, destination, port), total_bytes in sorted(self._bytes.items())
        )

    def connect(self, address: bytes, link: Link) -> None:
        """Connect a place, or change its link."""
        self._links[address] = link

    def judge(self, packet: bytes, source: bytes) -> tuple[bytes, int] | None:
        """Where a packet goes, and how long it is held, ns; None if it is lost.

        Args:
            packet: From the device of a place.
            source: The address of that place.
        """
        if not packet or packet[0] >> 4 != _IPV4:
            return None
        segment = wire.parse(packet)
        if segment is None:
            return None
        destination = segment.destination
        here, there = self._links[source], self._links.get(destination)
        if there is None or not here.up or not there.up:
            return None
        if there.hidden and not _is_answer(segment):
            return None
        port = min(segment.source_port, segment.destination_port)
        self._bytes[source, destination, port] += len(packet)
        return destination, here.delay_ns + there.delay_ns


def _is_answer(segment: wire.Segment) -> bool:
    """Whether a translator of addresses would know whom a packet is for."""
    opens = segment.flags & (wire.SYN | wire.ACK) == wire.SYN
    return segment.protocol == wire.TCP and not opens
