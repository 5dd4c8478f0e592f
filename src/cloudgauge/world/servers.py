"""Answers for every name of the catalogue, honest or faulty.

One listener for each port answers for all sites: the peer's address of a
connection says which site was dialled, because the delay line has swapped the
ends. TLS runs over memory, so that each write is one known piece of the stream
and the log can say at which byte an answer begins.
"""

import asyncio
import random
import socket
import ssl
import struct
import time
from typing import cast

from cloudgauge.world.answer import (
    ENDLESS_LIMIT_BYTES,
    Answer,
    MalformedRequestError,
    Request,
    bad_request,
    read_request,
)
from cloudgauge.world.certificates import BAD_CERTIFICATES
from cloudgauge.world.house import House
from cloudgauge.world.lane import Lane, meets_fault
from cloudgauge.world.packet_log import ExchangeKind, ExchangeRecord
from cloudgauge.world.site import Fault

_STREAM_MASK = 0xFFFFFFFF
_SLOW_PIECE_EVERY_S = 0.2
_ENDLESS_PIECE = b"cloudgauge " * 1490
# What is encrypted and written in one go; a usual answer is far smaller.
_PIECE_BYTES = 64 * 1024
_ABORT = struct.pack("ii", 1, 0)
_TLS_FAULTS = frozenset({Fault.TLS_STALL, Fault.TLS_RESET, Fault.TLS_GARBAGE})


class Conversation(asyncio.Protocol):
    """One connection from its handshake to its end."""

    def __init__(
        self, house: House, *, plain: bool, dialled: str | None = None
    ) -> None:
        """Make one for a new connection.

        Args:
            house: What it shares with others.
            plain: HTTP without TLS.
            dialled: The address that was dialled, where the peer's own address
                does not say it; the servers then delay what comes themselves.
        """
        self._house = house
        self._plain = plain
        self._dialled = dialled
        self._buffer = bytearray()
        self._received_bytes = 0
        self._sent_bytes = 0
        self._exchange = 0
        self._handshaken = plain
        self._lane: Lane | None = None
        self._pouring = False
        self._rest = memoryview(b"")
        self._answered: Answer | None = None
        self._paused = False
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Find out which site was dialled."""
        self._transport = cast("asyncio.Transport", transport)
        address, self._port, *_ = transport.get_extra_info("peername")
        found = self._house.site_at(self._dialled or address)
        if found is None:
            self._transport.abort()
            return
        self._site, self._remote_id = found
        fault = self._site.conduct.fault
        meets = meets_fault(self._site, self._port, seed=self._house.seed)
        self._fault = fault if meets else Fault.NONE
        if self._dialled is not None:
            rng = random.Random(f"{self._house.seed}/{self._dialled}/{self._port}")
            self._lane = Lane(self._site.link, rng)
        if not self._plain:
            bad = self._fault if self._fault in BAD_CERTIFICATES else Fault.NONE
            context = self._house.trust.context(self._site, bad)
            self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            self._tls = context.wrap_bio(
                self._incoming, self._outgoing, server_side=True
            )

    def data_received(self, data: bytes) -> None:
        """Take what came, now or after the delay that no line has added."""
        self._received_bytes += len(data)
        if self._lane is None:
            self._take(data, time.time_ns())
            return
        now_ns = time.monotonic_ns()
        # Twice one direction: the answer's way is not delayed by anybody else.
        there = self._lane.release_ns(now_ns, len(data))
        back = self._lane.release_ns(there, len(data))
        delay_s = max(0, back - now_ns) / 1e9
        self._loop.call_later(delay_s, self._take, data, time.time_ns())

    def pause_writing(self) -> None:
        """Note that the peer reads slower than we write."""
        self._paused = True

    def resume_writing(self) -> None:
        """Go on with a body that is long or has no end."""
        self._paused = False
        if self._pouring:
            self._pour()
        else:
            self._go_on()
            self._answer_all(time.time_ns())

    def _take(self, data: bytes, received_ns: int) -> None:
        if self._transport.is_closing():
            return
        if not self._plain and self._fault in _TLS_FAULTS:
            self._spoil_handshake()
            return
        if self._plain:
            self._buffer += data
        else:
            self._incoming.write(data)
            if not self._decrypt(received_ns):
                return
        self._answer_all(received_ns)

    def _spoil_handshake(self) -> None:
        if self._fault is Fault.TLS_RESET:
            self._reset()
        elif self._fault is Fault.TLS_GARBAGE:
            self._transport.write(b"220 this port does not speak TLS\r\n")
            self._transport.close()

    def _decrypt(self, received_ns: int) -> bool:
        """Move what came through TLS into the buffer; False if that is the end."""
        try:
            if not self._handshaken:
                self._shake_hands(received_ns)
            while self._handshaken:
                piece = self._tls.read(65_536)
                if not piece:
                    self._transport.close()
                    return False
                self._buffer += piece
        except ssl.SSLWantReadError:
            self._flush()
        except ssl.SSLError:
            # The peer refuses our certificate, or does not speak TLS.
            self._flush()
            self._transport.close()
            return False
        return True

    def _shake_hands(self, received_ns: int) -> None:
        self._tls.do_handshake()
        # TLS 1.3: the peer was done before the tickets that are waiting now.
        # TLS 1.2: what is waiting is the flight that ends the handshake.
        last_byte = self._sent_bytes
        written_ns = time.time_ns()
        self._flush()
        if self._tls.version() != "TLSv1.3":
            last_byte = self._sent_bytes
        self._handshaken = True
        self._record(ExchangeKind.HANDSHAKE, received_ns, written_ns, last_byte)

    def _answer_all(self, received_ns: int) -> None:
        # One that came while a long answer is being written waits for its end.
        while self._answered is None and not self._transport.is_closing():
            try:
                request = read_request(self._buffer)
            except MalformedRequestError:
                self._give(bad_request(), received_ns)
                return
            if request is None:
                return
            del self._buffer[: request.size_bytes]
            if self._site.conduct.think_ns:
                think_s = self._site.conduct.think_ns / 1e9
                self._loop.call_later(think_s, self._answer, request, received_ns)
            else:
                self._answer(request, received_ns)

    def _answer(self, request: Request, received_ns: int) -> None:
        if not self._transport.is_closing():
            answer = self._house.answer(self._site, request, self._fault)
            self._give(answer, received_ns)

    def _give(self, answer: Answer, received_ns: int) -> None:
        first_byte = self._sent_bytes
        whole = memoryview(answer.first)
        data = self._encrypted(whole[:_PIECE_BYTES])
        written_ns = time.time_ns()
        self._write(data)
        self._record(ExchangeKind.REQUEST, received_ns, written_ns, first_byte)
        self._exchange += 1
        self._rest, self._answered = whole[_PIECE_BYTES:], answer
        self._go_on()

    def _go_on(self) -> None:
        """Write what is left of a large answer as fast as the peer reads."""
        while self._rest and not self._paused:
            self._write(self._encrypted(self._rest[:_PIECE_BYTES]))
            self._rest = self._rest[_PIECE_BYTES:]
        answer = self._answered
        if self._rest or answer is None:
            return
        self._answered = None
        if answer.reset:
            self._reset()
        elif answer.endless:
            self._pouring = True
            self._pour()
        elif answer.rest:
            self._drip(answer.rest)
        elif answer.close:
            self._transport.close()

    def _encrypted(self, data: bytes | memoryview) -> bytes:
        if self._plain or not data:
            return bytes(data)
        self._tls.write(data)
        return self._outgoing.read()

    def _flush(self) -> None:
        self._write(self._outgoing.read())

    def _write(self, data: bytes) -> None:
        if data:
            self._transport.write(data)
            self._sent_bytes += len(data)

    def _drip(self, rest: bytes) -> None:
        if self._transport.is_closing():
            return
        self._write(self._encrypted(rest[:1]))
        if rest[1:]:
            self._loop.call_later(_SLOW_PIECE_EVERY_S, self._drip, rest[1:])

    def _pour(self) -> None:
        while not self._paused and not self._transport.is_closing():
            if self._sent_bytes > ENDLESS_LIMIT_BYTES:
                self._transport.close()
                return
            self._write(self._encrypted(_ENDLESS_PIECE))

    def _reset(self) -> None:
        # Closing with a linger of 0 s sends RST instead of FIN.
        sock = self._transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
        self._transport.abort()

    def _record(
        self, kind: ExchangeKind, received_ns: int, written_ns: int, sent_bytes: int
    ) -> None:
        self._house.log.append(
            ExchangeRecord(
                received_ns=received_ns,
                written_ns=written_ns,
                remote_id=self._remote_id,
                received_bytes=self._received_bytes & _STREAM_MASK,
                sent_bytes=sent_bytes & _STREAM_MASK,
                client_port=self._port,
                exchange=self._exchange,
                kind=kind,
                fault=int(self._fault is not Fault.NONE),
            )
        )
