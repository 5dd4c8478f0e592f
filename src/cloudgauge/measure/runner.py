"""Walks a schedule: task group, throttle, ceilings, sink.

An open loop: a slot's visit begins when it is due, whatever became of earlier ones.
Every slot that was reached gets its samples: those of its visit, or one that says
why there was none. A transfer has the line to itself: it waits until nothing is under
way, and nothing else is sent until it is over. Between a slot's due time and the
prober's first clock reading nothing is awaited but that and the throttle, which under
a plan of ours never waits. A slot whose series is off the roster when it is due is
skipped and counted; no other slot moves.
"""

import asyncio
import math
from collections.abc import Iterable

from cloudgauge.errors import MachineError
from cloudgauge.measure.budget import Use
from cloudgauge.measure.clock import Clock
from cloudgauge.measure.ground import Ground
from cloudgauge.measure.prober import (
    Everybody,
    Prober,
    Record,
    Roster,
    SampleSink,
    Visit,
)
from cloudgauge.model.plan import Plan, ProbeKind, Slot
from cloudgauge.model.quantity import NS_PER_S, format_duration
from cloudgauge.model.run import RunOutcome, StopReason
from cloudgauge.model.sample import Connection, FailureKind, Part, Sample, Timings

__all__ = ["Prober", "Record", "Runner", "SampleSink", "Visit", "in_flight_limit"]

# Each open visit holds a descriptor and some 100 kB; 1024 descriptors is the usual
# soft limit of a process.
_MOST_IN_FLIGHT = 512
# After `stop`: long enough for nearly every visit under way to end by itself.
STOP_GRACE_NS = 3 * NS_PER_S
_EVERYBODY = Everybody()


def in_flight_limit(plan: Plan) -> int:
    """The most visits that may be open at once: rate times timeout, and bounded.

    A visit waits for the network when it resolves, connects, shakes hands, and twice
    in each request (head and body).
    """
    waits = 3 + 2 * plan.probe.requests_per_visit
    longest_s = waits * plan.probe.timeout_ns / NS_PER_S
    return min(_MOST_IN_FLIGHT, math.ceil(plan.ceilings.visits_per_s * longest_s) + 1)


class Runner:
    """Sends the slots of one plan, once."""

    def __init__(
        self,
        plan: Plan,
        *,
        prober: Prober,
        sink: SampleSink,
        clock: Clock,
        ground: Ground,
    ) -> None:
        self._plan = plan
        self._prober = prober
        self._sink = sink
        self._clock = clock
        self._ground = ground
        # An endpoint and an object of a region may have one name, and so one id.
        self._places = {
            (kind, target.target_id): (target.region.provider, target.endpoint.host)
            for kind, targets in (
                (ProbeKind.LATENCY, plan.targets),
                (ProbeKind.DOWNLOAD, plan.objects),
            )
            for target in targets
        }
        self._budget = ground.budget
        self._most_in_flight = in_flight_limit(plan)
        self._in_flight: set[asyncio.Task[None]] = set()
        self._walk: asyncio.Task[None] | None = None
        self._reason: StopReason | None = None
        self._detail = ""
        self._all_sent = False
        self._lost = 0
        self._skipped = 0

    async def run(
        self, slots: Iterable[Slot], *, roster: Roster = _EVERYBODY
    ) -> RunOutcome:
        """Send every slot when it is due; return when the last visit has ended.

        What is measured goes to the sink as each exchange ends. When this is cancelled,
        visits under way are cancelled and `outcome` tells how far it came.

        Args:
            slots: Of this runner's plan, due times never falling.
            roster: Which series are still visited, asked when a slot is due.

        Returns:
            How it ended. A ceiling that was reached, a call of `stop` and a sink that
            can keep no more end it early; none of them is raised.
        """
        async with asyncio.TaskGroup() as group:
            self._walk = group.create_task(self._send_all(slots, roster, group))
            if self._reason is not None:
                self._walk.cancel()
        if self._all_sent and not self._lost:
            self._reason, self._detail = StopReason.FINISHED, ""
        return self.outcome()

    def stop(self, *, grace_ns: int = STOP_GRACE_NS) -> None:
        """End the run softly: nothing more is sent, what is under way may end.

        What has not ended after *grace_ns* is cancelled; of it stays what was kept.
        """
        self._end(StopReason.INTERRUPTED, "stopped before the end of its plan")
        loop = asyncio.get_running_loop()
        loop.call_later(grace_ns / NS_PER_S, self._cancel_visits)

    def outcome(self) -> RunOutcome:
        """How the run stands now; after `run` has returned, how it ended."""
        reason = self._reason or StopReason.INTERRUPTED
        return RunOutcome(
            ended_wall_ns=self._clock.wall_ns(),
            complete=reason is StopReason.FINISHED and not self._skipped,
            stop_reason=reason,
            detail=self._detail,
            skipped=self._skipped,
        )

    async def _send_all(
        self, slots: Iterable[Slot], roster: Roster, group: asyncio.TaskGroup
    ) -> None:
        for slot in slots:
            await self._clock.sleep_until(slot.due_ns)
            if roster.is_decided:
                self._end(StopReason.DECIDED, "what was asked is decided")
                return
            if not roster.has(slot):
                self._skipped += 1
                continue
            alone = slot.kind is ProbeKind.DOWNLOAD
            async with self._ground.line.turn(alone=alone):
                reached = self._budget.reached(slot, self._clock.now_ns())
                if reached:
                    self._end(StopReason.CEILING, reached)
                if self._reason is not None:
                    return
                self._begin(slot, group)
        self._all_sent = True

    def _begin(self, slot: Slot, group: asyncio.TaskGroup) -> None:
        if self._is_held_back(slot):
            return
        if len(self._in_flight) >= self._most_in_flight:
            problem = f"{len(self._in_flight)} visits were still open, the most allowed"
            self._keep(self._unsent(slot, FailureKind.OWN_MACHINE, problem))
            return
        self._budget.reserve(slot)
        task = group.create_task(self._visit(slot))
        self._in_flight.add(task)
        self._ground.line.add(task)
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._in_flight.discard(task)
        self._lost += task.cancelled()

    async def _visit(self, slot: Slot) -> None:
        provider, host = self._places[slot.kind, slot.target_id]
        waited = await self._ground.gate.admit(provider, host)
        use = Use(slot)
        if waited and self._is_held_back(slot):
            self._budget.settle(use)
            return

        def keep(record: Record) -> None:
            use.take(record)
            self._keep(record)

        visit = await self._prober.visit(slot, keep)
        self._budget.settle(use)
        self._mind_throttling(host, visit)

    def _mind_throttling(self, host: str, visit: Visit) -> None:
        if any(s.failure is FailureKind.THROTTLED for s in visit.samples):
            self._ground.holds.close(host, visit.retry_after_ns)

    def _is_held_back(self, slot: Slot) -> bool:
        """Whether the slot's host asked to be left alone; if so, a sample says it."""
        _, host = self._places[slot.kind, slot.target_id]
        left_ns = self._ground.holds.left_ns(host)
        if left_ns <= 0:
            return False
        left = format_duration(math.ceil(left_ns / NS_PER_S) * NS_PER_S)
        problem = f"the host asked to be left alone, for {left} more"
        self._keep(self._unsent(slot, FailureKind.HELD_BACK, problem))
        return True

    def _unsent(self, slot: Slot, failure: FailureKind, detail: str) -> Sample:
        now_ns = self._clock.now_ns()
        return Sample(
            slot=slot,
            exchange=0,
            sent_ns=now_ns,
            wall_ns=self._clock.wall_ns(),
            timings=Timings(),
            kernel=None,
            connection=Connection(),
            status=None,
            body_bytes=None,
            clock=None,
            wall_stepped=False,
            # How late the loop woke us for this slot is the newest thing we know.
            loop_lag_ns=max(0, now_ns - slot.due_ns),
            failure=failure,
            failure_detail=detail,
            part=None if slot.streams is None else Part.TRANSFER,
        )

    def _keep(self, record: Record) -> None:
        try:
            self._sink.append(record)
        except MachineError as exc:
            self._lost += 1
            self._end(StopReason.MACHINE, str(exc))
            self._cancel_visits()

    def _end(self, reason: StopReason, detail: str) -> None:
        if self._reason is None:
            self._reason, self._detail = reason, detail
            if self._walk is not None:
                self._walk.cancel()

    def _cancel_visits(self) -> None:
        for task in self._in_flight:
            task.cancel()
