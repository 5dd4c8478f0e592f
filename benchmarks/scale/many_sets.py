"""Sealed sets of ten vantages and two hundred regions, made of drawn columns."""

from dataclasses import replace
from pathlib import Path

from benchmarks.instrument.load import Load, plan_of
from benchmarks.instrument.size import made_up_run
from benchmarks.statistics.large_set import keep_drawn_set
from cloudgauge.model.plan import Pacing
from cloudgauge.model.run import Vantage

TARGETS = 200
VANTAGES = 10
_EXCHANGES = 5
_ROUND_NS = 5_000_000_000


def make_sets(parent: Path, samples: int) -> None:
    """A set of each vantage, together at least so many samples.

    Args:
        parent: Where their folders are made.
        samples: Filled up to whole rounds.
    """
    rounds = -(-samples // (TARGETS * VANTAGES * _EXCHANGES))
    load = Load(targets=TARGETS, visits_per_s=40, warm_requests=4, seconds=5)
    plan = replace(plan_of(load), pacing=Pacing(rounds=rounds, round_ns=_ROUND_NS))
    parent.mkdir(parents=True, exist_ok=True)
    for number in range(VANTAGES):
        run = replace(
            made_up_run(plan),
            run_id=f"{number:032x}",
            vantage=Vantage(name=f"vantage-{number}"),
        )
        keep_drawn_set(parent, plan, run, turn=20 * number)
