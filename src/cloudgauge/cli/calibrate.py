"""``cloudgauge calibrate``: this machine's own error against known delays."""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cloudgauge.cli.live import SilentWatcher
from cloudgauge.cli.output import (
    Format,
    FormatOption,
    Output,
    OutputOption,
    QuietOption,
    VerboseOption,
    exit_codes,
    tell,
)
from cloudgauge.errors import ConfigError, MachineError
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.run import StopReason

if TYPE_CHECKING:
    from cloudgauge.model.calibration import Calibration
    from cloudgauge.store.calibrations import FoundCalibration
    from cloudgauge.workflow.calibrating import Step
    from cloudgauge.workflow.progress import Tally

_EXIT_NOTHING = 4
_EXIT_MACHINE = 74
_EXIT_INTERRUPTED = 130
# As in workflow.known_delays and world.description, too heavy to load for --help.
_DEFAULT_SECONDS, _LEAST_SECONDS, _MOST_SECONDS = 50, 25, 60
_WORLD_VARIABLE = "CLOUDGAUGE_WORLD"
_REFRESH_S = 0.5
_CLEAR_LINE = "\r\x1b[2K"

SecondsOption = Annotated[
    int,
    typer.Option(
        "--seconds",
        min=_LEAST_SECONDS,
        max=_MOST_SECONDS,
        help="About how long it takes; less is noisier.",
    ),
]
ShowOption = Annotated[
    bool,
    typer.Option(
        "--show", help="Show the newest one of this machine; measure nothing."
    ),
]
# How the command calls itself inside the private network.
StagesOption = Annotated[
    Path | None, typer.Option("--stages-into", metavar="DIR", hidden=True)
]


def calibrate(
    *,
    seconds: SecondsOption = _DEFAULT_SECONDS,
    show: ShowOption = False,
    stages_into: StagesOption = None,
    format: FormatOption = Format.TABLE,
    output: OutputOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Find out how far this machine's own measurements can be trusted.

    The instrument measures targets of its own in a private network, at round trips
    of 0.5, 5, 20, 80 and 250 ms, 1, 50 and 200 of them at once, by the kernel's clock
    and by the program's, and holds every exchange against what it really took;
    then it downloads from this machine itself. Nothing leaves the machine. Let it
    do nothing else meanwhile.

    The newest calibration of a machine is kept in the user's data folder
    ($XDG_DATA_HOME, else ~/.local/share). Every later run has it in its manifest, and
    show then gives an error bound beside each p50. Calibrate again after a new
    kernel, a new Python or on another machine: an old one is not used there.

    \b
    cloudgauge calibrate                   # about 50 seconds
    cloudgauge calibrate --seconds 25      # noisier
    cloudgauge calibrate --show -v         # what is known, delay by delay

    Without the right to make a network namespace, loopback servers take its place,
    and the calibration says what they cannot show.
    """
    out = Output(format=format, path=output, quiet=quiet, verbose=verbose)
    with exit_codes():
        if stages_into is not None:
            _carry_out_stages(stages_into, seconds, out)
            return
        calibration = _newest() if show else _calibrate(seconds, out)
        from cloudgauge.workflow.calibration_view import calibration_document

        # Programs get all of it.
        detailed = verbose or format is not Format.TABLE
        out.show(calibration_document(calibration, detailed=detailed))


def _calibrate(seconds: int, out: Output) -> "Calibration":
    from cloudgauge.settings.user_data import user_data_folder
    from cloudgauge.store.calibrations import check_keeping, keep_calibration
    from cloudgauge.workflow.calibrating import (
        CalibrationRequest,
        calibrate,
        programme_of,
    )

    # Found out now rather than after a minute.
    folder = user_data_folder(os.environ)
    check_keeping(folder)
    if out.path is not None and not out.path.absolute().parent.is_dir():
        msg = f"{out.path}: cannot be written: its folder does not exist"
        raise MachineError(msg)
    quiet = ["--quiet"] if out.quiet else []
    command = [sys.executable, "-m", "cloudgauge", "calibrate", *quiet]
    command += ["--seconds", str(seconds), "--stages-into"]
    out.say("making a private network; nothing leaves this machine")
    request = CalibrationRequest(
        programme=programme_of(seconds), command=tuple(command)
    )
    outcome = calibrate(request)
    if outcome.fallback:
        out.say(f"no network namespace could be made: {outcome.fallback}")
    if outcome.exit_code:
        raise typer.Exit(outcome.exit_code)
    if outcome.calibration is None:
        out.say("nothing usable was measured: no exchange was answered")
        raise typer.Exit(_EXIT_NOTHING)
    path = keep_calibration(folder, outcome.calibration)
    out.say(f"kept in {path}; later runs on this machine name it")
    return outcome.calibration


def calibration_in_use(out: Output) -> "Calibration | None":
    """The newest of this machine; what keeps it from being used is told."""
    try:
        found = _find()
    except MachineError as exc:
        out.say(f"calibration not used: {exc}")
        return None
    if found.problem:
        out.say(f"calibration {found.problem}")
    return found.calibration


def _newest() -> "Calibration":
    found = _find()
    if found.calibration is None:
        where, problem = (
            "--show",
            "this machine has no calibration yet; run: cloudgauge calibrate",
        )
        raise ConfigError(where, found.problem or problem)
    return found.calibration


def _find() -> "FoundCalibration":
    from cloudgauge.measure.vantage import machine_key
    from cloudgauge.settings.user_data import user_data_folder
    from cloudgauge.store.calibrations import find_calibration

    return find_calibration(user_data_folder(os.environ), machine_key())


def _carry_out_stages(folder: Path, seconds: int, out: Output) -> None:
    from cloudgauge.workflow.calibrating import carry_out, programme_of
    from cloudgauge.world.description import read_world

    inside = os.environ.get(_WORLD_VARIABLE)
    if not inside:
        where, problem = "--stages-into", "is for the private network alone"
        raise ConfigError(where, problem)

    def watcher_for(steps: Sequence["Step"], number: int) -> SilentWatcher:
        return SilentWatcher() if out.quiet else _StepWatcher(steps, number)

    outcome = carry_out(
        programme_of(seconds),
        folder,
        world=read_world(Path(inside)),
        watcher_for=watcher_for,
    )
    if sys.stderr.isatty() and not out.quiet:
        sys.stderr.write(_CLEAR_LINE)
    if outcome is not None:
        out.say(f"not calibrated: {outcome.detail}")
        interrupted = outcome.stop_reason is StopReason.INTERRUPTED
        raise typer.Exit(_EXIT_INTERRUPTED if interrupted else _EXIT_MACHINE)


class _StepWatcher(SilentWatcher):
    """One line a step; on a terminal, one line for all that is renewed."""

    def __init__(self, steps: Sequence["Step"], number: int) -> None:
        self._place = f"{number + 1}/{len(steps)}"
        self._name = steps[number].name
        self._left_s = sum(step.length_ns for step in steps[number:]) / NS_PER_S
        self._began_s = time.monotonic()
        self._next_s = 0.0

    def begun(self, folder: Path) -> None:  # noqa: ARG002  ours is gone soon
        """Say which step it is."""
        if not sys.stderr.isatty():
            tell(self._line(self._began_s))

    def visited(self, tally: "Tally") -> None:  # noqa: ARG002  the time is enough
        """Renew the line, twice a second at most."""
        now_s = time.monotonic()
        if now_s < self._next_s or not sys.stderr.isatty():
            return
        self._next_s = now_s + _REFRESH_S
        sys.stderr.write(f"{_CLEAR_LINE}{self._line(now_s)}")
        sys.stderr.flush()

    def _line(self, now_s: float) -> str:
        left_s = max(0.0, self._left_s - (now_s - self._began_s))
        return f"calibrating {self._place}: {self._name}, {left_s:.0f}s left"
