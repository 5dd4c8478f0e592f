"""A plan carried out for who types: announced, watched, sealed, shown, judged."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cloudgauge.cli.calibrate import calibration_in_use
from cloudgauge.cli.means import FailOn, Means
from cloudgauge.cli.output import Output
from cloudgauge.cli.pacing import Pacing
from cloudgauge.cli.world import parse_vantage_at
from cloudgauge.errors import ConfigError, MachineError
from cloudgauge.model.run import StopReason, Vantage
from cloudgauge.model.target import Selection

if TYPE_CHECKING:
    from cloudgauge.model.plan import Plan
    from cloudgauge.model.sample import FailureKind
    from cloudgauge.workflow.measuring import RunRequest
    from cloudgauge.workflow.reaching import Access

_EXIT_PARTIAL = 3
_EXIT_NOTHING = 4
_EXIT_MACHINE = 74
_EXIT_INTERRUPTED = 130
VANTAGE_FILE = Path("vantage.toml")
# As in world.description, which is too heavy to load for --help.
_WORLD_VARIABLE = "CLOUDGAUGE_WORLD"


def is_inside() -> bool:
    """Whether this process runs inside a private network already."""
    return _WORLD_VARIABLE in os.environ


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the options said of what is to be measured.

    Attributes:
        plan: A plan file or the name of a shipped plan; None for a selection.
    """

    plan: str | None
    selection: Selection
    pacing: Pacing


def plan_asked_for(asked: Asked, means: Means) -> "Plan":
    """The plan that the options mean, checked against its ceilings.

    Raises:
        ConfigError: A file, a name or a value is wrong.
        LimitExceeded: The plan would pass a ceiling; nothing was sent.
    """
    from cloudgauge.workflow.planning import PlanRequest, plan_for_run

    return plan_for_run(
        PlanRequest(
            plan=asked.plan,
            selection=asked.selection,
            changes=asked.pacing.changes(),
            target_files=means.target_files,
        )
    )


def carry_out(plan: "Plan", means: Means, out: Output) -> None:
    """Measure, seal and show; in the private network if that is asked for.

    Raises:
        ConfigError: An option is wrong; nothing was sent.
        MachineError: The machine failed us.
        typer.Exit: With the exit code that says how the run went, unless it is 0.
    """
    check_options(means, out)
    if means.leaving.until_decided:
        from cloudgauge.workflow.deciding import DecisionRule, check_rule

        # Before a private network is made for it.
        check_rule(plan, DecisionRule(snapshot=means.leaving.snapshot))
    if means.world and not is_inside():
        enter_world(means, out)
    from cloudgauge.cli.live import watcher_for
    from cloudgauge.workflow.measuring import measure

    request = request_for(plan, means, out)
    ignore_interrupts()
    watcher = watcher_for(plan, out)
    try:
        report = measure(request, watcher, watcher.looked)
    finally:
        watcher.ended()
    code = seal_and_show([report.folder], out)
    out.say(f"result set: {report.folder}")
    if code:
        raise typer.Exit(code)
    judge(
        Came(
            reason=report.outcome.stop_reason,
            detail=report.outcome.detail,
            usable=report.usable_visits,
            failures=report.failures,
            silent=report.silent_targets,
        ),
        means,
        out,
    )


def ignore_interrupts() -> None:
    """Leave Ctrl-C to the run, which minds it itself.

    Before and after it, while little is left to be waited for, one more would only
    tear what is being kept; the process that seals inherits this.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def check_options(means: Means, out: Output) -> None:
    """Refuse options that cannot be meant, before anything is made or sent.

    Raises:
        ConfigError: One of the private network is given without it.
        MachineError: The answer could not be written.
    """
    if means.leaving.snapshot and not means.leaving.until_decided:
        where = "--snapshot"
        raise ConfigError(where, "is of --until-decided; say that as well")
    for option, value in (
        ("--scenario", means.scenario),
        ("--vantage-at", means.vantage_at),
    ):
        if value is not None and not means.world and not is_inside():
            problem = "is of the private network; say --world as well"
            raise ConfigError(option, problem)
    # Found out now rather than after minutes of measuring.
    if out.path is not None and not out.path.absolute().parent.is_dir():
        msg = f"{out.path}: cannot be written: its folder does not exist"
        raise MachineError(msg)


def enter_world(means: Means, out: Output) -> None:
    """Do it all again inside the private network.

    Raises:
        typer.Exit: With the exit code of what ran inside.
    """
    from cloudgauge.settings.vantage_file import choose_vantage
    from cloudgauge.workflow.simulating import WorldRequest, run_cloudgauge

    place = parse_vantage_at(means.vantage_at)
    here = choose_vantage(means.vantage, None, VANTAGE_FILE)
    if place is None and here.latitude_deg is not None:
        place = here
    request = WorldRequest(
        scenario_file=means.scenario, vantage=place, target_files=means.target_files
    )
    out.say("making a private network; nothing leaves this machine")
    outcome = run_cloudgauge(sys.argv[1:], request)
    if outcome.fallback:
        out.say(f"no network namespace could be made: {outcome.fallback}")
    raise typer.Exit(outcome.exit_code)


def request_for(plan: "Plan", means: Means, out: Output) -> "RunRequest":
    """What a run needs to know, by what the options said.

    Raises:
        ConfigError: The vantage's file or name is wrong.
    """
    from cloudgauge.workflow.deciding import DecisionRule
    from cloudgauge.workflow.measuring import RunRequest

    vantage, access = vantage_and_access(means, out)
    return RunRequest(
        plan=plan,
        vantage=vantage,
        results=means.results,
        trust=access.trust,
        hosts_file=access.hosts_file,
        private_allowed=access.private_allowed,
        world=access.world,
        contact=access.contact,
        calibration=calibration_in_use(out),
        until_decided=DecisionRule(snapshot=means.leaving.snapshot)
        if means.leaving.until_decided
        else None,
    )


def vantage_and_access(means: Means, out: Output) -> tuple[Vantage, "Access"]:
    """Where we stand, and how targets are reached from there.

    Raises:
        ConfigError: The vantage's file or name is wrong.
    """
    from cloudgauge.measure.trust import TrustSettings
    from cloudgauge.settings.vantage_file import choose_vantage, in_world
    from cloudgauge.workflow.reaching import DEFAULT_CONTACT, Access
    from cloudgauge.world.description import read_world

    inside = os.environ.get(_WORLD_VARIABLE)
    world = read_world(Path(inside)) if inside else None
    vantage = choose_vantage(means.vantage, None, VANTAGE_FILE)
    if means.contact is None and world is None:
        out.say("servers' owners cannot reach you; --contact URL would let them")
    access = Access(
        trust=TrustSettings(
            ca_file=world.ca_file if world and not means.ca_file else means.ca_file,
            env_file=os.environ.get("SSL_CERT_FILE"),
            env_dir=os.environ.get("SSL_CERT_DIR"),
        ),
        hosts_file=means.hosts,
        private_allowed=means.allow_private,
        world=world,
        contact=means.contact or DEFAULT_CONTACT,
    )
    return in_world(vantage, world.vantage) if world else vantage, access


def seal_and_show(folders: Sequence[Path], out: Output) -> int:
    """Run ``cloudgauge show`` in a process of its own; its exit code.

    What reads result sets loads libraries that a prober has no use for; so the
    prober stays small, and what seals a killed run seals every run.
    """
    command = [sys.executable, "-m", "cloudgauge", "show", *map(str, folders)]
    command += ["--format", out.format.value]
    command += ["-o", str(out.path)] if out.path else []
    command += ["-q"] if out.quiet else []
    sys.stdout.flush()
    return subprocess.run(command, check=False).returncode


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """What came of a run, as far as an exit code goes.

    Attributes:
        reason: Why it ended.
        detail: One line for people.
        usable: Visits that were answered as expected.
        failures: How often each kind was seen, most frequent first.
        silent: Targets that never answered well.
    """

    reason: StopReason
    detail: str
    usable: int
    failures: "tuple[tuple[FailureKind, int], ...]"
    silent: tuple[str, ...]


def judge(came: Came, means: Means, out: Output) -> None:
    """Say what kept a run from going well, and end with its exit code.

    Raises:
        typer.Exit: Unless it went well.
    """
    if came.reason not in {StopReason.FINISHED, StopReason.DECIDED}:
        out.say(f"the run is incomplete: {came.detail}")
    if came.reason is StopReason.INTERRUPTED:
        raise typer.Exit(_EXIT_INTERRUPTED)
    if came.reason is StopReason.MACHINE:
        raise typer.Exit(_EXIT_MACHINE)
    if not came.usable:
        kinds = ", ".join(f"{kind} {count}" for kind, count in came.failures)
        out.say(f"nothing usable was measured: {kinds or 'no visit was made'}")
        raise typer.Exit(_EXIT_NOTHING)
    if means.fail_on is FailOn.PARTIAL and came.silent:
        out.say(f"never answered well: {', '.join(came.silent)}")
        raise typer.Exit(_EXIT_PARTIAL)
