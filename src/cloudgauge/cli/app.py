"""The command line: every command in one place, and what a bug looks like.

Commands import the floors below inside their functions, so that asking for
help loads none of them.
"""

import os
import sys
import traceback
from types import TracebackType
from typing import Annotated

import typer

from cloudgauge import __version__
from cloudgauge.cli import campaign, fleet, locate, plan, prices, results, targets
from cloudgauge.cli.calibrate import calibrate
from cloudgauge.cli.choose import choose
from cloudgauge.cli.compare import compare
from cloudgauge.cli.cost import cost
from cloudgauge.cli.export import export
from cloudgauge.cli.importing import import_command
from cloudgauge.cli.merge import merge
from cloudgauge.cli.pull import pull
from cloudgauge.cli.push import push
from cloudgauge.cli.rank import rank
from cloudgauge.cli.redact import redact
from cloudgauge.cli.report import report
from cloudgauge.cli.run import rerun
from cloudgauge.cli.run import run as measure
from cloudgauge.cli.world import world

_EXIT_BUG = 70

app = typer.Typer(
    name="cloudgauge",
    help=(
        "Which cloud region serves your users best, at what price, and how sure "
        "can you be.\n\n"
        "Start with: cloudgauge run --world (a private Internet on this machine), "
        "then cloudgauge run (the real one), then cloudgauge show results/*."
    ),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(asked: bool) -> None:  # noqa: FBT001  typer calls it so
    if asked:
        typer.echo(f"cloudgauge {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Print the version.",
            callback=_print_version,
            is_eager=True,
        ),
    ] = False,
) -> None:
    """Take the options that stand before a command."""


app.add_typer(targets.app, name="targets")
locate.register(targets.app)
app.add_typer(prices.app, name="prices")
app.add_typer(plan.app, name="plan")
app.add_typer(campaign.app, name="campaign")
app.command("run")(measure)
app.command("rerun")(rerun)
app.command("calibrate")(calibrate)
results.register(app)
app.command("rank")(rank)
app.command("compare")(compare)
app.command("choose")(choose)
app.command("cost")(cost)
app.command("report")(report)
app.command("export")(export)
app.command("merge")(merge)
app.command("push")(push)
app.command("pull")(pull)
app.command("redact")(redact)
app.command("import")(import_command)
app.command("world")(world)
app.add_typer(fleet.app, name="fleet")


def run() -> None:
    """Run the command line; the process ends with the exit code of the design."""
    sys.excepthook = _report_bug
    # Arrow's own allocator keeps what it has freed: 6 to 35 MiB in `show`.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    # Not `app()`, which would put a hook of typer's own in place of ours.
    typer.main.get_command(app)(prog_name="cloudgauge")


def _report_bug(
    kind: type[BaseException], bug: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.stderr.write(
            "cloudgauge: interrupted; what a run has kept is sealed by the next "
            "command that opens its folder\n"
        )
        os._exit(130)
    traceback.print_exception(kind, bug, trace)
    sys.stderr.write(
        "cloudgauge: this is a bug of cloudgauge, not of yours; "
        "please report the lines above\n"
    )
    sys.stdout.flush()
    sys.stderr.flush()
    # Python would end with 1, which here means that a condition does not hold.
    os._exit(_EXIT_BUG)
