"""What a run has seen so far, counted as samples come, for people who wait."""

import statistics
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cloudgauge.model.plan import Plan
from cloudgauge.model.quantity import NS_PER_MS
from cloudgauge.model.sample import FailureKind, Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundSummary:
    """One complete round, in a line's worth of figures.

    Attributes:
        round_index: From 0.
        visits: Visits of the round, failed ones included.
        failed: Visits whose first exchange failed; warm ones may still go on.
        connect_p50_ms: Median of the kernel's connect RTT over the visits that
            were answered; None if none was.
        lateness_worst_ms: Of the visit that began latest.
    """

    round_index: int
    visits: int
    failed: int
    connect_p50_ms: float | None
    lateness_worst_ms: float


class Watcher(Protocol):
    """Is told how a run goes. Called between probes, so it must be quick."""

    def begun(self, folder: Path) -> None:
        """Everything is ready, nothing has been sent; samples go to *folder*."""
        ...

    def failed(self, sample: Sample) -> None:
        """An exchange has failed."""
        ...

    def visited(self, tally: "Tally") -> None:
        """The first exchange of a visit has ended."""
        ...

    def round_done(self, summary: RoundSummary) -> None:
        """The first exchange of every visit of a round has ended."""
        ...


class Tally:
    """Counts a run's samples; is a `SampleSink` that keeps no sample.

    Attributes:
        visits: Visits whose first exchange has ended.
        failed: Visits of which an exchange failed.
        failures: Failed exchanges by kind.
        usable: Visits whose first exchange was answered as expected.
    """

    def __init__(self, plan: Plan, watcher: Watcher) -> None:
        self.plan = plan
        self.visits = 0
        self.failed = 0
        self.usable = 0
        self.failures: Counter[FailureKind] = Counter()
        self._answered: set[str] = set()
        self._watcher = watcher
        self._open: dict[int, _RoundCount] = {}

    def append(self, sample: Sample) -> None:
        """Count a sample."""
        if sample.failure is not None:
            self.failures[sample.failure] += 1
            self.failed += 1
            self._watcher.failed(sample)
        if sample.exchange == 0:
            self._count_visit(sample)

    def silent_targets(self) -> tuple[str, ...]:
        """Targets of the plan of which no visit was usable, in order of id."""
        ids = (target.target_id for target in self.plan.targets)
        return tuple(one for one in ids if one not in self._answered)

    def _count_visit(self, sample: Sample) -> None:
        self.visits += 1
        if sample.failure is None:
            self.usable += 1
            self._answered.add(sample.slot.target_id)
        index = sample.slot.round_index
        here = self._open.setdefault(index, _RoundCount(index))
        here.take(sample)
        self._watcher.visited(self)
        if here.visits == self.plan.series_count:
            self._watcher.round_done(self._open.pop(index).summary())


class _RoundCount:
    """A round that is not complete yet."""

    def __init__(self, index: int) -> None:
        self.index = index
        self.visits = 0
        self.failed = 0
        self._connects_us: list[int] = []
        self._lateness_worst_ns = 0

    def take(self, sample: Sample) -> None:
        self.visits += 1
        self.failed += sample.failure is not None
        lateness_ns = sample.lateness_ns
        if lateness_ns is not None:
            self._lateness_worst_ns = max(self._lateness_worst_ns, lateness_ns)
        kernel = sample.kernel
        if sample.failure is None and kernel and kernel.connect_rtt_us is not None:
            self._connects_us.append(kernel.connect_rtt_us)

    def summary(self) -> RoundSummary:
        connects_us = self._connects_us
        return RoundSummary(
            round_index=self.index,
            visits=self.visits,
            failed=self.failed,
            connect_p50_ms=(
                statistics.median(connects_us) / 1_000 if connects_us else None
            ),
            lateness_worst_ms=self._lateness_worst_ns / NS_PER_MS,
        )
