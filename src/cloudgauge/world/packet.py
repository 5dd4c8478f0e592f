"""IP packets as bytes: read what matters, swap the two ends, refuse a SYN.

The sums that IP, TCP and UDP check are sums of words in which an address counts
the same in either place, so swapping source and destination touches no checksum.
"""

import struct
from typing import NamedTuple

TCP, UDP = 6, 17
FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10
_PORTS_SEQ_ACK = struct.Struct("!HHIIBB")
_PORTS = struct.Struct("!HH")
# Length, protocol, destination, then TCP's ports, seq, ack, offset and flags.
_ipv4_tcp = struct.Struct("!2xH5xB6x4sHHIIBB").unpack_from
_ipv6_tcp = struct.Struct("!4xHB17x16sHHIIBB").unpack_from
# What a named tuple's own constructor calls, without its arguments by name.
_new_tuple = tuple.__new__
_IPV4_PLAIN = 0x45
_IPV6_BYTES = 40
_TCP_BYTES = 20


class Segment(NamedTuple):
    """What the delay line must know of a packet.

    A tuple, because one is made for every packet.

    Attributes:
        destination: The address it is sent to, as bytes.
        protocol: The IP protocol number.
        payload_bytes: Length beyond the TCP or UDP header.
    """

    destination: bytes
    protocol: int
    source_port: int = 0
    destination_port: int = 0
    seq: int = 0
    ack: int = 0
    flags: int = 0
    payload_bytes: int = 0


def parse(packet: bytes) -> Segment | None:
    """Read a packet; None if it is neither IPv4 nor IPv6 or is cut short."""
    size = len(packet)
    # Nearly all packets are plain TCP: two ways straight through for them, and one
    # of many thousand a second may cost no call more than it must.
    if size >= 40 and packet[0] == _IPV4_PLAIN:
        end, protocol, to, ours, theirs, seq, ack, offset, flags = _ipv4_tcp(packet)
        if protocol == TCP and 40 <= end <= size:
            payload_bytes = end - 20 - (offset >> 4) * 4
            row = (to, TCP, ours, theirs, seq, ack, flags, payload_bytes)
            return _new_tuple(Segment, row)
    elif size >= 60 and packet[0] >> 4 == 6:
        end, protocol, to, ours, theirs, seq, ack, offset, flags = _ipv6_tcp(packet)
        if protocol == TCP and 20 <= end <= size - _IPV6_BYTES:
            payload_bytes = end - (offset >> 4) * 4
            row = (to, TCP, ours, theirs, seq, ack, flags, payload_bytes)
            return _new_tuple(Segment, row)
    return _parse_any(packet)


def _parse_any(packet: bytes) -> Segment | None:
    if len(packet) < 20:
        return None
    if packet[0] >> 4 == 4:
        destination, protocol = packet[16:20], packet[9]
        start = (packet[0] & 15) * 4
        end = packet[2] << 8 | packet[3]
    elif packet[0] >> 4 == 6 and len(packet) >= _IPV6_BYTES:
        destination, protocol = packet[24:40], packet[6]
        start = _IPV6_BYTES
        end = start + (packet[4] << 8 | packet[5])
    else:
        return None
    if end > len(packet) or start > end:
        return None
    if protocol == TCP and start + _TCP_BYTES <= end:
        ours, theirs, seq, ack, offset, flags = _PORTS_SEQ_ACK.unpack_from(
            packet, start
        )
        payload_bytes = end - start - (offset >> 4) * 4
        row = (destination, TCP, ours, theirs, seq, ack, flags, payload_bytes)
        return Segment(*row)
    if protocol == UDP and start + 8 <= end:
        source_port, destination_port = _PORTS.unpack_from(packet, start)
        return Segment(
            destination,
            UDP,
            source_port,
            destination_port,
            payload_bytes=end - start - 8,
        )
    return Segment(destination, protocol)


def swapped(packet: bytes) -> bytes:
    """The packet with source and destination address exchanged."""
    if packet[0] >> 4 == 4:
        return packet[:12] + packet[16:20] + packet[12:16] + packet[20:]
    return packet[:8] + packet[24:40] + packet[8:24] + packet[40:]


def refusal(packet: bytes) -> bytes:
    """The RST with which a closed port answers the SYN *packet* (RFC 9293 3.10.7.1)."""
    is_ipv4 = packet[0] >> 4 == 4
    start = (packet[0] & 15) * 4 if is_ipv4 else 40
    source_port, destination_port, seq, *_ = _PORTS_SEQ_ACK.unpack_from(packet, start)
    addresses = packet[16:20] + packet[12:16] if is_ipv4 else None
    if addresses is None:
        addresses = packet[24:40] + packet[8:24]
    tcp = struct.pack(
        "!HHIIBBHHH",
        destination_port,
        source_port,
        0,
        (seq + 1) & 0xFFFFFFFF,
        5 << 4,
        RST | ACK,
        0,
        0,
        0,
    )
    pseudo = addresses + struct.pack("!II", len(tcp), TCP)
    tcp = tcp[:16] + _checksum(pseudo + tcp) + tcp[18:]
    if is_ipv4:
        head = struct.pack("!BBHHHBBH", 0x45, 0, 40, 0, 0x4000, 64, TCP, 0)
        return head[:10] + _checksum(head + addresses) + addresses + tcp
    return struct.pack("!IHBB", 6 << 28, len(tcp), TCP, 64) + addresses + tcp


def _checksum(data: bytes) -> bytes:
    """The Internet checksum (RFC 1071) of an even number of bytes."""
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return struct.pack("!H", ~total & 0xFFFF)
