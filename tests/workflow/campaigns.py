"""Parts of a campaign that never was, as its vantages would have sealed them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from cloudgauge.model.plan import Pacing, Plan
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.run import Part, RunInfo, StopReason, Vantage
from cloudgauge.planning.canonical import plan_hash
from cloudgauge.planning.pin import campaign_of, new_pin
from cloudgauge.store.folder import new_folder
from cloudgauge.store.journal import Journal
from cloudgauge.store.lock import FolderLock
from cloudgauge.store.seal import seal
from tests.store.synthetic import (
    STARTED_WALL_NS,
    make_outcome,
    make_plan,
    make_run_info,
    make_samples,
)

# 7 series a round, one of them twice: an A/A control.
PLAN = replace(
    make_plan(targets=6, rounds=6, warm_requests=1),
    pacing=Pacing(rounds=6, round_ns=10 * NS_PER_S),
)
PER_ROUND = PLAN.series_count
PINNED_WALL_NS = STARTED_WALL_NS - 600 * NS_PER_S
PIN = replace(
    new_pin(PLAN, tool_version="0.1.0", pinned_wall_ns=PINNED_WALL_NS),
    vantages=(Vantage(name="berlin"), Vantage(name="lab")),
    start_wall_ns=STARTED_WALL_NS,
    part_rounds=2,
)
CAMPAIGN = campaign_of(PIN)


def _as_it_is(info: RunInfo) -> RunInfo:
    return info


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What one set of a vantage holds.

    Attributes:
        number: Of the part; None for a run of its own.
        first_round: The first of its rounds.
        rounds: How many.
        lacking: Cells of these rounds that it does not hold.
        only: The only cells that it holds: it is a rest.
        digit: Makes its run id.
        info: What else is to be changed of it.
        drift_ns: Its wall clock moves by so much half-way.
        short_ns: It ends so much sooner by its wall clock than it does.
    """

    vantage: str = "lab"
    number: int | None = 0
    first_round: int = 0
    rounds: int = 2
    lacking: frozenset[int] = frozenset()
    only: frozenset[int] | None = None
    digit: str = "a"
    plan: Plan = PLAN
    campaign: str = CAMPAIGN
    info: Callable[[RunInfo], RunInfo] = _as_it_is
    drift_ns: int = 0
    short_ns: int = 0

    @property
    def cells(self) -> frozenset[int]:
        """The cells that it was to hold."""
        if self.only is not None:
            return self.only
        first = self.first_round * self.plan.series_count
        return frozenset(range(first, first + self.rounds * self.plan.series_count))

    def run_info(self) -> RunInfo:
        """What is known of its run when it starts."""
        since_ns = self.first_round * self.plan.round_span_ns
        part = Part(
            campaign=self.campaign,
            number=self.number or 0,
            first_round=self.first_round,
            rounds=self.rounds,
            slots=len(self.cells),
            is_rest=self.only is not None,
        )
        info = replace(
            make_run_info(self.plan, run_id=f"{self.digit * 31}{self.number or 0:x}"),
            vantage=Vantage(name=self.vantage),
            plan_hash=plan_hash(self.plan),
            started_wall_ns=STARTED_WALL_NS + since_ns,
            part=None if self.number is None else part,
        )
        return self.info(info)


def keep(parent: Path, kept: Kept) -> Path:
    """Seal a set that holds what is said; its folder."""
    info = kept.run_info()
    folder = new_folder(parent, info)
    since_ns = info.started_wall_ns - STARTED_WALL_NS
    first_ns = kept.first_round * kept.plan.round_span_ns
    held = kept.cells - kept.lacking
    outcome = replace(
        make_outcome(kept.plan),
        ended_wall_ns=info.started_wall_ns
        + kept.rounds * kept.plan.round_span_ns
        - kept.short_ns,
        complete=not kept.lacking,
        stop_reason=StopReason.KILLED if kept.lacking else StopReason.FINISHED,
    )
    with FolderLock.take(folder) as lock:
        with Journal.create(lock, info, kept.plan) as journal:
            for one in make_samples(kept.plan):
                if one.slot.seq in held:
                    # Times of a part count from its own start.
                    due_ns = max(one.slot.due_ns - first_ns, 0)
                    sent_ns = max(one.sent_ns - first_ns, 0)
                    wall_ns = one.wall_ns - first_ns + since_ns
                    if one.slot.seq > max(held) // 2:
                        wall_ns += kept.drift_ns
                    slot = replace(one.slot, due_ns=due_ns)
                    journal.append(
                        replace(one, slot=slot, sent_ns=sent_ns, wall_ns=wall_ns)
                    )
            journal.finish(outcome)
        seal(lock)
    return folder
