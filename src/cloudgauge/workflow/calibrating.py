"""This machine's own error against known delays: from stages to a calibration.

Two processes: the one that the user started makes the private network and reads what
is left; one inside it carries out the stages, each a run like any other, so that what
is calibrated is what measures.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from cloudgauge import __version__
from cloudgauge.analysis.ceiling import ceilings_of
from cloudgauge.analysis.known_errors import Reading, phase_errors, readings_of
from cloudgauge.measure.clock import MachineClock
from cloudgauge.measure.trust import TrustSettings
from cloudgauge.measure.vantage import machine_key
from cloudgauge.model.calibration import Calibration, PhaseError
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.run import RunOutcome, StopReason
from cloudgauge.store.resultset import ResultSet
from cloudgauge.workflow.ceilings import Download, downloads_of
from cloudgauge.workflow.known_delays import (
    MOST_TARGETS,
    Stage,
    delay_of,
    scenario,
    stages_of,
    targets_of,
)
from cloudgauge.workflow.measuring import RunRequest, measure
from cloudgauge.workflow.progress import Watcher
from cloudgauge.world.description import Means, WorldDescription
from cloudgauge.world.disk import temporary_folder, world_errors
from cloudgauge.world.fountain import FOUNTAIN_HOST, fountain
from cloudgauge.world.session import WorldOutcome, WorldSpec, run_in_world
from cloudgauge.world.truth import TruthTable, read_truth

_TRUTH = "truth"
# On a machine that is too busy no step is begun that would end after this, so that all
# is over within a minute, the network and the reading of what is left included.
LIMIT_NS = 50 * NS_PER_S
_LOOPBACK_LIMITS = (
    "no private network could be made: loopback servers alone, whose first byte is "
    "delayed and nothing else, so that connect and TLS are not calibrated"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A part of a programme, for who waits.

    Attributes:
        length_ns: About how long it takes.
    """

    name: str
    length_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """What a calibration measures, in this order.

    Attributes:
        stages: Against known delays.
        downloads: From this machine itself.
    """

    stages: tuple[Stage, ...]
    downloads: tuple[Download, ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        """All of it, for who waits."""
        both: tuple[Stage | Download, ...] = (*self.stages, *self.downloads)
        return tuple(Step(name=one.name, length_ns=one.length_ns) for one in both)


def programme_of(seconds: int) -> Programme:
    """The programme that takes about *seconds*, as in `known_delays.stages_of`."""
    return Programme(stages=stages_of(seconds), downloads=downloads_of(seconds))


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationRequest:
    """What a calibration needs to know.

    Attributes:
        programme: What is measured.
        command: What carries out this very programme in a folder, which is added as its
            last argument; it is run inside the private network.
        means: How the network must be made; None for the best that can be had.
    """

    programme: Programme
    command: tuple[str, ...]
    means: Means | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationOutcome:
    """What came of it.

    Attributes:
        calibration: None if it was ended early or nothing answered.
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
            calibration = _calibration(request.programme, outcome, folder)
    return CalibrationOutcome(
        calibration=calibration,
        exit_code=outcome.exit_code,
        fallback=outcome.fallback,
    )


def carry_out(
    programme: Programme,
    folder: Path,
    *,
    world: WorldDescription,
    watcher_for: Callable[[Sequence[Step], int], Watcher],
    limit_ns: int = LIMIT_NS,
) -> RunOutcome | None:
    """Carry out one step after another; inside the private network.

    A step that would not end within the time that a calibration may take is left out.

    Args:
        programme: Its steps.
        folder: Each step leaves its result set in a folder named by its number.
        world: The network that we are inside of.
        watcher_for: Gives who is told how a step goes, by its place among all.
        limit_ns: How long it may take, the network not included.

    Returns:
        The outcome of the step that did not go to its end; None if there is none.

    Raises:
        MachineError: A result set cannot be written.
        WorldError: There is nothing to download from.
    """
    stages = (
        RunRequest(
            plan=stage.plan,
            vantage=world.vantage,
            results=folder / str(number),
            trust=TrustSettings(ca_file=world.ca_file),
            world=world,
            kernel_stamps=stage.kernel_stamps,
        )
        for number, stage in enumerate(programme.stages)
    )
    clock = MachineClock()
    with ExitStack() as stack:
        downloads = _download_requests(programme, folder, world, stack)
        for number, request in enumerate(chain(stages, downloads)):
            if clock.now_ns() + programme.steps[number].length_ns > limit_ns:
                continue
            watcher = watcher_for(programme.steps, number)
            report = measure(request, watcher)
            if report.outcome.stop_reason is not StopReason.FINISHED:
                return report.outcome
            if report.interrupted:
                # It came at this step's end, but is for all of them.
                return replace(
                    report.outcome,
                    stop_reason=StopReason.INTERRUPTED,
                    detail="stopped before the end of its steps",
                )
    return None


def _download_requests(
    programme: Programme, folder: Path, world: WorldDescription, stack: ExitStack
) -> Iterator[RunRequest]:
    """The downloads as runs; where they are from stands until the stack is left."""
    if not programme.downloads:
        return
    place, hosts = folder / "fountain", folder / "hosts"
    with world_errors(folder):
        place.mkdir()
        hosts.write_text(f"127.0.0.1 {FOUNTAIN_HOST}\n", encoding="ascii")
    source = stack.enter_context(fountain(place))
    for number, download in enumerate(programme.downloads, len(programme.stages)):
        yield RunRequest(
            plan=download.plan(source.https_port),
            vantage=world.vantage,
            results=folder / str(number),
            trust=TrustSettings(ca_file=source.ca_file),
            hosts_file=hosts,
            private_allowed=True,
        )


def _calibration(
    programme: Programme, outcome: WorldOutcome, folder: Path
) -> Calibration | None:
    truth = read_truth(folder / _TRUTH)
    sets = [_set_in(folder / str(number)) for number in range(len(programme.steps))]
    count = len(programme.stages)
    errors = tuple(_errors(programme.stages, sets[:count], truth))
    if not errors:
        return None
    ceilings = (ceilings_of(result) for result in sets[count:] if result is not None)
    return Calibration(
        made_wall_ns=MachineClock().wall_ns(),
        tool_version=__version__,
        machine=machine_key(),
        means=outcome.means,
        errors=errors,
        ceilings=tuple(chain.from_iterable(ceilings)),
        limits="; ".join(_limits(programme, outcome, sets)),
    )


def _set_in(folder: Path) -> ResultSet | None:
    """The result set of a step; None if it was left out."""
    if not folder.exists():
        return None
    (place,) = folder.iterdir()
    return ResultSet.open(place)


def _errors(
    stages: Sequence[Stage], sets: Sequence[ResultSet | None], truth: TruthTable
) -> Iterator[PhaseError]:
    """The errors under each load, of all its stages together."""
    readings: dict[int, list[Reading]] = {}
    for stage, result in zip(stages, sets, strict=True):
        if result is not None:
            found = readings_of(result, truth)
            readings.setdefault(stage.targets, []).extend(found)
    for targets, found_there in sorted(readings.items()):
        yield from phase_errors(found_there, targets=targets, delay_of=delay_of)


def _limits(
    programme: Programme, outcome: WorldOutcome, sets: Sequence[ResultSet | None]
) -> Iterator[str]:
    if outcome.means is Means.LOOPBACK:
        yield _LOOPBACK_LIMITS
    missing = [
        step.name
        for step, result in zip(programme.steps, sets, strict=True)
        if result is None
    ]
    if missing:
        yield f"the machine was too busy: left out {' and '.join(missing)}"
