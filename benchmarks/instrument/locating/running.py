"""Measures from each vantage in a world of its own, and asks where everything is."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.instrument.locating.cast import (
    VANTAGES,
    Part,
    plan_settings,
    scenario_of,
)
from cloudgauge.analysis.location import Verdict
from cloudgauge.errors import WorldError
from cloudgauge.planning.files import write_plan
from cloudgauge.workflow.locating import locate_targets
from cloudgauge.world.session import WorldSpec, run_in_world

Verdicts = Mapping[str, Verdict]


def measure_from_vantages(
    cast: Sequence[Part], rounds: int, folder: Path
) -> tuple[Path, ...]:
    """The result sets of the vantages, one each.

    Raises:
        WorldError: There can be no private network here, or a run broke down.
    """
    plan = folder / "plan.toml"
    plan.write_text(write_plan(plan_settings(cast, rounds)), encoding="utf-8")
    sets = []
    for vantage in VANTAGES:
        results = folder / vantage.name
        command = [
            sys.executable, "-m", "cloudgauge", "run", str(plan), "--quiet",
            "--results", str(results), "-o", str(folder / f"{vantage.name}.txt"),
        ]  # fmt: skip
        outcome = run_in_world(
            command,
            spec=WorldSpec(
                scenario=scenario_of(cast),
                targets=tuple(part.target for part in cast),
                asked_vantage=vantage,
            ),
            truth=folder / f"{vantage.name}.truth",
        )
        if outcome.exit_code:
            msg = f"measuring from {vantage.name} ended with {outcome.exit_code}"
            raise WorldError(msg)
        (place,) = results.iterdir()
        sets.append(place)
    return tuple(sets)


def verdicts_of(sets: Sequence[Path]) -> Verdicts:
    """What ``targets locate`` says of each endpoint, by id."""
    (table,) = locate_targets(sets).tables
    names = [column.name for column in table.columns]
    target, verdict = names.index("target"), names.index("verdict")
    return {str(row[target]): Verdict(str(row[verdict])) for row in table.rows}
