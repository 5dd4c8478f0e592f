"""What each stage came to: errors, failures, lateness, cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.instrument import own
from benchmarks.instrument.figures import Spread, spread_of
from benchmarks.instrument.inside import READINGS, Finished, read_finished
from benchmarks.instrument.judging import judge
from benchmarks.instrument.load import plan_of
from benchmarks.instrument.private import TRUTH
from benchmarks.instrument.processes import cpu_between
from benchmarks.instrument.readings import Reading, read_readings
from benchmarks.instrument.stages import ProberName, Stage
from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S
from cloudgauge.world.truth import TruthTable, read_truth

# Before it, names are looked up and code is run for the first time.
_SETTLED_AFTER_NS = NS_PER_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A stage that was run.

    Attributes:
        errors_ms: For each quantity, how the errors lie.
        lateness_ms: Of its visits; None where the prober keeps its own schedule.
        first_packet_ms: After they were due, until it was on the line; None as above.
        offered: Visits of the plan.
        begun: Visits that were begun.
        failed: Visits that were begun and have no value.
        unmatched: Readings whose truth was not found.
        cpu_ms: Processor time for each visit, while it went on evenly; None where
            too little was seen.
        peak_bytes: Of resident memory, in the process that probes.
        tree_peak_bytes: In the largest process that it started, or itself.
        exit_code: Of the prober or its driver.
    """

    stage: Stage
    errors_ms: dict[str, Spread]
    lateness_ms: Spread | None
    first_packet_ms: Spread | None
    offered: int
    begun: int
    failed: int
    unmatched: int
    cpu_ms: float | None
    peak_bytes: int
    tree_peak_bytes: int
    exit_code: int

    def error_ms(self, quantity: str) -> Spread | None:
        """How the errors of a quantity lie; None if it was not reported."""
        return self.errors_ms.get(quantity)


def outcomes_of(stages: Sequence[Stage], folder: Path) -> tuple[Outcome, ...]:
    """Read what the stages of a programme left, and hold it against the truth."""
    table = read_truth(folder / TRUTH)
    return tuple(_outcome(stage, folder / stage.key, table) for stage in stages)


def _outcome(stage: Stage, folder: Path, table: TruthTable) -> Outcome:
    finished = read_finished(folder)
    readings = _readings(stage, folder)
    judged = judge(readings, table)
    visits = _visits(stage, readings)
    spreads = {name: spread_of(values) for name, values in judged.errors_ms.items()}
    return Outcome(
        stage=stage,
        errors_ms={name: spread for name, spread in spreads.items() if spread},
        lateness_ms=spread_of(judged.lateness_ms),
        first_packet_ms=spread_of(judged.first_packet_ms),
        offered=plan_of(stage.load).visit_count,
        begun=len(visits),
        failed=sum(bool(visit.failure) for visit in visits),
        unmatched=judged.unmatched,
        cpu_ms=_cpu_ms(finished, visits),
        peak_bytes=finished.cost.peak_bytes,
        tree_peak_bytes=finished.cost.tree_peak_bytes,
        exit_code=finished.exit_code,
    )


def _readings(stage: Stage, folder: Path) -> tuple[Reading, ...]:
    if stage.prober is ProberName.OWN:
        return own.readings(folder)
    return read_readings(folder / READINGS)


def _visits(stage: Stage, readings: Sequence[Reading]) -> list[Reading]:
    """The first reading of each visit."""
    if stage.prober is ProberName.SHARED_CLIENT:
        return [reading for reading in readings if reading.due_ns is not None]
    return [reading for reading in readings if reading.exchange == 0]


def _cpu_ms(finished: Finished, visits: Sequence[Reading]) -> float | None:
    """Processor time over the time in which visits began, for each of them."""
    if not visits or not finished.cost.spent:
        return None
    first_ns = min(visit.begun_ns for visit in visits) + _SETTLED_AFTER_NS
    last_ns = max(visit.begun_ns for visit in visits)
    inside = [visit for visit in visits if first_ns <= visit.begun_ns <= last_ns]
    if not inside or last_ns > finished.cost.spent[-1].wall_ns:
        return None
    cpu_ns = cpu_between(finished.cost.spent, first_ns, last_ns)
    return cpu_ns / len(inside) / NS_PER_MS
