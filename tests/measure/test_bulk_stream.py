"""Connections that are read for their amount, plain and over TLS."""

import asyncio
import select
import ssl
import threading
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudgauge.measure.bulk_stream import BulkStream, open_plain, secure
from cloudgauge.measure.clock import MachineClock
from cloudgauge.measure.failure import ProbeFailed
from cloudgauge.model.sample import FailureKind as Kind
from tests.fakes.object_server import (
    BODY,
    SIZE,
    answered,
    head_bytes,
    holding,
    just,
    streams_to,
    whole,
)
from tests.fakes.server import FakeServer, Peer
from tests.fakes.visiting import HOST
from tests.measure.conftest import Run

CLOCK = MachineClock()


def drained(stream: BulkStream, is_enough: Callable[[BulkStream], bool]) -> BulkStream:
    """Read until *is_enough*; a step that brings nothing for 10 s is a bug."""
    while not is_enough(stream):
        ready, _, _ = select.select([stream.sock], [], [], 10)
        assert ready, "nothing comes"
        stream.drain(CLOCK.now_ns())
    return stream


def has_ended(stream: BulkStream) -> bool:
    return stream.has_ended


@settings(max_examples=20)
@given(
    cuts=st.lists(st.integers(1, 70_000), min_size=1, max_size=8),
    in_head=st.integers(1, 60),
)
def test_what_was_sent_is_counted_exactly_however_it_was_cut(
    cuts: list[int], in_head: int
) -> None:
    answer = head_bytes(length=SIZE) + BODY
    last = head_bytes(200, "Connection: close", length=SIZE) + BODY[: SIZE - 1]

    def get(peer: Peer, number: int) -> bool:
        data = memoryview(last if number else answer)
        peer.send_raw(data[:in_head].tobytes())
        at = in_head
        for cut in cuts:
            peer.send_raw(data[at : at + cut].tobytes())
            at += cut
        peer.send_raw(data[at:].tobytes())
        return not number

    with FakeServer(holding(get)) as server, streams_to(server) as (stream,):
        stream.ask()
        drained(stream, lambda one: one.answers.whole == 1)
        stream.ask()
        with pytest.raises(ProbeFailed, match="1 bytes before the body's end"):
            drained(stream, has_ended)
        assert stream.answers.body_bytes == 2 * SIZE - 1


@pytest.mark.parametrize("size", [1, 16_383, 16_384, 100_000, SIZE])
def test_over_tls_records_of_any_size_are_counted(
    server_context: ssl.SSLContext, client_context: ssl.SSLContext, size: int
) -> None:
    def get(peer: Peer, number: int) -> bool:
        told = head_bytes(200, *(["Connection: close"] if number else []))
        data = told + BODY
        for at in range(0, len(data), size) if size > 1 else (0, 1, 2, 3):
            peer.send(data[at : at + size])
        if size == 1:
            peer.send(data[4:])
        return not number

    with (
        FakeServer(holding(get), server_context) as server,
        streams_to(server, context=client_context) as (stream,),
    ):
        stream.ask()
        drained(stream, lambda one: one.answers.whole == 1)
        stream.ask()
        drained(stream, has_ended)
        assert stream.answers.body_bytes == 2 * SIZE


def test_no_byte_stays_behind_in_openssl(
    server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    # Two records in one segment: the second does not make the socket readable again.
    def get(peer: Peer, _number: int) -> bool:
        data = head_bytes() + BODY
        peer.send_raw(peer.seal(data[:-20]) + peer.seal(data[-20:-10]))
        answered(peer)
        peer.wait_until_client_leaves()
        return False

    with (
        FakeServer(holding(get), server_context) as server,
        streams_to(server, context=client_context) as (stream,),
    ):
        stream.ask()
        drained(stream, lambda one: one.answers.left_bytes == 10)
        assert stream.unread_bytes() == 0


def test_the_first_byte_is_seen_when_it_is_drained_and_not_when_a_ticket_comes(
    server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    with (
        FakeServer(holding(whole), server_context) as server,
        streams_to(server, context=client_context) as (stream,),
    ):
        select.select([stream.sock], [], [], 10)  # the tickets
        stream.drain(1)
        assert stream.first_ns is None
        stream.ask()
        select.select([stream.sock], [], [], 10)
        stream.drain(2)
        stream.drain(3)
        assert stream.first_ns == 2


def test_one_stream_does_not_keep_the_others_waiting() -> None:
    with (
        FakeServer(holding(whole)) as server,
        streams_to(server, buffer_bytes=1_000) as (stream,),
    ):
        stream.ask()
        while (stream.unread_bytes() or 0) < 50_000:
            assert select.select([stream.sock], [], [], 10)[0]
        stream.drain(CLOCK.now_ns())
        assert stream.answers.body_bytes == 16_000 - len(head_bytes())


def test_the_next_request_is_due_half_a_second_ahead_at_the_recent_pace() -> None:
    with (
        FakeServer(holding(just(head_bytes(length=100_000_000)))) as server,
        streams_to(server) as (stream,),
    ):
        stream.ask()
        assert not stream.is_due  # nothing has been answered
        drained(stream, lambda one: one.answers.begun == 1)
        assert not stream.is_due
        stream.answers.skip(50_000_000)
        assert not stream.is_due
        stream.note_pace()
        assert stream.is_due  # at 50 MB in a bin
        stream.note_pace()
        assert not stream.is_due  # nothing came in this one
        stream.answers.skip(48_000_000)
        assert stream.is_due
        stream.ask()
        assert not stream.is_due  # it has been asked


def test_what_waits_in_the_kernel_is_told() -> None:
    def get(peer: Peer, _number: int) -> bool:
        peer.send(head_bytes() + BODY[:1_000])
        answered(peer)
        peer.send(b"x")
        peer.wait_until_client_leaves()
        return False

    with FakeServer(holding(get)) as server, streams_to(server) as (stream,):
        stream.ask()
        come = len(head_bytes()) + 1_001
        while stream.unread_bytes() != come:
            assert select.select([stream.sock], [], [], 10)[0]
        info = stream.receiver_info()
        assert info is not None
        assert info.received_bytes == come
        drained(stream, lambda one: one.answers.body_bytes == 1_001)
        assert stream.unread_bytes() == 0


def test_a_handshake_that_fails_leaves_no_socket_open(
    run: Run, server_context: ssl.SSLContext
) -> None:
    async def scenario(port: int) -> None:
        opened = await open_plain(("127.0.0.1", port), CLOCK)
        context = ssl.create_default_context()  # trusts nobody of ours
        with pytest.raises(ssl.SSLCertVerificationError):
            await secure(opened, context, HOST, CLOCK)
        assert opened.sock.fileno() < 0

    with FakeServer(holding(whole), server_context) as server:
        run(scenario(server.port))


def test_a_connection_that_is_reset_before_the_handshake_leaves_no_socket_open(
    run: Run,
) -> None:
    stands = threading.Event()

    async def scenario(port: int) -> None:
        opened = await open_plain(("127.0.0.1", port), CLOCK)
        stands.set()
        assert select.select([opened.sock], [], [], 10)[0]  # the reset
        with pytest.raises(ConnectionResetError):
            await secure(opened, ssl.create_default_context(), HOST, CLOCK)
        assert opened.sock.fileno() < 0

    def script(peer: Peer) -> None:
        assert stands.wait(10)
        peer.reset()

    with FakeServer(script) as server:
        run(scenario(server.port))


def test_a_handshake_that_is_given_up_leaves_no_socket_open(run: Run) -> None:
    async def scenario(port: int) -> None:
        opened = await open_plain(("127.0.0.1", port), CLOCK)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await secure(opened, ssl.create_default_context(), HOST, CLOCK)
        assert opened.sock.fileno() < 0

    # One that is left open warns, and warnings are errors here.
    with FakeServer(lambda peer: peer.wait_until_client_leaves()) as server:
        run(scenario(server.port))


def test_a_server_that_is_gone_before_it_is_asked_fails_when_it_is_read() -> None:
    stands = threading.Event()

    def script(peer: Peer) -> None:
        assert stands.wait(30)
        peer.reset()

    with FakeServer(script) as server, streams_to(server) as (stream,):
        stands.set()
        select.select([stream.sock], [], [], 60)
        stream.ask()
        with pytest.raises((ConnectionResetError, ProbeFailed)) as caught:
            drained(stream, has_ended)
        if isinstance(caught.value, ProbeFailed):
            assert caught.value.kind is Kind.PROTOCOL_ERROR
