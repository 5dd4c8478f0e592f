"""A name server for the private network: one datagram in, one out; pure inside."""

import asyncio
import ipaddress
import struct
from collections.abc import Iterable
from typing import cast

from cloudgauge.world.site import Resolution, Site

_HEAD = struct.Struct("!HHHHHH")
_A, _AAAA, _IN = 1, 28, 1
_RESPONSE, _AUTHORITATIVE, _RECURSION_WANTED = 0x8000, 0x0400, 0x0100
_RECURSION_AVAILABLE = 0x0080
_NO_ERROR, _SERVER_FAILED, _NO_SUCH_NAME = 0, 2, 3
_TTL_S = 60
# A name that was already said, twelve bytes into the message (RFC 1035 4.1.4).
_POINTER_TO_QUESTION = b"\xc0\x0c"
PRIVATE_ANSWER = "10.20.30.40"
PRIVATE_ANSWER_IPV6 = "fd12:3456::40"


class Names:
    """What the world's names resolve to."""

    def __init__(self, sites: Iterable[Site]) -> None:
        self._sites = {site.host: site for site in sites}

    def answer(self, question: bytes) -> bytes | None:
        """The answer to a DNS message; None where there is to be none."""
        asked = _question(question)
        if asked is None:
            return None
        name, kind, end = asked
        site = self._sites.get(name)
        code = _NO_ERROR
        addresses: tuple[str, ...] = ()
        if site is None or site.conduct.resolution is Resolution.NXDOMAIN:
            code = _NO_SUCH_NAME
        elif site.conduct.resolution is Resolution.SILENT:
            return None
        elif site.conduct.resolution is Resolution.FAIL:
            code = _SERVER_FAILED
        else:
            addresses = _addresses(site, kind)
        return _message(question[:end], code, kind, addresses)


class NameServer(asyncio.DatagramProtocol):
    """Answers over UDP."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport for answers."""
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer one question."""
        answer = self._names.answer(data)
        if answer is not None:
            self._transport.sendto(answer, addr)


def hosts_file(sites: Iterable[Site], *, ipv6: bool) -> str:
    """Hosts(5) lines for every name that resolves."""
    lines = ["127.0.0.1 localhost", "::1 localhost ip6-localhost ip6-loopback"]
    for site in sites:
        kinds = (_A, _AAAA) if ipv6 else (_A,)
        for kind in kinds:
            if site.conduct.resolution in {Resolution.OK, Resolution.PRIVATE}:
                lines += [f"{text} {site.host}" for text in _addresses(site, kind)]
    return "\n".join(lines) + "\n"


def _addresses(site: Site, kind: int) -> tuple[str, ...]:
    match site.conduct.resolution:
        case Resolution.PRIVATE:
            return {_A: (PRIVATE_ANSWER,), _AAAA: (PRIVATE_ANSWER_IPV6,)}.get(kind, ())
        case Resolution.OK:
            return {_A: site.ipv4, _AAAA: site.ipv6}.get(kind, ())
        case _:
            return ()


def _question(message: bytes) -> tuple[str, int, int] | None:
    """Name, type and end of the only question of a DNS message."""
    if len(message) < _HEAD.size or message[2] & 0x80:
        return None
    if _HEAD.unpack_from(message)[2] != 1:
        return None
    labels = []
    at = _HEAD.size
    while at < len(message) and message[at]:
        length = message[at]
        if length > 63:
            return None
        labels.append(message[at + 1 : at + 1 + length])
        at += 1 + length
    if at + 5 > len(message):
        return None
    (kind,) = struct.unpack_from("!H", message, at + 1)
    return b".".join(labels).decode("latin-1").lower(), kind, at + 5


def _message(
    question: bytes, code: int, kind: int, addresses: tuple[str, ...]
) -> bytes:
    identity, flags, *_ = _HEAD.unpack_from(question)
    flags = (flags & _RECURSION_WANTED) | _RESPONSE | _AUTHORITATIVE
    head = _HEAD.pack(
        identity, flags | _RECURSION_AVAILABLE | code, 1, len(addresses), 0, 0
    )
    answers = b""
    for address in addresses:
        packed = ipaddress.ip_address(address).packed
        answers += _POINTER_TO_QUESTION
        answers += struct.pack("!HHIH", kind, _IN, _TTL_S, len(packed)) + packed
    return head + question[_HEAD.size :] + answers
