"""Which packets of a lab reach whom."""

import struct
from dataclasses import astuple
from ipaddress import IPv4Address

import pytest

from benchmarks.fleet.switch import Link, Switch
from cloudgauge.world.packet import ACK, SYN, TCP, UDP

CENTRE, TOKYO, NOBODY = (IPv4Address(f"192.0.2.{n}").packed for n in (1, 11, 99))


def packet(source: bytes, destination: bytes, flags: int, protocol: int = TCP) -> bytes:
    head = struct.pack(
        "!BBHHHBBH4s4s", 0x45, 0, 40, 0, 0, 64, protocol, 0, source, destination
    )
    return head + struct.pack("!HHIIBBHHH", 50_000, 80, 1, 1, 0x50, flags, 0, 0, 0)


def judged(
    there: Link, flags: int = ACK, *, outward: bool = False, protocol: int = TCP
) -> tuple[bytes, int] | None:
    """What becomes of a packet to tokyo, or from it, whose link is *there*."""
    switch = Switch()
    switch.connect(CENTRE, Link(delay_ns=1))
    switch.connect(TOKYO, there)
    ends = (TOKYO, CENTRE) if outward else (CENTRE, TOKYO)
    return switch.judge(packet(*ends, flags, protocol), ends[0])


@pytest.mark.parametrize("outward", [False, True])
def test_a_packet_waits_at_both_ends(*, outward: bool) -> None:
    to = CENTRE if outward else TOKYO
    assert judged(Link(delay_ns=20), outward=outward) == (to, 21)


@pytest.mark.parametrize("outward", [False, True])
def test_nothing_passes_a_link_that_is_cut(*, outward: bool) -> None:
    assert judged(Link(up=False), outward=outward) is None


def test_only_answers_come_to_a_place_that_is_hidden() -> None:
    hidden = Link(hidden=True)
    assert judged(hidden, SYN) is None
    assert judged(hidden, 0, protocol=UDP) is None
    assert judged(hidden, SYN | ACK) == (TOKYO, 1)
    assert judged(hidden, ACK) == (TOKYO, 1)
    assert judged(hidden, SYN, outward=True) == (CENTRE, 1)


def test_what_is_for_nobody_is_lost() -> None:
    switch = Switch()
    switch.connect(CENTRE, Link())
    assert switch.judge(packet(CENTRE, NOBODY, ACK), CENTRE) is None
    # As a kernel sends of its own where it has IPv6, and what is cut short.
    assert switch.judge(b"\x60" + bytes(50), CENTRE) is None
    assert switch.judge(b"\x45\x00", CENTRE) is None
    assert switch.judge(b"", CENTRE) is None


def test_a_link_is_as_it_was_last_said() -> None:
    switch = Switch()
    switch.connect(CENTRE, Link())
    switch.connect(TOKYO, Link(up=False))
    switch.connect(TOKYO, Link())
    assert switch.judge(packet(CENTRE, TOKYO, SYN), CENTRE) == (TOKYO, 0)


def test_what_was_carried_is_counted_by_the_servers_port() -> None:
    switch = Switch()
    switch.connect(CENTRE, Link())
    switch.connect(TOKYO, Link())
    for ends in ((CENTRE, TOKYO), (CENTRE, TOKYO), (TOKYO, CENTRE), (CENTRE, NOBODY)):
        switch.judge(packet(*ends, ACK), ends[0])
    assert [astuple(row) for row in switch.carried()] == [
        ("192.0.2.1", "192.0.2.11", 80, 80),
        ("192.0.2.11", "192.0.2.1", 80, 40),
    ]
