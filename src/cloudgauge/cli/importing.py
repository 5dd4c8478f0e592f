"""``cloudgauge import``: other people's measurements as a result set."""

from pathlib import Path
from typing import Annotated

import typer

from cloudgauge.cli.output import (
    Format,
    FormatOption,
    Output,
    QuietOption,
    exit_codes,
)
from cloudgauge.cli.selection import TargetsOption


def import_command(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="A CSV, a matrix, a log of ping -D, or samples of metrics.",
        ),
    ],
    *,
    mapping: Annotated[
        Path,
        typer.Option("--mapping", metavar="MAP.toml", help="How FILE is to be read."),
    ],
    into: Annotated[
        Path,
        typer.Option("--into", "-o", metavar="FOLDER", help="The folder to make."),
    ],
    target_files: TargetsOption = None,
    format: FormatOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Import what others measured, so that it gets the same figures and the doubts.

    The mapping says which column is the time, the target, the value and its unit, and
    which region each target is. Values without a number, of mixed units or of
    targets that are no region are refused, each with its line. FORMAT.md has a
    mapping for ping, for a matrix and for the blackbox exporter.

    \b
      format = "ping"
      measured = "ICMP round trip"
      vantage = "berlin"
      failed_as = "response-timeout"
      timeout = "10s"
      [targets]
      "ec2.eu-west-1.amazonaws.com" = "aws/eu-west-1"
    """
    from cloudgauge.workflow.importing import ImportRequest, import_file

    with exit_codes():
        request = ImportRequest(
            source=file,
            mapping=mapping,
            into=into,
            target_files=tuple(target_files or ()),
        )
        answer = Output(format=format, quiet=quiet)
        answer.show(import_file(request))
