"""Parts of a monitor that never was, an hour after an hour."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from cloudgauge.model.plan import Plan
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.run import Part, RunInfo, Vantage
from cloudgauge.model.sample import Sample
from cloudgauge.store.folder import new_folder
from cloudgauge.store.journal import Journal
from cloudgauge.store.lock import FolderLock
from cloudgauge.store.seal import seal
from cloudgauge.workflow.monitor_bounds import monitor_campaign
from tests.store.synthetic import (
    STARTED_WALL_NS,
    make_outcome,
    make_plan,
    make_run_info,
    make_samples,
)

HOUR_NS = 3_600 * NS_PER_S
DAY_NS = 24 * HOUR_NS
PLAN = make_plan(targets=3, rounds=4)
# The samples of a part begin twenty minutes into the day and an hour.
BEGAN_NS = STARTED_WALL_NS // DAY_NS * DAY_NS + 20 * 60 * NS_PER_S


def part_info(number: int, *, plan: Plan = PLAN, every_ns: int = HOUR_NS) -> RunInfo:
    """What is known of a part when it starts."""
    info = make_run_info(plan, run_id=f"{number:032x}")
    part = Part(
        campaign=monitor_campaign(info.plan_hash),
        number=number,
        first_round=number * plan.pacing.rounds,
        rounds=plan.pacing.rounds,
        slots=plan.visit_count,
    )
    return replace(info, started_wall_ns=BEGAN_NS + number * every_ns, part=part)


def part_samples(info: RunInfo, *, plan: Plan = PLAN) -> Iterable[Sample]:
    """What it saw; its failures too."""
    later_ns = info.started_wall_ns - STARTED_WALL_NS
    seed = 0 if info.part is None else info.part.number
    for sample in make_samples(plan, seed=seed, failing=0.05):
        yield replace(sample, wall_ns=sample.wall_ns + later_ns)


def keep_part(
    folder: Path,
    number: int,
    *,
    sealed: bool = True,
    every_ns: int = HOUR_NS,
    vantage: str = "lab",
) -> Path:
    """A part's folder; unsealed as a kill leaves it."""
    info = part_info(number, every_ns=every_ns)
    info = replace(info, vantage=Vantage(name=vantage))
    made = keep_samples(folder, info, part_samples(info), ended=sealed)
    if sealed:
        with FolderLock.take(made) as lock:
            seal(lock)
    return made


def keep_samples(
    folder: Path, info: RunInfo, samples: Iterable[Sample], *, ended: bool = True
) -> Path:
    """The folder of a part with these samples, not sealed; killed unless *ended*."""
    made = new_folder(folder, info)
    with (
        FolderLock.take(made) as lock,
        Journal.create(lock, info, PLAN) as journal,
    ):
        for sample in samples:
            journal.append(sample)
        if ended:
            outcome = make_outcome(PLAN)
            ended_ns = info.started_wall_ns + PLAN.pacing.duration_ns
            journal.finish(replace(outcome, ended_wall_ns=ended_ns))
    return made
