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
from collections import deque
from typing import NamedTuple, cast

from cloudgauge.world.answer import Answer, bad_request
from cloudgauge.world.certificates import BAD_CERTIFICATES
from cloudgauge.world.house import House
from cloudgauge.world.lane import Lane, meets_fault
from cloudgauge.world.packet_log import ExchangeKind, ExchangeRecord
from cloudgauge.world.pouring import Outflow
from cloudgauge.world.request import MalformedRequestError, Request, read_request
from cloudgauge.world.site import Fault

_STREAM_MASK = 0xFFFFFFFF
_ABORT = struct.pack("ii", 1, 0)
_TLS_FAULTS = frozenset({Fault.TLS_STALL, Fault.TLS_RESET, Fault.TLS_GARBAGE})


class _Arrival(NamedTuple):
    """When a piece of the client's stream had come.

    Attributes:
        end: Bytes of requests up to its end.
        received_bytes: Of the client's TCP stream, up to its end.
        received_ns: Wall clock.
    """

    end: int
    received_bytes: int
    received_ns: int


class Conversation(asyncio.Protocol):
    """One connection from its handshake to its end.

    One request is answered at a time; those behind it wait for the answer's end.
    """

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
        # Of the requests: read so far, and where each piece of them ended.
        self._asked_bytes = 0
        self._arrivals: deque[_Arrival] = deque()
        self._outflow: Outflow | None = None
        self._is_answering = False
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
        if self._outflow is not None:
            self._loop.call_soon(self._pour, self._outflow)

    def _take(self, data: bytes, received_ns: int) -> None:
        if self._transport.is_closing():
            return
        self._received_bytes += len(data)
        if not self._plain and self._fault in _TLS_FAULTS:
            self._spoil_handshake()
            return
        if self._plain:
            self._buffer += data
        else:
            self._incoming.write(data)
            if not self._decrypt(received_ns):
                return
        end = self._asked_bytes + len(self._buffer)
        self._arrivals.append(_Arrival(end, self._received_bytes, received_ns))
        self._answer_all()

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
        arrival = _Arrival(0, self._received_bytes, received_ns)
        self._record(ExchangeKind.HANDSHAKE, arrival, written_ns, last_byte)

    def _answer_all(self) -> None:
        while not self._is_answering and not self._transport.is_closing():
            try:
                request = read_request(self._buffer)
            except MalformedRequestError:
                self._give(bad_request(), self._arrivals[-1])
                return
            if request is None:
                return
            del self._buffer[: request.size_bytes]
            self._asked_bytes += request.size_bytes
            while self._arrivals[0].end < self._asked_bytes:
                self._arrivals.popleft()
            arrival = self._arrivals[0]
            self._is_answering = True
            if think_ns := self._site.conduct.think_ns:
                self._answer_when(time.monotonic_ns() + think_ns, request, arrival)
            else:
                self._answer(request, arrival)

    def _answer_when(self, due_ns: int, request: Request, arrival: _Arrival) -> None:
        # Asked again when it calls: a loop that counts in milliseconds calls early.
        if (left_s := (due_ns - time.monotonic_ns()) / 1e9) > 0:
            self._loop.call_later(left_s, self._answer_when, due_ns, request, arrival)
        elif not self._transport.is_closing():
            self._answer(request, arrival)
            self._answer_all()

    def _answer(self, request: Request, arrival: _Arrival) -> None:
        self._give(self._house.answer(self._site, request, self._fault), arrival)

    def _give(self, answer: Answer, arrival: _Arrival) -> None:
        first_byte = self._sent_bytes
        outflow = Outflow(answer)
        data = self._encrypted(*outflow.next_pieces())
        written_ns = time.time_ns()
        self._write(data)
        self._record(ExchangeKind.REQUEST, arrival, written_ns, first_byte)
        self._exchange += 1
        self._go_on(outflow)

    def _go_on(self, outflow: Outflow) -> None:
        """Let others have their turn before the next piece, or end the answer."""
        if outflow.is_over:
            self._outflow = None
            self._end(outflow.answer)
            return
        self._outflow = outflow
        if not self._paused:
            self._loop.call_soon(self._pour, outflow)

    def _pour(self, outflow: Outflow) -> None:
        if outflow is not self._outflow or self._transport.is_closing():
            return
        if not self._paused:
            self._write(self._encrypted(*outflow.next_pieces()))
            self._go_on(outflow)
            self._answer_all()

    def _end(self, answer: Answer) -> None:
        if answer.reset:
            self._reset()
        elif answer.rest:
            self._drip(answer, 0)
        elif answer.close:
            self._transport.close()
        else:
            self._is_answering = answer.mute

    def _encrypted(self, *pieces: memoryview) -> bytes:
        if self._plain:
            return b"".join(pieces)
        for piece in pieces:
            if piece:
                self._tls.write(piece)
        return self._outgoing.read()

    def _flush(self) -> None:
        self._write(self._outgoing.read())

    def _write(self, data: bytes) -> None:
        if data:
            self._transport.write(data)
            self._sent_bytes += len(data)

    def _drip(self, answer: Answer, at: int) -> None:
        if self._transport.is_closing():
            return
        self._write(self._encrypted(memoryview(answer.rest)[at : at + 1]))
        if at + 1 < len(answer.rest):
            self._loop.call_later(answer.rest_every_s, self._drip, answer, at + 1)
        elif answer.close:
            self._transport.close()
        else:
            self._is_answering = False
            self._answer_all()

    def _reset(self) -> None:
        # Closing with a linger of 0 s sends RST instead of FIN.
        sock = self._transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
        self._transport.abort()

    def _record(
        self, kind: ExchangeKind, arrival: _Arrival, written_ns: int, sent_bytes: int
    ) -> None:
        self._house.log.append(
            ExchangeRecord(
                received_ns=arrival.received_ns,
                written_ns=written_ns,
                remote_id=self._remote_id,
                received_bytes=arrival.received_bytes & _STREAM_MASK,
                sent_bytes=sent_bytes & _STREAM_MASK,
                client_port=self._port,
                exchange=self._exchange & 0xFFFF,
                kind=kind,
                fault=int(self._fault is not Fault.NONE),
            )
        )
