"""``cloudgauge show`` and ``verify``: read what was kept, and check it."""

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

ByOption = Annotated[
    str | None,
    typer.Option(
        "--by",
        metavar="WHAT,...",
        help="All sets together: quantiles by vantage, provider, region, target, "
        "family, replica, day, hour, run.",
    ),
]
MetricOption = Annotated[
    str | None,
    typer.Option("--metric", help="With --by: connect [default], tls, first-byte."),
]
QuantilesOption = Annotated[
    str | None,
    typer.Option(
        "--quantiles", metavar="P,...", help="With --by: such as p50,p95,p99 [default]."
    ),
]
EngineOption = Annotated[
    str | None,
    typer.Option(
        "--engine", help="With --by: auto [default], memory, duckdb; answers are equal."
    ),
]
LongTermOption = Annotated[
    str | None,
    typer.Option(
        "--long-term",
        metavar="hour|day|all",
        help="What a monitor keeps in PATH for the long term: by hour (by day after "
        "three weeks), by day, or all of it.",
    ),
]


def show_command(
    paths: SetsArgument,
    *,
    by: ByOption = None,
    metric: MetricOption = None,
    quantiles: QuantilesOption = None,
    engine: EngineOption = None,
    long_term: LongTermOption = None,
    format: FormatOption = Format.TABLE,
    output: OutputOption = None,
    quiet: QuietOption = False,
) -> None:
    """Show result sets: failures and latency of every target, caveats first.

    With --by all of them are taken together, however many samples they have: one row
    for what has the same vantage, region, hour of the day, ..., with quantiles and
    their intervals. An empty --by "" is one row for everything.

    \b
      cloudgauge show results/ --by vantage,region
      cloudgauge show results/ --by region,hour --metric first-byte
      cloudgauge show results/ --by vantage,target --quantiles p50,p99.9
      cloudgauge show monitor/ --long-term day
    """
    from cloudgauge.workflow.keeping import show_sets
    from cloudgauge.workflow.pooled import PooledWish, show_pooled

    with exit_codes():
        answer = Output(format=format, path=output, quiet=quiet)
        wish = PooledWish(by=by, metric=metric, quantiles=quantiles, engine=engine)
        if long_term is not None:
            from cloudgauge.workflow.long_term import show_long_term

            answer.show(show_long_term(paths, long_term))
        elif wish.is_asked():
            answer.show(show_pooled(at_hand(paths, answer), wish))
        else:
            answer.show(show_sets(at_hand(paths, answer)))


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
        answer.show(verify_sets(at_hand(paths, answer)))


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command("show")(show_command)
    app.command("verify")(verify_command)
