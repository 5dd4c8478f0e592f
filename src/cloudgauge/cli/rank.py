"""``cloudgauge rank``: the places that regions may hold, and ties."""

from typing import Annotated

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
from cloudgauge.cli.results import SetsArgument


def rank(
    paths: SetsArgument,
    *,
    region: Annotated[
        list[str] | None,
        typer.Option(
            "--region",
            metavar="REGION",
            help="Only these regions or targets; repeatable; * and ? match.",
        ),
    ] = None,
    metric: MetricOption = MetricName.CONNECT,
    weights: WeightsOption = None,
    allow: AllowOption = None,
    format: FormatOption = Format.TABLE,
    output: OutputOption = None,
    quiet: QuietOption = False,
) -> None:
    """Rank regions at every vantage and over all: places each may hold, and ties.

    \b
    cloudgauge rank results/*
    cloudgauge rank results/* --region 'aws/*' --region 'gcp/*'
    cloudgauge rank results/* --weights singapore=0.7,frankfurt=0.3

    "1 to 3" means: surely no better than first and no worse than third, for all
    regions at once. Regions that share a letter are not shown to differ. What was read
    by another clock or over another protocol is ranked apart, and imports that name no
    rounds at common hours of the day, unless --allow says that it may differ.
    """
    with exit_codes():
        from cloudgauge.workflow.question import Question
        from cloudgauge.workflow.ranking import rank as rank_regions
        from cloudgauge.workflow.results import load

        out = Output(format=format, path=output, quiet=quiet)
        question = Question.of(metric.value, weights=weights, allow=allow or "")
        found = rank_regions(load(paths), regions=region or ["*"], question=question)
        out.show(found.document())
