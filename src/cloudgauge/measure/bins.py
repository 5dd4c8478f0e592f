"""What the streams of a transfer received, cut into bins."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from cloudgauge.measure.answers import Answers
from cloudgauge.measure.clock import thread_cpu_ns
from cloudgauge.measure.tcp_info import ReceiverInfo
from cloudgauge.model.plan import Slot
from cloudgauge.model.transfer import BIN_NS, Bin, Ending


class Counted(Protocol):
    """A stream, as far as a bin is made of it."""

    @property
    def answers(self) -> Answers:
        """What has come."""
        ...

    def receiver_info(self) -> ReceiverInfo | None:
        """How it receives, as the kernel sees it."""
        ...

    def unread_bytes(self) -> int | None:
        """What waits in the kernel; None where it cannot say."""
        ...


class BinCutter:
    """Makes one bin after another of what streams have come to.

    Used by the thread that reads, and made before the requests are sent: what came
    with the first answer is in the first bin.

    Attributes:
        has_begun: The first bin is under way.
        due_ns: When the bin under way should end.
    """

    def __init__(self, slot: Slot, streams: Sequence[Counted]) -> None:
        self._slot = slot
        self._streams = streams
        self._object_bytes = 0
        self._index = 0
        self._began_ns = 0
        self._drain_ns = 0
        self._cpu_ns = 0
        self._body_bytes = 0
        self._requests = 0
        self._wire_bytes = _wire_bytes(_infos(streams))
        self.has_begun = False
        self.due_ns = 0

    def begin(self, now_ns: int, object_bytes: int) -> None:
        """Begin the first bin."""
        self.has_begun = True
        self._object_bytes = object_bytes
        self._began_ns, self.due_ns = now_ns, now_ns + BIN_NS
        self._cpu_ns = thread_cpu_ns()

    def note_drain(self, took_ns: int) -> None:
        """Take note of time that reading took."""
        self._drain_ns += took_ns

    def unread_bytes(self) -> int | None:
        """What waits in all sockets; None where the kernel cannot say."""
        return _total(stream.unread_bytes() for stream in self._streams)

    def cut(
        self, now_ns: int, *, unread_bytes: int | None, ending: Ending | None = None
    ) -> Bin:
        """End the bin under way now, and begin the next.

        Args:
            now_ns: After its beginning.
            unread_bytes: Of `unread_bytes`, before what waited was read.
            ending: Why the transfer ends with it; None if it goes on.
        """
        infos = _infos(self._streams)
        body_bytes = sum(stream.answers.body_bytes for stream in self._streams)
        requests = sum(stream.answers.begun for stream in self._streams)
        wire_bytes, cpu_ns = _wire_bytes(infos), thread_cpu_ns()
        made = Bin(
            slot=self._slot,
            index=self._index,
            began_ns=self._began_ns,
            length_ns=max(1, now_ns - self._began_ns),
            body_bytes=body_bytes - self._body_bytes,
            wire_bytes=_difference(wire_bytes, self._wire_bytes),
            requests=requests - self._requests,
            rtt_us=_middle(infos, lambda info: info.rtt_us),
            receive_rtt_us=_middle(infos, lambda info: info.receive_rtt_us),
            receive_space_bytes=_sum(infos, lambda info: info.space_bytes),
            window_bytes=_sum(infos, lambda info: info.window_bytes),
            unread_bytes=unread_bytes,
            drain_ns=self._drain_ns,
            cpu_ns=cpu_ns - self._cpu_ns,
            object_bytes=self._object_bytes,
            ending=ending,
        )
        self._index += 1
        self._began_ns += made.length_ns
        self.due_ns = self._began_ns + BIN_NS
        self._drain_ns, self._cpu_ns = 0, cpu_ns
        self._body_bytes, self._requests = body_bytes, requests
        self._wire_bytes = wire_bytes
        return made


_Infos = tuple[ReceiverInfo | None, ...]


def _infos(streams: Sequence[Counted]) -> _Infos:
    return tuple(stream.receiver_info() for stream in streams)


def _total(values: Iterable[int | None]) -> int | None:
    """Their sum; None if one of them is not known."""
    total = 0
    for value in values:
        if value is None:
            return None
        total += value
    return total


def _sum(infos: _Infos, figure: Callable[[ReceiverInfo], int | None]) -> int | None:
    return _total(figure(info) if info is not None else None for info in infos)


def _middle(infos: _Infos, figure: Callable[[ReceiverInfo], int | None]) -> int | None:
    """The median of those that are known, the lower of two."""
    known = [value for info in infos if info and (value := figure(info)) is not None]
    return statistics.median_low(known) if known else None


def _wire_bytes(infos: _Infos) -> int | None:
    return _sum(infos, lambda info: info.received_bytes)


def _difference(now: int | None, before: int | None) -> int | None:
    return now - before if now is not None and before is not None else None
