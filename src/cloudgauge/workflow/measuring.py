"""From a plan to a journal of samples: the one workflow that sends packets.

The journal says how the run ended, and the next command that opens the folder seals
it. Not here: what writes Parquet takes as much memory as all the rest, and a prober
has no use for it.
"""

import asyncio
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from cloudgauge import __version__
from cloudgauge.errors import MachineError
from cloudgauge.measure.by_kind import ProberByKind
from cloudgauge.measure.clock import MachineClock
from cloudgauge.measure.download import DownloadProber
from cloudgauge.measure.ground import Ground
from cloudgauge.measure.loop import new_loop
from cloudgauge.measure.means import ProbeMeans
from cloudgauge.measure.prober import (
    Everybody,
    Prober,
    Record,
    SampleSink,
)
from cloudgauge.measure.runner import Runner
from cloudgauge.measure.throttle import Throttle
from cloudgauge.measure.trust import TrustSettings
from cloudgauge.measure.vantage import describe_environment
from cloudgauge.measure.visit import LatencyProber
from cloudgauge.model.calibration import Calibration
from cloudgauge.model.plan import Plan, ProbeKind
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.run import RunInfo, RunOutcome, StopReason, Vantage
from cloudgauge.model.sample import FailureKind
from cloudgauge.planning.canonical import plan_hash
from cloudgauge.planning.schedule import slots
from cloudgauge.store.folder import new_folder
from cloudgauge.store.journal import Journal
from cloudgauge.store.lock import FolderLock
from cloudgauge.workflow.deciding import Decider, DecisionRule, check_rule
from cloudgauge.workflow.interrupts import Interrupts
from cloudgauge.workflow.looks import judging
from cloudgauge.workflow.progress import Tally, Watcher
from cloudgauge.workflow.reaching import DEFAULT_CONTACT, Access, ReadyAccess
from cloudgauge.world.description import WorldDescription

# Journal, connections and lookups are made ready before the first slot is due.
_LEAD_NS = NS_PER_S // 4
# After which there is time to sum up; who interrupts a run wants it to end.
_TO_THE_END = (StopReason.FINISHED, StopReason.DECIDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """What a run needs to know, beside its plan.

    Attributes:
        results: Folder in which the result set's folder is made.
        trust: Where the roots of TLS come from.
        hosts_file: Names pointed at addresses of the user's own, or None.
        private_allowed: Private addresses may be targets.
        world: The private network that we are inside of, or None.
        contact: URL or address for the User-Agent.
        calibration: The newest of this machine; None if there is none.
        kernel_stamps: Ask the kernel for stamps; without them the program's clock is
            used, as it is where the kernel has none.
        until_decided: When targets that are worse than the best leave; None if they
            stay to the end.
    """

    plan: Plan
    vantage: Vantage
    results: Path
    trust: TrustSettings
    hosts_file: Path | None = None
    private_allowed: bool = False
    world: WorldDescription | None = None
    contact: str = DEFAULT_CONTACT
    calibration: Calibration | None = None
    kernel_stamps: bool = True
    until_decided: DecisionRule | None = None

    @property
    def access(self) -> Access:
        """How it reaches its targets."""
        return Access(
            trust=self.trust,
            contact=self.contact,
            hosts_file=self.hosts_file,
            private_allowed=self.private_allowed,
            world=self.world,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """What came of a run.

    Attributes:
        folder: The result set, to be sealed by whoever opens it first.
        usable_visits: Visits whose first exchange was answered as expected.
        silent_targets: Targets of which no visit was usable, in order of id.
        failures: How often each kind was seen, most frequent first.
        interrupted: An interrupt came, if only when nothing was left to be sent.
    """

    folder: Path
    outcome: RunOutcome
    usable_visits: int
    silent_targets: tuple[str, ...]
    failures: tuple[tuple[FailureKind, int], ...]
    interrupted: bool


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
    if request.until_decided is not None:
        check_rule(request.plan, request.until_decided)
    ready = request.access.ready()
    interrupts = Interrupts()
    with (
        interrupts.handled(),
        asyncio.Runner(loop_factory=new_loop) as loop_runner,
    ):
        clock = MachineClock(lead_ns=_LEAD_NS)
        info = _run_info(request, clock, ready, loop_runner.get_loop())
        folder = new_folder(request.results, info)
        if request.world is not None:
            _claim_truth(request.world, folder)
        watcher.begun(folder)
        tally = Tally(request.plan, watcher)
        with (
            FolderLock.take(folder) as lock,
            Journal.create(lock, info, request.plan) as journal,
            _deciding(request, tally, looked) as decider,
        ):
            gauge = _Gauge(
                request=request,
                clock=clock,
                ready=ready,
                interrupts=interrupts,
                decider=decider,
            )
            outcome = loop_runner.run(gauge.run(journal, tally))
            journal.finish(outcome)
    return RunReport(
        folder=folder,
        outcome=outcome,
        usable_visits=tally.usable,
        silent_targets=tally.silent_targets(),
        failures=tuple(tally.failures.most_common()),
        interrupted=interrupts.came,
    )


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


class _Each:
    """A sink that gives each record to several, the one that keeps it first."""

    def __init__(self, sinks: Sequence[SampleSink]) -> None:
        self._sinks = sinks

    def append(self, record: Record) -> None:
        for sink in self._sinks:
            sink.append(record)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gauge:
    """Everything that a run's probes need, before there is a loop to run them."""

    request: RunRequest
    clock: MachineClock
    ready: ReadyAccess
    interrupts: Interrupts
    decider: Decider | None

    async def run(self, *sinks: SampleSink) -> RunOutcome:
        """Send the plan's slots; samples go to each of *sinks*."""
        plan, clock, decider = self.request.plan, self.clock, self.decider
        stamps = self.request.kernel_stamps
        with self.ready.means(clock, kernel_stamps=stamps) as means:
            runner = Runner(
                plan,
                prober=_prober(plan, means),
                sink=_Each((*sinks, *((decider,) if decider else ()))),
                clock=clock,
                ground=Ground.of(plan, clock, Throttle(plan.ceilings)),
            )
            with self.interrupts.reaching(runner.stop):
                try:
                    outcome = await runner.run(
                        slots(plan), roster=decider or Everybody()
                    )
                except asyncio.CancelledError:
                    outcome = runner.outcome()
        if decider is None:
            return outcome
        if outcome.stop_reason in _TO_THE_END:
            await decider.conclude()
        return replace(outcome, decision=decider.decision())


def _prober(plan: Plan, means: ProbeMeans) -> Prober:
    """Whoever probes each of the plan's slots."""
    probers: dict[ProbeKind, Prober] = {
        ProbeKind.LATENCY: LatencyProber(plan.targets, plan.probe, means)
    }
    if plan.download is not None:
        objects = DownloadProber(plan.objects, plan.download, means)
        probers[ProbeKind.DOWNLOAD] = objects
    return ProberByKind(probers)


def _run_info(
    request: RunRequest,
    clock: MachineClock,
    ready: ReadyAccess,
    loop: asyncio.AbstractEventLoop,
) -> RunInfo:
    return RunInfo(
        run_id=uuid.uuid4().hex,
        plan_hash=plan_hash(request.plan),
        tool_version=__version__,
        vantage=request.vantage,
        environment=describe_environment(trust_store=ready.trust.roots, loop=loop),
        simulation=None if request.world is None else request.world.simulation,
        started_wall_ns=clock.wall_ns() - clock.now_ns(),
        hosts_file=request.hosts_file is not None,
        private_allowed=request.private_allowed,
        calibration=request.calibration,
    )


def _claim_truth(world: WorldDescription, folder: Path) -> None:
    """Ask the private network to lay its log of the truth beside the result set."""
    try:
        world.claim_file.write_text(str(folder.resolve()), encoding="utf-8")
    except OSError as exc:
        msg = f"{world.claim_file}: cannot be written: {exc.strerror}"
        raise MachineError(msg) from exc
