"""A transfer's thread against servers that really answer so; plain, so it is quick."""

import itertools
import select
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from cloudgauge.measure.clock import MachineClock
from cloudgauge.measure.failure import Failure
from cloudgauge.measure.transfer import Bounds, Transfer, TransferEnd
from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S
from cloudgauge.model.sample import FailureKind as Kind
from cloudgauge.model.transfer import BIN_NS, Bin, Ending
from tests.fakes.downloading import download_slot
from tests.fakes.object_server import (
    BODY,
    SIZE,
    Get,
    answered,
    dripping,
    head_bytes,
    holding,
    just,
    silent,
    streams_to,
    whole,
)
from tests.fakes.patience import patiently
from tests.fakes.server import FakeServer, Peer, Script

CLOCK = MachineClock()


@dataclass(slots=True, kw_only=True)
class Seen:
    end: TransferEnd
    batches: list[tuple[Bin, ...]]
    body_bytes: int
    asked: int

    @property
    def bins(self) -> list[Bin]:
        return [one for batch in self.batches for one in batch]


def bounds(
    *,
    transfer_ns: int = 20 * NS_PER_S,
    body_bytes: int = 10**12,
    timeout_ns: int = 10 * NS_PER_S,
    until_ns: int | None = None,
) -> Bounds:
    return Bounds(
        transfer_ns=transfer_ns,
        until_ns=CLOCK.now_ns() + 60 * NS_PER_S if until_ns is None else until_ns,
        body_bytes=body_bytes,
        timeout_ns=timeout_ns,
    )


def transferred(script: Script, within: Bounds, *, count: int = 1) -> Seen:
    batches: list[tuple[Bin, ...]] = []
    with (
        FakeServer(script) as server,
        streams_to(server, count, clock=CLOCK) as streams,
    ):
        slot = download_slot(streams=count)
        end = Transfer(slot, streams, within, CLOCK, batches.append).run()
        return Seen(
            end=end,
            batches=batches,
            body_bytes=sum(stream.answers.body_bytes for stream in streams),
            asked=sum(stream.asked for stream in streams),
        )


def check_bins(seen: Seen) -> None:
    """What holds for the bins of any transfer."""
    bins = seen.bins
    assert [one.index for one in bins] == list(range(len(bins)))
    assert sum(one.body_bytes for one in bins) == seen.body_bytes
    for earlier, later in itertools.pairwise(bins):
        assert earlier.began_ns + earlier.length_ns == later.began_ns
        assert earlier.ending is None
        assert earlier.length_ns >= BIN_NS
    assert bins[-1].ending is seen.end.ending
    assert bins[-1].began_ns + bins[-1].length_ns == seen.end.ended_ns
    assert {one.object_bytes for one in bins} == {SIZE}


@pytest.mark.parametrize("count", [1, 3])
def test_it_asks_again_and_again_until_it_has_its_bytes(count: int) -> None:
    seen = transferred(holding(whole), bounds(body_bytes=4 * SIZE * count), count=count)
    assert seen.end.ending is Ending.BYTES
    assert seen.end.failure is None
    assert 4 * SIZE * count <= seen.body_bytes < 4 * SIZE * count + 5_000_000
    check_bins(seen)
    assert sum(one.requests for one in seen.bins) >= 4 * count


def test_the_next_request_is_sent_before_the_body_ends() -> None:
    came_ahead: list[bool] = []

    def get(peer: Peer, number: int) -> bool:
        peer.send(head_bytes() + BODY[:-1])
        if number < 2:
            came_ahead.append(bool(select.select([peer.sock], [], [], 10)[0]))
        peer.send(BODY[-1:])
        return True

    seen = transferred(holding(get), bounds(body_bytes=3 * SIZE))
    assert seen.end.ending is Ending.BYTES
    # The third body is all that may still come, so nothing is asked behind it.
    assert came_ahead == [True, True]
    assert seen.asked == 3


def test_it_ends_with_its_time() -> None:
    tried_ns: list[int] = []

    def attempt(limit_ns: int) -> Seen:
        tried_ns.append(limit_ns)
        return transferred(holding(whole), bounds(transfer_ns=limit_ns))

    seen = patiently(attempt, lambda seen: seen.end.failure is None)
    assert seen.end.ending is Ending.TIME
    assert seen.end.failure is None
    assert seen.end.ended_ns - seen.end.began_ns >= tried_ns[-1]
    check_bins(seen)


def test_it_ends_with_its_window() -> None:
    windows_ns: list[int] = []

    def attempt(limit_ns: int) -> Seen:
        windows_ns.append(CLOCK.now_ns() + limit_ns)
        return transferred(holding(whole), bounds(until_ns=windows_ns[-1]))

    seen = patiently(attempt, lambda seen: seen.end.failure is None)
    assert seen.end.ending is Ending.TIME
    assert seen.end.ended_ns >= windows_ns[-1]


def test_bins_come_in_batches_while_it_reads() -> None:
    seen = transferred(holding(whole), bounds(transfer_ns=1_250 * NS_PER_MS))
    check_bins(seen)
    # However few bins a busy machine makes of that time.
    sizes = [len(batch) for batch in seen.batches]
    assert set(sizes[:-1]) <= {5}
    assert 1 <= sizes[-1] <= 5


def test_the_kernels_side_of_the_bins_is_there() -> None:
    seen = transferred(holding(whole), bounds(body_bytes=2 * SIZE), count=2)
    for one in seen.bins:
        assert one.wire_bytes is not None
        assert one.rtt_us is not None
        assert one.unread_bytes is not None
        assert one.receive_space_bytes is not None
        assert 0 < one.drain_ns <= one.length_ns
        assert one.cpu_ns > 0
    wire_bytes = sum(one.wire_bytes or 0 for one in seen.bins)
    assert wire_bytes > seen.body_bytes  # heads too


def end_softly(peer: Peer) -> None:
    peer.sock.shutdown(socket.SHUT_WR)
    peer.wait_until_client_leaves()


def hang_up(peer: Peer) -> None:
    answered(peer)
    peer.reset()


@pytest.mark.parametrize("leave", [end_softly, hang_up])
def test_a_server_that_ends_after_a_whole_answer_has_not_failed(
    leave: Callable[[Peer], None],
) -> None:
    def get(peer: Peer, number: int) -> bool:
        whole(peer, number)
        if number:
            leave(peer)
        return not number

    seen = transferred(holding(get), bounds())
    assert seen.end.ending is Ending.CLOSED
    assert seen.end.failure is None
    assert seen.body_bytes == 2 * SIZE
    check_bins(seen)


def test_nothing_is_asked_behind_an_answer_that_says_it_is_the_last() -> None:
    answer = head_bytes(200, "Connection: close") + BODY
    seen = transferred(holding(just(answer)), bounds())
    assert seen.end.ending is Ending.CLOSED
    assert seen.asked == 1
    assert seen.body_bytes == SIZE


def test_a_reset_on_one_of_several_streams_fails_the_transfer_and_says_which() -> None:
    lock, gets = threading.Lock(), iter(range(100))

    def get(peer: Peer, number: int) -> bool:
        with lock:
            mine = next(gets)
        if mine != 2:
            return whole(peer, number)
        peer.send(head_bytes() + BODY[:100_000])
        peer.reset()
        return False

    seen = transferred(holding(get), bounds(), count=3)
    assert seen.end.ending is Ending.FAILURE
    assert seen.end.failure is not None
    assert seen.end.failure.kind is Kind.RESET
    number = seen.end.stream_index + 1
    want = f"stream {number} of 3: [Errno 104] Connection reset by peer"
    assert seen.end.failure.detail == want
    check_bins(seen)


def test_a_body_shorter_than_its_length_is_truncated_and_its_bins_stay() -> None:
    def get(peer: Peer, _number: int) -> bool:
        peer.send(head_bytes() + BODY[:1_000_000])
        return False

    seen = transferred(holding(get), bounds())
    assert seen.end.failure == Failure(
        kind=Kind.TRUNCATED_BODY,
        detail="closed by the peer 4000000 bytes before the body's end",
    )
    assert seen.body_bytes == 1_000_000
    check_bins(seen)


@pytest.mark.parametrize(
    ("get", "kind"), [(dripping, Kind.STALLED), (silent, Kind.RESPONSE_TIMEOUT)]
)
@pytest.mark.parametrize("by_the_end", [False, True])
def test_a_trickle_is_a_failure_in_bounded_time(
    get: Get, kind: Kind, *, by_the_end: bool
) -> None:
    def attempt(limit_ns: int) -> Seen:
        if by_the_end:
            return transferred(holding(get), bounds(transfer_ns=limit_ns))
        return transferred(holding(get), bounds(timeout_ns=limit_ns))

    # A head that comes too late would make silence of the trickle.
    seen = patiently(
        attempt, lambda seen: bool(seen.end.failure and seen.end.failure.kind is kind)
    )
    assert seen.end.ending is Ending.FAILURE
    assert seen.end.failure is not None
    assert seen.end.failure.kind is kind
    assert bool(seen.bins) == (kind is Kind.STALLED)


def test_a_first_answer_that_is_none_leaves_no_bin() -> None:
    seen = transferred(holding(just(head_bytes(404))), bounds())
    assert seen.end.failure is not None
    assert seen.end.failure.kind is Kind.UNEXPECTED_STATUS
    assert seen.batches == []


def test_a_server_that_asks_for_patience_between_objects_is_heard() -> None:
    def get(peer: Peer, number: int) -> bool:
        if number:
            peer.send(head_bytes(429, "Retry-After: 7", length=0))
            return True
        return whole(peer, number)

    seen = transferred(holding(get), bounds())
    assert seen.end.failure is not None
    assert seen.end.failure.kind is Kind.THROTTLED
    assert seen.end.retry_after_ns == 7 * NS_PER_S
    assert seen.body_bytes == SIZE


def test_whoever_stops_it_is_heard_at_once() -> None:
    began = threading.Event()

    def get(peer: Peer, _number: int) -> bool:
        peer.send(head_bytes() + BODY[:-1])
        began.set()
        peer.wait_until_client_leaves()
        return False

    why = Failure(kind=Kind.THROTTLED, detail="status 429")
    batches: list[tuple[Bin, ...]] = []
    with (
        FakeServer(holding(get)) as server,
        streams_to(server, clock=CLOCK) as streams,
    ):
        transfer = Transfer(download_slot(), streams, bounds(), CLOCK, batches.append)

        def stop() -> None:
            began.wait(10)
            transfer.stop(why)

        thread = threading.Thread(target=stop)
        thread.start()
        end = transfer.run()
        thread.join()
        assert end.ending is Ending.FAILURE
        assert end.failure == why
        assert batches[-1][-1].ending is Ending.FAILURE
        transfer.stop(why)  # too late, and no harm
