"""Names of the private network, by DNS and by hosts file."""

import ipaddress
import struct

import pytest

from cloudgauge.world.name_server import Names, hosts_file
from cloudgauge.world.site import Conduct, Link, Resolution, Site

_A, _AAAA, _TXT = 1, 28, 16


def _site(code: str, resolution: Resolution = Resolution.OK, count: int = 1) -> Site:
    return Site(
        host=f"{code}.example",
        region_id="lab/x",
        primary=True,
        ports=(443,),
        expected=(("/", 200),),
        numbers=tuple(range(256, 256 + count)),
        link=Link(rtt_ns=1),
        conduct=Conduct(resolution=resolution),
    )


_SITES = (
    _site("two", count=2),
    *(_site(word, word) for word in Resolution if word is not Resolution.OK),
)


def _ask(name: str, kind: int = _A, *, head: bytes = b"\x12\x34\x01\x00") -> bytes:
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    counts = struct.pack("!HHHH", 1, 0, 0, 0)
    return head + counts + labels + b"\0" + struct.pack("!HH", kind, 1)


def _answers(reply: bytes, question: bytes) -> list[str]:
    count = struct.unpack_from("!H", reply, 6)[0]
    at, found = len(question), []
    for _ in range(count):
        pointer, _, _, _, size = struct.unpack_from("!HHHIH", reply, at)
        assert pointer == 0xC00C
        found.append(str(ipaddress.ip_address(reply[at + 12 : at + 12 + size])))
        at += 12 + size
    assert at == len(reply)
    return found


@pytest.mark.parametrize(
    ("name", "kind", "addresses"),
    [
        ("two.example", _A, ["198.18.1.0", "198.18.1.1"]),
        ("TWO.Example", _AAAA, ["fdc6:1200::100", "fdc6:1200::101"]),
        ("two.example", _TXT, []),
        ("private.example", _A, ["10.20.30.40"]),
        ("no-address.example", _A, []),
    ],
)
def test_a_name_is_answered_with_its_addresses(
    name: str, kind: int, addresses: list[str]
) -> None:
    question = _ask(name, kind)
    reply = Names(_SITES).answer(question)
    assert reply is not None
    assert reply[:2] == question[:2]
    assert reply[2] & 0x80
    assert reply[3] & 0x0F == 0
    assert _answers(reply, question) == addresses


@pytest.mark.parametrize(
    ("name", "code"),
    [("nxdomain.example", 3), ("fail.example", 2), ("unknown.example", 3)],
)
def test_a_name_can_fail(name: str, code: int) -> None:
    reply = Names(_SITES).answer(_ask(name))
    assert reply is not None
    assert reply[3] & 0x0F == code


@pytest.mark.parametrize(
    "message",
    [
        _ask("silent.example"),
        b"",
        b"\0" * 11,
        _ask("two.example", head=b"\x12\x34\x81\x00"),
        _ask("two.example")[:-3],
        _ask("two.example")[:12] + b"\x7f" + b"x" * 200,
        _ask("two.example")[:4] + struct.pack("!HHHH", 2, 0, 0, 0) + b"\0" * 20,
    ],
)
def test_silence_and_nonsense_get_no_answer(message: bytes) -> None:
    assert Names(_SITES).answer(message) is None


def test_the_hosts_file_has_every_name_that_resolves() -> None:
    lines = hosts_file(_SITES, ipv6=True).splitlines()
    assert "198.18.1.1 two.example" in lines
    assert "fdc6:1200::101 two.example" in lines
    assert "10.20.30.40 private.example" in lines
    named = {line.split()[1] for line in lines}
    assert named == {"localhost", "two.example", "private.example"}


def test_the_hosts_file_of_a_kernel_without_ipv6_has_none() -> None:
    assert "fdc6" not in hosts_file(_SITES, ipv6=False)
