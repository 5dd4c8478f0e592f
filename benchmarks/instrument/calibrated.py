"""How long a calibration takes, and how often its bounds hold the truth."""

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.instrument.bounds import GOAL_SHARE, LOADS, Held, measured
from benchmarks.instrument.report import Detail, Findings, Row
from cloudgauge.errors import WorldError
from cloudgauge.measure.vantage import machine_key
from cloudgauge.model.calibration import CONNECT, FIRST_BYTE, Calibration
from cloudgauge.settings.user_data import user_data_folder
from cloudgauge.store.calibrations import find_calibration

MOST_SECONDS = 60.0
_QUICK_SECONDS = 25
_PHASES = {CONNECT: "connect", FIRST_BYTE: "first byte"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """A calibration, and how long the command took that made it.

    Attributes:
        asked: What the command was asked for; "" for what it does by itself.
    """

    calibration: Calibration
    seconds: float
    asked: str = ""


def calibrate_here(folder: Path, *, quick: bool) -> Timed:
    """Run ``cloudgauge calibrate`` with a data folder of its own in *folder*.

    Raises:
        WorldError: This machine cannot be calibrated in a private network.
    """
    options = ["--seconds", str(_QUICK_SECONDS)] if quick else []
    environment = os.environ | {"XDG_DATA_HOME": str(folder.resolve())}
    command = [sys.executable, "-m", "cloudgauge", "calibrate", "--quiet", *options]
    began = time.monotonic()
    with (folder / "calibrate.txt").open("wb") as output:
        code = subprocess.call(command, env=environment, stdout=output)
    seconds = time.monotonic() - began
    found = find_calibration(user_data_folder(environment), machine_key())
    if code or found.calibration is None:
        why = found.problem or f"it ended with exit code {code}"
        msg = f"this machine cannot be calibrated: {why}"
        raise WorldError(msg)
    asked = " ".join(options)
    return Timed(calibration=found.calibration, seconds=seconds, asked=asked)


def hold_bounds(
    calibration: Calibration, folder: Path, *, quick: bool
) -> dict[str, list[Held]]:
    """The medians of each load against their bounds, by the load's name.

    Raises:
        WorldError: There can be no private network here, or a run broke down.
    """
    found = {}
    for load in LOADS[:1] if quick else LOADS:
        place = folder / load.name.replace("/", " a ")
        place.mkdir()
        found[load.name] = measured(load, place, calibration)
    return found


def calibration_findings(timed: Timed, held: Mapping[str, Sequence[Held]]) -> Findings:
    """A row for the time, one for the bounds of each phase, and each load's."""
    everything = [one for found in held.values() for one in found]
    counts = ", ".join(name.partition(",")[0] for name in held)
    rows = [
        Row(
            figure="`cloudgauge calibrate`, start to end",
            load=timed.asked,
            value=timed.seconds,
            unit="s",
            goal=MOST_SECONDS,
        )
    ]
    rows += [
        Row(
            figure=f"{label} p50s whose printed bound holds the truth",
            load=counts,
            value=share(one for one in everything if one.phase == phase),
            unit="",
            goal=GOAL_SHARE,
            goal_is_least=True,
            has_failed=True,
        )
        for phase, label in _PHASES.items()
    ]
    detail = Detail(
        name="bounds",
        text=(
            "The error bound that `show` prints beside a p50, against what the very "
            "exchanges of that p50 really took; round trips that were not calibrated, "
            "with jitter:"
        ),
        heads=("load", "p50 of", "targets", "held", "bound ms", "worst error ms"),
        rows=tuple(_cells(held)),
    )
    return Findings(rows=tuple(rows), details=(detail,))


def share(held: Iterable[Held]) -> float | None:
    """The share of medians whose bound holds the truth; None if there is none."""
    holds = [one.holds for one in held]
    return sum(holds) / len(holds) if holds else None


def _cells(
    held: Mapping[str, Sequence[Held]],
) -> Iterator[tuple[str | float | int | None, ...]]:
    for name, found in held.items():
        for phase, label in _PHASES.items():
            mine = [one for one in found if one.phase == phase]
            bounds_ms = [one.bound_ms for one in mine if one.bound_ms is not None]
            yield (
                name,
                label,
                len(mine),
                share(mine),
                median(bounds_ms) if bounds_ms else None,
                max((abs(one.error_ms) for one in mine), default=None),
            )
