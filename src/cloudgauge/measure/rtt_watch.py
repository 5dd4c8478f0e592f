"""Round trips to the host of a transfer, before and during it.

A watch asks for the object's head (HEAD) over a warm connection of its own, so that
what it sees is the path and not the queue of a connection that carries a body. The
first answer of a connection warms it and is no sample: what a server does but once
would be in it. A warming that fails is one, and says why no others follow.
"""

import asyncio
import contextlib
from collections.abc import Callable

from cloudgauge.measure.asker import Asker
from cloudgauge.measure.draft import Draft
from cloudgauge.measure.failure import Failure, Phase
from cloudgauge.measure.means import ProbeMeans
from cloudgauge.measure.prober import Record
from cloudgauge.measure.verdict import Verdict
from cloudgauge.model.plan import Slot
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.sample import FailureKind, Part, Sample

_UNREACHED = frozenset({Phase.RESOLVE, Phase.CONNECT, Phase.TLS})


class RttWatch:
    """Takes a sample every interval; `close` it at the end.

    A connection that the server ends is opened again. The watch is over when a fresh
    one brings no sample either, or when an answer is anything but what was wanted.

    Args:
        means: What all visits share.
        connect: Makes an asker whose connection is not yet open.
        slot: Of the samples.
        interval_ns: From one question to the next; one that takes longer delays it.
        keep: Takes each sample as it comes.

    Attributes:
        samples: All that were kept, exchanges from 1.
        throttled: What the server said when it asked us to come later; None if it
            has not.
    """

    def __init__(
        self,
        means: ProbeMeans,
        connect: Callable[[], Asker],
        slot: Slot,
        interval_ns: int,
        keep: Callable[[Record], None],
    ) -> None:
        self.samples: list[Sample] = []
        self.throttled: Verdict | None = None
        self._means = means
        self._connect = connect
        self._slot = slot
        self._interval_ns = interval_ns
        self._keep = keep
        self._asker = connect()
        self._draft = self._first_draft()
        self._is_over = False

    async def open(self) -> Failure | None:
        """Open the first connection and warm it.

        Returns:
            Why the host cannot be reached; None if it answered, or might have.
        """
        failure = await self._asker.ask(self._draft)
        if failure is not None:
            self._is_over = True
            if self._asker.phase in _UNREACHED:
                return failure
            self._note(failure, Part.IDLE)
        return None

    async def look(self, part: Part, span_ns: int) -> None:
        """Take samples that are due within *span_ns*; return with the last."""
        clock = self._means.clock
        due_ns = clock.now_ns()
        end_ns = due_ns + span_ns
        while due_ns < end_ns and not self._is_over:
            await clock.sleep_until(due_ns)
            await self._look_once(part)
            due_ns = max(due_ns + self._interval_ns, clock.now_ns())

    async def look_until(self, over: asyncio.Event) -> None:
        """Take samples under load until *over*; the last may still be awaited then."""
        clock = self._means.clock
        due_ns = clock.now_ns() + self._interval_ns
        while not self._is_over:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout((due_ns - clock.now_ns()) / NS_PER_S):
                    await over.wait()
            if over.is_set():
                return
            await self._look_once(Part.LOADED)
            due_ns = max(due_ns + self._interval_ns, clock.now_ns())

    def close(self) -> None:
        """Close the connection. May be called again."""
        self._asker.close()

    async def _look_once(self, part: Part) -> None:
        if not self._asker.is_reusable:
            await self._reopen(part)
        if self._is_over:
            return
        self._draft = self._draft.next(self._means.clock)
        self._draft.loop_lag_ns = self._means.lag.last_ns
        failure = await self._asker.ask(self._draft)
        self._note(failure, part)
        self._is_over = self._asker.verdict.failure is not None

    async def _reopen(self, part: Part) -> None:
        self._asker.close()
        self._asker, self._draft = self._connect(), self._first_draft()
        failure = await self._asker.ask(self._draft)
        if failure is not None:
            self._note(failure, part)
        self._is_over = not self._asker.is_reusable

    def _first_draft(self) -> Draft:
        clock = self._means.clock
        return Draft(
            slot=self._slot,
            exchange=0,
            sent_ns=clock.now_ns(),
            wall_ns=clock.wall_ns(),
            loop_lag_ns=self._means.lag.last_ns,
        )

    def _note(self, failure: Failure | None, part: Part) -> None:
        """Keep what the draft has become."""
        self._draft.exchange, self._draft.part = len(self.samples) + 1, part
        sample = self._draft.sample(failure)
        self.samples.append(sample)
        self._keep(sample)
        if sample.failure is FailureKind.THROTTLED:
            self.throttled = self._asker.verdict
