"""A pinned plan carried out for who types: in its parts, or what is left of them."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cloudgauge import __version__
from cloudgauge.cli.carrying_out import (
    VANTAGE_FILE,
    Asked,
    Came,
    check_options,
    enter_world,
    ignore_interrupts,
    is_inside,
    judge,
    request_for,
    seal_and_show,
)
from cloudgauge.cli.means import Means
from cloudgauge.cli.output import Output
from cloudgauge.errors import ConfigError
from cloudgauge.model.target import Selection

if TYPE_CHECKING:
    from cloudgauge.model.campaign import Pin
    from cloudgauge.workflow.rolling import RollingReport


def carry_out_pin(asked: Asked, means: Means, out: Output) -> None:
    """Measure the parts of a pinned plan that are not there yet; show all that are.

    Raises:
        ConfigError: An option is wrong, or the pin does not name the vantage.
        LimitExceeded: The plan would pass a ceiling.
        StoreError: A set of the campaign is corrupt.
        MachineError: The machine failed us.
        typer.Exit: With the exit code that says how it went, unless it is 0.
    """
    from cloudgauge.settings.vantage_file import choose_vantage
    from cloudgauge.workflow.pinning import read_pin
    from cloudgauge.workflow.share import check_vantage

    _refuse_changes(asked, means)
    check_options(means, out)
    pin = read_pin(Path(str(asked.plan)))
    check_vantage(pin, choose_vantage(means.vantage, None, VANTAGE_FILE))
    if means.world and not is_inside():
        enter_world(means, out)
    from cloudgauge.cli.live import watcher_for
    from cloudgauge.workflow.rolling import measure_rolling, rolling_of

    request = request_for(pin.plan, means, out)
    request = replace(request, vantage=check_vantage(pin, request.vantage))
    _tell_version(pin, out)
    ignore_interrupts()
    watcher = watcher_for(pin.plan, out)
    try:
        report = measure_rolling(request, rolling_of(pin), watcher, lambda _: None)
    finally:
        watcher.ended()
    _tell_cells(report, out)
    code = seal_and_show(report.folders, out) if report.folders else 0
    for folder in report.folders:
        out.say(f"result set: {folder}")
    if code:
        raise typer.Exit(code)
    judge(_came(report), means, out)


def _refuse_changes(asked: Asked, means: Means) -> None:
    from cloudgauge.workflow.planning import NO_CHANGES

    where = str(asked.plan)
    if asked.pacing.changes() != NO_CHANGES or asked.selection != Selection():
        problem = (
            "is pinned: its targets, rounds and ceilings are the same for all "
            "vantages; leave out the options that change them, or pin another plan"
        )
        raise ConfigError(where, problem)
    if means.leaving.until_decided:
        problem = "is pinned, and goes to its end everywhere; leave out --until-decided"
        raise ConfigError(where, problem)


def _tell_version(pin: "Pin", out: Output) -> None:
    if pin.tool_version != __version__:
        out.say(
            f"pinned by cloudgauge {pin.tool_version}, and this is {__version__}: "
            "readers are told"
        )


def _tell_cells(report: "RollingReport", out: Output) -> None:
    """Say how much there is; where nothing had to be sent, say that."""
    here = f"{report.held:,} of {report.planned:,} visits and transfers of the plan"
    if not report.parts and report.complete:
        out.say(f"nothing was sent: {here} are there already")
    elif report.complete:
        out.say(f"{here} are there")
    else:
        out.say(f"{here} are there; the same command goes on with the others")


def _came(report: "RollingReport") -> Came:
    return Came(
        reason=report.stop_reason,
        detail=report.detail,
        # Where nothing was left to be sent, earlier parts have what there is.
        usable=report.usable_visits if report.parts else 1,
        failures=report.failures,
        silent=report.silent_targets,
    )
