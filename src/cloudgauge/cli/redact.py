"""``cloudgauge redact``: a copy of a result set that can be shown to others."""

import time
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
from cloudgauge.cli.sets import SetArgument, one_at_hand


def redact(
    result_set: SetArgument,
    *,
    into: Annotated[
        Path,
        typer.Option("--into", "-o", metavar="COPY", help="The folder to make."),
    ],
    drop: Annotated[
        list[str] | None,
        typer.Option(
            "--drop",
            metavar="FIELD",
            help="Take out this as well, such as vantage.city; repeatable.",
        ),
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            "--keep",
            metavar="FIELD",
            help="Keep this, such as remote_address; repeatable.",
        ),
    ] = None,
    rename: Annotated[
        list[str] | None,
        typer.Option(
            "--rename-vantage",
            metavar="NAME",
            help="What the vantage is called; OLD=NEW for each of several.",
        ),
    ] = None,
    within_km: Annotated[
        float | None,
        typer.Option(
            "--coordinates-within",
            metavar="KM",
            help="Move its coordinates by up to so much; its uncertainty says so.",
        ),
    ] = None,
    format: FormatOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Copy a result set without what tells whose machine measured it, for sharing.

    Of a folder of sets, or a merged set, each set is copied.

    Out go the addresses that names resolved to, ports, details of failures, what of
    the machine is its own, and files that others put into the folder; every time,
    count and word of a failure stays. The copy is sealed: show, rank, verify and all
    others read it and say that it is redacted, from what and without which fields.

    \b
    cloudgauge redact results/20260115T120000Z-lab-250fc6fe -o to-share
    cloudgauge redact results -o to-share --rename-vantage lab=asia
    cloudgauge redact both -o to-share --drop vantage.city --coordinates-within 100

    FORMAT.md says of every column and key what becomes of it, and why.
    """
    from cloudgauge.workflow.redacting import RedactRequest, redact_set

    with exit_codes():
        out = Output(format=format, quiet=quiet)
        request = RedactRequest(
            path=one_at_hand(result_set, out),
            into=into,
            now_ns=time.time_ns(),
            drop=tuple(drop or ()),
            keep=tuple(keep or ()),
            rename=tuple(rename or ()),
            within_km=within_km,
        )
        out.show(redact_set(request))
