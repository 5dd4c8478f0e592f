"""``cloudgauge campaign``: who of several vantages has delivered."""

import sys
import time
from collections.abc import Callable
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
from cloudgauge.cli.push import EndpointOption, HttpOption
from cloudgauge.errors import ConfigError

_EXIT_CONDITION = 1
# As `workflow.campaign_view.Unmet`, which is too heavy to load for --help.
_CONDITIONS = ("incomplete", "late", "problems")

app = typer.Typer(
    help="One plan at several vantages: who has delivered, and who has not.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def _group() -> None:
    """One plan at several vantages: who has delivered, and who has not."""


@app.command("status")
def status_command(
    store: Annotated[
        str,
        typer.Argument(
            metavar="STORE", help="A folder, or a store's URL, such as s3://bucket/a."
        ),
    ],
    pin: Annotated[
        Path, typer.Argument(metavar="PIN.json", help="The plan, as it was pinned.")
    ],
    *,
    verify: Annotated[
        bool,
        typer.Option(
            "--verify", help="Read and check everything, and count every cell."
        ),
    ] = False,
    fail_on: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-on",
            metavar="CONDITION",
            help="Exit 1 if incomplete, late or problems; repeatable.",
        ),
    ] = None,
    endpoint: EndpointOption = None,
    allow_http: HttpOption = False,
    format: FormatOption = Format.TABLE,
    output: OutputOption = None,
    quiet: QuietOption = False,
) -> None:
    """Say who of a campaign has delivered, who is missing or late, what does not fit.

    Of each vantage: the cells (slots of the plan) that its sets hold, those that lack,
    in which rounds, and for how long they have been due. What does not fit is named:
    sets of another plan, catalogue or version, half uploaded or cut short, two
    machines with one name, a clock that cannot be right.

    Only the manifests are read. With --verify every byte is read and checked, and
    every cell is counted.

    \b
    cloudgauge campaign status shared-folder asia.json
    cloudgauge campaign status s3://bench/asia asia.json --fail-on incomplete
    """
    from cloudgauge.store.remote_access import Access
    from cloudgauge.workflow.campaign_view import (
        StatusRequest,
        Unmet,
        look_at_campaign,
        status_document,
        unmet,
    )

    with exit_codes():
        for text in fail_on or ():
            if text not in _CONDITIONS:
                where = "--fail-on"
                wanted = ", ".join(_CONDITIONS)
                raise ConfigError(where, f'want {wanted}, got "{text}"')
        out = Output(format=format, path=output, quiet=quiet)
        found = look_at_campaign(
            StatusRequest(
                store=store,
                pin=pin,
                now_ns=time.time_ns(),
                by_samples=verify,
                access=Access.of_process(
                    endpoint=endpoint or "", allow_http=allow_http
                ),
                told=_progress(out),
            )
        )
        out.show(status_document(found))
        told = list(unmet(found, [Unmet(text) for text in fail_on or ()]))
        for line in told:
            out.say(line)
        if told:
            raise typer.Exit(_EXIT_CONDITION)


def _progress(out: Output) -> Callable[[int, int], None] | None:
    """What tells on a terminal how many sets were looked at."""
    if out.quiet or not sys.stderr.isatty():
        return None

    def told(done: int, total: int) -> None:
        end = "\n" if done == total else ""
        sys.stderr.write(f"\r{done} of {total} sets{end}")
        sys.stderr.flush()

    return told
