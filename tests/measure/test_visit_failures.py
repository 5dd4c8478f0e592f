"""Each kind of failure, by a server or a network that really fails so."""

import asyncio
import contextlib
import ssl
from dataclasses import replace

import pytest

from cloudgauge.measure.failure import DETAIL_LIMIT
from cloudgauge.measure.policy import AddressPolicy
from cloudgauge.measure.prober import Visit
from cloudgauge.measure.resolver import HostsResolver, Resolution
from cloudgauge.model.plan import ProbeSpec
from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S
from cloudgauge.model.sample import FailureKind as Kind
from cloudgauge.model.sample import Sample
from cloudgauge.model.target import Family
from tests.fakes.authority import Authority
from tests.fakes.patience import patiently
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
from tests.fakes.visiting import (
    HOST,
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
from tests.measure.test_kernel_socket import (
    full_listener,
    no_file_left,
    port_of_nobody,
)

SOON = ProbeSpec(warm_requests=2, timeout_ns=250 * NS_PER_MS)


def failing(
    run: Run, aim: Aim, script: Script, context: ssl.SSLContext | None, kind: Kind
) -> Sample:
    """The sample of a visit that a time limit ends, after what comes before it."""

    def attempt(limit_ns: int) -> Sample:
        spec = replace(SOON, timeout_ns=limit_ns)
        return only(probe(run, replace(aim, spec=spec), script, context))

    return patiently(attempt, lambda sample: sample.failure is kind)


OK = answer_bytes()


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
    with port_of_nobody() as port:
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
    if kind is Kind.TLS_TIMEOUT:
        sample = failing(run, aim, script, None, kind)
    else:
        sample = only(probe(run, aim, script, None))
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
    sample = failing(run, aim, stalling, server_context, Kind.RESPONSE_TIMEOUT)
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

    sample = patiently(
        lambda limit_ns: only(
            probe(
                run,
                replace(aim, spec=replace(SOON, timeout_ns=limit_ns)),
                script,
                server_context,
            )
        ),
        lambda sample: sample.body_bytes == 5,
    )
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
