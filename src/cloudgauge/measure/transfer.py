"""One download over several streams: the thread that reads, and what it saw.

How it works, and what must stay true:

* One thread reads all streams and does nothing else, so that neither the event loop's
  turns are in the rate nor the reading in the loop's round trips. While it waits in the
  kernel and while OpenSSL decrypts, the loop runs.
* Nothing is awaited between two objects: the next request leaves while the body before
  it still comes, unless that body is more than what may come at all.
* A bin ends when what had come by then has been read, each stream within its bound;
  what waited just before that is noted with it.
* The loop is woken a few times a second, with several bins at once.
* It ends by itself; whoever wants it to end earlier calls `stop`. It closes no
  connection: those are its owner's, who closes them when it has ended.
"""

import contextlib
import selectors
import socket
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from cloudgauge.measure.answers import Throttled
from cloudgauge.measure.bins import BinCutter
from cloudgauge.measure.bulk_stream import BulkStream
from cloudgauge.measure.clock import Clock
from cloudgauge.measure.failure import EXPECTED, Failure, Phase, failure_of, one_line
from cloudgauge.measure.silence import Silence
from cloudgauge.model.plan import Slot
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.transfer import BIN_NS, Bin, Ending

# Two batches a second: a kill loses less than a second, and the loop is left alone.
_BINS_IN_BATCH = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """When a transfer ends.

    Attributes:
        transfer_ns: At the latest this long after its first request.
        until_ns: Nor after this, by the run's clock.
        body_bytes: When its bodies have come to this.
        timeout_ns: When an answer, or 10 kB of a body, takes longer.
    """

    transfer_ns: int
    until_ns: int
    body_bytes: int
    timeout_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferEnd:
    """How a transfer ended.

    Attributes:
        began_ns: When the first request was sent, by the run's clock.
        ended_ns: When it ended.
        failure: None unless `ending` is ``failure``.
        retry_after_ns: How long the server asked us to stay away, if it did.
        stream_index: The stream that failed; 0 if none did.
    """

    began_ns: int
    ended_ns: int
    ending: Ending
    failure: Failure | None = None
    retry_after_ns: int | None = None
    stream_index: int = 0


class _StreamFailed(Exception):
    def __init__(self, index: int, cause: Exception) -> None:
        super().__init__(index)
        self.index = index
        self.cause = cause


class Transfer:
    """Reads an object over streams that stand, again and again, until a bound.

    Args:
        slot: Of the bins.
        streams: At least one; nothing has been asked over them yet.
        bounds: When it ends.
        clock: Of the run.
        give: Takes bins, several at once, in the thread that reads.
    """

    def __init__(
        self,
        slot: Slot,
        streams: Sequence[BulkStream],
        bounds: Bounds,
        clock: Clock,
        give: Callable[[tuple[Bin, ...]], None],
    ) -> None:
        self._streams = streams
        self._bounds = bounds
        self._clock = clock
        self._give = give
        self._cutter = BinCutter(slot, streams)
        self._bins: list[Bin] = []
        self._silences = [Silence(bounds.timeout_ns) for _ in streams]
        self._stopped: Failure | None = None
        self._wakes, self._waker = socket.socketpair()
        self._until_ns = bounds.until_ns
        self._tick_ns = 0
        # Of the last look into all sockets before they were read.
        self._unread_bytes: int | None = None

    def stop(self, why: Failure) -> None:
        """Have it end now as failed, from any thread."""
        self._stopped = why
        with contextlib.suppress(OSError):  # it has ended by itself
            self._waker.send(b"x")

    def run(self) -> TransferEnd:
        """Ask, read and count until the end; blocks, so call it in a thread."""
        began_ns, fault = self._clock.now_ns(), None
        with self._wakes, self._waker, selectors.DefaultSelector() as selector:
            selector.register(self._wakes, selectors.EVENT_READ)
            try:
                self._begin(selector, began_ns)
                ending = self._read_on(selector)
            except _StreamFailed as exc:
                ending, fault = Ending.FAILURE, exc
        ended_ns = self._clock.now_ns()
        if self._unread_bytes is None:
            self._unread_bytes = self._cutter.unread_bytes()
        self._cut(ended_ns, ending)
        self._hand_over()
        return self._end(began_ns, ended_ns, ending, fault)

    def _begin(self, selector: selectors.BaseSelector, began_ns: int) -> None:
        self._until_ns = min(began_ns + self._bounds.transfer_ns, self._until_ns)
        self._tick_ns = began_ns + BIN_NS
        for index, stream in enumerate(self._streams):
            selector.register(stream.sock, selectors.EVENT_READ, index)
            self._silences[index].begin(began_ns)
            try:
                stream.ask()
            except EXPECTED as exc:
                raise _StreamFailed(index, exc) from exc

    def _read_on(self, selector: selectors.BaseSelector) -> Ending:
        while True:
            wait_ns = min(self._tick_ns, self._until_ns) - self._clock.now_ns()
            ready = selector.select(max(0, wait_ns) / NS_PER_S)
            if self._stopped is not None:
                return Ending.FAILURE
            woken_ns = self._clock.now_ns()
            is_tick = woken_ns >= min(self._tick_ns, self._until_ns)
            self._unread_bytes = self._cutter.unread_bytes() if is_tick else None
            self._drain((key.data for key, _ in ready), woken_ns)
            now_ns = self._clock.now_ns()
            self._cutter.note_drain(now_ns - woken_ns)
            if (ending := self._ending(now_ns)) is not None:
                return ending
            if is_tick and now_ns >= self._tick_ns:  # which the first answer moves
                self._cut(now_ns)
                self._look_at_pace(now_ns)

    def _drain(self, indices: Iterable[int], woken_ns: int) -> None:
        for index in indices:
            stream = self._streams[index]
            try:
                stream.drain(woken_ns)
                if stream.is_due:
                    self._ask_ahead(stream)
            except EXPECTED as exc:
                raise _StreamFailed(index, exc) from exc
            finally:
                self._begin_bins(stream)

    def _begin_bins(self, stream: BulkStream) -> None:
        object_bytes, first_ns = stream.answers.object_bytes, stream.first_ns
        if self._cutter.has_begun or object_bytes is None or first_ns is None:
            return
        self._cutter.begin(first_ns, object_bytes)
        self._tick_ns = self._cutter.due_ns

    def _ask_ahead(self, stream: BulkStream) -> None:
        """Ask once more, unless what is under way is all that may still come."""
        left_bytes = self._bounds.body_bytes - self._body_bytes()
        if stream.answers.left_bytes < left_bytes:
            stream.ask()

    def _body_bytes(self) -> int:
        return sum(stream.answers.body_bytes for stream in self._streams)

    def _ending(self, now_ns: int) -> Ending | None:
        if self._body_bytes() >= self._bounds.body_bytes:
            return Ending.BYTES
        if any(stream.has_ended for stream in self._streams):
            # With a stream less it would be another transfer.
            return Ending.CLOSED
        if now_ns < self._until_ns:
            return None
        for index, stream in enumerate(self._streams):
            try:
                self._silences[index].check_whole(now_ns, stream.answers)
            except EXPECTED as exc:
                raise _StreamFailed(index, exc) from exc
        return Ending.TIME

    def _look_at_pace(self, now_ns: int) -> None:
        for index, stream in enumerate(self._streams):
            stream.note_pace()
            try:
                self._silences[index].check(now_ns, stream.answers)
            except EXPECTED as exc:
                raise _StreamFailed(index, exc) from exc

    def _cut(self, now_ns: int, ending: Ending | None = None) -> None:
        self._tick_ns = now_ns + BIN_NS
        unread_bytes, self._unread_bytes = self._unread_bytes, None
        if not self._cutter.has_begun:
            return
        made = self._cutter.cut(now_ns, unread_bytes=unread_bytes, ending=ending)
        self._tick_ns = self._cutter.due_ns
        self._bins.append(made)
        if len(self._bins) >= _BINS_IN_BATCH:
            self._hand_over()

    def _hand_over(self) -> None:
        if self._bins:
            self._give(tuple(self._bins))
            self._bins.clear()

    def _end(
        self, began_ns: int, ended_ns: int, ending: Ending, fault: _StreamFailed | None
    ) -> TransferEnd:
        failure, retry_after_ns = None, None
        if fault is not None:
            failure = self._failure_of(fault)
            if isinstance(fault.cause, Throttled):
                retry_after_ns = fault.cause.verdict.retry_after_ns
        elif ending is Ending.FAILURE:
            failure = self._stopped
        return TransferEnd(
            began_ns=began_ns,
            ended_ns=ended_ns,
            ending=ending,
            failure=failure,
            retry_after_ns=retry_after_ns,
            stream_index=0 if fault is None else fault.index,
        )

    def _failure_of(self, fault: _StreamFailed) -> Failure:
        answers = self._streams[fault.index].answers
        phase = Phase.BODY if answers.left_bytes else Phase.ANSWER
        failure = failure_of(fault.cause, phase)
        return of_stream(failure, fault.index, len(self._streams))


def of_stream(failure: Failure, index: int, count: int) -> Failure:
    """The same failure, saying which stream of several it is of."""
    if count == 1:
        return failure
    detail = one_line(f"stream {index + 1} of {count}: {failure.detail}")
    return Failure(kind=failure.kind, detail=detail)
