"""A calibration that is over in seconds; as a script, its part inside the network."""

import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from cloudgauge.cli.live import SilentWatcher
from cloudgauge.model.plan import Pacing, ProbeSpec
from cloudgauge.model.quantity import NS_PER_MS
from cloudgauge.workflow.calibrating import LIMIT_NS, Programme, Step, carry_out
from cloudgauge.workflow.ceilings import Download
from cloudgauge.workflow.known_delays import Stage, stages_of, targets_of
from cloudgauge.workflow.progress import Tally
from cloudgauge.world.description import WORLD_VARIABLE, read_world

_ROOT = Path(__file__).parents[2]
_SCRIPT = (
    f"import sys; sys.path.insert(0, {str(_ROOT)!r}); "
    "from tests.workflow.few_stages import main; main()"
)


def command(
    *places: int, limit_ns: int = LIMIT_NS, interrupted: bool = False
) -> tuple[str, ...]:
    """What carries out the stages at these places; see `few_steps`.

    With *interrupted* the last visit of each stage brings Ctrl-C.
    """
    chosen = ",".join(map(str, places))
    at_end = "interrupted" if interrupted else ""
    return (sys.executable, "-c", _SCRIPT, str(limit_ns), chosen, at_end)


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


def few_steps(*places: int) -> Programme:
    """The stages at these places; without places all of them, and a short download."""
    stages = few_stages()
    if places:
        return Programme(stages=tuple(stages[place] for place in places))
    downloads = (Download(streams=8, transfer_bytes=30_000_000),)
    return Programme(stages=stages, downloads=downloads)


class Teller(SilentWatcher):
    """Writes the names of the steps into a file, as they are begun."""

    def __init__(self, file: Path, step: Step, *, interrupted: bool) -> None:
        self._file = file
        self._interrupted = interrupted
        self._step = step

    def visited(self, tally: Tally) -> None:
        if self._interrupted and tally.visits == tally.plan.visit_count:
            os.kill(os.getpid(), signal.SIGINT)

    def begun(self, folder: Path) -> None:
        del folder
        with self._file.open("a", encoding="utf-8") as file:
            file.write(f"{self._step.name}\n")


def main() -> None:
    """Carry the stages out in the folder that is named on the command line."""
    limit_ns, chosen, at_end = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    folder = Path(sys.argv[4])
    programme = few_steps(*(int(place) for place in chosen.split(",") if place))

    def watcher_for(steps: Sequence[Step], number: int) -> Teller:
        return Teller(folder / "told", steps[number], interrupted=bool(at_end))

    outcome = carry_out(
        programme,
        folder,
        world=read_world(Path(os.environ[WORLD_VARIABLE])),
        watcher_for=watcher_for,
        limit_ns=limit_ns,
    )
    done = [
        step.name
        for number, step in enumerate(programme.steps)
        if (folder / str(number)).exists()
    ]
    assert (folder / "told").read_text().splitlines() == done
    sys.exit(0 if outcome is None else 3)
