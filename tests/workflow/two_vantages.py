"""Result sets of vantages that are nowhere, whose truth is known."""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from cloudgauge.model.plan import Plan
from cloudgauge.model.run import RunInfo, Simulation, Vantage
from cloudgauge.model.sample import Sample
from cloudgauge.store.folder import new_folder
from cloudgauge.store.journal import Journal
from cloudgauge.store.lock import FolderLock
from cloudgauge.store.seal import seal
from cloudgauge.workflow.results import Results, load
from tests.store.synthetic import (
    make_outcome,
    make_plan,
    make_run_info,
    make_samples,
)

# alibaba, aws, azure, each with one region; alibaba is measured as two.
PLAN = make_plan(targets=3, rounds=40, warm_requests=1)
ALIBABA, AWS, AZURE = (target.target_id for target in PLAN.targets)
SIMULATED = Simulation(means="tun", scenario="made-up", scenario_hash="0" * 64, seed=1)


def samples_with(
    means_ms: Mapping[str, float],
    *,
    seed: int,
    plan: Plan = PLAN,
    change: Callable[[Sample], Sample] = lambda sample: sample,
) -> Iterator[Sample]:
    """Samples whose connect round trips lie about these means, half a ms or so."""
    rng = random.Random(seed)
    for sample in make_samples(plan, seed=seed, failing=0):
        made = sample
        if sample.kernel is not None and sample.exchange == 0:
            ms = means_ms[sample.slot.target_id] + rng.gauss(0, 0.5)
            kernel = replace(sample.kernel, connect_rtt_us=round(1_000 * ms))
            made = replace(sample, kernel=kernel)
        yield change(made)


def run_from(vantage: str, *, run: int = 1, plan: Plan = PLAN) -> RunInfo:
    """A run of our own network."""
    return replace(
        make_run_info(plan, run_id=f"{run:032x}"),
        vantage=Vantage(name=vantage),
        simulation=SIMULATED,
    )


def kept(
    parent: Path, info: RunInfo, samples: Iterable[Sample], *, plan: Plan = PLAN
) -> Path:
    """A sealed set."""
    parent.mkdir(parents=True, exist_ok=True)
    folder = new_folder(parent, info)
    with FolderLock.take(folder) as lock:
        with Journal.create(lock, info, plan) as journal:
            for sample in samples:
                journal.append(sample)
            journal.finish(make_outcome(plan))
        seal(lock)
    return folder


def two_vantages(parent: Path) -> Results:
    """From here AWS is 10 ms slower than Alibaba, from there 20 ms faster."""
    here = {ALIBABA: 50.0, AWS: 60.0, AZURE: 90.0}
    there = {ALIBABA: 80.0, AWS: 60.0, AZURE: 130.0}
    return load(
        [
            kept(parent, run_from("here"), samples_with(here, seed=1)),
            kept(parent, run_from("there", run=2), samples_with(there, seed=2)),
        ]
    )
