"""Round trips beside a transfer, by a server that treats them well or badly."""

import asyncio
import itertools
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import httpx
import pytest

from cloudgauge.measure.asker import Asker, Question
from cloudgauge.measure.failure import Failure
from cloudgauge.measure.prober import Record
from cloudgauge.measure.rtt_watch import Pace, RttWatch
from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S
from cloudgauge.model.sample import ClockKind, Part, Sample
from cloudgauge.model.sample import FailureKind as Kind
from tests.fakes.authority import Authority
from tests.fakes.downloading import download_slot
from tests.fakes.object_server import head_bytes
from tests.fakes.server import FakeServer, Peer, Script
from tests.fakes.visiting import HOST, Aim, means_for, to
from tests.measure.conftest import Run

# An asker that never asks too often.
PACE = Pace(interval_ns=20 * NS_PER_MS, most_requests=1_000)


def question(timeout_ns: int) -> Question:
    return Question(
        host=HOST,
        port=443,
        request=httpx.Request("HEAD", f"https://{HOST}/agent.zip"),
        timeout_ns=timeout_ns,
        body_limit_bytes=100,
        expects=lambda status: status == 200,
        wanted="200",
    )


class Way(NamedTuple):
    """How idle round trips are watched."""

    aim: Aim
    pace: Pace = PACE
    span_ns: int = 100 * NS_PER_MS


@dataclass(slots=True)
class Watched:
    """What a watch came to."""

    unreached: Failure | None = None
    kept: list[Sample] = field(default_factory=list)
    throttled: bool = False
    connections: int = 0


def watched(
    run: Run,
    way: Way,
    script: Script,
    context: ssl.SSLContext,
) -> Watched:
    """Watch idle round trips."""
    aim, pace, span_ns = way

    async def scenario(server: FakeServer) -> Watched:
        seen = Watched()
        with means_for(to(aim, server)) as means:
            asking = question(30 * NS_PER_S)
            (address,) = to(aim, server).addresses

            def connect() -> Asker:
                return Asker(means=means, question=asking, address=address)

            def keep(record: Record) -> None:
                assert isinstance(record, Sample)
                seen.kept.append(record)

            watch = RttWatch(means, connect, download_slot(), pace, keep)
            seen.unreached = await watch.open()
            if seen.unreached is None:
                await watch.look(Part.IDLE, span_ns)
            watch.close()
            assert watch.samples == seen.kept
            seen.throttled = watch.throttled is not None
        return seen

    with FakeServer(script, context) as server:
        seen = run(scenario(server))
        assert isinstance(seen, Watched)
        seen.connections = server.connections
    return seen


def numbered(answer: Callable[[int], bytes | None]) -> Script:
    """Answers request n over all connections by *answer*; None: leaves instead."""
    numbers, lock = itertools.count(), threading.Lock()

    def script(peer: Peer) -> None:
        peer.shake_hands()
        while peer.request():
            with lock:
                told = answer(next(numbers))
            if told is None:
                peer.finish()
                return
            peer.send(told)

    return script


def test_samples_are_warm_and_have_the_kernels_clock(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    seen = watched(run, Way(aim), numbered(lambda _: head_bytes()), server_context)
    assert seen.unreached is None
    assert seen.connections == 1
    assert 1 <= len(seen.kept) <= 5
    assert [one.exchange for one in seen.kept] == list(range(1, len(seen.kept) + 1))
    for one in seen.kept:
        assert one.part is Part.IDLE
        assert one.failure is None
        assert one.timings.connect_ns is None
        assert one.timings.first_byte_ns is not None
        assert one.clock in {ClockKind.KERNEL, ClockKind.KERNEL_BOUND}


def test_a_connection_that_was_ended_is_opened_again_and_warmed(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    # Two answers a connection: a warming one, and a sample.
    closing = head_bytes(200, "Connection: close")
    script = numbered(lambda number: closing if number % 2 else head_bytes())
    seen = watched(run, Way(aim), script, server_context)
    assert seen.connections == len(seen.kept) > 0
    assert all(one.failure is None for one in seen.kept)
    assert all(one.timings.connect_ns is None for one in seen.kept)


def test_a_server_that_ends_each_connection_is_not_asked_for_ever(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    closing = head_bytes(200, "Connection: close")
    way = Way(aim, span_ns=60 * NS_PER_S)
    seen = watched(run, way, numbered(lambda _: closing), server_context)
    assert seen.unreached is None
    assert seen.kept == []
    assert seen.connections == 2


def test_a_server_that_ends_connections_again_and_again_is_left_alone(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    # Two answers a connection: a warming one, and a sample.
    closing = head_bytes(200, "Connection: close")
    script = numbered(lambda number: closing if number % 2 else head_bytes())
    seen = watched(run, Way(aim, span_ns=60 * NS_PER_S), script, server_context)
    # The first, and three more: the minute is not waited for.
    assert seen.connections == len(seen.kept) == 4


@pytest.mark.parametrize(("most", "samples"), [(7, 6), (2, 1)])
def test_no_more_is_asked_than_was_planned(
    run: Run, aim: Aim, server_context: ssl.SSLContext, most: int, samples: int
) -> None:
    asked = itertools.count()

    def answer(_number: int) -> bytes:
        next(asked)
        return head_bytes()

    pace = replace(PACE, most_requests=most)
    seen = watched(run, Way(aim, pace, 60 * NS_PER_S), numbered(answer), server_context)
    assert next(asked) == most
    assert (len(seen.kept), seen.connections) == (samples, 1)


@pytest.mark.parametrize(("most", "connections"), [(3, 2), (2, 1)])
def test_what_warms_a_connection_is_among_what_was_planned(
    run: Run, aim: Aim, server_context: ssl.SSLContext, most: int, connections: int
) -> None:
    closing = head_bytes(200, "Connection: close")
    script = numbered(lambda number: closing if number % 2 else head_bytes())
    pace = replace(PACE, most_requests=most)
    seen = watched(run, Way(aim, pace, 60 * NS_PER_S), script, server_context)
    assert len(seen.kept) == 1
    assert seen.connections == connections


def test_a_warming_that_fails_has_no_phases_of_a_connection(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    script = numbered(lambda number: None if number >= 1 else head_bytes())
    seen = watched(run, Way(aim, span_ns=60 * NS_PER_S), script, server_context)
    assert len(seen.kept) == 2  # the question, and the warming of another connection
    for one in seen.kept:
        assert one.failure is Kind.PROTOCOL_ERROR
        assert one.timings.connect_ns is None
        assert one.timings.tls_ns is None
        assert one.kernel is None or one.kernel.connect_rtt_us is None


def test_a_head_that_is_not_to_be_had_is_asked_for_once(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    script = numbered(lambda _: head_bytes(405))
    seen = watched(run, Way(aim), script, server_context)
    assert seen.unreached is None  # it may be had by GET
    (only,) = seen.kept
    assert (only.exchange, only.part) == (1, Part.IDLE)
    assert only.failure is Kind.UNEXPECTED_STATUS
    assert not seen.throttled


def test_a_server_that_asks_for_patience_is_left_alone(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    def answer(number: int) -> bytes:
        return head_bytes(429, length=0) if number == 2 else head_bytes()

    way = Way(aim, span_ns=60 * NS_PER_S)
    seen = watched(run, way, numbered(answer), server_context)
    assert [one.failure for one in seen.kept] == [None, Kind.THROTTLED]
    assert seen.throttled


def test_an_answer_that_does_not_come_is_a_failure_and_the_watch_goes_on(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    script = numbered(lambda number: None if number == 2 else head_bytes())
    way = Way(aim, replace(PACE, most_requests=6), 60 * NS_PER_S)
    seen = watched(run, way, script, server_context)
    failures = [one.failure for one in seen.kept]
    assert failures == [None, Kind.PROTOCOL_ERROR, None, None]
    assert seen.connections == 2


def test_a_host_that_cannot_be_reached_leaves_no_sample(
    run: Run, aim: Aim, authority: Authority
) -> None:
    context = authority.server_context("other.example")
    seen = watched(run, Way(aim), numbered(lambda _: head_bytes()), context)
    assert seen.unreached is not None
    assert seen.unreached.kind is Kind.TLS_CERTIFICATE
    assert seen.kept == []


def test_a_round_trip_that_is_awaited_at_the_end_of_the_load_is_kept(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    asked, over = threading.Event(), threading.Event()

    def script(peer: Peer) -> None:
        peer.shake_hands()
        peer.request()
        peer.send(head_bytes())
        peer.request()
        asked.set()
        assert over.wait(10)
        peer.send(head_bytes())
        peer.wait_until_client_leaves()

    async def scenario(server: FakeServer) -> list[Sample]:
        with means_for(to(aim, server)) as means:
            asking = question(30 * NS_PER_S)
            (address,) = to(aim, server).addresses
            slot = download_slot()
            watch = RttWatch(
                means,
                lambda: Asker(means=means, question=asking, address=address),
                slot,
                PACE,
                lambda _record: None,
            )
            await watch.open()
            ended = asyncio.Event()
            async with asyncio.TaskGroup() as group:
                group.create_task(watch.look_until(ended))
                await asyncio.to_thread(asked.wait, 10)
                ended.set()
                over.set()
            watch.close()
            return watch.samples

    with FakeServer(script, server_context) as server:
        (sample,) = run(scenario(server))
    assert sample.part is Part.LOADED
    assert sample.failure is None
