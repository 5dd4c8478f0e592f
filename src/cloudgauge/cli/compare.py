"""``cloudgauge compare``: two regions, or before and after, with a verdict."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cloudgauge.cli.judging import (
    AllowOption,
    MetricName,
    MetricOption,
    WeightsOption,
)
from cloudgauge.cli.output import (
    Format,
    FormatOption,
    Output,
    OutputOption,
    QuietOption,
    exit_codes,
)
from cloudgauge.cli.sets import at_hand
from cloudgauge.errors import ConfigError

if TYPE_CHECKING:
    from cloudgauge.workflow.comparison_view import Comparisons
    from cloudgauge.workflow.question import Question

_EXIT_CONDITION = 1
_PATHS = "PATH..."


def compare(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar=_PATHS,
            help="Sets, or URLs, of any vantages with --with; else before and after.",
        ),
    ],
    *,
    of: Annotated[
        str | None,
        typer.Option(
            "--of",
            metavar="REGION",
            help="The baseline: a region, or a target; before and after: which ones.",
        ),
    ] = None,
    against: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            metavar="REGION",
            help="What is held against it; repeatable; * and ? match.",
        ),
    ] = None,
    metric: MetricOption = MetricName.CONNECT,
    margin: Annotated[
        str | None,
        typer.Option(
            "--margin",
            metavar="AMOUNT",
            help="Within which a shift does not matter; of two the greater [2ms,2%].",
        ),
    ] = None,
    weights: WeightsOption = None,
    allow: AllowOption = None,
    fail_on: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-on",
            metavar="CONDITION",
            help="Exit 1 if slower:5ms, slower:2%, faster:5ms, differs or undecided.",
        ),
    ] = None,
    format: FormatOption = Format.TABLE,
    output: OutputOption = None,
    quiet: QuietOption = False,
) -> None:
    """Compare two regions, or the same regions before and after: a verdict each.

    \b
    cloudgauge compare results/* --of aws/ap-southeast-1 --with alibaba/ap-southeast-1
    cloudgauge compare results/* --of aws/ap-southeast-1 --with '*'
    cloudgauge compare monday/ tuesday/ --fail-on slower:5ms

    Regions of the same sets are held against each other round by round, at every
    vantage; two sets, one heap of values against the other. The verdict is differs,
    equivalent (surely within --margin) or undecided; slower:5ms means that the whole
    interval lies beyond 5 ms.

    Like is compared with like: another clock, and but for connect another version of
    TLS or HTTP, is refused unless --allow names it. Of two sets only rounds count that
    have one of the other set within 3 h of their time of day; if there is none, that is
    refused, unless --allow hours takes every round.
    """
    with exit_codes():
        from cloudgauge.workflow.conditions import broken, parse_condition
        from cloudgauge.workflow.question import Question

        out = Output(format=format, path=output, quiet=quiet)
        question = Question.of(
            metric.value, margin=margin, weights=weights, allow=allow or ""
        )
        conditions = [parse_condition(text, question.metric) for text in fail_on or ()]
        found = _found(at_hand(paths, out), of, against or [], question)
        out.show(found.document())
        told = broken(conditions, (*found.rows, *found.together))
        for line in told:
            out.say(line)
        if told:
            raise typer.Exit(_EXIT_CONDITION)


def _found(
    paths: list[Path], of: str | None, against: list[str], question: "Question"
) -> "Comparisons":
    from cloudgauge.workflow.comparing import compare as compare_results
    from cloudgauge.workflow.results import load

    if against:
        found = load(paths)
        return compare_results(found, of=of, against=against, question=question)
    if len(paths) != 2:
        problem = (
            f"want two, before and after, got {len(paths)}; to compare regions of "
            "the same sets say --of and --with"
        )
        raise ConfigError(_PATHS, problem)
    before, after = (load(path) for path in paths)
    return compare_results(before, after, of=of, question=question)
