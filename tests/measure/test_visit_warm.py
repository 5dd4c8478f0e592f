"""What can go wrong between the exchanges of one visit."""

import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from cloudgauge.measure.prober import Record, Visit
from cloudgauge.model.sample import FailureKind as Kind
from cloudgauge.model.sample import Sample
from tests.fakes.object_server import answered
from tests.fakes.server import (
    FakeServer,
    Peer,
    answer_bytes,
)
from tests.fakes.visiting import Aim, probe, prober, slot, to
from tests.measure.conftest import Run

OK = answer_bytes()


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


@dataclass(frozen=True, slots=True)
class Turns:
    """Between the cold exchange and the warm one the server has its turn."""

    servers: threading.Event = field(default_factory=threading.Event)
    ours: threading.Event = field(default_factory=threading.Event)


def in_turns(
    run: Run, aim: Aim, script: Callable[[Peer, Turns], None], context: ssl.SSLContext
) -> Visit:
    turns = Turns()

    def keep(record: Record) -> None:
        if isinstance(record, Sample) and record.exchange == 0:
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
        answered(peer)
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
