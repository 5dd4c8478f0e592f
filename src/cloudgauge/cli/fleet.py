"""``cloudgauge fleet``: certificates, workers, and how a campaign stands."""

import datetime as dt
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cloudgauge.cli import fleet_run
from cloudgauge.cli.means import CaFileOption, ContactOption, HostsOption, PrivateOption
from cloudgauge.cli.output import (
    Format,
    FormatOption,
    Output,
    OutputOption,
    QuietOption,
    VerboseOption,
    exit_codes,
)

if TYPE_CHECKING:
    from cloudgauge.model.run import Vantage

# As in world.description, which is too heavy to load for --help.
_WORLD_VARIABLE = "CLOUDGAUGE_WORLD"

app = typer.Typer(
    name="fleet",
    help=(
        "One plan at many vantage points, carried by Dask over TLS.\n\n"
        "Start with: cloudgauge fleet init fleet --vantage tokyo --vantage frankfurt, "
        "copy each folder in fleet/vantages to its machine, start cloudgauge fleet "
        "worker there, then cloudgauge fleet run here."
    ),
    no_args_is_help=True,
    rich_markup_mode=None,
)

SchedulerOption = fleet_run.SchedulerOption
TlsOption = fleet_run.TlsOption


@app.command()
def init(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Where the certificates are made.")
    ],
    *,
    vantage: Annotated[
        list[str] | None,
        typer.Option("--vantage", metavar="NAME", help="Who may join; repeatable."),
    ] = None,
    host: Annotated[
        list[str] | None,
        typer.Option(
            "--host",
            metavar="NAME|IP",
            help="Where the scheduler is reached, for its certificate; repeatable.",
        ),
    ] = None,
    days: Annotated[
        int, typer.Option("--days", min=1, help="How long certificates are valid.")
    ] = 365,
    format: FormatOption = Format.TABLE,
    output: OutputOption = None,
    quiet: QuietOption = False,
) -> None:
    """Make a fleet's certificates: an authority, the scheduler, one for each vantage.

    Who has none of them gets no further than the TLS handshake. Run it again to add
    vantages. Keys are readable by you alone; the authority's key stays in this folder.

    \b
      cloudgauge fleet init fleet --vantage tokyo --vantage frankfurt
    """
    from cloudgauge.fleet.authority import Wanted, found_authority, issue
    from cloudgauge.fleet.identity import Role, member_folder
    from cloudgauge.fleet.made_view import made_document
    from cloudgauge.model.run import Vantage

    with exit_codes():
        names = [Vantage(name=name).name for name in _checked(vantage or [])]
        now = dt.datetime.now(dt.UTC)
        founded = found_authority(folder, now)
        wanted = [Wanted(role=Role.VANTAGE, name=name, days=days) for name in names]
        if not member_folder(folder, Role.SCHEDULER, "").exists():
            hosts = tuple(host or ())
            scheduler = Wanted(
                role=Role.SCHEDULER, name="scheduler", days=days, hosts=hosts
            )
            wanted.insert(0, scheduler)
        made = [issue(folder, one, now) for one in wanted]
        answer = Output(format=format, path=output, quiet=quiet)
        answer.show(made_document(folder, made, founded=founded))


def _checked(names: list[str]) -> list[str]:
    from cloudgauge.errors import ConfigError
    from cloudgauge.model.run import Vantage

    where = "--vantage"
    for name in names:
        try:
            Vantage(name=name)
        except ValueError as exc:
            raise ConfigError(where, str(exc)) from exc
        if names.count(name) > 1:
            raise ConfigError(where, f'"{name}" is named twice')
    return names


@app.command()
def worker(
    *,
    vantage: Annotated[
        str,
        typer.Option(
            "--vantage",
            metavar="NAME|FILE.toml",
            help="Where we measure from, or its vantage.toml.",
        ),
    ],
    scheduler: SchedulerOption,
    tls: TlsOption,
    results: Annotated[
        Path,
        typer.Option("--results", metavar="DIR", help="Where its sets are kept."),
    ] = Path("results"),
    forever: Annotated[
        bool,
        typer.Option(
            "--forever/--once",
            help="Wait for further campaigns, or end after one.",
        ),
    ] = False,
    hosts: HostsOption = None,
    ca_file: CaFileOption = None,
    allow_private: PrivateOption = False,
    contact: ContactOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Join a fleet from this machine, and measure what it is given.

    The prober is a process of its own and goes on when the scheduler cannot be
    reached; started again after whatever end, the worker goes on where it was. SIGTERM
    or Ctrl-C: what was measured is sealed and delivered, then it ends.

    \b
      cloudgauge fleet worker --vantage tokyo --scheduler tls://192.0.2.7:8786 \\
        --tls tokyo --forever

    Exit codes: 0 done or told to end, 2 refused by the scheduler, which says why, 74
    the machine failed.
    """
    from cloudgauge.fleet.extra import check_engine

    out = Output(quiet=quiet, verbose=verbose)
    with exit_codes():
        check_engine()
        from cloudgauge.fleet.asking_prober import Reach, asker
        from cloudgauge.fleet.identity import Role
        from cloudgauge.fleet.worker import WorkerRequest, run_worker

        here = _vantage(vantage)
        identity = fleet_run.identity_in(tls, Role.VANTAGE, here.name)
        if contact is None and _WORLD_VARIABLE not in os.environ:
            out.say("servers' owners cannot reach you; --contact URL would let them")
        reach = Reach(
            hosts_file=hosts,
            ca_file=ca_file,
            private_allowed=allow_private,
            contact=contact,
        )
        request = WorkerRequest(
            vantage=here,
            scheduler=fleet_run.parsed(scheduler).url,
            identity=identity,
            results=results,
            ask=asker(here, results, reach),
            forever=forever,
            verbose=verbose,
        )
        run_worker(request, out.say)


def _vantage(text: str) -> "Vantage":
    """The vantage that an option names; its place in the private network, if inside.

    Raises:
        ConfigError: It is no name and no such file.
    """
    from cloudgauge.settings.vantage_file import choose_vantage, in_world
    from cloudgauge.world.description import read_world

    if text.endswith(".toml"):
        here = choose_vantage(None, Path(text), Path(text))
    else:
        here = choose_vantage(text, None, Path("vantage.toml"))
    inside = os.environ.get(_WORLD_VARIABLE)
    return in_world(here, read_world(Path(inside)).vantage) if inside else here


@app.command()
def status(
    *,
    scheduler: SchedulerOption,
    tls: TlsOption,
    format: FormatOption = Format.TABLE,
    output: OutputOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Show how a campaign stands: vantages, rounds, failures, clocks, last heard.

    The clock is each worker's held against the scheduler's: how far it is ahead, and
    within which span the truth is.
    """
    from cloudgauge.fleet.extra import check_engine

    out = Output(format=format, path=output, quiet=quiet, verbose=verbose)
    with exit_codes():
        check_engine()
        from cloudgauge.fleet.asking import ask_standing
        from cloudgauge.fleet.identity import Role
        from cloudgauge.fleet.view import standing_document

        identity = fleet_run.identity_in(tls, Role.SCHEDULER, "")
        address = fleet_run.parsed(scheduler).url
        out.show(standing_document(ask_standing(address, identity, verbose=verbose)))


app.command("run")(fleet_run.run)
