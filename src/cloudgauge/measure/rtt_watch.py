"""Round trips to the host of a transfer, before and during it.

A watch asks for the object's head (HEAD) over a warm connection of its own, so that
what it sees is the path and not the queue of a connection that carries a body. The
first answer of a connection warms it and is no sample: what a server does but once
would be in it. A warming that fails is one, and says why no others follow.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from cloudgauge.measure.asker import Asker
from cloudgauge.measure.draft import Draft
from cloudgauge.measure.failure import Failure, Phase
from cloudgauge.measure.means import ProbeMeans
from cloudgauge.measure.prober import Record
from cloudgauge.measure.verdict import Verdict
from cloudgauge.model.plan import Slot
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.sample import FailureKind, Part, Sample
from cloudgauge.planning.traffic import MOST_REOPENINGS

_UNREACHED = frozenset({Phase.RESOLVE, Phase.CONNECT, Phase.TLS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often a watch may ask.

    Attributes:
        interval_ns: From one question to the next; one that takes longer delays it.
        most_requests: Of the whole watch, those that warm a connection among them.
    """

    interval_ns: int
    most_requests: int


class RttWatch:
    """Takes a sample every interval; `close` it at the end.

    A connection that the server ends is opened again, `MOST_REOPENINGS` times. The
    watch is over when a fresh one brings no sample either, when an answer is anything
    but what was wanted, or when it has asked as often as was planned.

    Args:
        means: What all visits share.
        connect: Makes an asker whose connection is not yet open.
        slot: Of the samples.
        pace: How often it asks.
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
        pace: Pace,
        keep: Callable[[Record], None],
    ) -> None:
        self.samples: list[Sample] = []
        self.throttled: Verdict | None = None
        self._means = means
        self._connect = connect
        self._slot = slot
        self._pace = pace
        self._requests = self._reopenings = 0
        self._keep = keep
        self._asker = connect()
        self._draft = self._first_draft()
        self._is_over = False

    async def open(self) -> Failure | None:
        """Open the first connection and warm it.

        Returns:
            Why the host cannot be reached; None if it answered, or might have.
        """
        failure = await self._ask()
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
            due_ns = max(due_ns + self._pace.interval_ns, clock.now_ns())

    async def look_until(self, over: asyncio.Event) -> None:
        """Take samples under load until *over*; the last may still be awaited then."""
        clock = self._means.clock
        due_ns = clock.now_ns() + self._pace.interval_ns
        while not self._is_over:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout((due_ns - clock.now_ns()) / NS_PER_S):
                    await over.wait()
            if over.is_set():
                return
            await self._look_once(Part.LOADED)
            due_ns = max(due_ns + self._pace.interval_ns, clock.now_ns())

    def close(self) -> None:
        """Close the connection. May be called again."""
        self._asker.close()

    async def _ask(self) -> Failure | None:
        self._requests += 1
        return await self._asker.ask(self._draft)

    def _is_spent(self) -> bool:
        return self._requests >= self._pace.most_requests

    async def _look_once(self, part: Part) -> None:
        if not self._asker.is_reusable:
            await self._reopen(part)
        self._is_over = self._is_over or self._is_spent()
        if self._is_over:
            return
        self._draft = self._draft.next(self._means.clock)
        self._draft.loop_lag_ns = self._means.lag.last_ns
        failure = await self._ask()
        self._note(failure, part)
        self._is_over = self._asker.verdict.failure is not None

    async def _reopen(self, part: Part) -> None:
        self._asker.close()
        if self._reopenings == MOST_REOPENINGS or self._is_spent():
            self._is_over = True
            return
        self._reopenings += 1
        self._asker, self._draft = self._connect(), self._first_draft()
        failure = await self._ask()
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
        draft = self._draft
        if draft.exchange == 0:
            # The phases of a connection are those of the transfer's first.
            draft.connect_ns = draft.tls_ns = None
            if draft.kernel is not None:
                draft.kernel = replace(draft.kernel, connect_rtt_us=None)
        draft.exchange, draft.part = len(self.samples) + 1, part
        sample = draft.sample(failure)
        self.samples.append(sample)
        self._keep(sample)
        if sample.failure is FailureKind.THROTTLED:
            self.throttled = self._asker.verdict
