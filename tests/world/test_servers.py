"""A conversation over a transport that takes everything and never waits."""

import asyncio
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cloudgauge.world.certificates import Trust
from cloudgauge.world.house import House
from cloudgauge.world.packet_log import EXCHANGES_NAME, ExchangeLog, read_exchanges
from cloudgauge.world.pouring import POOL_BYTES, poured
from cloudgauge.world.servers import Conversation
from cloudgauge.world.site import Conduct, Fault, Link, Site

_OBJECT_BYTES = 10 * POOL_BYTES + 7
_GET = b"GET /agent HTTP/1.1\r\nHost: x\r\n\r\n"
_LAST = b"GET /agent HTTP/1.1\r\nConnection: close\r\n\r\n"
_SMALL = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


class Sink(asyncio.Transport):
    """The contract of a transport as far as a server needs it; nothing is sent."""

    def __init__(self, address: str) -> None:
        super().__init__({"peername": (address, 40_000)})
        self.written = bytearray()
        self.closed = False
        self.ended = asyncio.Event()

    def write(self, data: Any) -> None:
        assert not self.closed
        self.written += data

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True
        self.ended.set()


def _site(**conduct: object) -> Site:
    return Site(
        host="a.example",
        region_id="lab/a",
        primary=True,
        ports=(80, 443),
        expected=(("/", 403),),
        numbers=(256,),
        link=Link(rtt_ns=0),
        conduct=Conduct(**conduct),  # type: ignore[arg-type]  # by name
        objects=(("/agent", _OBJECT_BYTES),),
    )


@pytest.fixture
def log(tmp_path: Path) -> Iterator[ExchangeLog]:
    writer = ExchangeLog(tmp_path / EXCHANGES_NAME)
    yield writer
    writer.close()


def _begin(log: ExchangeLog, **conduct: object) -> tuple[Conversation, Sink]:
    site = _site(**conduct)
    house = House({site.ipv4[0]: site}, Trust(dt.datetime.now(dt.UTC)), log, seed=1)
    talk, sink = Conversation(house, plain=True), Sink(site.ipv4[0])
    talk.connection_made(sink)
    return talk, sink


async def _turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def test_a_long_body_gives_others_their_turn_after_each_piece(log: ExchangeLog) -> None:
    async def scene() -> list[int]:
        talk, sink = _begin(log)
        talk.data_received(_GET)
        sizes = [len(sink.written)]
        for _ in range(20):
            await _turns(1)
            sizes.append(len(sink.written))
        return sizes

    sizes = asyncio.run(scene())
    gaps = [b - a for a, b in zip([0, *sizes], sizes, strict=False)]
    assert max(gaps) <= POOL_BYTES + 1000
    assert len(set(sizes)) == 11


def test_a_paused_peer_is_sent_nothing_until_it_reads(log: ExchangeLog) -> None:
    async def scene() -> tuple[int, int, int]:
        talk, sink = _begin(log)
        talk.pause_writing()
        talk.data_received(_GET)
        await _turns(20)
        paused = len(sink.written)
        talk.resume_writing()
        await _turns(1)
        talk.pause_writing()
        await _turns(20)
        resumed = len(sink.written)
        talk.resume_writing()
        await _turns(20)
        return paused, resumed, len(sink.written)

    paused, resumed, at_last = asyncio.run(scene())
    assert POOL_BYTES < paused < POOL_BYTES + 1000
    assert resumed == paused + POOL_BYTES
    assert at_last == paused - POOL_BYTES + _OBJECT_BYTES


@pytest.mark.parametrize("think_ns", [0, 1_000_000])
def test_answers_keep_the_order_of_requests_that_came_at_once(
    log: ExchangeLog, think_ns: int
) -> None:
    async def scene() -> bytes:
        talk, sink = _begin(log, think_ns=think_ns)
        talk.data_received(_GET + _SMALL + _LAST[:10])
        talk.data_received(_LAST[10:])
        async with asyncio.timeout(60):
            await sink.ended.wait()
        return bytes(sink.written)

    came = asyncio.run(scene())
    first, _, rest = came.partition(b"\r\n\r\n")
    assert first.startswith(b"HTTP/1.1 200 ")
    assert rest[:_OBJECT_BYTES] == poured(_OBJECT_BYTES)
    rest = rest[_OBJECT_BYTES:]
    assert rest.startswith(b"HTTP/1.1 403 ")
    assert rest.endswith(b"\r\n\r\n" + poured(_OBJECT_BYTES))
    assert rest.count(b"HTTP/1.1 200 ") == 1


def test_the_log_says_where_each_request_ended_and_each_answer_began(
    log: ExchangeLog, tmp_path: Path
) -> None:
    async def scene() -> bytes:
        talk, sink = _begin(log)
        # Two in the first piece and the beginning of the third.
        talk.data_received(_GET + _SMALL + _GET[:10])
        talk.data_received(_GET[10:])
        await _turns(50)
        return bytes(sink.written)

    came = asyncio.run(scene())
    log.flush()
    first, second, third = read_exchanges(tmp_path / EXCHANGES_NAME)
    one_piece = len(_GET + _SMALL) + 10
    assert first.received_bytes == second.received_bytes == one_piece
    assert third.received_bytes == len(_GET + _SMALL + _GET)
    assert first.received_ns == second.received_ns <= third.received_ns
    assert second.written_ns >= first.written_ns >= first.received_ns
    assert [row.exchange for row in (first, second, third)] == [0, 1, 2]
    for row, status in ((first, b"200"), (second, b"403"), (third, b"200")):
        assert came[row.sent_bytes :].startswith(b"HTTP/1.1 " + status)


def test_after_half_a_body_that_stalls_nothing_is_ever_sent(log: ExchangeLog) -> None:
    async def scene() -> tuple[int, bool]:
        talk, sink = _begin(log, fault=Fault.STALL_BODY)
        talk.data_received(_GET + _GET)
        await _turns(50)
        return len(sink.written), sink.closed

    size_bytes, closed = asyncio.run(scene())
    assert _OBJECT_BYTES // 2 < size_bytes < _OBJECT_BYTES // 2 + 1000
    assert not closed


def test_a_peer_that_leaves_in_the_middle_is_sent_no_more(log: ExchangeLog) -> None:
    async def scene() -> tuple[int, int]:
        talk, sink = _begin(log)
        talk.data_received(_GET)
        await _turns(2)
        size_bytes = len(sink.written)
        sink.close()
        await _turns(20)
        return size_bytes, len(sink.written)

    before, after = asyncio.run(scene())
    assert before == after < _OBJECT_BYTES
