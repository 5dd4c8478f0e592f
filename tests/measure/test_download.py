"""Downloads from real servers, and what is seen beside them."""

import asyncio
import contextlib
import ssl
import threading
import time
from dataclasses import replace

import pytest

from cloudgauge.measure.download import DownloadProber
from cloudgauge.measure.prober import Record
from cloudgauge.measure.resolver import Address
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.sample import ClockKind, Part
from cloudgauge.model.target import Family
from cloudgauge.model.transfer import Ending
from tests.fakes.authority import Authority
from tests.fakes.downloading import (
    OBJECT,
    QUICK,
    download,
    download_from,
    download_slot,
)
from tests.fakes.object_server import BODY, SIZE, Get, head_bytes, holding, whole
from tests.fakes.server import FakeServer, Peer
from tests.fakes.visiting import HOST, Aim, at, means_for, to
from tests.measure.conftest import Run

HEAD = (
    b"HEAD /agent.zip?v=1 HTTP/1.1\r\n"
    b"Host: target.example\r\n"
    b"User-Agent: cloudgauge/1.2.3 (+https://cloudgauge.example/contact)\r\n"
    b"Accept: */*\r\n"
    b"Accept-Encoding: identity\r\n"
    b"\r\n"
)


class Watched:
    """Gives an object of which half is held back until a round trip is asked for."""

    def __init__(self) -> None:
        self._asked = threading.Event()

    def serve(self, peer: Peer) -> None:
        peer.shake_hands()
        while request := peer.request():
            peer.send(head_bytes())
            if request.startswith(b"HEAD "):
                self._asked.set()
                continue
            self._asked.clear()
            peer.send(BODY[: SIZE // 2])
            assert self._asked.wait(30)
            peer.send(BODY[SIZE // 2 :])


def test_a_download_is_bins_and_round_trips_before_and_during_it(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    before_ns = time.time_ns()
    seen = download_from(run, aim, Watched().serve, server_context)
    sample = seen.whole
    assert sample.failure is None
    assert (sample.part, sample.exchange) == (Part.TRANSFER, 0)
    assert sample.status == 200
    assert sample.body_bytes == sum(one.body_bytes for one in seen.bins)
    assert 8_000_000 <= sample.body_bytes <= 2 * SIZE
    timings = sample.timings
    assert timings.resolve_ns is None  # a table was asked, and no resolver
    assert timings.connect_ns is not None
    assert timings.tls_ns is not None
    assert timings.first_byte_ns is not None
    assert timings.body_ns is not None
    assert timings.body_ns == sum(one.length_ns for one in seen.bins)
    assert sample.clock is ClockKind.USER
    assert sample.kernel is not None
    assert sample.kernel.connect_rtt_us is not None
    assert sample.connection.tls_version == "TLSv1.3"
    assert sample.connection.http_version == "HTTP/1.1"
    assert sample.connection.remote_address == "127.0.0.1"
    assert before_ns <= sample.wall_ns <= time.time_ns()
    assert seen.visit is not None
    assert seen.visit.retry_after_ns is None

    bins = seen.bins
    assert bins[-1].ending is Ending.BYTES
    assert {one.object_bytes for one in bins} == {SIZE}
    assert sum(one.requests for one in bins) == 2

    parts = [one.part for one in seen.samples[1:]]
    idle, loaded = parts.count(Part.IDLE), parts.count(Part.LOADED)
    assert parts == [Part.IDLE] * idle + [Part.LOADED] * loaded
    assert 1 <= idle <= 3
    assert loaded >= 2  # each half that was held back
    for one in seen.samples[1:]:
        assert one.failure is None
        assert one.status == 200
        assert one.clock in {ClockKind.KERNEL, ClockKind.KERNEL_BOUND}
        assert one.timings.connect_ns is None  # warm
        assert one.timings.first_byte_ns is not None
        assert one.connection.local_port != sample.connection.local_port
        assert sample.sent_ns < one.sent_ns


def test_every_stream_is_a_connection_of_its_own_beside_the_watch(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    spec = replace(QUICK, streams=(4,), transfer_bytes=25_000_000)
    with FakeServer(holding(whole), server_context) as server:
        slot = download_slot(streams=4)
        seen = run(download(to(aim, server), spec=spec, slot=slot))
        assert server.connections == 5
    assert seen.whole.failure is None
    assert seen.whole.body_bytes == sum(one.body_bytes for one in seen.bins)
    assert seen.whole.body_bytes >= 25_000_000
    assert sum(one.requests for one in seen.bins) >= 5


def test_each_connection_asks_in_full_and_none_resumes_another(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    heads: dict[int, list[bytes]] = {}

    def script(peer: Peer) -> None:
        peer.shake_hands()
        assert not peer.resumed
        asked = heads.setdefault(peer.sock.getpeername()[1], [])
        while request := peer.request():
            asked.append(request)
            peer.send(head_bytes() + (BODY if request.startswith(b"GET") else b""))

    seen = download_from(run, aim, script, server_context)
    assert seen.whole.failure is None
    watch, stream = heads.values()
    assert set(watch) == {HEAD}
    assert len(watch) >= 2  # what warms it, and a question
    assert stream == [HEAD.replace(b"HEAD", b"GET")] * 2


def test_rounds_take_addresses_in_turn_and_all_connections_of_one_the_same(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    with (
        FakeServer(holding(whole), server_context) as first,
        FakeServer(holding(whole), server_context) as second,
    ):
        addresses = (*at(first.port), *at(second.port))
        aimed = replace(aim, addresses=addresses)
        ports = sorted([first, second], key=lambda server: server.port)
        for index, server in enumerate(ports):
            run(download(aimed, slot=download_slot(round_index=index)))
            assert server.connections == 2
        run(download(aimed, slot=download_slot(round_index=2)))
        assert [server.connections for server in ports] == [4, 2]


def test_an_older_tls_is_spoken_and_told(
    run: Run, aim: Aim, authority: Authority
) -> None:
    context = authority.server_context(HOST, version=ssl.TLSVersion.TLSv1_2)
    seen = download_from(run, aim, holding(whole), context)
    assert seen.whole.failure is None
    assert seen.whole.connection.tls_version == "TLSv1.2"


class Endless:
    """Pours its object without an end; answers a round trip when nobody reads it."""

    def __init__(self) -> None:
        self._asked, self._left = threading.Event(), threading.Event()
        self._pouring = threading.Event()

    def serve(self, peer: Peer) -> None:
        peer.shake_hands()
        while request := peer.request():
            if request.startswith(b"GET "):
                self._pour(peer)
                return
            if self._pouring.is_set():
                self._asked.set()
                self._left.wait(30)
            peer.send(head_bytes())

    def _pour(self, peer: Peer) -> None:
        self._pouring.set()
        peer.send(head_bytes(length=100 * SIZE) + BODY)
        assert self._asked.wait(30)
        with contextlib.suppress(OSError):
            while True:
                peer.send_raw(peer.seal(BODY))
        self._left.set()


def test_nothing_is_poured_while_a_last_round_trip_is_awaited(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    seen = download_from(run, aim, Endless().serve, server_context)
    assert seen.whole.failure is None
    assert seen.bins[-1].ending is Ending.BYTES
    last = seen.samples[-1]
    assert last.part is Part.LOADED
    assert last.failure is None


def in_the_midst(began: threading.Event) -> Get:
    """Gives half of the object, and no more."""

    def get(peer: Peer, _number: int) -> bool:
        peer.send(head_bytes() + BODY[: SIZE // 2])
        began.set()
        peer.wait_until_client_leaves()
        return False

    return get


async def cancelled(aim: Aim, began: threading.Event) -> list[Record]:
    kept: list[Record] = []
    with means_for(aim) as means:
        # Nothing but the cancelling ends it soon.
        long = replace(QUICK, transfer_ns=600 * NS_PER_S, timeout_ns=120 * NS_PER_S)
        prober = DownloadProber([OBJECT], long, means)
        task = asyncio.ensure_future(prober.visit(download_slot(), kept.append))
        await asyncio.to_thread(began.wait, 10)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        assert task.cancelled()
    return kept


def test_cancelling_closes_every_connection_and_ends_the_thread(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    began = threading.Event()
    with FakeServer(holding(in_the_midst(began)), server_context) as server:
        # The server's scripts end with their clients, or leaving it would fail.
        kept = run(cancelled(to(aim, server), began))
    assert all(one.exchange for one in kept if hasattr(one, "exchange"))
    for thread in threading.enumerate():
        if thread.name.startswith("transfer"):
            thread.join(10)
            assert not thread.is_alive()


def test_a_bug_in_the_keeping_of_a_bin_is_no_failure_of_the_target(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    def keep(record: Record) -> None:
        if not hasattr(record, "exchange"):
            raise OSError(28, "No space left on device")

    async def scenario(server: FakeServer) -> None:
        with means_for(to(aim, server)) as means:
            prober = DownloadProber([OBJECT], QUICK, means)
            with pytest.raises(BaseExceptionGroup) as caught:
                await prober.visit(download_slot(), keep)
            assert caught.group_contains(OSError, match="No space left")

    with FakeServer(holding(whole), server_context) as server:
        run(scenario(server))


def test_ipv6_is_another_address_and_works_alike(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    with FakeServer(holding(whole), server_context, host="::1") as server:
        aimed = replace(aim, addresses=(Address(host="::1", port=server.port),))
        slot = download_slot(family=Family.IPV6)
        seen = run(download(aimed, slot=slot))
    assert seen.whole.failure is None
    assert seen.whole.connection.remote_address == "::1"
