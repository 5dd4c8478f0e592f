"""``cloudgauge choose``: the regions that serve users best, within limits."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cloudgauge.cli.cost import price_shelf
from cloudgauge.cli.judging import AllowOption, MetricName, MetricOption
from cloudgauge.cli.output import (
    Format,
    FormatOption,
    Output,
    OutputOption,
    QuietOption,
    exit_codes,
)
from cloudgauge.cli.selection import (
    AreaOption,
    CountryOption,
    ProviderOption,
    TargetsOption,
)
from cloudgauge.cli.sets import SetsArgument, at_hand

_EXIT_CONDITION = 1
_NONE = "no set of regions keeps all limits"


class ObjectiveName(StrEnum):
    """As `placement.problem.Objective`, which is too heavy to load for --help."""

    LATENCY = "latency"
    WORST = "worst"
    COST = "cost"


def choose(
    paths: SetsArgument,
    *,
    k: Annotated[
        str,
        typer.Option(
            "-k",
            metavar="COUNT",
            help="How many regions: 3; or 1..3, as few as keep all limits; or 2..",
        ),
    ],
    objective: Annotated[
        ObjectiveName,
        typer.Option(
            "--for", help="What is got down: mean latency, the worst user's, or cost."
        ),
    ] = ObjectiveName.LATENCY,
    metric: MetricOption = MetricName.CONNECT,
    quantile: Annotated[
        str,
        typer.Option(
            "--quantile",
            metavar="PNN",
            help="Of a user's times, which says how far a region is.",
        ),
    ] = "p50",
    weights: Annotated[
        str | None,
        typer.Option(
            "--weights",
            metavar="VANTAGE=N,...",
            help="How many users each vantage stands for, or a users.toml [all alike].",
        ),
    ] = None,
    workload: Annotated[
        Path | None,
        typer.Option(
            "--workload", metavar="FILE", help="A month's use, to know what it costs."
        ),
    ] = None,
    budget: Annotated[
        str | None,
        typer.Option("--budget", metavar="MONEY", help='A month, such as "500 USD".'),
    ] = None,
    fx: Annotated[
        list[str] | None,
        typer.Option(
            "--fx",
            metavar="RATE",
            help="Such as CNY=7.1@2026-11-01, for one USD; repeatable.",
        ),
    ] = None,
    within: Annotated[
        str | None,
        typer.Option(
            "--within", metavar="TIME", help="Users must be served within, as 80ms."
        ),
    ] = None,
    share: Annotated[
        str | None,
        typer.Option(
            "--share", metavar="PERCENT", help="So many of them, with --within [95%]."
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            "--at", metavar="PNN", help="Of a user's times, with --within [p95]."
        ),
    ] = None,
    provider: ProviderOption = None,
    not_provider: Annotated[
        list[str] | None,
        typer.Option(
            "--not-provider", metavar="NAME", help="Not this provider; repeatable."
        ),
    ] = None,
    country: CountryOption = None,
    not_country: Annotated[
        list[str] | None,
        typer.Option(
            "--not-country", metavar="CODE", help="Not this country; repeatable."
        ),
    ] = None,
    area: AreaOption = None,
    not_area: Annotated[
        list[str] | None,
        typer.Option("--not-area", metavar="NAME", help="Not this area; repeatable."),
    ] = None,
    providers: Annotated[
        int,
        typer.Option("--providers", metavar="N", help="So many providers at least."),
    ] = 1,
    replication: Annotated[
        str | None,
        typer.Option(
            "--replication",
            metavar="TIME",
            help="No two farther apart, as 40ms; wants sets from cloud regions.",
        ),
    ] = None,
    time_limit: Annotated[
        str, typer.Option("--time-limit", metavar="TIME", help="For the proof.")
    ] = "15s",
    draws: Annotated[
        int, typer.Option("--draws", min=1, help="How often all is drawn anew.")
    ] = 200,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of these draws.")] = 1,
    targets: TargetsOption = None,
    allow: AllowOption = None,
    format: FormatOption = Format.TABLE,
    output: OutputOption = None,
    quiet: QuietOption = False,
) -> None:
    """Choose the regions that serve users best, across providers and within limits.

    \b
    cloudgauge choose results/* -k 3
    cloudgauge choose results/* -k 1..4 --within 80ms --share 95% --at p95
    cloudgauge choose results/* -k 3 --for cost --workload shop.toml --within 60ms
    cloudgauge choose results/* -k 2 --workload shop.toml --budget "500 USD"
    cloudgauge choose results/* -k 2 --providers 2 --not-area mainland-china

    Each vantage stands for users, who go to the nearest region that is chosen. All sets
    of regions are looked at, or the best is proved by programming; how sure it is shows
    in draws of rounds and vantages: how often each region is chosen again, and by how
    much the answer may be worse than the best. Where no set keeps all limits, it
    says which one to loosen and by how much, and the exit code is 1.
    """
    with exit_codes():
        from cloudgauge.workflow.choosing_regions import choose as choose_regions
        from cloudgauge.workflow.choosing_regions_prices import prices_within
        from cloudgauge.workflow.choosing_regions_wish import Residency, Wish, effort_of
        from cloudgauge.workflow.results import load

        out = Output(format=format, path=output, quiet=quiet)
        wish = Wish.of(
            k,
            residency=Residency(
                providers=tuple(provider or ()),
                not_providers=tuple(not_provider or ()),
                countries=tuple(code.upper() for code in country or ()),
                not_countries=tuple(code.upper() for code in not_country or ()),
                areas=tuple(area or ()),
                not_areas=tuple(not_area or ()),
            ),
            objective=objective.value,
            metric=metric.value,
            quantile=quantile,
            weights=weights,
            allow=allow or "",
            budget=budget,
            within=within,
            share=share,
            at=at,
            providers=providers,
            replication=replication,
        )
        effort = effort_of(time_limit, draws=draws, seed=seed)
        shelf = price_shelf(targets)
        prices = prices_within(workload, wish.budget, fx or (), shelf)
        found = choose_regions(
            load(at_hand(paths, out)), wish, prices=prices, effort=effort
        )
        out.show(found.document())
        if not found.regions:
            out.say(_NONE)
            raise typer.Exit(_EXIT_CONDITION)
