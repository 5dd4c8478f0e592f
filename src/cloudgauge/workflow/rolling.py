"""A long run as parts, each a result set of its own: on schedule, and after it.

Part by part the same schedule goes on; the next part begins on time while the last
visits of the one before it are still under way. Whoever starts again finds what lies
in the results folder: rounds that are still ahead are made when the other vantages
make them, and what was missed comes after the last of them.

What stops a part (an interrupt, a full disk, a ceiling of the whole plan) stops the
run. A part that was begun ends with a finished journal, or with what a kill leaves.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from cloudgauge.errors import ConfigError
from cloudgauge.measure.clock import MachineClock
from cloudgauge.measure.instant import read_instant
from cloudgauge.measure.loop import new_loop
from cloudgauge.model.campaign import Pin
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.run import StopReason
from cloudgauge.model.sample import FailureKind
from cloudgauge.planning.limits import check_limits
from cloudgauge.planning.parts import Cutting
from cloudgauge.planning.pin import campaign_of
from cloudgauge.planning.seqs import SeqSpans
from cloudgauge.planning.shares import check_share
from cloudgauge.store.folder import machine_errors
from cloudgauge.store.lock import FolderBusy, FolderLock
from cloudgauge.workflow.ahead import ahead_of
from cloudgauge.workflow.gauging import RunReport, RunRequest
from cloudgauge.workflow.interrupts import Interrupts
from cloudgauge.workflow.progress import Watcher
from cloudgauge.workflow.rolling_parts import Course, Roller, Stage
from cloudgauge.workflow.stock import Stock, take_stock

# Until the first round, for who need not wait for others.
_LEAD_NS = NS_PER_S // 2
_LOOK_AGAIN_S = 0.1
_NOTHING = SeqSpans()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rolling:
    """How a long run is cut into parts.

    Attributes:
        campaign: What it is called: 32 hexadecimal digits (`planning.pin.campaign_of`).
        part_rounds: Rounds of a part, at least 1. Rounds are drawn from the start of
            their part, so it is the same for all parts of a campaign.
        first_round: Where the rounds begin.
        start_wall_ns: When `first_round` is due, UTC since 1970; None for now, or for
            when an earlier start of the same run said.
        forever: Rounds go on without end, and nothing that was missed is made up for.
            The plan's ceilings then hold for each part.
        sharers: Vantages that share the ceiling of a host, this one too.
        already: Slots that are held elsewhere and need not be made.
        patience_s: How long to wait for another process that still measures the same
            into the same folder.
    """

    campaign: str
    part_rounds: int
    first_round: int = 0
    start_wall_ns: int | None = None
    forever: bool = False
    sharers: int = 1
    already: SeqSpans = _NOTHING
    patience_s: float = 0.0


def rolling_of(pin: Pin) -> Rolling:
    """How a pinned plan is cut into parts."""
    return Rolling(
        campaign=campaign_of(pin),
        part_rounds=pin.part_rounds or pin.plan.pacing.rounds,
        start_wall_ns=pin.start_wall_ns,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RollingReport:
    """What came of a long run, since it was started this time.

    Attributes:
        parts: How many parts were begun.
        held: Slots that have their sample now, earlier ones too.
        planned: Slots there are to be; None where there is no end.
        stop_reason: Why it ended.
        detail: One line for people; "" if it just finished.
        usable_visits: Visits whose first exchange was answered as expected.
        silent_targets: Targets of which no visit was usable, in order of id; none if
            nothing was sent.
        failures: How often each kind was seen, most frequent first.
        interrupted: An interrupt came, if only when nothing was left to be sent.
        folders: The sets of all parts, earlier ones first; none where there is no end.
    """

    parts: int
    held: int
    planned: int | None
    stop_reason: StopReason
    detail: str
    usable_visits: int
    silent_targets: tuple[str, ...]
    failures: tuple[tuple[FailureKind, int], ...]
    interrupted: bool
    folders: tuple[Path, ...]

    @property
    def complete(self) -> bool:
        """Whether every slot of the plan has its sample."""
        return self.held == self.planned


def measure_rolling(
    request: RunRequest,
    rolling: Rolling,
    watcher: Watcher,
    ended: Callable[[RunReport], None],
) -> RollingReport:
    """Carry out a plan in parts, or what is left to be done of it.

    An interrupt ends it softly, a second one at once; both keep what was measured.

    Args:
        request: What is measured, where and how.
        rolling: In which parts, from when on.
        watcher: Is told what is left to be done, where there is an end, and how it
            goes; that it has begun once for each part.
        ended: Is told of each part whose journal is finished, between probes, so it
            must be quick. Sealing is not done here.

    Raises:
        ConfigError: The request is wrong, or another process measures the same into
            the same folder; nothing was sent.
        LimitExceeded: The plan would pass its ceilings, or a host's that is shared.
        StoreError: A set of the same campaign and vantage is corrupt.
        MachineError: The results folder cannot be read or written.
    """
    _check(request, rolling)
    ready = request.access.ready()
    interrupts = Interrupts()
    with interrupts.handled(), _alone(request, rolling):
        stock = take_stock(request.results, rolling.campaign, request.vantage.name)
        course = _course(request, rolling, stock)
        if not course.is_endless:
            now = read_instant(course.clock)
            ahead = ahead_of(course.cutting, course.next_round, now)
            watcher.looking_ahead(ahead)
        with asyncio.Runner(loop_factory=new_loop) as loop_runner:
            stage = Stage(
                request=request,
                ready=ready,
                loop=loop_runner.get_loop(),
                watcher=watcher,
                ended=ended,
            )
            roller = Roller(stage, course)
            loop_runner.run(_rolled(roller, interrupts))
    return _report(roller, rolling, interrupts)


async def _rolled(roller: Roller, interrupts: Interrupts) -> None:
    with interrupts.reaching(roller.stop):
        await roller.run()


def _check(request: RunRequest, rolling: Rolling) -> None:
    plan = request.plan
    if request.until_decided is not None:
        where = "--until-decided"
        raise ConfigError(
            where, "is not of a run in parts: all vantages stay to its end"
        )
    if rolling.forever:
        pacing = replace(plan.pacing, rounds=rolling.part_rounds)
        plan = replace(plan, pacing=pacing)
    check_limits(plan)
    check_share(plan, rolling.sharers)


@contextmanager
def _alone(request: RunRequest, rolling: Rolling) -> Iterator[None]:
    """Keep others from measuring the same into the same folder meanwhile."""
    name = f".{rolling.campaign[:8]}-{request.vantage.name}"
    folder = request.results / name
    with machine_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    limit_s = time.monotonic() + rolling.patience_s
    while True:
        try:
            lock = FolderLock.take(folder)
            break
        except FolderBusy as exc:
            if time.monotonic() > limit_s:
                who = "another process" if exc.pid is None else f"process {exc.pid}"
                problem = f"{who} measures the same from {request.vantage.name} into it"
                raise ConfigError(str(request.results), problem) from exc
        time.sleep(_LOOK_AGAIN_S)
    with lock:
        yield


def _course(request: RunRequest, rolling: Rolling, stock: Stock) -> Course:
    """What is to be done from now on, and by which clock."""
    span_ns = request.plan.round_span_ns
    now = MachineClock()
    started_ns = _started_wall_ns(rolling, stock, span_ns)
    # From here on the wall clock is not asked again: who sets it moves no round.
    at = read_instant(now)
    lead_ns = _LEAD_NS if started_ns is None else started_ns - at.wall_ns
    clock = now.later(at.mono_ns + lead_ns)
    behind = 0
    if started_ns is not None:
        behind = max(0, -(-(clock.now_ns() + _LEAD_NS) // span_ns))
    next_round = rolling.first_round + behind
    end = None if rolling.forever else request.plan.pacing.rounds
    return Course(
        campaign=rolling.campaign,
        cutting=Cutting(
            plan=request.plan,
            part_rounds=rolling.part_rounds,
            first_round=rolling.first_round,
            end_round=end,
            held=stock.held | rolling.already,
            sharers=rolling.sharers,
        ),
        clock=clock,
        next_round=next_round if end is None else min(next_round, end),
        next_number=stock.next_number,
        earlier=tuple(Path(part.folder) for part in stock.parts),
    )


def _started_wall_ns(rolling: Rolling, stock: Stock, span_ns: int) -> int | None:
    """When the first round was or is due; None for as soon as may be."""
    if rolling.start_wall_ns is not None:
        return rolling.start_wall_ns
    for part in reversed(stock.parts):
        if not part.is_rest:
            rounds = part.first_round - rolling.first_round
            return part.started_wall_ns - rounds * span_ns
    return None


def _report(roller: Roller, rolling: Rolling, interrupts: Interrupts) -> RollingReport:
    cutting, done = roller.course.cutting, roller.done
    plan = cutting.plan
    asked = {target.target_id for target in (*plan.targets, *plan.objects)}
    first = rolling.first_round * plan.slots_per_round
    end = None if cutting.end_round is None else plan.visit_count
    return RollingReport(
        parts=done.parts,
        held=cutting.held.count(first, end) + done.slots,
        planned=None if end is None else end - first,
        stop_reason=roller.stop_reason,
        detail=roller.detail,
        usable_visits=done.usable,
        silent_targets=tuple(sorted(asked - done.answered)) if done.parts else (),
        failures=tuple(done.failures.most_common()),
        interrupted=interrupts.came,
        folders=() if end is None else (*roller.course.earlier, *done.folders),
    )
