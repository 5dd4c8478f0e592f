"""``cloudgauge show`` and ``verify``: read what was kept, and check it."""

from pathlib import Path
from typing import Annotated

import typer

from cloudgauge.cli.output import (
    Format,
    FormatOption,
    Output,
    OutputOption,
    QuietOption,
    exit_codes,
)

SetsArgument = Annotated[
    list[Path],
    typer.Argument(
        metavar="PATH...", help="Result sets, or folders that hold result sets."
    ),
]


def show_command(
    paths: SetsArgument,
    *,
    format: FormatOption = Format.TABLE,
    output: OutputOption = None,
    quiet: QuietOption = False,
) -> None:
    """Show result sets: failures and latency of every target, caveats first."""
    from cloudgauge.workflow.keeping import show_sets

    with exit_codes():
        answer = Output(format=format, path=output, quiet=quiet)
        answer.show(show_sets(paths))


def verify_command(
    paths: SetsArgument,
    *,
    format: FormatOption = Format.TABLE,
    output: OutputOption = None,
    quiet: QuietOption = False,
) -> None:
    """Verify result sets: a changed byte, a missing or an extra file is exit 5."""
    from cloudgauge.workflow.keeping import verify_sets

    with exit_codes():
        answer = Output(format=format, path=output, quiet=quiet)
        answer.show(verify_sets(paths))


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command("show")(show_command)
    app.command("verify")(verify_command)
