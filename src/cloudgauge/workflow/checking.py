"""A live check: each endpoint and each download object is asked once, politely."""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from cloudgauge import __version__
from cloudgauge.catalog.evidence import Evidence, Finding, Network, holds_of
from cloudgauge.catalog.evidence_files import make_folder, write_evidence
from cloudgauge.measure.clock import MachineClock
from cloudgauge.measure.ground import Ground
from cloudgauge.measure.looking import LookingProber
from cloudgauge.measure.loop import new_loop
from cloudgauge.measure.prober import Record
from cloudgauge.measure.runner import Runner
from cloudgauge.measure.throttle import Throttle
from cloudgauge.model.plan import Ceilings, Pacing, Plan, ProbeSpec
from cloudgauge.model.quantity import NS_PER_S, format_byte_count
from cloudgauge.model.run import RunOutcome, StopReason, Vantage
from cloudgauge.model.sample import FailureKind, Sample
from cloudgauge.model.target import Family, Target
from cloudgauge.planning.limits import check_limits
from cloudgauge.planning.schedule import slots
from cloudgauge.planning.settings import DEFAULT_SEED
from cloudgauge.planning.spacing import crowds_of, least_round_ns
from cloudgauge.report.document import Document
from cloudgauge.workflow.candidates import Candidates
from cloudgauge.workflow.check_view import Look, check_document
from cloudgauge.workflow.interrupts import Interrupts
from cloudgauge.workflow.reaching import Access, ReadyAccess

# As of a run: connections and lookups are made ready before the first slot is due.
_LEAD_NS = NS_PER_S // 4
# Never sent, so nothing was seen.
_UNSENT = frozenset({FailureKind.HELD_BACK})


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRequest:
    """What a live check needs to know.

    Attributes:
        folder: Of the evidence, made if it is not there.
        family: The IP version that is asked over; addresses of both are looked up.
        timeout_ns: Bound on each phase of a visit.
    """

    candidates: Candidates
    vantage: Vantage
    access: Access
    folder: Path
    family: Family = Family.IPV4
    timeout_ns: int = ProbeSpec().timeout_ns


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCheck:
    """What came of a live check.

    Attributes:
        evidence_file: None if nothing was seen before an interrupt.
        answered: Targets that gave any HTTP answer.
        disappointing: Targets that did not answer as their row says, in order of id.
        interrupted: Not every target was asked.
    """

    document: Document
    evidence_file: Path | None
    answered: int
    disappointing: tuple[str, ...]
    interrupted: bool


class CheckWatcher(Protocol):
    """Is told how a check goes; called between visits, so it must be quick."""

    def planned(self, plan: Plan) -> None:
        """Everything is ready, nothing has been sent."""
        ...

    def looked(self, sample: Sample, *, done: int) -> None:
        """One more target has been asked; *done* so far."""
        ...


def plan_of_check(request: CheckRequest) -> Plan:
    """One round over all candidates, no denser than the ceilings of any run.

    Raises:
        LimitExceeded: There are more than may be asked.
    """
    plan = Plan(
        name="live-check",
        question="",
        seed=DEFAULT_SEED,
        targets=request.candidates.everything,
        controls=(),
        probe=ProbeSpec(
            warm_requests=0, timeout_ns=request.timeout_ns, families=(request.family,)
        ),
        pacing=Pacing(rounds=1, round_ns=NS_PER_S),
        ceilings=Ceilings(),
    )
    series = plan.series_count
    least_ns = max(least_round_ns(crowd, series) for crowd in crowds_of(plan))
    whole_ns = math.ceil(least_ns / NS_PER_S) * NS_PER_S
    plan = replace(plan, pacing=Pacing(rounds=1, round_ns=whole_ns))
    check_limits(plan)
    return plan


def check_live(request: CheckRequest, watcher: CheckWatcher) -> LiveCheck:
    """Ask every candidate once, and write down what was found as evidence.

    An interrupt ends it softly, and keeps what was seen.

    Raises:
        ConfigError: A file of the request is wrong; nothing was sent.
        LimitExceeded: More than the ceilings allow was chosen; nothing was sent.
        MachineError: The evidence cannot be written.
    """
    plan = plan_of_check(request)
    ready = request.access.ready()
    make_folder(request.folder)
    interrupts = Interrupts()
    with (
        interrupts.handled(),
        asyncio.Runner(loop_factory=new_loop) as loop_runner,
    ):
        clock = MachineClock(lead_ns=_LEAD_NS)
        began = _utc(clock.wall_ns())
        watcher.planned(plan)
        round_ = _Round(request, plan, ready, watcher)
        outcome = loop_runner.run(round_.run(clock, interrupts))
    looks = round_.looks(began)
    evidence = _evidence(request, looks, began)
    path = write_evidence(request.folder, evidence) if evidence.findings else None
    return LiveCheck(
        document=check_document(looks, evidence, path),
        evidence_file=path,
        answered=sum(look.sample.status is not None for look in looks),
        disappointing=tuple(
            look.finding.target_id for look in looks if look.finding.holds is not True
        ),
        interrupted=outcome.stop_reason is StopReason.INTERRUPTED,
    )


class _Round:
    """The one round of a check; a `SampleSink` that keeps what it is given."""

    def __init__(
        self,
        request: CheckRequest,
        plan: Plan,
        ready: ReadyAccess,
        watcher: CheckWatcher,
    ) -> None:
        self._request = request
        self._plan = plan
        self._ready = ready
        self._watcher = watcher
        self._samples: dict[str, Sample] = {}
        self._sizes: dict[str, int] = {}
        self._addresses: dict[tuple[str, Family], tuple[str, ...]] = {}

    def append(self, record: Record) -> None:
        """Take a sample."""
        if isinstance(record, Sample):
            self._samples[record.slot.target_id] = record
            self._watcher.looked(record, done=len(self._samples))

    async def run(self, clock: MachineClock, interrupts: Interrupts) -> RunOutcome:
        """Send every slot of the plan."""
        plan, candidates = self._plan, self._request.candidates
        with self._ready.means(clock) as means:
            prober = LookingProber(
                candidates.endpoints, candidates.objects, plan.probe, means
            )
            self._sizes, self._addresses = prober.sizes, prober.addresses
            runner = Runner(
                plan,
                prober=prober,
                sink=self,
                clock=clock,
                ground=Ground.of(plan, clock, Throttle(plan.ceilings)),
            )
            with interrupts.reaching(runner.stop):
                try:
                    return await runner.run(slots(plan))
                except asyncio.CancelledError:
                    return runner.outcome()

    def looks(self, began: datetime) -> tuple[Look, ...]:
        """What was seen of each target that was asked, in the order of ids."""
        asked = (one for one in self._plan.targets if one.target_id in self._samples)
        return tuple(self._look(target, began) for target in asked)

    def _look(self, target: Target, began: datetime) -> Look:
        host, target_id = target.endpoint.host, target.target_id
        sample = self._samples[target_id]
        anything_held = any(one.failure is None for one in self._samples.values())
        addresses = {family: self._addresses.get((host, family)) for family in Family}
        size_bytes = self._sizes.get(target_id)
        return Look(
            target=target,
            is_object=target in self._request.candidates.objects,
            sample=sample,
            addresses=tuple(one for some in addresses.values() for one in some or ()),
            finding=Finding(
                target_id=target_id,
                url=target.endpoint.url,
                checked=began.date(),
                failure=sample.failure,
                status=sample.status,
                families=sum(bool(some) for some in addresses.values()),
                size_bytes=size_bytes,
                holds=holds_of(sample.failure, anything_held=anything_held),
                note=_note(sample, size_bytes),
            ),
        )


def _note(sample: Sample, size_bytes: int | None) -> str:
    """What was found, in our own words: a server's may name the vantage's address."""
    if sample.failure is FailureKind.UNEXPECTED_STATUS:
        return f"status {sample.status}"
    if sample.failure is FailureKind.OBJECT_TOO_SMALL and size_bytes is not None:
        return format_byte_count(size_bytes)
    return ""


def _evidence(
    request: CheckRequest, looks: Sequence[Look], began: datetime
) -> Evidence:
    country = (request.vantage.country or "").upper()
    known = len(country) == 2 and country.isascii() and country.isalpha()
    return Evidence(
        tool_version=__version__,
        checked_at=began,
        network=Network.PRIVATE if request.access.is_private else Network.REAL,
        vantage=request.vantage.name,
        country=country if known else None,
        findings=tuple(
            look.finding for look in looks if look.finding.failure not in _UNSENT
        ),
    )


def _utc(wall_ns: int) -> datetime:
    """The whole second, UTC."""
    return datetime.fromtimestamp(wall_ns // NS_PER_S, tz=UTC)
