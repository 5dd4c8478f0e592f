"""Result sets of real regions whose samples are drawn: no network is asked."""

from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.instrument.size import made_up_run
from benchmarks.statistics.large_set import keep_drawn_set
from cloudgauge.catalog.loader import load_catalog
from cloudgauge.model.plan import Ceilings, Pacing, Plan, ProbeSpec
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.run import Simulation, Vantage
from cloudgauge.model.target import Selection

# Five minutes, so that a thousand rounds cover three days: no burst.
_ROUND_NS = 300 * NS_PER_S
_VANTAGES = (
    ("singapore", 1.35, 103.82),
    ("frankfurt", 50.11, 8.68),
    ("ashburn", 39.04, -77.49),
    ("sao-paulo", -23.55, -46.63),
    ("johannesburg", -26.2, 28.05),
)
_DRAWN = Simulation(
    means="drawn", scenario="benchmark", scenario_hash="0" * 64, seed=1, limits="drawn"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is reported.

    Attributes:
        vantages: At most five.
        rounds: At each of them, of one cold and four warm requests a target.
    """

    targets: int = 250
    vantages: int = 5
    rounds: int = 1_000

    @property
    def text(self) -> str:
        """For a table."""
        return (
            f"{self.targets:,} targets x {self.vantages} vantages x "
            f"{self.rounds:,} rounds"
        )


def make_sets(parent: Path, size: Size) -> tuple[Path, ...]:
    """One sealed set a vantage, of the same plan.

    Raises:
        ValueError: The catalogue has not so many targets.
    """
    plan = _plan(size)
    folders = []
    for at, (name, latitude_deg, longitude_deg) in enumerate(
        _VANTAGES[: size.vantages]
    ):
        vantage = Vantage(
            name=name, latitude_deg=latitude_deg, longitude_deg=longitude_deg
        )
        run = replace(
            made_up_run(plan),
            run_id=f"{at + 1:032x}",
            vantage=vantage,
            simulation=_DRAWN,
        )
        folders.append(keep_drawn_set(parent, plan, run, turn=50 * at))
    return tuple(folders)


def _plan(size: Size) -> Plan:
    everything = Selection(off_by_default=True)
    targets = load_catalog().select(everything)[: size.targets]
    if len(targets) < size.targets:
        msg = f"want {size.targets} targets, the catalogue has {len(targets)}"
        raise ValueError(msg)
    return Plan(
        name="benchmark",
        question="How long does a page take?",
        seed=1,
        targets=tuple(sorted(targets, key=lambda one: one.target_id)),
        controls=(),
        probe=ProbeSpec(),
        pacing=Pacing(rounds=size.rounds, round_ns=_ROUND_NS),
        ceilings=Ceilings(),
    )
