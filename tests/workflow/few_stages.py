"""A calibration that is over in seconds; as a script, its part inside the network."""

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from cloudgauge.cli.live import SilentWatcher
from cloudgauge.model.plan import Pacing, ProbeSpec
from cloudgauge.model.quantity import NS_PER_MS
from cloudgauge.workflow.calibrating import Programme, Step, carry_out
from cloudgauge.workflow.ceilings import Download
from cloudgauge.workflow.known_delays import Stage, stages_of, targets_of
from cloudgauge.world.description import WORLD_VARIABLE, read_world

_ROOT = Path(__file__).parents[2]
_SCRIPT = (
    f"import sys; sys.path.insert(0, {str(_ROOT)!r}); "
    "from tests.workflow.few_stages import main; main()"
)


def command(count: int) -> tuple[str, ...]:
    """What carries out the first *count* of them."""
    return (sys.executable, "-c", _SCRIPT, str(count))


def few_stages() -> tuple[Stage, ...]:
    """One target at two delays; ten at all of them, by either clock."""
    ones = [stage for stage in stages_of(25) if stage.targets == 1][:2]
    many = next(stage for stage in stages_of(25) if stage.targets == 50)
    plan = replace(
        many.plan,
        targets=targets_of(10),
        probe=ProbeSpec(warm_requests=1),
        pacing=Pacing(rounds=2, round_ns=400 * NS_PER_MS),
    )
    return (
        *ones,
        Stage(targets=50, kernel_stamps=True, plan=plan),
        Stage(targets=200, kernel_stamps=False, plan=plan),
    )


def few_steps(count: int) -> Programme:
    """The first *count* of them; all of them with a short download."""
    stages = few_stages()
    downloads = (Download(streams=8, transfer_bytes=30_000_000),)
    is_all = count == len(stages)
    return Programme(stages=stages[:count], downloads=downloads if is_all else ())


class Teller(SilentWatcher):
    """Writes the names of the steps into a file, as they are begun."""

    def __init__(self, file: Path, step: Step) -> None:
        self._file = file
        self._step = step

    def begun(self, folder: Path) -> None:
        del folder
        with self._file.open("a", encoding="utf-8") as file:
            file.write(f"{self._step.name}\n")


def main() -> None:
    """Carry the stages out in the folder that is named on the command line."""
    count, folder = int(sys.argv[1]), Path(sys.argv[2])
    programme = few_steps(count)

    def watcher_for(steps: Sequence[Step], number: int) -> Teller:
        return Teller(folder / "told", steps[number])

    outcome = carry_out(
        programme,
        folder,
        world=read_world(Path(os.environ[WORLD_VARIABLE])),
        watcher_for=watcher_for,
    )
    names = [step.name for step in programme.steps]
    assert (folder / "told").read_text().splitlines() == names
    sys.exit(0 if outcome is None else 3)
