"""This machine's own error against known delays: from stages to a calibration.

Two processes: the one that the user started makes the private network and reads what
is left; one inside it carries out the stages, each a run like any other, so that what
is calibrated is what measures.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cloudgauge import __version__
from cloudgauge.analysis.known_errors import Reading, phase_errors, readings_of
from cloudgauge.measure.clock import MachineClock
from cloudgauge.measure.trust import TrustSettings
from cloudgauge.measure.vantage import machine_key
from cloudgauge.model.calibration import Calibration, PhaseError
from cloudgauge.model.run import RunOutcome, StopReason
from cloudgauge.store.resultset import ResultSet
from cloudgauge.workflow.known_delays import (
    MOST_TARGETS,
    Stage,
    delay_of,
    scenario,
    targets_of,
)
from cloudgauge.workflow.measuring import RunRequest, measure
from cloudgauge.workflow.progress import Watcher
from cloudgauge.world.description import Means, WorldDescription
from cloudgauge.world.disk import temporary_folder
from cloudgauge.world.session import WorldOutcome, WorldSpec, run_in_world
from cloudgauge.world.truth import TruthTable, read_truth

_TRUTH = "truth"
_LOOPBACK_LIMITS = (
    "no private network could be made: loopback servers alone, whose first byte is "
    "delayed and nothing else; connect and TLS are not calibrated"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationRequest:
    """What a calibration needs to know.

    Attributes:
        stages: As in `known_delays.stages_of`.
        command: What carries out these very stages in a folder, which is added as its
            last argument; it is run inside the private network.
        means: How the network must be made; None for the best that can be had.
    """

    stages: tuple[Stage, ...]
    command: tuple[str, ...]
    means: Means | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationOutcome:
    """What came of it.

    Attributes:
        calibration: None unless every stage was carried out and something answered.
        exit_code: Of the command inside.
        fallback: Why there was no private network; "" if there was one.
    """

    calibration: Calibration | None
    exit_code: int
    fallback: str = ""


def calibrate(request: CalibrationRequest) -> CalibrationOutcome:
    """Calibrate the instrument on this machine; nothing leaves it.

    Raises:
        WorldError: Not even loopback servers can be had, or they died.
        StoreError: What a stage has left cannot be read.
    """
    with temporary_folder("calibration") as folder:
        outcome = run_in_world(
            [*request.command, str(folder)],
            spec=WorldSpec(
                scenario=scenario(),
                targets=targets_of(MOST_TARGETS),
                means=request.means,
            ),
            truth=folder / _TRUTH,
            loopback_allowed=True,
        )
        calibration = None
        if outcome.exit_code == 0:
            calibration = _calibration(request, outcome, folder)
    return CalibrationOutcome(
        calibration=calibration,
        exit_code=outcome.exit_code,
        fallback=outcome.fallback,
    )


def carry_out_stages(
    folder: Path,
    *,
    stages: Sequence[Stage],
    world: WorldDescription,
    watcher_for: Callable[[Sequence[Stage], int], Watcher],
) -> RunOutcome | None:
    """Carry out every stage, one after another; inside the private network.

    Args:
        folder: Each stage leaves its result set in a folder named by its number.
        stages: As in `known_delays.stages_of`.
        world: The network that we are inside of.
        watcher_for: Gives who is told how a stage goes, by its place among all.

    Returns:
        The outcome of the stage that did not go to its end; None if all did.

    Raises:
        MachineError: A result set cannot be written.
    """
    for number, stage in enumerate(stages):
        request = RunRequest(
            plan=stage.plan,
            vantage=world.vantage,
            results=folder / str(number),
            trust=TrustSettings(ca_file=world.ca_file),
            world=world,
            kernel_stamps=stage.kernel_stamps,
        )
        outcome = measure(request, watcher_for(stages, number)).outcome
        if outcome.stop_reason is not StopReason.FINISHED:
            return outcome
    return None


def _calibration(
    request: CalibrationRequest, outcome: WorldOutcome, folder: Path
) -> Calibration | None:
    truth = read_truth(folder / _TRUTH)
    errors = tuple(_errors(request.stages, folder, truth))
    if not errors:
        return None
    return Calibration(
        made_wall_ns=MachineClock().wall_ns(),
        tool_version=__version__,
        machine=machine_key(),
        means=outcome.means,
        errors=errors,
        ceilings=(),
        limits=_LOOPBACK_LIMITS if outcome.means is Means.LOOPBACK else "",
    )


def _errors(
    stages: Sequence[Stage], folder: Path, truth: TruthTable
) -> Iterator[PhaseError]:
    """The errors under each load, of all its stages together."""
    readings: dict[int, list[Reading]] = {}
    for number, stage in enumerate(stages):
        (place,) = (folder / str(number)).iterdir()
        found = readings_of(ResultSet.open(place), truth)
        readings.setdefault(stage.targets, []).extend(found)
    for targets, found_there in sorted(readings.items()):
        yield from phase_errors(found_there, targets=targets, delay_of=delay_of)
