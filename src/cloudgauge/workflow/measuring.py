"""From a plan to a journal of samples: the one workflow that sends packets.

The journal says how the run ended, and the next command that opens the folder seals
it. Not here: what writes Parquet takes as much memory as all the rest, and a prober
has no use for it.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from cloudgauge.measure.clock import MachineClock
from cloudgauge.measure.ground import Ground
from cloudgauge.measure.loop import new_loop
from cloudgauge.measure.prober import SampleSink
from cloudgauge.measure.throttle import Throttle
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.run import RunOutcome, StopReason
from cloudgauge.planning.canonical import plan_hash
from cloudgauge.planning.schedule import slots
from cloudgauge.store.folder import new_folder
from cloudgauge.store.journal import Journal
from cloudgauge.store.lock import FolderLock
from cloudgauge.workflow.deciding import Decider, check_rule
from cloudgauge.workflow.gauging import (
    Gauge,
    RunReport,
    RunRequest,
    claim_truth,
    run_info,
)
from cloudgauge.workflow.interrupts import Interrupts
from cloudgauge.workflow.looks import judging
from cloudgauge.workflow.progress import Tally, Watcher

__all__ = ["RunReport", "RunRequest", "measure"]

# Journal, connections and lookups are made ready before the first slot is due.
_LEAD_NS = NS_PER_S // 4
# After which there is time to sum up; who interrupts a run wants it to end.
_TO_THE_END = (StopReason.FINISHED, StopReason.DECIDED)


def _nobody(line: str) -> None:
    """Where nobody is told of looks."""


def measure(
    request: RunRequest, watcher: Watcher, looked: Callable[[str], None] = _nobody
) -> RunReport:
    """Carry out a plan and keep what it saw.

    An interrupt ends it softly, a second one at once; both keep what was measured.

    Args:
        request: What is measured, where and how.
        watcher: Is told how it goes.
        looked: Is told, a line each, what looks of ``--until-decided`` say.

    Raises:
        ConfigError: A file of the request is wrong, or the plan cannot be decided;
            nothing was sent.
        MachineError: The result set cannot be written; what the journal holds is
            sealed by the next command that opens the folder.
    """
    plan = request.plan
    if request.until_decided is not None:
        check_rule(plan, request.until_decided)
    ready = request.access.ready()
    interrupts = Interrupts()
    with (
        interrupts.handled(),
        asyncio.Runner(loop_factory=new_loop) as loop_runner,
    ):
        clock = MachineClock(lead_ns=_LEAD_NS)
        info = run_info(
            request,
            ready,
            loop_runner.get_loop(),
            plan_hash=plan_hash(plan),
            started_wall_ns=clock.wall_ns() - clock.now_ns(),
        )
        folder = new_folder(request.results, info)
        if request.world is not None:
            claim_truth(request.world, folder)
        watcher.begun(folder)
        tally = Tally(plan, watcher)
        ground = Ground.of(plan, clock, Throttle(plan.ceilings))
        gauge = Gauge(request, clock=clock, ready=ready, ground=ground)
        with (
            FolderLock.take(folder) as lock,
            Journal.create(lock, info, plan) as journal,
            _deciding(request, tally, looked) as decider,
        ):
            outcome = loop_runner.run(
                _carried_out(gauge, interrupts, (journal, tally), decider)
            )
            journal.finish(outcome)
    return RunReport.of(folder, outcome, tally, interrupted=interrupts.came)


@contextmanager
def _deciding(
    request: RunRequest, tally: Tally, looked: Callable[[str], None]
) -> Iterator[Decider | None]:
    """Whoever decides which targets stay; None if all do."""
    rule = request.until_decided
    if rule is None:
        yield None
        return
    with judging() as executor:
        yield Decider(
            request.plan, rule, executor=executor, skipped=tally.skip, told=looked
        )


async def _carried_out(
    gauge: Gauge,
    interrupts: Interrupts,
    sinks: tuple[SampleSink, ...],
    decider: Decider | None,
) -> RunOutcome:
    """Send the plan's slots, with whoever decides if there is anybody."""
    with interrupts.reaching(gauge.stop):
        if decider is None:
            return await gauge.run(slots(gauge.plan), sinks)
        outcome = await gauge.run(slots(gauge.plan), (*sinks, decider), decider)
    if outcome.stop_reason in _TO_THE_END:
        await decider.conclude()
    return replace(outcome, decision=decider.decision())
