"""``cloudgauge fleet run``: host the scheduler of one campaign, from plan to set."""

import datetime as dt
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cloudgauge.cli.output import (
    Format,
    FormatOption,
    Output,
    QuietOption,
    VerboseOption,
    exit_codes,
)
from cloudgauge.cli.selection import TargetsOption

if TYPE_CHECKING:
    from cloudgauge.fleet.address import SchedulerAddress
    from cloudgauge.fleet.finishing import CampaignEnd
    from cloudgauge.fleet.identity import Identity, Role
    from cloudgauge.model.campaign import Pin

_EXIT_PARTIAL = 3
_EXIT_NOTHING = 4
_EXIT_INTERRUPTED = 130

SchedulerOption = Annotated[
    str,
    typer.Option(
        "--scheduler", metavar="tls://HOST:PORT", help="Where the scheduler is."
    ),
]
TlsOption = Annotated[
    Path,
    typer.Option(
        "--tls",
        metavar="FOLDER",
        help="Our certificate, a folder that fleet init made; or all of them.",
    ),
]


def run(
    plan: Annotated[
        str,
        typer.Argument(
            metavar="PLAN|PIN.json",
            help="A pinned plan; or a plan, which is pinned first.",
        ),
    ],
    *,
    scheduler: SchedulerOption,
    tls: TlsOption,
    vantage: Annotated[
        list[str] | None,
        typer.Option(
            "--vantage",
            metavar="NAME|FILE.toml",
            help="Who takes part, or its vantage.toml; repeatable [those pinned].",
        ),
    ] = None,
    targets: TargetsOption = None,
    part: Annotated[
        str | None,
        typer.Option(
            "--part",
            metavar="ROUNDS|DURATION",
            help="Parts come in every so many rounds, or every hour: 1h [one in all].",
        ),
    ] = None,
    stagger: Annotated[
        bool,
        typer.Option(
            "--stagger/--together",
            help="Vantages begin as far apart as a round has room for, or a visit "
            "apart: 1.1s at the default ceiling of a host.",
        ),
    ] = False,
    store: Annotated[
        str | None,
        typer.Option(
            "--store",
            metavar="URL",
            help="Workers push parts there rather than send them [sent].",
        ),
    ] = None,
    wait: Annotated[
        str,
        typer.Option(
            "--wait", metavar="DURATION", help="How long to wait until all are there."
        ),
    ] = "10m",
    patience: Annotated[
        str,
        typer.Option(
            "--patience",
            metavar="DURATION",
            help="After the last round, how long a silent vantage is waited for.",
        ),
    ] = "10m",
    lead: Annotated[
        str,
        typer.Option(
            "--lead",
            metavar="DURATION",
            help="When all are there, how long until the first round.",
        ),
    ] = "10s",
    clock_bound: Annotated[
        str | None,
        typer.Option(
            "--clock-bound",
            metavar="DURATION",
            help="Refuse a worker whose clock is further off [told, not refused].",
        ),
    ] = None,
    results: Annotated[
        Path,
        typer.Option(
            "--results", "-o", metavar="DIR", help="Where the merged set is made."
        ),
    ] = Path("results"),
    format: FormatOption = Format.TABLE,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Carry out one plan at all vantages, and make one set of what they measured.

    The scheduler runs in this process. It waits for the vantages, checks their version,
    plan and clock, lets their rounds begin together (or staggered) so that a host never
    sees more of all of them than its ceiling, and takes sealed parts in as they end. A
    vantage that dies or is cut off goes on when it returns; the set is merged when no
    cell is lacking. Ctrl-C lets the workers go on; run it again with the pin.json that
    it names to take the campaign up again.

    \b
      cloudgauge fleet run south-east-asia --vantage tokyo --vantage frankfurt \\
        --scheduler tls://192.0.2.7:8786 --tls fleet -o results

    Exit codes: 0 all vantages complete, 2 a mistake of yours, 3 some incomplete or
    lost, 4 nothing was measured, 74 not all came in time or the machine failed, 130
    interrupted.
    """
    from cloudgauge.fleet.extra import check_engine

    out = Output(format=format, quiet=quiet, verbose=verbose)
    with exit_codes():
        check_engine()
        from cloudgauge.fleet.campaign import host_campaign
        from cloudgauge.fleet.commission import CampaignRequest
        from cloudgauge.fleet.finishing import finish_campaign
        from cloudgauge.fleet.identity import Role
        from cloudgauge.fleet.view import end_document

        identity = identity_in(tls, Role.SCHEDULER, "")
        address = parsed(scheduler)
        pin = _pin(plan, tuple(vantage or ()), part, tuple(targets or ()))
        request = CampaignRequest(
            pin=pin,
            vantages=pin.vantages,
            host=address.host,
            port=address.port,
            identity=identity,
            results=results,
            store=store or "",
            staggered=stagger,
            wait_ns=_duration_ns("--wait", wait),
            patience_ns=_duration_ns("--patience", patience),
            lead_ns=_duration_ns("--lead", lead),
            clock_bound_ns=(
                None
                if clock_bound is None
                else _duration_ns("--clock-bound", clock_bound)
            ),
            verbose=verbose,
        )
        collected = host_campaign(request, out.say)
        end = finish_campaign(
            pin, collected, store=store or "", results=results, said=out.say
        )
        out.show(end_document(end))
        _judge(end)


def identity_in(tls: Path, role: "Role", name: str) -> "Identity":
    """Our certificate in the folder that an option names.

    Raises:
        ConfigError: There is none, it has expired, or it is another's.
    """
    from cloudgauge.errors import ConfigError
    from cloudgauge.fleet.identity import Role, load_identity, own_folder

    identity = load_identity(own_folder(tls, role, name), dt.datetime.now(dt.UTC))
    if role is Role.VANTAGE and (identity.role, identity.name) != (role, name):
        problem = f"is the certificate of {identity.role} {identity.name}, not {name}"
        raise ConfigError(str(identity.folder), problem)
    return identity


def parsed(scheduler: str) -> "SchedulerAddress":
    """The scheduler's address.

    Raises:
        ConfigError: It is none.
    """
    from cloudgauge.fleet.address import parse_scheduler

    return parse_scheduler(scheduler)


def _pin(
    plan: str, vantages: tuple[str, ...], part: str | None, targets: tuple[Path, ...]
) -> "Pin":
    from cloudgauge.errors import ConfigError
    from cloudgauge.workflow.pinning import PinTerms, is_pin, pin_plan, read_pin
    from cloudgauge.workflow.planning import PlanRequest

    where = "--vantage"
    if is_pin(plan):
        if vantages or part or targets:
            problem = "is in the pinned plan; pin it anew to change it"
            raise ConfigError(where if vantages else "--part or --targets", problem)
        pin = read_pin(Path(plan))
    else:
        request = PlanRequest(plan=plan, target_files=targets)
        terms = PinTerms(vantages=vantages, part=part)
        pin = pin_plan(request, terms, pinned_wall_ns=time.time_ns())
    if not pin.vantages:
        raise ConfigError(where, "say who is to take part, each by --vantage NAME")
    return pin


def _duration_ns(option: str, text: str) -> int:
    from cloudgauge.errors import ConfigError
    from cloudgauge.model.quantity import parse_duration_ns

    try:
        return parse_duration_ns(text)
    except ValueError as exc:
        raise ConfigError(option, str(exc)) from exc


def _judge(end: "CampaignEnd") -> None:
    if end.complete:
        return
    if end.interrupted:
        raise typer.Exit(_EXIT_INTERRUPTED)
    if not any(one.cells.held for one in end.vantages):
        raise typer.Exit(_EXIT_NOTHING)
    raise typer.Exit(_EXIT_PARTIAL)
