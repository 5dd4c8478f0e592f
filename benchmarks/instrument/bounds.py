"""How often the error bound that ``show`` prints holds the truth.

This machine is calibrated; then targets at other round trips than those that were
calibrated are measured in a private network with jitter, and the median that is
reported of each target is held against that of what its exchanges really took. Run it
from the repository's top folder: ``python -m benchmarks.instrument.bounds``. It takes
two minutes.
"""

import argparse
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.instrument import own
from benchmarks.instrument.load import (
    MOST_TARGETS,
    Load,
    scenario_toml,
    targets_of,
)
from cloudgauge.analysis.columns import columns_of
from cloudgauge.analysis.known_errors import Reading, readings_of
from cloudgauge.analysis.summary import SUMMARISED, SeriesSummary, summarise
from cloudgauge.errors import CloudgaugeError, WorldError
from cloudgauge.model.calibration import CONNECT, FIRST_BYTE, Calibration
from cloudgauge.model.plan import Plan
from cloudgauge.model.quantity import NS_PER_MS
from cloudgauge.model.sample import ClockKind
from cloudgauge.store.resultset import ResultSet
from cloudgauge.workflow.calibrating import (
    CalibrationRequest,
    calibrate,
    programme_of,
)
from cloudgauge.workflow.error_bounds import bounds_of
from cloudgauge.world.scenario_file import parse_scenario
from cloudgauge.world.session import WorldSpec, run_in_world
from cloudgauge.world.truth import read_truth

GOAL_SHARE = 0.95
_EXIT_MACHINE = 74
LOADS = (
    Load(targets=60, visits_per_s=12, warm_requests=4, seconds=20),
    Load(targets=200, visits_per_s=25, warm_requests=4, seconds=24),
    Load(targets=250, visits_per_s=50, warm_requests=4, seconds=20),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A median and its bound.

    Attributes:
        error_ms: Reported less true.
        bound_ms: None where there is none: then nothing is held.
    """

    phase: str
    target_id: str
    error_ms: float
    bound_ms: float | None

    @property
    def holds(self) -> bool:
        """Whether the bound holds the truth."""
        return self.bound_ms is not None and abs(self.error_ms) <= self.bound_ms


def held(
    series: Iterable[SeriesSummary],
    readings: Iterable[Reading],
    calibration: Calibration,
    plan: Plan,
) -> Iterator[Held]:
    """Hold every median that was reported against that of the same exchanges' truth."""
    true_ms: dict[tuple[str, str, bool], list[float]] = defaultdict(list)
    for reading in readings:
        by_kernel = reading.clock is not ClockKind.USER
        # Of connect both clocks are reported; of the first byte one.
        key = (reading.target_id, reading.phase, by_kernel or reading.phase != CONNECT)
        true_ms[key].append(reading.true_ns / NS_PER_MS)
    for one in series:
        bounds = bounds_of(calibration, plan, one)
        for phase, by_kernel, spread, bound_ms in (
            (CONNECT, one.connect_by_kernel, one.connect, bounds.connect_ms),
            (FIRST_BYTE, True, one.first_byte_warm, bounds.first_byte_ms),
        ):
            found = true_ms[one.target_id, phase, by_kernel]
            if spread.p50_ms is not None and found:
                yield Held(
                    phase=phase,
                    target_id=one.target_id,
                    error_ms=spread.p50_ms - statistics.median(found),
                    bound_ms=bound_ms,
                )


def row(load: Load, phase: str, found: list[Held]) -> str:
    """A line of the table."""
    share = sum(one.holds for one in found) / len(found)
    bounds_ms = [one.bound_ms for one in found if one.bound_ms is not None]
    bound = f"{statistics.median(bounds_ms):.3f} ms" if bounds_ms else "-"
    worst = max(abs(one.error_ms) for one in found)
    met = "yes" if share >= GOAL_SHARE else "**no**"
    return (
        f"| {load.name} | {phase} | {len(found)} | {share:.1%} | {met} | {bound} | "
        f"{worst:.3f} ms |"
    )


def main(arguments: list[str]) -> int:
    """Print the table; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.instrument.bounds",
        description=(__doc__ or "").partition("\n")[0],
    )
    parser.add_argument(
        "--seconds", type=int, default=50, help="length of the calibration"
    )
    seconds = parser.parse_args(arguments).seconds
    try:
        lines = list(_lines(_calibrated(seconds)))
    except CloudgaugeError as exc:
        print(f"benchmark: {exc}", file=sys.stderr)
        return _EXIT_MACHINE
    print("| load | p50 of | targets | truth held | ≥ 95 % | bound | worst error |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    print("\n".join(lines))
    return 0


def _calibrated(seconds: int) -> Calibration:
    command = [sys.executable, "-m", "cloudgauge", "calibrate"]
    command += ["--seconds", str(seconds), "--stages-into"]
    request = CalibrationRequest(
        programme=programme_of(seconds), command=tuple(command)
    )
    outcome = calibrate(request)
    if outcome.calibration is None or outcome.fallback:
        msg = f"this machine cannot be calibrated: {outcome.fallback or 'see above'}"
        raise WorldError(msg)
    return outcome.calibration


def _lines(calibration: Calibration) -> Iterator[str]:
    for load in LOADS:
        with TemporaryDirectory(prefix="cloudgauge-bounds-") as name:
            found = measured(load, Path(name), calibration)
        for phase in (CONNECT, FIRST_BYTE):
            yield row(load, phase, [one for one in found if one.phase == phase])


def measured(load: Load, folder: Path, calibration: Calibration) -> list[Held]:
    """Measure a load in an empty *folder*, and hold its medians against the truth.

    Raises:
        WorldError: There can be no private network here, or the run broke down.
    """
    print(f"measuring {load.name}", file=sys.stderr)
    command = [*own.command(load, folder), "--quiet", "-o", str(folder / "shown")]
    outcome = run_in_world(
        command,
        spec=WorldSpec(
            scenario=parse_scenario(scenario_toml(), where="the benchmark's scenario"),
            targets=targets_of(MOST_TARGETS),
        ),
        truth=folder / "truth",
    )
    if outcome.exit_code:
        msg = f"{load.name} ended with exit code {outcome.exit_code}"
        raise WorldError(msg)
    (place,) = (folder / "results").iterdir()
    result = ResultSet.open(place)
    return list(
        held(
            summarise(
                columns_of(result, SUMMARISED),
                timeout_ns=result.manifest.plan.probe.timeout_ns,
            ),
            readings_of(result, read_truth(folder / "truth")),
            calibration,
            result.manifest.plan,
        )
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
