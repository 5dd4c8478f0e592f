"""What a run asks for, what came of it, and whoever sends its slots.

A run of its own (`measuring`) has one `Gauge`, a long one (`rolling`) one a part.
"""

import asyncio
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cloudgauge import __version__
from cloudgauge.errors import MachineError
from cloudgauge.measure.by_kind import ProberByKind
from cloudgauge.measure.clock import MachineClock
from cloudgauge.measure.download import DownloadProber
from cloudgauge.measure.ground import Ground
from cloudgauge.measure.means import ProbeMeans
from cloudgauge.measure.prober import Everybody, Prober, Record, Roster, SampleSink
from cloudgauge.measure.runner import Runner
from cloudgauge.measure.trust import TrustSettings
from cloudgauge.measure.vantage import describe_environment
from cloudgauge.measure.visit import LatencyProber
from cloudgauge.model.calibration import Calibration
from cloudgauge.model.plan import Plan, ProbeKind, Slot
from cloudgauge.model.run import Part, RunInfo, RunOutcome, Vantage
from cloudgauge.model.sample import FailureKind
from cloudgauge.workflow.deciding import DecisionRule
from cloudgauge.workflow.progress import Tally
from cloudgauge.workflow.reaching import DEFAULT_CONTACT, Access, ReadyAccess
from cloudgauge.world.description import WorldDescription

_EVERYBODY = Everybody()


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
        part: Which part of a longer run it was; None for a run of its own.
    """

    folder: Path
    outcome: RunOutcome
    usable_visits: int
    silent_targets: tuple[str, ...]
    failures: tuple[tuple[FailureKind, int], ...]
    interrupted: bool
    part: Part | None = None

    @classmethod
    def of(
        cls,
        folder: Path,
        outcome: RunOutcome,
        tally: Tally,
        *,
        interrupted: bool,
        part: Part | None = None,
    ) -> "RunReport":
        """The report of a run whose records were counted."""
        return cls(
            folder=folder,
            outcome=outcome,
            usable_visits=tally.usable,
            silent_targets=tally.silent_targets(),
            failures=tuple(tally.failures.most_common()),
            interrupted=interrupted,
            part=part,
        )


class _Each:
    """A sink that gives each record to several, the one that keeps it first."""

    def __init__(self, sinks: Sequence[SampleSink]) -> None:
        self._sinks = sinks

    def append(self, record: Record) -> None:
        for sink in self._sinks:
            sink.append(record)


class Gauge:
    """Sends slots of a request's plan, once.

    Args:
        request: What is measured, where and how.
        clock: Of this run or part.
        ready: The request's access, ready.
        ground: What the parts of a run have in common.
    """

    def __init__(
        self,
        request: RunRequest,
        *,
        clock: MachineClock,
        ready: ReadyAccess,
        ground: Ground,
    ) -> None:
        self._request = request
        self._clock = clock
        self._ready = ready
        self._ground = ground
        self._runner: Runner | None = None
        self._is_stopped = False

    @property
    def plan(self) -> Plan:
        """What its slots are of."""
        return self._request.plan

    def stop(self) -> None:
        """End it softly: nothing more is sent, what is under way may end."""
        self._is_stopped = True
        if self._runner is not None:
            self._runner.stop()

    async def run(
        self,
        slots: Iterable[Slot],
        sinks: Sequence[SampleSink],
        roster: Roster = _EVERYBODY,
    ) -> RunOutcome:
        """Send *slots*; samples go to each of *sinks*.

        A cancellation ends it at once, and is taken for one of the run's own: what
        was measured is kept.
        """
        stamps = self._request.kernel_stamps
        with self._ready.means(self._clock, kernel_stamps=stamps) as means:
            self._runner = Runner(
                self._request.plan,
                prober=_prober(self._request.plan, means),
                sink=_Each(sinks),
                clock=self._clock,
                ground=self._ground,
            )
            if self._is_stopped:
                self._runner.stop()
            try:
                return await self._runner.run(slots, roster=roster)
            except asyncio.CancelledError:
                return self._runner.outcome()


def _prober(plan: Plan, means: ProbeMeans) -> Prober:
    """Whoever probes each of the plan's slots."""
    probers: dict[ProbeKind, Prober] = {
        ProbeKind.LATENCY: LatencyProber(plan.targets, plan.probe, means)
    }
    if plan.download is not None:
        objects = DownloadProber(plan.objects, plan.download, means)
        probers[ProbeKind.DOWNLOAD] = objects
    return ProberByKind(probers)


def run_info(
    request: RunRequest,
    ready: ReadyAccess,
    loop: asyncio.AbstractEventLoop,
    *,
    plan_hash: str,
    started_wall_ns: int,
) -> RunInfo:
    """What is known of a run before it starts.

    Args:
        request: What is measured, where and how.
        ready: Its access, ready.
        loop: The loop of the run.
        plan_hash: Of the request's plan.
        started_wall_ns: UTC since 1970, of the instant that due times count from.
    """
    return RunInfo(
        run_id=uuid.uuid4().hex,
        plan_hash=plan_hash,
        tool_version=__version__,
        vantage=request.vantage,
        environment=describe_environment(trust_store=ready.trust.roots, loop=loop),
        simulation=None if request.world is None else request.world.simulation,
        started_wall_ns=started_wall_ns,
        hosts_file=request.hosts_file is not None,
        private_allowed=request.private_allowed,
        calibration=request.calibration,
    )


def run_of_part(info: RunInfo, part: Part, *, started_wall_ns: int) -> RunInfo:
    """What is known of a part of a run, of which *info* says what all parts share."""
    return replace(
        info, run_id=uuid.uuid4().hex, part=part, started_wall_ns=started_wall_ns
    )


def claim_truth(world: WorldDescription, folder: Path) -> None:
    """Ask the private network to lay its log of the truth beside the result set.

    Raises:
        MachineError: It cannot be asked.
    """
    try:
        world.claim_file.write_text(str(folder.resolve()), encoding="utf-8")
    except OSError as exc:
        msg = f"{world.claim_file}: cannot be written: {exc.strerror}"
        raise MachineError(msg) from exc
