"""Bins cut from what streams have come to."""

from collections.abc import Sequence

import pytest

from cloudgauge.measure.answers import Answers
from cloudgauge.measure.bins import BinCutter
from cloudgauge.measure.tcp_info import ReceiverInfo
from cloudgauge.model.transfer import BIN_NS, Ending
from tests.fakes.downloading import download_slot
from tests.fakes.object_server import REQUEST, SIZE, head_bytes


class ToldStream:
    """A stream whose kernel says what it is told to."""

    def __init__(self, info: ReceiverInfo | None) -> None:
        self.answers = Answers(REQUEST)
        self.info = info
        self.unread: int | None = 0

    def receiver_info(self) -> ReceiverInfo | None:
        return self.info

    def unread_bytes(self) -> int | None:
        return self.unread


def info(
    *, received: int = 0, rtt: int | None = 10, window: int | None = 100
) -> ReceiverInfo:
    return ReceiverInfo(
        rtt_us=rtt,
        receive_rtt_us=None if rtt is None else 2 * rtt,
        space_bytes=7,
        received_bytes=received,
        window_bytes=window,
    )


def begun(streams: Sequence[ToldStream]) -> BinCutter:
    cutter = BinCutter(download_slot(streams=len(streams)), streams)
    for stream in streams:
        stream.answers.feed(memoryview(head_bytes()), wall_ns=0)
    cutter.begin(1_000, SIZE)
    return cutter


def test_a_bin_has_what_came_since_the_one_before() -> None:
    stream = ToldStream(info(received=50))
    cutter = begun([stream])
    assert cutter.due_ns == 1_000 + BIN_NS
    stream.answers.skip(300)
    stream.info = info(received=450)
    cutter.note_drain(11)
    cutter.note_drain(22)
    first = cutter.cut(BIN_NS + 5_000, unread_bytes=9)
    assert (first.index, first.began_ns, first.length_ns) == (0, 1_000, BIN_NS + 4_000)
    assert (first.body_bytes, first.wire_bytes, first.requests) == (300, 400, 1)
    assert (first.drain_ns, first.unread_bytes) == (33, 9)
    assert (first.object_bytes, first.ending) == (SIZE, None)
    assert first.cpu_ns >= 0
    assert cutter.due_ns == 2 * BIN_NS + 5_000

    stream.answers.skip(1)
    stream.info = info(received=452)
    last = cutter.cut(BIN_NS + 6_000, unread_bytes=None, ending=Ending.TIME)
    assert (last.index, last.began_ns, last.length_ns) == (1, BIN_NS + 5_000, 1_000)
    assert (last.body_bytes, last.wire_bytes, last.requests) == (1, 2, 0)
    assert (last.drain_ns, last.ending) == (0, Ending.TIME)


def test_of_several_streams_bytes_are_summed_and_of_times_the_middle_is_taken() -> None:
    streams = [ToldStream(info(rtt=rtt)) for rtt in (40, 10, 30, None, 20)]
    cutter = begun(streams)
    for stream in streams:
        stream.answers.skip(100)
        stream.info = stream.info and stream.info._replace(received_bytes=101)
        stream.unread = 3
    cut = cutter.cut(2_000, unread_bytes=cutter.unread_bytes())
    assert (cut.body_bytes, cut.wire_bytes, cut.requests) == (500, 505, 5)
    assert (cut.receive_space_bytes, cut.window_bytes) == (35, 500)
    assert (cut.rtt_us, cut.receive_rtt_us) == (20, 40)  # the lower of 20 and 30
    assert cut.unread_bytes == 15


@pytest.mark.parametrize("told", [None, info(rtt=None, window=None)])
def test_what_the_kernel_does_not_say_is_absent(told: ReceiverInfo | None) -> None:
    streams = [ToldStream(info()), ToldStream(told)]
    cutter = begun(streams)
    streams[1].unread = None
    cut = cutter.cut(2_000, unread_bytes=cutter.unread_bytes())
    assert cut.window_bytes is None
    assert cut.unread_bytes is None
    assert cut.rtt_us == 10
    assert (cut.wire_bytes is None) == (told is None)
    assert (cut.receive_space_bytes is None) == (told is None)


def test_a_bin_that_ends_as_it_begins_has_a_length_all_the_same() -> None:
    cutter = begun([ToldStream(None)])
    assert cutter.cut(1_000, unread_bytes=None).length_ns == 1
