"""Visits to real servers: what goes well, and each way in which it does not."""

import asyncio
import contextlib
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from tests.fakes.authority import Authority
from tests.fakes.server import (
    FakeServer,
    Peer,
    Script,
    answer_bytes,
    answering,
    answering_once,
    mute,
    stalling,
)
from tests.fakes.stepping_clock import SteppingClock
from tests.fakes.visiting import HOST, TARGET, Aim, at, prober, slot, visit
from tests.measure.conftest import Run
from tests.measure.test_kernel_socket import full_listener, no_file_left

from cloudgauge.measure.failure import DETAIL_LIMIT
from cloudgauge.measure.policy import AddressPolicy
from cloudgauge.measure.prober import Visit
from cloudgauge.measure.resolver import Address, HostsResolver, Resolution
from cloudgauge.measure.visit import user_agent
from cloudgauge.model.plan import ProbeSpec
from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S
from cloudgauge.model.sample import ClockKind, Sample
from cloudgauge.model.sample import FailureKind as Kind
from cloudgauge.model.target import Family

SOON = ProbeSpec(warm_requests=2, timeout_ns=250 * NS_PER_MS)
OK = answer_bytes()


@pytest.fixture
def aim(client_context: ssl.SSLContext) -> Aim:
    return Aim(context=client_context)


def to(aim: Aim, server: FakeServer) -> Aim:
    return replace(aim, addresses=at(server.port))


def probe(run: Run, aim: Aim, script: Script, context: ssl.SSLContext | None) -> Visit:
    with FakeServer(script, context) as server:
        (done,) = run(visit(to(aim, server)))
    assert isinstance(done, Visit)
    return done


def only(done: Visit) -> Sample:
    (sample,) = done.samples
    return sample


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
        assert 0 < sample.timings.first_byte_ns < NS_PER_S
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
    assert 0 < sample.timings.first_byte_ns < 10 * NS_PER_S


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
    assert sample.timings.first_byte_ns > 50 * NS_PER_MS
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


# Each kind of failure, by a server or a network that really fails so.


def test_a_name_without_addresses_of_the_family(run: Run, aim: Aim) -> None:
    aimed = replace(aim, addresses=at(443))
    (done,) = run(visit(aimed, slot(family=Family.IPV6)))
    sample = only(done)
    assert sample.failure is Kind.NO_ADDRESS
    assert sample.connection.remote_address is None
    assert sample.kernel is None
    assert sample.clock is None


def test_a_name_that_does_not_exist(run: Run, aim: Aim) -> None:
    (done,) = run(visit(replace(aim, resolver=HostsResolver({}, None))))
    assert only(done).failure is Kind.NAME_NOT_FOUND
    assert only(done).failure_detail == "target.example is in no table"


class HangingResolver:
    async def resolve(self, host: str, family: Family) -> Resolution:
        await asyncio.Event().wait()
        raise AssertionError(host, family)


def test_a_resolver_that_does_not_answer(run: Run, aim: Aim) -> None:
    (done,) = run(visit(replace(aim, resolver=HangingResolver(), spec=SOON)))
    assert only(done).failure is Kind.RESOLVER_FAILED
    assert only(done).failure_detail == "no resolve in time"


def test_an_address_that_policy_refuses_is_not_connected_to(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    with FakeServer(answering(OK), server_context) as server:
        (done,) = run(visit(replace(to(aim, server), policy=AddressPolicy())))
        assert server.connections == 0
    assert only(done).failure is Kind.REFUSED_BY_POLICY
    assert only(done).failure_detail == "target.example leads to 127.0.0.1: loopback"
    assert only(done).connection.remote_address is None


def test_a_port_where_nobody_listens(run: Run, aim: Aim) -> None:
    with FakeServer(mute) as server:
        port = server.port
    (done,) = run(visit(replace(aim, addresses=at(port))))
    assert only(done).failure is Kind.REFUSED
    assert only(done).connection.remote_address == "127.0.0.1"


def test_a_listener_that_answers_no_syn(run: Run, aim: Aim) -> None:
    with full_listener() as (listener, _):
        port = listener.getsockname()[1]
        (done,) = run(visit(replace(aim, addresses=at(port), spec=SOON)))
    assert only(done).failure is Kind.CONNECT_TIMEOUT
    assert only(done).timings.connect_ns is None


def test_no_file_left_is_the_fault_of_our_own_machine(run: Run, aim: Aim) -> None:
    async def scenario() -> Visit:
        with prober(replace(aim, addresses=at(443))) as probing, no_file_left():
            return await probing.visit(slot(), lambda _sample: None)

    sample = only(run(scenario()))
    assert sample.failure is Kind.OWN_MACHINE
    assert sample.failure_detail == "[Errno 24] Too many open files"


def reset_at_once(peer: Peer) -> None:
    peer.sock.recv(1)
    peer.reset()


def plain_text(peer: Peer) -> None:
    peer.sock.recv(1)
    peer.sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    peer.close()


def hang_up(peer: Peer) -> None:
    while not peer.sock.recv(65536).startswith(b"\x16"):
        pass
    peer.close()


@pytest.mark.parametrize(
    ("script", "kind", "words"),
    [
        (reset_at_once, Kind.RESET, "Connection reset by peer"),
        (plain_text, Kind.TLS_PROTOCOL, "wrong version number"),
        (hang_up, Kind.TLS_PROTOCOL, "closed by the peer during the handshake"),
        (mute, Kind.TLS_TIMEOUT, "no tls in time"),
    ],
)
def test_a_handshake_that_does_not_end(
    run: Run, aim: Aim, script: Script, kind: Kind, words: str
) -> None:
    spec = SOON if kind is Kind.TLS_TIMEOUT else aim.spec
    sample = only(probe(run, replace(aim, spec=spec), script, None))
    assert sample.failure is kind
    assert words in sample.failure_detail
    assert sample.timings.connect_ns is not None
    assert sample.timings.tls_ns is None
    assert sample.connection.local_port is not None
    assert sample.kernel is not None


@pytest.mark.parametrize(
    ("name", "valid_days", "words"),
    [
        ("other.example", 30, "Hostname mismatch"),
        (HOST, -1, "certificate has expired"),
    ],
)
def test_a_certificate_that_does_not_hold(
    aim: Aim, authority: Authority, name: str, valid_days: int, words: str
) -> None:
    context = authority.server_context(name, valid_days=valid_days)
    with FakeServer(answering(OK), context) as server:
        (done,) = asyncio.run(visit(to(aim, server)))
    assert only(done).failure is Kind.TLS_CERTIFICATE
    assert words in only(done).failure_detail


def test_a_certificate_of_an_authority_that_nobody_trusts(
    run: Run, aim: Aim, tmp_path_factory: pytest.TempPathFactory
) -> None:
    told: list[str] = []

    def script(peer: Peer) -> None:
        try:
            peer.shake_hands()
        except ssl.SSLError as exc:
            told.append(str(exc))

    stranger = Authority(tmp_path_factory.mktemp("stranger"), name="Stranger")
    sample = only(probe(run, aim, script, stranger.server_context(HOST)))
    assert sample.failure is Kind.TLS_CERTIFICATE
    assert "unable to get local issuer certificate" in sample.failure_detail
    (alert,) = told
    assert "alert unknown ca" in alert  # the server was told why


def test_a_server_that_speaks_only_an_old_tls(
    run: Run, aim: Aim, authority: Authority
) -> None:
    context = authority.server_context(HOST)
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_3
    older = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    older.maximum_version = ssl.TLSVersion.TLSv1_2
    sample = only(probe(run, replace(aim, context=older), answering(OK), context))
    assert sample.failure is Kind.TLS_PROTOCOL
    assert "alert protocol version" in sample.failure_detail


def test_a_server_that_takes_the_request_and_says_nothing(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    sample = only(probe(run, replace(aim, spec=SOON), stalling, server_context))
    assert sample.failure is Kind.RESPONSE_TIMEOUT
    assert sample.timings.tls_ns is not None
    assert sample.timings.first_byte_ns is None
    assert sample.status is None
    assert sample.body_bytes is None
    assert sample.clock is None


def test_a_body_that_stalls_keeps_its_first_byte(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    def script(peer: Peer) -> None:
        peer.shake_hands()
        peer.request()
        peer.send(answer_bytes(length=500))
        peer.wait_until_client_leaves()

    sample = only(probe(run, replace(aim, spec=SOON), script, server_context))
    assert sample.failure is Kind.RESPONSE_TIMEOUT
    assert sample.timings.first_byte_ns is not None
    assert sample.timings.body_ns is None
    assert sample.status == 200
    assert sample.body_bytes == 5


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (answering_once(b""), Kind.PROTOCOL_ERROR),
        (answering_once(b"", Peer.reset), Kind.RESET),
        (answering_once(b"220 mail.example ESMTP\r\n\r\n"), Kind.PROTOCOL_ERROR),
        (answering_once(b"HTTP/1.1 200 OK\r\nContent-"), Kind.PROTOCOL_ERROR),
        (answering_once(answer_bytes(length=500)), Kind.TRUNCATED_BODY),
        (answering_once(answer_bytes(length=500), Peer.close), Kind.TRUNCATED_BODY),
        (answering_once(answer_bytes(length=500), Peer.reset), Kind.RESET),
        (answering_once(CHUNKED + b"5\r\nhel"), Kind.TRUNCATED_BODY),
        (answering_once(CHUNKED + b"zzz\r\n"), Kind.PROTOCOL_ERROR),
        (answering_once(answer_bytes(200, b"x" * 300_000)), Kind.BODY_TOO_LARGE),
    ],
)
def test_an_answer_that_is_not_whole(
    run: Run,
    aim: Aim,
    server_context: ssl.SSLContext,
    script: Script,
    kind: Kind,
) -> None:
    sample = only(probe(run, aim, script, server_context))
    assert sample.failure is kind
    assert sample.failure_detail
    assert sample.timings.body_ns is None


def test_bytes_that_are_no_tls_record_end_an_exchange(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    def script(peer: Peer) -> None:
        peer.shake_hands()
        peer.request()
        peer.send_raw(b"\x17\x03\x03\x00\x20" + b"x" * 32)
        with contextlib.suppress(OSError):
            peer.wait_until_client_leaves()

    sample = only(probe(run, aim, script, server_context))
    assert sample.failure is Kind.TLS_PROTOCOL


def test_an_unexpected_status_keeps_its_timings(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    answer = answer_bytes(302, b"moved", "Location: http://portal.example/login")
    sample = only(probe(run, aim, answering(answer), server_context))
    assert sample.failure is Kind.UNEXPECTED_STATUS
    assert sample.failure_detail == (
        "status 302, want 200 or 403, pointing to http://portal.example/login"
    )
    assert sample.status == 302
    assert sample.body_bytes == 5
    assert sample.timings.first_byte_ns is not None
    assert sample.timings.body_ns is not None


def test_what_the_status_says_stands_whatever_becomes_of_the_body(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    script = answering_once(answer_bytes(500, length=900))
    sample = only(probe(run, aim, script, server_context))
    assert sample.failure is Kind.UNEXPECTED_STATUS
    assert sample.timings.body_ns is None


def test_a_long_strange_location_becomes_one_short_line(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    answer = answer_bytes(302, b"", "Location: http://" + "é\x1b" * 1000)
    sample = only(probe(run, aim, answering(answer), server_context))
    assert len(sample.failure_detail) <= DETAIL_LIMIT
    assert sample.failure_detail.isprintable()


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (answer_bytes(429), (Kind.THROTTLED, "status 429", None)),
        (
            answer_bytes(429, b"", "Retry-After: 0"),
            (Kind.THROTTLED, "status 429, asks for 0s", 0),
        ),
        (
            answer_bytes(503, b"wait", "Retry-After: 90"),
            (Kind.THROTTLED, "status 503, asks for 1m30s", 90 * NS_PER_S),
        ),
        (
            answer_bytes(503, b"", "Retry-After: soon"),
            (Kind.THROTTLED, "status 503", None),
        ),
        (
            answer_bytes(503),
            (Kind.UNEXPECTED_STATUS, "status 503, want 200 or 403", None),
        ),
    ],
)
def test_a_server_that_wants_to_be_left_alone(
    run: Run,
    aim: Aim,
    server_context: ssl.SSLContext,
    answer: bytes,
    told: tuple[Kind, str, int | None],
) -> None:
    done = probe(run, aim, answering(answer), server_context)
    sample = only(done)
    assert (sample.failure, sample.failure_detail, done.retry_after_ns) == told
    assert sample.timings.first_byte_ns is not None


def test_a_failure_of_a_warm_exchange_ends_the_visit_there(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    def script(peer: Peer) -> None:
        peer.shake_hands()
        peer.request()
        peer.send(OK)
        peer.request()
        peer.reset()

    cold, warm = probe(run, aim, script, server_context).samples
    assert cold.failure is None
    assert warm.failure is Kind.RESET
    assert warm.exchange == 1
    assert warm.status is None
    assert warm.timings.first_byte_ns is None
    assert warm.sent_ns > cold.sent_ns
    assert warm.clock is None


@pytest.mark.parametrize("together", [True, False])
def test_an_answer_that_nobody_asked_for_is_no_answer(
    run: Run, aim: Aim, server_context: ssl.SSLContext, *, together: bool
) -> None:
    def script(peer: Peer) -> None:
        peer.shake_hands()
        peer.request()
        if together:
            peer.send(OK + OK)
        else:
            peer.send_raw(peer.seal(OK) + peer.seal(OK))
        peer.wait_until_client_leaves()

    cold, warm = probe(run, aim, script, server_context).samples
    assert cold.failure is None
    assert warm.failure is Kind.PROTOCOL_ERROR
    assert warm.failure_detail == "the answer came before the question was sent"
    assert warm.timings.first_byte_ns is None


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
    def keep(_sample: Sample) -> None:
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


@dataclass(frozen=True, slots=True)
class Turns:
    """Between the cold exchange and the warm one the server has its turn."""

    servers: threading.Event = field(default_factory=threading.Event)
    ours: threading.Event = field(default_factory=threading.Event)


def in_turns(
    run: Run, aim: Aim, script: Callable[[Peer, Turns], None], context: ssl.SSLContext
) -> Visit:
    turns = Turns()

    def keep(sample: Sample) -> None:
        if sample.exchange == 0:
            turns.servers.set()
            assert turns.ours.wait(10)  # the loop stands still meanwhile

    async def scenario(server: FakeServer) -> Visit:
        with prober(to(aim, server)) as probing:
            return await probing.visit(slot(), keep)

    with FakeServer(lambda peer: script(peer, turns), context) as server:
        done = run(scenario(server))
    assert isinstance(done, Visit)
    return done


def test_an_answer_that_began_before_its_question_is_no_answer(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    def script(peer: Peer, turns: Turns) -> None:
        peer.shake_hands()
        peer.request()
        peer.send(OK)
        assert turns.servers.wait(10)
        peer.send(OK[:20])
        turns.ours.set()
        peer.request()
        peer.send(OK[20:])
        peer.wait_until_client_leaves()

    cold, warm = in_turns(run, aim, script, server_context).samples
    assert cold.failure is None
    assert warm.failure is Kind.PROTOCOL_ERROR
    assert warm.timings.first_byte_ns is None


def test_a_reset_before_a_question_left_leaves_no_stamps_of_the_one_before(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    def script(peer: Peer, turns: Turns) -> None:
        peer.shake_hands()
        peer.request()
        peer.send(OK)
        assert turns.servers.wait(10)
        peer.reset()
        turns.ours.set()

    cold, warm = in_turns(run, aim, script, server_context).samples
    assert cold.failure is None
    assert warm.failure is Kind.RESET
    assert warm.timings.first_byte_ns is None
    assert warm.clock is None
