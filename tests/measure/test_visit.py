"""Visits to real servers, and what they find."""

import asyncio
import contextlib
import ssl
import threading
import time
from dataclasses import replace

import pytest

from cloudgauge.measure.means import user_agent
from cloudgauge.measure.prober import Record, Visit
from cloudgauge.measure.resolver import Address
from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S
from cloudgauge.model.sample import ClockKind
from cloudgauge.model.target import Family
from tests.fakes.authority import Authority
from tests.fakes.server import (
    FakeServer,
    Peer,
    answer_bytes,
    answering,
    answering_once,
)
from tests.fakes.stepping_clock import SteppingClock
from tests.fakes.visiting import (
    HOST,
    TARGET,
    Aim,
    at,
    only,
    probe,
    prober,
    slot,
    to,
    visit,
)
from tests.measure.conftest import Run

OK = answer_bytes()


def test_a_visit_is_a_cold_exchange_and_warm_ones_on_one_connection(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    heads: list[bytes] = []

    def script(peer: Peer) -> None:
        peer.shake_hands()
        while head := peer.request():
            heads.append(head)
            peer.send(OK)

    before_ns = time.time_ns()
    done = probe(run, aim, script, server_context)
    assert done.retry_after_ns is None
    cold, *warm = done.samples
    assert [sample.exchange for sample in done.samples] == [0, 1, 2]
    for sample in done.samples:
        assert sample.failure is None
        assert sample.status == 200
        assert sample.body_bytes == 5
        assert sample.clock in {ClockKind.KERNEL, ClockKind.KERNEL_BOUND}
        assert not sample.wall_stepped
        assert sample.timings.first_byte_ns is not None
        assert sample.timings.first_byte_ns > 0
        assert sample.timings.body_ns == 0  # one segment
        assert sample.connection == cold.connection
        assert before_ns <= sample.wall_ns <= time.time_ns()
        assert sample.kernel is not None
        assert 0 < sample.kernel.min_rtt_us <= sample.kernel.rtt_us
    assert cold.timings.connect_ns is not None
    assert cold.timings.tls_ns is not None
    assert cold.timings.resolve_ns is None  # a table was asked, and no resolver
    assert cold.kernel is not None
    assert cold.kernel.connect_rtt_us is not None
    assert cold.connection.remote_address == "127.0.0.1"
    assert cold.connection.local_port is not None
    assert cold.connection.tls_version == "TLSv1.3"
    assert cold.connection.http_version == "HTTP/1.1"
    for earlier, later in zip(done.samples, warm, strict=False):
        assert earlier.sent_ns < later.sent_ns
        assert later.timings.connect_ns is None
        assert later.timings.tls_ns is None
        assert later.kernel is not None
        assert later.kernel.connect_rtt_us is None
    assert (
        heads
        == [
            b"GET / HTTP/1.1\r\n"
            b"Host: target.example\r\n"
            b"User-Agent: cloudgauge/1.2.3 (+https://cloudgauge.example/contact)\r\n"
            b"Accept: */*\r\n"
            b"Accept-Encoding: identity\r\n"
            b"\r\n"
        ]
        * 3
    )


def test_an_older_tls_takes_its_two_round_trips_and_is_told(
    run: Run, aim: Aim, authority: Authority
) -> None:
    context = authority.server_context(HOST, version=ssl.TLSVersion.TLSv1_2)
    cold = probe(run, aim, answering(OK), context).samples[0]
    assert cold.connection.tls_version == "TLSv1.2"
    assert cold.failure is None


def test_without_kernel_stamps_the_samples_say_that_the_clock_is_the_users(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    done = probe(run, replace(aim, kernel_stamps=False), answering(OK), server_context)
    assert [sample.clock for sample in done.samples] == [ClockKind.USER] * 3
    assert all(sample.kernel is not None for sample in done.samples)


def test_a_wall_clock_that_steps_is_marked_and_bends_no_phase(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    clock = SteppingClock()

    def script(peer: Peer) -> None:
        peer.shake_hands()
        peer.request()
        clock.step_ns = 3_600 * NS_PER_S
        peer.send(answer_bytes(200, b"", "Connection: close"))
        peer.finish()

    sample = only(probe(run, replace(aim, clock=clock), script, server_context))
    assert sample.wall_stepped
    assert sample.failure is None
    assert sample.clock is ClockKind.USER
    assert sample.timings.first_byte_ns is not None
    assert 0 < sample.timings.first_byte_ns < 3_000 * NS_PER_S


def test_a_servers_delay_is_in_the_first_byte_and_a_bodys_in_the_body(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    def script(peer: Peer) -> None:
        peer.shake_hands()
        peer.request()
        time.sleep(0.05)
        peer.send(
            b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 6\r\n\r\n123"
        )
        time.sleep(0.03)
        peer.send(b"456")
        peer.finish()

    sample = only(probe(run, aim, script, server_context))
    assert sample.failure is None
    assert sample.timings.first_byte_ns is not None
    assert sample.timings.body_ns is not None
    assert sample.timings.first_byte_ns > 49 * NS_PER_MS
    assert sample.timings.body_ns > 29 * NS_PER_MS
    assert sample.body_bytes == 6


def test_a_server_that_closes_after_its_answer_ends_the_visit_without_a_failure(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    answer = answer_bytes(200, b"hello", "Connection: close")
    sample = only(probe(run, aim, answering_once(answer), server_context))
    assert sample.failure is None
    assert sample.body_bytes == 5


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_the_slots_family_is_the_one_that_is_used(
    run: Run, aim: Aim, server_context: ssl.SSLContext, host: str
) -> None:
    family = Family.IPV6 if ":" in host else Family.IPV4
    with FakeServer(answering(OK), server_context, host=host) as server:
        both = at(server.port) + at(server.port, "::1")
        (done,) = run(visit(replace(aim, addresses=both), slot(family=family)))
    assert done.samples[0].failure is None
    assert done.samples[0].connection.remote_address == host


def test_rounds_take_all_addresses_in_turn(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    with FakeServer(answering(OK), server_context, host="0.0.0.0") as server:  # noqa: S104 - all of loopback
        three = tuple(
            address
            for last in (3, 1, 2)
            for address in at(server.port, f"127.0.0.{last}")
        )
        slots = [slot(round_index=index) for index in range(5)]
        visits = run(visit(replace(aim, addresses=three), *slots))
    used = [done.samples[0].connection.remote_address for done in visits]
    assert used == [f"127.0.0.{last}" for last in (1, 2, 3, 1, 2)]


def test_many_visits_at_once_do_not_disturb_one_another(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    async def scenario(server: FakeServer) -> list[Visit]:
        with prober(to(aim, server)) as probing:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(probing.visit(slot(), lambda _sample: None))
                    for _ in range(40)
                ]
        return [task.result() for task in tasks]

    with FakeServer(answering(OK), server_context) as server:
        visits = run(scenario(server))
        assert server.connections == 40
    assert all(len(done.samples) == 3 for done in visits)
    assert all(sample.failure is None for done in visits for sample in done.samples)
    assert len({done.samples[0].connection.local_port for done in visits}) == 40


@pytest.mark.parametrize("where", ["handshake", "answer"])
def test_a_cancelled_visit_closes_its_connection_and_lets_the_cancellation_pass(
    run: Run, aim: Aim, server_context: ssl.SSLContext, where: str
) -> None:
    reached, left = threading.Event(), threading.Event()

    def script(peer: Peer) -> None:
        if where == "answer":
            peer.shake_hands()
            peer.request()
        else:
            peer.sock.recv(65536)
        reached.set()
        with contextlib.suppress(OSError):
            while peer.sock.recv(65536):
                pass
        left.set()

    async def scenario(server: FakeServer) -> None:
        loop = asyncio.get_running_loop()
        with prober(to(aim, server)) as probing:
            task = asyncio.ensure_future(probing.visit(slot(), lambda _sample: None))
            await loop.run_in_executor(None, reached.wait, 10)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert left.wait(10)

    with FakeServer(script, server_context) as server:
        run(scenario(server))


def test_a_bug_in_the_keeping_of_a_sample_is_no_failure_of_the_target(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    def keep(_record: Record) -> None:
        raise OSError(28, "No space left on device")

    async def scenario(server: FakeServer) -> None:
        with (
            prober(to(aim, server)) as probing,
            pytest.raises(OSError, match="No space left"),
        ):
            await probing.visit(slot(), keep)

    with FakeServer(answering(OK), server_context) as server:
        run(scenario(server))


@pytest.mark.parametrize(
    "contact", ["", "two words", "https://é.example", "a(b", "a)b", "a\r\nX: y"]
)
def test_a_contact_that_does_not_fit_into_a_header_is_refused(contact: str) -> None:
    with pytest.raises(ValueError, match="contact must be a URL or an address"):
        user_agent("1.0", contact)


def test_an_unknown_target_is_a_bug(run: Run, aim: Aim) -> None:
    stray = replace(slot(), target_id="aws/nowhere:object-storage")
    assert stray.target_id != TARGET.target_id
    with pytest.raises(KeyError, match="nowhere"):
        run(visit(aim, stray))


def test_a_port_of_the_resolvers_takes_the_place_of_the_urls() -> None:
    assert Address(host="127.0.0.1").port is None
    assert at(8443)[0].port == 8443


def test_a_warm_exchange_begins_when_its_question_leaves(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    questions_ns: list[int] = []

    def script(peer: Peer) -> None:
        peer.shake_hands()
        while peer.request():
            questions_ns.append(time.time_ns())
            peer.send(OK)

    _, *warm = probe(run, aim, script, server_context).samples
    for sample, came_ns in zip(warm, questions_ns[1:], strict=True):
        assert sample.timings.first_byte_ns is not None
        assert sample.wall_ns < came_ns < sample.wall_ns + sample.timings.first_byte_ns


def test_a_visit_ends_as_tls_wants_it(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    ends: list[bool] = []

    def script(peer: Peer) -> None:
        peer.shake_hands()
        while peer.request():
            peer.send(OK)
        ends.append(peer.left_politely)

    probe(run, aim, script, server_context)
    assert ends == [True]
