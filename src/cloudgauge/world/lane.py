"""What becomes of a packet: held for how long, lost, refused; no device, no clock."""

import random
import struct
import zlib
from collections.abc import Iterable

from cloudgauge.world import packet as wire
from cloudgauge.world.packet_log import Direction, Fate
from cloudgauge.world.site import (
    IPV4_NETWORK,
    IPV6_NETWORK,
    LINE_FAULTS,
    Fault,
    Link,
    Site,
    remote_id_of,
)

_SYNS_REMEMBERED = 65_536


class Lane:
    """One direction of one site's link: draws, keeps order, serialises."""

    def __init__(self, link: Link, rng: random.Random) -> None:
        self._half_ns = link.rtt_ns // 2
        self._jitter_rate = 2 / link.jitter_ns if link.jitter_ns else 0.0
        self._spike_rate = 1 / link.spike_ns if link.spike_ns else 0.0
        self._spike_share = link.spike_share if link.spike_ns else 0.0
        self._loss = link.loss
        self._ns_per_byte = 8e9 / link.bits_per_s if link.bits_per_s else 0.0
        self._queue_ns = link.queue_ns
        self._bucket = _Bucket(link) if link.burst_bytes is not None else None
        self._is_shaped = bool(self._ns_per_byte) or self._bucket is not None
        self._reorder = link.reorder
        self._rng = rng
        self._free_at_ns = 0
        self._latest_ns = 0

    def release_ns(self, now_ns: int, size_bytes: int) -> int | Fate:
        """When a packet that has come now leaves, or why it never does."""
        rng = self._rng
        if self._loss and rng.random() < self._loss:
            return Fate.LOST
        start_ns = now_ns
        if self._is_shaped:
            start_ns = max(now_ns, self._free_at_ns)
            if start_ns - now_ns > self._queue_ns:
                return Fate.QUEUE_FULL
            start_ns += int(size_bytes * self._ns_per_byte)
            if self._bucket is not None:
                start_ns = self._bucket.pass_ns(start_ns, size_bytes)
            self._free_at_ns = start_ns
        due_ns = start_ns + self._half_ns
        if self._jitter_rate:
            due_ns += int(rng.expovariate(self._jitter_rate))
        if self._spike_share and rng.random() < self._spike_share:
            due_ns += int(rng.expovariate(self._spike_rate))
        if not self._reorder:
            due_ns = self._latest_ns = max(due_ns, self._latest_ns)
        return due_ns


class _Bucket:
    """Tokens for bytes: full at first, filled at the sustained rate."""

    def __init__(self, link: Link) -> None:
        self._burst_bytes = self._tokens = float(link.burst_bytes or 0)
        self._bytes_per_ns = (link.sustained_bits_per_s or 0) / 8e9
        self._counted_ns: int | None = None

    def pass_ns(self, at_ns: int, size_bytes: int) -> int:
        """When a packet that could pass at *at_ns* has its tokens; it takes them.

        Must be asked in the order of time.
        """
        gained = 0.0
        if self._counted_ns is not None:
            gained = (at_ns - self._counted_ns) * self._bytes_per_ns
        tokens = min(self._burst_bytes, self._tokens + gained) - size_bytes
        if tokens < 0:
            # A whole nanosecond more, so that rounding never lets it pass early.
            wait_ns = int(-tokens / self._bytes_per_ns) + 1
            at_ns += wait_ns
            tokens += wait_ns * self._bytes_per_ns
        self._tokens, self._counted_ns = tokens, at_ns
        return at_ns


class Line:
    """Decides what becomes of each packet; holds no device and no clock."""

    def __init__(self, sites: Iterable[Site], *, seed: int) -> None:
        self._lanes: dict[bytes, tuple[Site, int, Lane, Lane]] = {}
        self._ports: set[int] = set()
        self._syns: dict[tuple[int, int, int], int] = {}
        self._seed = seed
        for site in sites:
            self._ports.update(site.ports, site.guest_ports)
            out, back = (
                Lane(site.link, random.Random(f"{seed}/{site.host}/{direction}"))
                for direction in Direction
            )
            for packed, remote_id in _packed_addresses(site):
                self._lanes[packed] = (site, remote_id, out, back)

    def judge(
        self, packet: bytes, segment: wire.Segment, now_ns: int
    ) -> tuple[int, int, int | Fate, bool]:
        """What becomes of a packet that has come now.

        Returns:
            Remote id, direction, when it leaves or why not, and whether a refusal
            leaves in its place.
        """
        known = self._lanes.get(segment.destination)
        to_client = segment.source_port in self._ports
        if known is None:
            return 0, int(to_client), Fate.NO_SUCH_SITE, False
        site, remote_id, out, back = known
        if to_client:
            return remote_id, 1, back.release_ns(now_ns, len(packet)), False
        fate: int | Fate = out.release_ns(now_ns, len(packet))
        if segment.protocol == wire.TCP:
            port = segment.source_port
            if site.conduct.fault in LINE_FAULTS and meets_fault(
                site, port, seed=self._seed
            ):
                if site.conduct.fault is Fault.BLACKHOLE:
                    return remote_id, 0, Fate.BLACKHOLED, False
                if not isinstance(fate, Fate) and segment.flags & wire.SYN:
                    back_ns = back.release_ns(fate, len(packet))
                    return remote_id, 0, back_ns, not isinstance(back_ns, Fate)
            if site.link.syn_drops and segment.flags & wire.SYN:
                seen = self._count_syn((remote_id, port, segment.seq))
                if seen <= site.link.syn_drops:
                    return remote_id, 0, Fate.SYN_DROPPED, False
        return remote_id, 0, fate, False

    def _count_syn(self, key: tuple[int, int, int]) -> int:
        if len(self._syns) >= _SYNS_REMEMBERED:
            self._syns.clear()
        seen = self._syns[key] = self._syns.get(key, 0) + 1
        return seen


def meets_fault(site: Site, client_port: int, *, seed: int) -> bool:
    """Whether a connection from this port meets the site's fault.

    The same for every packet of the connection, and for line and servers.
    """
    share = site.conduct.fault_share
    if share >= 1:
        return True
    draw = zlib.crc32(struct.pack("<QH", seed & (2**64 - 1), client_port))
    return zlib.crc32(site.host.encode(), draw) < share * 2**32


def _packed_addresses(site: Site) -> Iterable[tuple[bytes, int]]:
    for number, ipv4, ipv6 in zip(site.numbers, site.ipv4, site.ipv6, strict=True):
        yield IPV4_NETWORK[number].packed, remote_id_of(ipv4)
        yield IPV6_NETWORK[number].packed, remote_id_of(ipv6)
