"""``cloudgauge merge``: sets of several vantages, or several days, in one folder."""

import time
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
from cloudgauge.cli.sets import SetsArgument, at_hand

_WORDS = ("schema", "plan", "metric", "network", "vantage", "clock")


def merge(
    sets: SetsArgument,
    *,
    into: Annotated[
        Path,
        typer.Option("--into", metavar="FOLDER", help="The folder to make."),
    ],
    allow: Annotated[
        str | None,
        typer.Option(
            "--allow",
            metavar="WORDS",
            help=f"In which ways the sets may differ: {','.join(_WORDS)}.",
        ),
    ] = None,
    format: FormatOption = Format.TABLE,
    output: OutputOption = None,
    quiet: QuietOption = False,
) -> None:
    """Merge the result sets of several vantages, or of several days.

    Each set is kept whole, with its manifest and its hashes; show, verify, rank and
    compare read the folder as they read a set. What was measured by another plan, by
    another clock or on another network is refused unless --allow names it; an exact
    duplicate is dropped.

    \b
      cloudgauge merge results/*-singapore-* results/*-frankfurt-* --into merged
    """
    from cloudgauge.workflow.merging import MergeRequest, allowed_words, merge_sets

    with exit_codes():
        answer = Output(format=format, path=output, quiet=quiet)
        request = MergeRequest(
            paths=tuple(at_hand(sets, answer)),
            into=into,
            now_ns=time.time_ns(),
            allowed=allowed_words(allow or ""),
        )
        answer.show(merge_sets(request))
