"""``cloudgauge rank``: the places that regions may hold, and ties."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cloudgauge.cli.cost import price_shelf
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
from cloudgauge.cli.selection import TargetsOption
from cloudgauge.cli.sets import SetsArgument, at_hand
from cloudgauge.errors import ConfigError

if TYPE_CHECKING:
    from cloudgauge.report.document import Document
    from cloudgauge.workflow.choosing_regions_prices import Prices
    from cloudgauge.workflow.question import Question

_MIDDLE = "p50"


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
    cost: Annotated[
        Path | None,
        typer.Option(
            "--cost",
            metavar="WORKLOAD",
            help="Hold latency against a month of this: what nothing else beats.",
        ),
    ] = None,
    quantile: Annotated[
        str,
        typer.Option(
            "--quantile", metavar="PNN", help="Of a vantage's times, with --cost."
        ),
    ] = _MIDDLE,
    fx: Annotated[
        list[str] | None,
        typer.Option(
            "--fx",
            metavar="RATE",
            help="Such as CNY=7.1@2026-11-01, for one USD, with --cost; repeatable.",
        ),
    ] = None,
    answer_size: Annotated[
        str | None,
        typer.Option(
            "--answer-size",
            metavar="SIZE",
            help="Of an answer, to price a million requests, with --cost [100 kB].",
        ),
    ] = None,
    targets: TargetsOption = None,
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
    cloudgauge rank results/* --cost shop.toml --quantile p95

    "1 to 3" means: surely no better than first and no worse than third, for all
    regions at once. Regions that share a letter are not shown to differ. What was read
    by another clock or over another protocol is ranked apart, and imports that name no
    rounds at common hours of the day, unless --allow says that it may differ.

    With --cost (cloudgauge cost --example writes a workload) each region has its
    latency and its cost; those that no other beats in both come first. --targets FILE
    brings prices of your own.
    """
    with exit_codes():
        from cloudgauge.workflow.question import Question
        from cloudgauge.workflow.ranking import rank as rank_regions
        from cloudgauge.workflow.results import load

        out = Output(format=format, path=output, quiet=quiet)
        question = Question.of(metric.value, weights=weights, allow=allow or "")
        if cost is not None:
            prices = _prices(cost, fx, targets, answer_size)
            out.show(
                _frontier(
                    at_hand(paths, out), question, prices, region or ["*"], quantile
                )
            )
            return
        said = {
            "--fx": fx,
            "--quantile": quantile != _MIDDLE,
            "--answer-size": answer_size,
            "--targets": targets,
        }
        for where in (name for name, value in said.items() if value):
            problem = "says more of --cost, which is not there"
            raise ConfigError(where, problem)
        found = rank_regions(
            load(at_hand(paths, out)), regions=region or ["*"], question=question
        )
        out.show(found.document())


def _prices(
    workload: Path,
    fx: list[str] | None,
    targets: list[Path] | None,
    answer: str | None,
) -> "Prices":
    from cloudgauge.workflow.choosing_regions_prices import Prices

    sized = {"answer": answer} if answer else {}
    return Prices.of(workload, fx=fx or (), shelf=price_shelf(targets), **sized)


def _frontier(
    paths: list[Path],
    question: "Question",
    prices: "Prices",
    regions: list[str],
    quantile: str,
) -> "Document":
    from cloudgauge.workflow.choosing_regions_wish import parse_quantile
    from cloudgauge.workflow.frontier import frontier
    from cloudgauge.workflow.results import load

    found = frontier(
        load(paths),
        prices,
        regions=regions,
        question=question,
        quantile=parse_quantile(quantile, "--quantile"),
    )
    return found.document()
