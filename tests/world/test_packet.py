"""Packets as bytes, against checksums computed here from the RFCs."""

import ipaddress
import struct

import pytest

from cloudgauge.world import packet as wire

_ENDS = {
    4: ("198.18.0.1", "198.18.1.7"),
    6: ("fdc6:1200::1", "fdc6:1200::107"),
}


def _sum_is_right(data: bytes) -> bool:
    """RFC 1071: the ones' complement sum over data and checksum is all ones."""
    padded = data + b"\0" * (len(data) % 2)
    total: int = sum(struct.unpack(f"!{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total == 0xFFFF


def _packet(version: int, *, flags: int, seq: int = 9, payload: bytes = b"") -> bytes:
    source, destination = (ipaddress.ip_address(text).packed for text in _ENDS[version])
    tcp = struct.pack("!HHIIBBHHH", 40_000, 443, seq, 5, 5 << 4, flags, 100, 0, 0)
    tcp += payload
    if version == 6:
        head = struct.pack("!IHBB", 6 << 28, len(tcp), wire.TCP, 64)
        return head + source + destination + tcp
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 1, 0, 64, wire.TCP, 0)
    return head + source + destination + tcp


def _tcp_sum_is_right(packet: bytes) -> bool:
    start, ends = (20, packet[12:20]) if packet[0] >> 4 == 4 else (40, packet[8:40])
    tcp = packet[start:]
    return _sum_is_right(ends + struct.pack("!II", len(tcp), wire.TCP) + tcp)


@pytest.mark.parametrize("version", [4, 6])
def test_a_tcp_packet_is_read(version: int) -> None:
    packet = _packet(version, flags=wire.ACK, seq=77, payload=b"hello")
    segment = wire.parse(packet)
    assert segment is not None
    assert str(ipaddress.ip_address(segment.destination)) == _ENDS[version][1]
    assert (segment.source_port, segment.destination_port) == (40_000, 443)
    assert (segment.seq, segment.ack, segment.flags) == (77, 5, wire.ACK)
    assert segment.payload_bytes == 5
    assert segment.protocol == wire.TCP


@pytest.mark.parametrize("version", [4, 6])
def test_the_ends_are_exchanged_and_nothing_else(version: int) -> None:
    packet = _packet(version, flags=wire.SYN)
    swapped = wire.swapped(packet)
    segment = wire.parse(swapped)
    assert segment is not None
    assert str(ipaddress.ip_address(segment.destination)) == _ENDS[version][0]
    assert wire.swapped(swapped) == packet
    assert sorted(swapped) == sorted(packet)


@pytest.mark.parametrize("version", [4, 6])
def test_a_refusal_is_what_a_closed_port_sends(version: int) -> None:
    refusal = wire.refusal(_packet(version, flags=wire.SYN, seq=0xFFFFFFFF))
    segment = wire.parse(refusal)
    assert segment is not None
    assert str(ipaddress.ip_address(segment.destination)) == _ENDS[version][0]
    assert (segment.source_port, segment.destination_port) == (443, 40_000)
    assert segment.flags == wire.RST | wire.ACK
    assert segment.ack == 0
    assert _tcp_sum_is_right(refusal)
    if version == 4:
        assert _sum_is_right(refusal[:20])


def test_udp_is_read_and_other_protocols_pass() -> None:
    packet = bytearray(_packet(4, flags=0, payload=b"x" * 12))
    packet[9] = wire.UDP
    segment = wire.parse(bytes(packet))
    assert segment is not None
    assert (segment.source_port, segment.payload_bytes) == (40_000, 24)
    packet[9] = 1
    icmp = wire.parse(bytes(packet))
    assert icmp is not None
    assert (icmp.source_port, icmp.payload_bytes) == (0, 0)


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"\x45" + b"\0" * 10,
        b"\x15" + b"\0" * 39,
        _packet(4, flags=0)[:30],
        _packet(6, flags=0)[:50],
        b"\x60" + b"\0" * 30,
    ],
)
def test_what_is_no_whole_packet_is_none(packet: bytes) -> None:
    assert wire.parse(packet) is None
