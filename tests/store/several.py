"""Sets of several vantages that never were, beside one another."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from cloudgauge.model.plan import Plan
from cloudgauge.model.run import RunInfo, Vantage
from cloudgauge.model.sample import Sample
from cloudgauge.store.folder import new_folder
from cloudgauge.store.journal import Journal
from cloudgauge.store.lock import FolderLock
from cloudgauge.store.seal import seal
from tests.store.synthetic import make_outcome, make_plan, make_run_info, make_samples

PLAN = make_plan(rounds=3)


def _as_it_is(info: RunInfo) -> RunInfo:
    return info


def _as_seen(sample: Sample) -> Sample:
    return sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run of its own.

    Attributes:
        digit: Makes its run id, hexadecimal.
        later_ns: Started so much after the others.
        info: What else is to be changed of it.
        seen: What is to be changed of each sample.
    """

    vantage: str = "lab"
    digit: str = "a"
    plan: Plan = PLAN
    later_ns: int = 0
    seed: int = 1
    info: Callable[[RunInfo], RunInfo] = _as_it_is
    seen: Callable[[Sample], Sample] = _as_seen


def keep_run(parent: Path, run: Run) -> Path:
    """The folder of a sealed set of it."""
    info = make_run_info(run.plan, run_id=run.digit * 32)
    info = replace(
        info,
        vantage=Vantage(name=run.vantage),
        started_wall_ns=info.started_wall_ns + run.later_ns,
    )
    info = run.info(info)
    folder = new_folder(parent, info)
    outcome = make_outcome(run.plan)
    with FolderLock.take(folder) as lock:
        with Journal.create(lock, info, run.plan) as journal:
            for sample in make_samples(run.plan, seed=run.seed):
                later = replace(sample, wall_ns=sample.wall_ns + run.later_ns)
                journal.append(run.seen(later))
            journal.finish(
                replace(outcome, ended_wall_ns=outcome.ended_wall_ns + run.later_ns)
            )
        seal(lock)
    return folder
