"""``cloudgauge run`` and ``rerun``: measure, and show what was measured."""

import os
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cloudgauge.cli.output import (
    Format,
    FormatOption,
    Output,
    OutputOption,
    QuietOption,
    VerboseOption,
    exit_codes,
)
from cloudgauge.cli.pacing import (
    DurationOption,
    Ipv4Option,
    Ipv6Option,
    Pacing,
    RateOption,
    RoundsOption,
    SeedOption,
    TimeoutOption,
    WarmOption,
)
from cloudgauge.cli.selection import (
    AllOption,
    AreaOption,
    CountryOption,
    PartitionOption,
    ProviderOption,
    RegionOption,
    ServiceOption,
    TargetsOption,
    chosen,
)
from cloudgauge.cli.world import ScenarioOption, VantageAtOption, parse_vantage_at
from cloudgauge.model.run import StopReason

if TYPE_CHECKING:
    from cloudgauge.model.plan import Plan
    from cloudgauge.workflow.measuring import RunReport

_EXIT_PARTIAL = 3
_EXIT_NOTHING = 4
_EXIT_MACHINE = 74
_EXIT_INTERRUPTED = 130
_VANTAGE_FILE = Path("vantage.toml")
# As in world.description, which is too heavy to load for --help.
_WORLD_VARIABLE = "CLOUDGAUGE_WORLD"


class FailOn(StrEnum):
    """Conditions that make an exit code of their own."""

    PARTIAL = "partial"


VantageOption = Annotated[
    str | None,
    typer.Option(
        "--vantage", metavar="NAME", help="Where we measure from [vantage.toml]."
    ),
]
ResultsOption = Annotated[
    Path,
    typer.Option("--results", metavar="DIR", help="Where result sets are made."),
]
HostsOption = Annotated[
    Path | None,
    typer.Option(
        "--hosts", metavar="FILE", help="Addresses of your own, as in hosts(5)."
    ),
]
CaFileOption = Annotated[
    Path | None,
    typer.Option("--ca-file", metavar="FILE", help="Roots of your own to trust."),
]
PrivateOption = Annotated[
    bool,
    typer.Option("--allow-private", help="Private addresses may be targets."),
]
WorldOption = Annotated[
    bool,
    typer.Option("--world", help="In the private network; nothing leaves the machine."),
]
ContactOption = Annotated[
    str | None,
    typer.Option(
        "--contact", metavar="URL", help="Whom servers' owners may ask about you."
    ),
]
FailOnOption = Annotated[
    FailOn | None,
    typer.Option(
        "--fail-on", help="partial: exit 3 if some target never answered well."
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What the options said of where and how a run is made."""

    vantage: str | None
    results: Path
    hosts: Path | None
    ca_file: Path | None
    allow_private: bool
    contact: str | None
    fail_on: FailOn | None


def run(
    plan: Annotated[
        str | None,
        typer.Argument(
            metavar="[PLAN]",
            help="A plan file, or the name of a shipped plan (see: plan list).",
        ),
    ] = None,
    *,
    provider: ProviderOption = None,
    area: AreaOption = None,
    region: RegionOption = None,
    country: CountryOption = None,
    partition: PartitionOption = None,
    service: ServiceOption = None,
    off_by_default: AllOption = False,
    targets: TargetsOption = None,
    rounds: RoundsOption = None,
    duration: DurationOption = None,
    seed: SeedOption = None,
    warm: WarmOption = None,
    timeout: TimeoutOption = None,
    rate: RateOption = None,
    ipv4: Ipv4Option = False,
    ipv6: Ipv6Option = False,
    vantage: VantageOption = None,
    results: ResultsOption = Path("results"),
    hosts: HostsOption = None,
    ca_file: CaFileOption = None,
    allow_private: PrivateOption = False,
    contact: ContactOption = None,
    world: WorldOption = False,
    scenario: ScenarioOption = None,
    vantage_at: VantageAtOption = None,
    fail_on: FailOnOption = None,
    format: FormatOption = Format.TABLE,  # noqa: A002  the option's name
    output: OutputOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Measure latency to cloud regions and keep every sample.

    Without a plan and a selection: the primary endpoint of every region that is on
    by default, ten rounds, about three minutes. Ctrl-C ends it and keeps what was
    measured; a second Ctrl-C does so at once.

    \b
    cloudgauge run                        every region, from here
    cloudgauge run --area gulf -n 30      one area, thirty rounds
    cloudgauge run south-east-asia        a shipped plan
    cloudgauge run --world                in a private network, truth known

    Exit codes: 0 done, 2 a mistake of yours, 3 with --fail-on partial, 4 nothing
    usable was measured, 74 the machine failed, 130 interrupted.
    """
    from cloudgauge.workflow.planning import PlanRequest, plan_for_run

    out = Output(format=format, path=output, quiet=quiet, verbose=verbose)
    pacing = Pacing(
        rounds=rounds,
        duration=duration,
        seed=seed,
        warm=warm,
        timeout=timeout,
        rate=rate,
        ipv4=ipv4,
        ipv6=ipv6,
    )
    selection = chosen(
        provider=provider,
        area=area,
        region=region,
        country=country,
        partition=partition,
        service=service,
        off_by_default=off_by_default,
    )
    means = Means(
        vantage=vantage,
        results=results,
        hosts=hosts,
        ca_file=ca_file,
        allow_private=allow_private,
        contact=contact,
        fail_on=fail_on,
    )
    with exit_codes():
        request = PlanRequest(
            plan=plan,
            selection=selection,
            changes=pacing.changes(),
            target_files=tuple(targets or ()),
        )
        ready = plan_for_run(request)
        if world:
            _enter_world(scenario, vantage_at, tuple(targets or ()), means, out)
        _measure_and_show(ready, means, out)


def rerun(
    result_set: Annotated[
        Path, typer.Argument(metavar="SET", help="A result set to repeat.")
    ],
    *,
    vantage: VantageOption = None,
    results: ResultsOption = Path("results"),
    hosts: HostsOption = None,
    ca_file: CaFileOption = None,
    allow_private: PrivateOption = False,
    contact: ContactOption = None,
    world: WorldOption = False,
    scenario: ScenarioOption = None,
    vantage_at: VantageAtOption = None,
    fail_on: FailOnOption = None,
    format: FormatOption = Format.TABLE,  # noqa: A002  the option's name
    output: OutputOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Repeat a result set: the same plan, seed and targets, from its manifest alone.

    The catalogue of today is not asked: what was measured then is measured now. A set
    of the private network is repeated there with --world.
    """
    from cloudgauge.workflow.repeating import plan_of

    out = Output(format=format, path=output, quiet=quiet, verbose=verbose)
    means = Means(
        vantage=vantage,
        results=results,
        hosts=hosts,
        ca_file=ca_file,
        allow_private=allow_private,
        contact=contact,
        fail_on=fail_on,
    )
    with exit_codes():
        ready = plan_of(result_set)
        if world:
            _enter_world(scenario, vantage_at, (), means, out)
        _measure_and_show(ready, means, out)


def _enter_world(
    scenario: Path | None,
    vantage_at: str | None,
    target_files: tuple[Path, ...],
    means: Means,
    out: Output,
) -> None:
    """Do it all again inside the private network; return at once if we are there.

    Raises:
        typer.Exit: With the exit code of what ran inside.
    """
    if _WORLD_VARIABLE in os.environ:
        return
    from cloudgauge.settings.vantage_file import choose_vantage
    from cloudgauge.workflow.simulating import WorldRequest, run_cloudgauge

    place = parse_vantage_at(vantage_at)
    here = choose_vantage(means.vantage, None, _VANTAGE_FILE)
    if place is None and here.latitude_deg is not None:
        place = here
    request = WorldRequest(
        scenario_file=scenario, vantage=place, target_files=target_files
    )
    out.say("making a private network; nothing leaves this machine")
    outcome = run_cloudgauge(sys.argv[1:], request)
    if outcome.fallback:
        out.say(f"no network namespace could be made: {outcome.fallback}")
    raise typer.Exit(outcome.exit_code)


def _measure_and_show(plan: "Plan", means: Means, out: Output) -> None:
    from cloudgauge.cli.live import watcher_for
    from cloudgauge.measure.trust import TrustSettings
    from cloudgauge.settings.vantage_file import choose_vantage, in_world
    from cloudgauge.workflow import measuring
    from cloudgauge.world.description import read_world

    inside = os.environ.get(_WORLD_VARIABLE)
    world = read_world(Path(inside)) if inside else None
    vantage = choose_vantage(means.vantage, None, _VANTAGE_FILE)
    request = measuring.RunRequest(
        plan=plan,
        vantage=in_world(vantage, world.vantage) if world else vantage,
        results=means.results,
        trust=TrustSettings(
            ca_file=world.ca_file if world and not means.ca_file else means.ca_file,
            env_file=os.environ.get("SSL_CERT_FILE"),
            env_dir=os.environ.get("SSL_CERT_DIR"),
        ),
        hosts_file=means.hosts,
        private_allowed=means.allow_private,
        world=world,
        contact=means.contact or measuring.DEFAULT_CONTACT,
    )
    out.say(measuring.announcement(plan))
    watcher = watcher_for(plan.pacing.rounds, quiet=out.quiet)
    report = measuring.measure(request, watcher)
    _seal_and_show(report.folder, out)
    out.say(f"result set: {report.folder}")
    _end(report, means, out)


def _seal_and_show(folder: Path, out: Output) -> None:
    """Run ``cloudgauge show`` in a process of its own.

    What reads result sets loads libraries that a prober has no use for; so the
    prober stays small, and what seals a killed run seals every run.

    Raises:
        typer.Exit: It failed; it has said why.
    """
    command = [sys.executable, "-m", "cloudgauge", "show", str(folder)]
    command += ["--format", out.format.value]
    command += ["-o", str(out.path)] if out.path else []
    command += ["-q"] if out.quiet else []
    sys.stdout.flush()
    code = subprocess.run(command, check=False).returncode
    if code:
        raise typer.Exit(code)


def _end(report: "RunReport", means: Means, out: Output) -> None:
    """Leave with the exit code that says how a run went.

    Raises:
        typer.Exit: Unless the code is 0.
    """
    reason = report.outcome.stop_reason
    if reason is not StopReason.FINISHED:
        out.say(f"the run is incomplete: {report.outcome.detail}")
    if reason is StopReason.INTERRUPTED:
        raise typer.Exit(_EXIT_INTERRUPTED)
    if reason is StopReason.MACHINE:
        raise typer.Exit(_EXIT_MACHINE)
    if not report.usable_visits:
        kinds = ", ".join(f"{kind} {count}" for kind, count in report.failures)
        out.say(f"nothing usable was measured: {kinds or 'no visit was made'}")
        raise typer.Exit(_EXIT_NOTHING)
    if means.fail_on is FailOn.PARTIAL and report.silent_targets:
        count = len(report.silent_targets)
        out.say(f"{count} targets never answered well: {report.silent_targets[0]}, …")
        raise typer.Exit(_EXIT_PARTIAL)
