"""Runs a programme inside one private network, and leaves everything in a folder."""

import sys
from pathlib import Path

from benchmarks.instrument.inside import STAGES
from benchmarks.instrument.load import MOST_TARGETS, scenario_toml, targets_of
from benchmarks.instrument.stages import Stage, write_stages
from cloudgauge.errors import WorldError
from cloudgauge.world.scenario_file import parse_scenario
from cloudgauge.world.session import WorldSpec, run_in_world

TRUTH = "truth"


def run_programme(stages: tuple[Stage, ...], folder: Path) -> None:
    """Run every stage; each leaves a folder named by its key, the line its log.

    Raises:
        WorldError: There can be no private network here, or a stage broke down.
    """
    write_stages(folder / STAGES, stages)
    outcome = run_in_world(
        [sys.executable, "-m", "benchmarks.instrument.inside", str(folder)],
        spec=WorldSpec(
            scenario=parse_scenario(scenario_toml(), where="the benchmark's scenario"),
            targets=targets_of(MOST_TARGETS),
        ),
        truth=folder / TRUTH,
    )
    if outcome.exit_code != 0:
        msg = f"the benchmark's stages ended with exit code {outcome.exit_code}"
        raise WorldError(msg)
