"""What a run has seen so far, counted as records come, for people who wait."""

import statistics
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from cloudgauge.measure.prober import Record
from cloudgauge.model.plan import Plan, Slot
from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S
from cloudgauge.model.sample import FailureKind, Part, Sample
from cloudgauge.model.transfer import Bin
from cloudgauge.planning.seqs import SeqSpans
from cloudgauge.workflow.ahead import Ahead

_NOTHING_HELD = SeqSpans()


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundSummary:
    """One complete round, in a line's worth of figures.

    Attributes:
        round_index: From 0.
        visits: Visits of latency, failed ones included.
        failed: Visits whose first exchange failed; warm ones may still go on.
        connect_p50_ms: Median of the kernel's connect RTT over the visits that
            were answered; None if none was.
        lateness_worst_ms: Of the visit that began latest; None without visits.
        transfers: Transfers of the round, failed ones included.
        transfers_failed: Those that failed.
        received_bytes: Of all transfers' bodies.
    """

    round_index: int
    visits: int
    failed: int
    connect_p50_ms: float | None
    lateness_worst_ms: float | None
    transfers: int = 0
    transfers_failed: int = 0
    received_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferState:
    """How far a transfer has come, or came.

    Attributes:
        body_bytes: Read so far; 0 while only round trips are watched.
        poured_ns: Since its first byte.
        failure: Why it failed; None while it goes on, and if it did not.
    """

    slot: Slot
    body_bytes: int
    poured_ns: int
    failure: FailureKind | None = None

    @property
    def mean_bytes_per_s(self) -> float | None:
        """Mean rate since the first byte, its slow start with it; None before."""
        if not self.poured_ns:
            return None
        return self.body_bytes * NS_PER_S / self.poured_ns


class Watcher(Protocol):
    """Is told how a run goes. Called between probes, so it must be quick."""

    def looking_ahead(self, ahead: Ahead) -> None:
        """So much is left to be done; of a run in parts that has an end, once."""
        ...

    def begun(self, folder: Path) -> None:
        """Everything is ready, nothing has been sent; samples go to *folder*."""
        ...

    def sampled(self, sample: Sample) -> None:
        """An exchange has ended, whichever way."""
        ...

    def failed(self, sample: Sample) -> None:
        """An exchange has failed."""
        ...

    def visited(self, tally: "Tally") -> None:
        """The first exchange of a visit has ended."""
        ...

    def transferring(self, tally: "Tally", state: TransferState) -> None:
        """A transfer has come a little further."""
        ...

    def transferred(self, state: TransferState) -> None:
        """A transfer has ended."""
        ...

    def round_done(self, summary: RoundSummary) -> None:
        """Every transfer, and every visit's first exchange, of a round has ended."""
        ...


class Tally:
    """Counts a run's records; is a `SampleSink` that keeps none.

    Args:
        plan: Of the run.
        watcher: Is told.
        held: Numbers of slots that others have made: their rounds need no more of them.

    Attributes:
        visits: Visits of latency whose first exchange has ended.
        transfers: Transfers that have ended.
        failed: Visits of which an exchange failed, and transfers that failed; not
            the small requests beside these.
        skipped: Slots of targets that have left.
        failures: Failed exchanges by kind.
        usable: Visits whose first exchange was answered as expected, and transfers
            that did not fail.
    """

    def __init__(
        self, plan: Plan, watcher: Watcher, held: SeqSpans = _NOTHING_HELD
    ) -> None:
        self.plan = plan
        self._held = held
        self.visits = 0
        self.transfers = 0
        self.failed = 0
        self.usable = 0
        self.skipped = 0
        self.failures: Counter[FailureKind] = Counter()
        self._answered: set[str] = set()
        self._watcher = watcher
        self._open: dict[int, _RoundCount] = {}
        # Of the one transfer that is under way.
        self._state: TransferState | None = None

    def append(self, record: Record) -> None:
        """Count a record."""
        if isinstance(record, Bin):
            self._count_bin(record)
            return
        self._watcher.sampled(record)
        if record.failure is not None:
            self.failures[record.failure] += 1
            self.failed += record.part in (None, Part.TRANSFER)
            self._watcher.failed(record)
        if record.exchange == 0:
            self._count_slot(record)
        elif record.part is not None:
            self._watcher.transferring(self, self._state_of(record.slot))

    def skip(self, slot: Slot) -> None:
        """Count a slot whose series has left the schedule."""
        self.skipped += 1
        here = self._open.setdefault(slot.round_index, _RoundCount(slot.round_index))
        here.skipped += 1
        self._close(here)

    @property
    def answered(self) -> frozenset[str]:
        """Targets and objects of which something was usable."""
        return frozenset(self._answered)

    def silent_targets(self) -> tuple[str, ...]:
        """Targets and objects of which nothing was usable, in order of id."""
        asked = (*self.plan.targets, *self.plan.objects)
        ids = sorted(target.target_id for target in asked)
        return tuple(one for one in ids if one not in self._answered)

    def _state_of(self, slot: Slot) -> TransferState:
        if self._state is None or self._state.slot != slot:
            self._state = TransferState(slot=slot, body_bytes=0, poured_ns=0)
        return self._state

    def _count_bin(self, seen: Bin) -> None:
        state = self._state_of(seen.slot)
        self._state = replace(
            state,
            body_bytes=state.body_bytes + seen.body_bytes,
            poured_ns=state.poured_ns + seen.length_ns,
        )
        self._watcher.transferring(self, self._state)

    def _count_slot(self, sample: Sample) -> None:
        if sample.failure is None:
            self.usable += 1
            self._answered.add(sample.slot.target_id)
        index = sample.slot.round_index
        here = self._open.setdefault(index, _RoundCount(index))
        if sample.part is Part.TRANSFER:
            self.transfers += 1
            state = replace(self._state_of(sample.slot), failure=sample.failure)
            here.take_transfer(state)
            self._watcher.transferred(state)
        else:
            self.visits += 1
            here.take(sample)
            self._watcher.visited(self)
        self._close(here)

    def _close(self, here: "_RoundCount") -> None:
        """Tell of a round when its last slot has ended, if anything was measured."""
        planned = self.plan.slots_per_round
        first = here.index * planned
        planned -= self._held.count(first, first + planned)
        if here.visits + here.transfers + here.skipped == planned:
            self._open.pop(here.index)
            if here.visits + here.transfers:
                self._watcher.round_done(here.summary())


class _RoundCount:
    """A round that is not complete yet."""

    def __init__(self, index: int) -> None:
        self.index = index
        self.visits = 0
        self.transfers = 0
        self.skipped = 0
        self._failed = 0
        self._transfers_failed = 0
        self._received_bytes = 0
        self._connects_us: list[int] = []
        self._latenesses_ns: list[int] = []

    def take(self, sample: Sample) -> None:
        self.visits += 1
        self._failed += sample.failure is not None
        if sample.lateness_ns is not None:
            self._latenesses_ns.append(sample.lateness_ns)
        kernel = sample.kernel
        if sample.failure is None and kernel and kernel.connect_rtt_us is not None:
            self._connects_us.append(kernel.connect_rtt_us)

    def take_transfer(self, state: TransferState) -> None:
        self.transfers += 1
        self._transfers_failed += state.failure is not None
        self._received_bytes += state.body_bytes

    def summary(self) -> RoundSummary:
        connects_us = self._connects_us
        latenesses_ns = self._latenesses_ns
        return RoundSummary(
            round_index=self.index,
            visits=self.visits,
            failed=self._failed,
            connect_p50_ms=(
                statistics.median(connects_us) / 1_000 if connects_us else None
            ),
            lateness_worst_ms=(
                max(latenesses_ns) / NS_PER_MS if latenesses_ns else None
            ),
            transfers=self.transfers,
            transfers_failed=self._transfers_failed,
            received_bytes=self._received_bytes,
        )
