"""Parts, one after the other: each with a folder, a journal and a clock of its own.

All of them are on one ground (`measure.ground`). What takes the disk is done in a
thread before a part begins and after it has ended, since the last visits of the part
before it, or the first of the next, are timed meanwhile.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

from cloudgauge.errors import MachineError
from cloudgauge.measure.budget import Budget
from cloudgauge.measure.clock import MachineClock
from cloudgauge.measure.ground import Ground, HoldBacks, Line
from cloudgauge.measure.instant import read_instant
from cloudgauge.measure.throttle import Throttle
from cloudgauge.model.plan import Slot
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.run import Part, RunOutcome, StopReason
from cloudgauge.model.sample import FailureKind
from cloudgauge.planning.canonical import plan_hash, plan_to_json
from cloudgauge.planning.parts import Cutting, PartPlan
from cloudgauge.planning.shares import share_of
from cloudgauge.store.folder import new_folder
from cloudgauge.store.journal import Journal
from cloudgauge.store.lock import FolderLock
from cloudgauge.workflow.aside import in_thread
from cloudgauge.workflow.gauging import (
    Gauge,
    RunReport,
    RunRequest,
    claim_truth,
    run_info,
    run_of_part,
)
from cloudgauge.workflow.progress import Tally, Watcher
from cloudgauge.workflow.reaching import ReadyAccess

# Folder and journal of a part are made so long before it begins.
_AHEAD_NS = 3 * NS_PER_S
# A part after the schedule begins so long after its journal is made.
_LEAD_NS = NS_PER_S // 4
# Where a run has no end, a server may ask to be left alone for this long.
_LONGEST_NS = 365 * 24 * 3_600 * NS_PER_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Who takes part in a run, whichever of its parts it is."""

    request: RunRequest
    ready: ReadyAccess
    loop: asyncio.AbstractEventLoop
    watcher: Watcher
    ended: Callable[[RunReport], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What is to be done.

    Attributes:
        clock: Starts when the cutting's first round is due.
        next_round: The first one that can still be made on schedule.
        next_number: Of the part that is begun next.
        earlier: The sets of parts that were found.
    """

    campaign: str
    cutting: Cutting
    clock: MachineClock
    next_round: int
    next_number: int
    earlier: tuple[Path, ...] = ()

    @property
    def is_endless(self) -> bool:
        """Whether rounds go on without end."""
        return self.cutting.end_round is None


@dataclass(slots=True, kw_only=True)
class Done:
    """What has been done since the run was started, all parts together."""

    parts: int = 0
    slots: int = 0
    usable: int = 0
    answered: set[str] = field(default_factory=set)
    failures: Counter[FailureKind] = field(default_factory=Counter)
    folders: list[Path] = field(default_factory=list)

    def add(self, tally: Tally) -> None:
        """Count a part that has ended."""
        self.slots += tally.visits + tally.transfers
        self.usable += tally.usable
        self.answered |= tally.answered
        self.failures += tally.failures


@dataclass(frozen=True, slots=True, kw_only=True)
class _MadePart:
    """A part that is ready to begin; *closing* gives up its journal and its lock."""

    part: Part
    folder: Path
    clock: MachineClock
    journal: Journal
    slots: Iterator[Slot]
    closing: ExitStack


class Roller:
    """Carries out a course, once.

    Attributes:
        course: Of which it was made.
        done: What has been done of it.
        stop_reason: Why it ended, or is to end.
        detail: One line for people; "" if it just finished.
    """

    def __init__(self, stage: Stage, course: Course) -> None:
        self.course = course
        self.done = Done()
        self.stop_reason = StopReason.FINISHED
        self.detail = ""
        self._stage = stage
        self._number = course.next_number
        plan = course.cutting.plan
        # Half a megabyte for 250 targets: made once, not at each border.
        self._plan_json = plan_to_json(plan)
        self._info = run_info(
            stage.request,
            stage.ready,
            stage.loop,
            plan_hash=plan_hash(plan),
            started_wall_ns=0,
        )
        most_ns = _LONGEST_NS if course.is_endless else plan.duration_ns
        self._ground = Ground(
            gate=Throttle(share_of(plan.ceilings, course.cutting.sharers)),
            holds=HoldBacks(course.clock, most_ns=most_ns),
            line=Line(),
            budget=_budget(course),
        )
        self._gauges: set[Gauge] = set()
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """End it softly: no part begins any more, those under way may end."""
        self._halt(StopReason.INTERRUPTED, "stopped before the end of its plan")

    async def run(self) -> None:
        """Begin each part when it is due; return when the last one has ended."""
        cutting, at = self.course.cutting, self.course.next_round
        try:
            async with asyncio.TaskGroup() as group:
                for part in cutting.on_schedule(at):
                    made = await self._made_in_time(part)
                    if made is None:
                        break
                    group.create_task(self._carry_out(made))
            # What was missed wants no schedule: one after the other, nothing beside it.
            for part in cutting.afterwards(at):
                made = await self._made(part, None)
                if made is None:
                    break
                await self._carry_out(made)
        except asyncio.CancelledError:
            self.stop()

    def _halt(self, reason: StopReason, detail: str) -> None:
        if not self._stopping.is_set():
            self.stop_reason, self.detail = reason, detail
        self._stopping.set()
        for gauge in self._gauges:
            gauge.stop()

    async def _made_in_time(self, part: PartPlan) -> _MadePart | None:
        """A part on schedule, shortly before it begins; None if it is not to begin."""
        cutting = self.course.cutting
        rounds = part.first_round - cutting.first_round
        clock = self.course.clock.later(rounds * cutting.plan.round_span_ns)
        left_s = (-clock.now_ns() - _AHEAD_NS) / NS_PER_S
        if left_s > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), left_s)
        return await self._made(part, clock)

    async def _made(
        self, part: PartPlan, clock: MachineClock | None
    ) -> _MadePart | None:
        """A part with its journal, by *clock* or by one that starts soon."""
        if self._stopping.is_set():
            return None
        try:
            made = await in_thread(self._make, part, clock)
        except MachineError as exc:
            self._halt(StopReason.MACHINE, str(exc))
            return None
        self._number += 1
        self.done.parts += 1
        if not self.course.is_endless:
            self.done.folders.append(made.folder)
        self._stage.watcher.begun(made.folder)
        return made

    def _make(self, part: PartPlan, clock: MachineClock | None) -> _MadePart:
        cutting = self.course.cutting
        slots = cutting.slots_of(part)
        # The first one takes all that is drawn before it.
        slots = chain([next(slots)], slots)
        clock = clock or MachineClock(lead_ns=_LEAD_NS)
        what = Part(
            campaign=self.course.campaign,
            number=self._number,
            first_round=part.first_round,
            rounds=part.span,
            slots=part.slots,
            is_rest=part.is_rest,
        )
        at = read_instant(clock)
        started_ns = at.wall_ns - at.mono_ns
        info = run_of_part(self._info, what, started_wall_ns=started_ns)
        folder = new_folder(self._stage.request.results, info)
        if self._stage.request.world is not None and not self.done.parts:
            claim_truth(self._stage.request.world, folder)
        with ExitStack() as opened:
            lock = opened.enter_context(FolderLock.take(folder))
            journal = opened.enter_context(
                Journal.create(lock, info, cutting.plan, plan_json=self._plan_json)
            )
            return _MadePart(
                part=what,
                folder=folder,
                clock=clock,
                journal=journal,
                slots=slots,
                closing=opened.pop_all(),
            )

    async def _carry_out(self, made: _MadePart) -> None:
        request, plan = self._stage.request, self.course.cutting.plan
        ground = self._ground
        if self.course.is_endless:
            ground = replace(ground, budget=Budget(plan))
        tally = Tally(plan, self._stage.watcher, self.course.cutting.held)
        gauge = Gauge(request, clock=made.clock, ready=self._stage.ready, ground=ground)
        if self._stopping.is_set():
            gauge.stop()
        self._gauges.add(gauge)
        with made.closing:
            outcome = await gauge.run(made.slots, (made.journal, tally))
            self._gauges.discard(gauge)
            try:
                await in_thread(made.journal.finish, outcome)
            except MachineError as exc:
                outcome = replace(
                    outcome,
                    complete=False,
                    stop_reason=StopReason.MACHINE,
                    detail=str(exc),
                )
        self.done.add(tally)
        self._mind(outcome)
        self._stage.ended(
            RunReport.of(
                made.folder,
                outcome,
                tally,
                interrupted=outcome.stop_reason is StopReason.INTERRUPTED,
                part=made.part,
            )
        )

    def _mind(self, outcome: RunOutcome) -> None:
        """End all if a part ended for a reason that holds for the others."""
        reason = outcome.stop_reason
        if reason is StopReason.MACHINE or (
            reason is StopReason.CEILING and not self.course.is_endless
        ):
            self._halt(reason, outcome.detail)


def _budget(course: Course) -> Budget:
    """What is left of the ceilings of a run that may have been begun before."""
    cutting = course.cutting
    budget = Budget(cutting.plan)
    if not course.is_endless:
        transfers = tuple(cutting.held_transfers())
        first = cutting.first_round * cutting.plan.slots_per_round
        visits = cutting.held.count(first, cutting.plan.visit_count) - len(transfers)
        budget.carry(visits, transfers)
    return budget
