"""``cloudgauge report``: one file that tells everything, to be sent to others."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cloudgauge.cli.judging import WeightsOption
from cloudgauge.cli.output import Output, QuietOption, exit_codes
from cloudgauge.cli.sets import SetsArgument, at_hand


class PageFormat(StrEnum):
    """How a report is written."""

    HTML = "html"
    MD = "md"


def report(
    paths: SetsArgument,
    *,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE", help="The file to make."),
    ],
    format: Annotated[
        PageFormat | None,
        typer.Option("--format", help="How to write it [md for a .md, else html]."),
    ] = None,
    weights: WeightsOption = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a file that is there.")
    ] = False,
    quiet: QuietOption = False,
) -> None:
    """Write result sets as one page: answer, map, ranking, pictures, caveats.

    The file stands alone: it needs no network, no server and no other file, and asks
    for nothing when it is opened. Tables can be searched and sorted; it reads on a
    phone, in the dark and on paper.

    \b
    cloudgauge report results/* -o report.html
    cloudgauge report results/* -o report.md       tables, pictures in words
    cloudgauge report both -o both.html --weights singapore=0.7,frankfurt=0.3
    """
    with exit_codes():
        from cloudgauge.workflow.question import parse_weights
        from cloudgauge.workflow.reporting import (
            ReportRequest,
            check_ready,
            write_report,
        )
        from cloudgauge.workflow.results import load

        out = Output(quiet=quiet)
        request = ReportRequest(
            path=output,
            as_markdown=_is_markdown(format, output),
            overwrite=force,
            weights=None if weights is None else parse_weights(weights),
        )
        check_ready(request)
        size_bytes = write_report(load(at_hand(paths, out)), request, tell=out.say)
        out.say(f"wrote {output} ({size_bytes / 1e6:.2f} MB)")


def _is_markdown(format: PageFormat | None, output: Path) -> bool:
    if format is None:
        return output.suffix.lower() in (".md", ".markdown")
    return format is PageFormat.MD
