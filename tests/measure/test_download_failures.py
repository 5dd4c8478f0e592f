"""Each way a download can fail, by a server or a network that really fails so."""

import gzip
import itertools
import ssl
from dataclasses import replace

import pytest

from cloudgauge.measure.clock import MachineClock
from cloudgauge.measure.policy import AddressPolicy
from cloudgauge.measure.resolver import HostsResolver
from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S
from cloudgauge.model.sample import FailureKind as Kind
from cloudgauge.model.sample import Part
from cloudgauge.model.transfer import Ending
from tests.fakes.authority import Authority
from tests.fakes.downloading import (
    QUICK,
    Download,
    download,
    download_from,
    download_slot,
)
from tests.fakes.object_server import (
    BODY,
    Get,
    answered,
    dripping,
    head_bytes,
    holding,
    just,
    silent,
    whole,
)
from tests.fakes.patience import patiently
from tests.fakes.server import FakeServer, Peer, mute
from tests.fakes.visiting import Aim, at, to
from tests.measure.conftest import Run
from tests.measure.test_kernel_socket import full_listener, port_of_nobody

# Hardly any idling before what is to fail.
SOON = replace(QUICK, idle_ns=60 * NS_PER_MS)


def failing(  # noqa: PLR0913 - fixtures and a case
    run: Run,
    aim: Aim,
    get: Get,
    context: ssl.SSLContext,
    kind: Kind,
    *,
    streams: int = 1,
) -> Download:
    """A download that a time limit ends, after what comes before it."""

    def attempt(limit_ns: int) -> Download:
        spec = replace(SOON, timeout_ns=limit_ns, streams=(streams,))
        return download_from(run, aim, holding(get), context, spec=spec)

    return patiently(attempt, lambda seen: seen.whole.failure is kind)


def check_alone(seen: Download, kind: Kind) -> None:
    """The transfer failed before anything came of it."""
    assert [one.part for one in seen.samples] == [Part.TRANSFER]
    assert seen.whole.failure is kind
    assert seen.whole.status is None
    assert seen.whole.body_bytes is None
    assert seen.whole.clock is None
    assert seen.bins == []


def test_a_name_that_does_not_exist(run: Run, aim: Aim) -> None:
    seen = run(download(replace(aim, resolver=HostsResolver({}, None))))
    check_alone(seen, Kind.NAME_NOT_FOUND)
    assert seen.whole.connection.remote_address is None


def test_an_address_that_policy_refuses_is_not_connected_to(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    with FakeServer(holding(whole), server_context) as server:
        seen = run(download(replace(to(aim, server), policy=AddressPolicy())))
        assert server.connections == 0
    check_alone(seen, Kind.REFUSED_BY_POLICY)
    assert seen.whole.failure_detail == "target.example leads to 127.0.0.1: loopback"


def test_a_port_where_nobody_listens(run: Run, aim: Aim) -> None:
    with port_of_nobody() as port:
        seen = run(download(replace(aim, addresses=at(port))))
    check_alone(seen, Kind.REFUSED)


def test_a_host_that_does_not_take_the_connection(run: Run, aim: Aim) -> None:
    with full_listener() as (listener, _):
        port = listener.getsockname()[1]
        soon = replace(SOON, timeout_ns=500 * NS_PER_MS)
        seen = run(download(replace(aim, addresses=at(port)), spec=soon))
    check_alone(seen, Kind.CONNECT_TIMEOUT)


def test_a_host_that_does_not_shake_hands(run: Run, aim: Aim) -> None:
    def attempt(limit_ns: int) -> Download:
        spec = replace(SOON, timeout_ns=limit_ns)
        with FakeServer(mute) as server:
            seen = run(download(to(aim, server), spec=spec))
        assert isinstance(seen, Download)
        return seen

    seen = patiently(attempt, lambda seen: seen.whole.failure is Kind.TLS_TIMEOUT)
    check_alone(seen, Kind.TLS_TIMEOUT)


def test_a_certificate_of_another_name(
    run: Run, aim: Aim, authority: Authority
) -> None:
    context = authority.server_context("other.example")
    seen = download_from(run, aim, holding(whole), context)
    check_alone(seen, Kind.TLS_CERTIFICATE)


def test_a_visit_that_begins_after_its_window_sends_nothing(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    slot = download_slot()
    with FakeServer(holding(whole), server_context) as server:
        late = replace(aim, clock=MachineClock(lead_ns=-3_600 * NS_PER_S))
        seen = run(download(to(late, server), slot=slot))
        assert server.connections == 0
    check_alone(seen, Kind.OWN_MACHINE)
    assert seen.whole.failure_detail == "its window was over when it began"


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (head_bytes(404), Kind.UNEXPECTED_STATUS),
        (head_bytes(302, "Location: https://b.example/"), Kind.UNEXPECTED_STATUS),
        (head_bytes(200, length=4_999_999), Kind.OBJECT_TOO_SMALL),
        (head_bytes(200, length=None) + BODY, Kind.NO_LENGTH),
        (
            head_bytes(200, "Content-Encoding: gzip") + gzip.compress(BODY),
            Kind.PROTOCOL_ERROR,
        ),
        (b"SSH-2.0-OpenSSH\r\n\r\n", Kind.PROTOCOL_ERROR),
    ],
)
def test_an_answer_that_is_not_the_object(
    run: Run, aim: Aim, server_context: ssl.SSLContext, head: bytes, kind: Kind
) -> None:
    seen = download_from(run, aim, holding(just(head)), server_context)
    assert seen.whole.failure is kind
    assert seen.bins == []
    assert seen.samples[1].failure is None  # the head was as it should be


def endless(peer: Peer, _number: int) -> bool:
    """Pours, as long as it is read, a body without an end."""
    peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        peer.send(b"10000\r\n" + bytes(0x10000) + b"\r\n")


def test_an_endless_body_is_left_at_once(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    seen = download_from(run, aim, holding(endless), server_context)
    assert seen.whole.failure is Kind.NO_LENGTH
    assert seen.whole.status == 200
    assert seen.whole.body_bytes == 0


def short(peer: Peer, _number: int) -> bool:
    peer.send(head_bytes() + BODY[:1_000_000])
    return False


def reset(peer: Peer, _number: int) -> bool:
    peer.send(head_bytes() + BODY[:1_000_000])
    peer.reset()
    return False


@pytest.mark.parametrize(
    ("get", "kind"),
    [
        (short, Kind.TRUNCATED_BODY),
        (reset, Kind.RESET),
        (dripping, Kind.STALLED),
    ],
)
def test_a_body_that_does_not_come_whole_leaves_its_bins(
    run: Run, aim: Aim, server_context: ssl.SSLContext, get: Get, kind: Kind
) -> None:
    for streams in (1, 3):
        if kind is Kind.STALLED:
            seen = failing(run, aim, get, server_context, kind, streams=streams)
        else:
            spec = replace(SOON, streams=(streams,))
            seen = download_from(run, aim, holding(get), server_context, spec=spec)
        assert seen.whole.failure is kind
        assert seen.whole.status == 200
        assert seen.bins[-1].ending is Ending.FAILURE
        assert seen.whole.body_bytes == sum(one.body_bytes for one in seen.bins)
        is_named = seen.whole.failure_detail.startswith("stream ")
        assert is_named == (streams > 1)


def test_a_server_that_never_answers(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    kind = Kind.RESPONSE_TIMEOUT
    seen = failing(run, aim, silent, server_context, kind)
    assert seen.whole.failure is Kind.RESPONSE_TIMEOUT
    assert seen.whole.timings.tls_ns is not None
    assert seen.bins == []


class Crowded:
    """Lets in so many connections, and resets the others."""

    def __init__(self, *, most: int) -> None:
        self._numbers = itertools.count(1)
        self._most = most

    def serve(self, peer: Peer) -> None:
        if next(self._numbers) > self._most:
            peer.sock.recv(1)  # of its handshake
            peer.reset()
        else:
            holding(whole)(peer)


class Impatient:
    """Asks for patience at a request for a head; before any body, or during one."""

    def __init__(self, *, when: str) -> None:
        self._is_early = when == "before"
        self._has_begun = False
        self.connections = 0

    def serve(self, peer: Peer) -> None:
        self.connections += 1
        peer.shake_hands()
        number = 0
        while request := peer.request():
            if request.startswith(b"GET "):
                peer.send(head_bytes() + BODY[: len(BODY) // 2])
                answered(peer)  # more than a buffer takes: some of it has been read
                self._has_begun = True
                continue
            # The first head warms the connection.
            if (number and self._is_early) or self._has_begun:
                peer.send(head_bytes(429, "Retry-After: 7", length=0))
            else:
                peer.send(head_bytes())
            number += 1


def test_one_of_several_streams_that_cannot_be_opened_is_named(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    # The watch and the first stream are let in; of the others none.
    with FakeServer(Crowded(most=2).serve, server_context) as server:
        slot = download_slot(streams=3)
        seen = run(download(to(aim, server), spec=SOON, slot=slot))
    assert seen.whole.failure is Kind.RESET
    want = "stream 2 of 3: [Errno 104] Connection reset by peer"
    assert seen.whole.failure_detail == want
    assert seen.whole.timings.connect_ns is not None
    assert seen.bins == []


@pytest.mark.parametrize("when", ["before", "during"])
def test_a_watch_that_is_asked_for_patience_ends_the_transfer(
    run: Run, aim: Aim, server_context: ssl.SSLContext, *, when: str
) -> None:
    server = Impatient(when=when)
    seen = download_from(run, aim, server.serve, server_context)
    assert seen.whole.failure is Kind.THROTTLED
    assert seen.samples[-1].failure is Kind.THROTTLED
    assert seen.samples[-1].part is (Part.IDLE if when == "before" else Part.LOADED)
    assert seen.visit is not None
    assert seen.visit.retry_after_ns == 7 * NS_PER_S
    assert bool(seen.bins) == (when == "during")
    assert server.connections == (1 if when == "before" else 2)


def test_a_get_that_is_asked_for_patience_says_how_long(
    run: Run, aim: Aim, server_context: ssl.SSLContext
) -> None:
    answer = head_bytes(503, "Retry-After: 9", length=0)
    seen = download_from(run, aim, holding(just(answer)), server_context)
    assert seen.whole.failure is Kind.THROTTLED
    assert seen.whole.status == 503
    assert seen.visit is not None
    assert seen.visit.retry_after_ns == 9 * NS_PER_S
