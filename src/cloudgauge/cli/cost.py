"""``cloudgauge cost``: a month of a described workload, region by region."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cloudgauge.cli.output import (
    Format,
    FormatOption,
    Output,
    OutputOption,
    QuietOption,
    exit_codes,
)
from cloudgauge.cli.selection import (
    AllOption,
    AreaOption,
    CountryOption,
    PartitionOption,
    ProviderOption,
    RegionOption,
    TargetsOption,
    chosen,
)
from cloudgauge.errors import ConfigError, MachineError

if TYPE_CHECKING:
    from cloudgauge.workflow.costing import PriceShelf


def cost(
    workload: Annotated[
        Path | None,
        typer.Argument(metavar="WORKLOAD.toml", help="What runs in a month."),
    ] = None,
    *,
    example: Annotated[
        bool, typer.Option("--example", help="Write a workload file to begin with.")
    ] = False,
    provider: ProviderOption = None,
    area: AreaOption = None,
    region: RegionOption = None,
    country: CountryOption = None,
    partition: PartitionOption = None,
    every: AllOption = False,
    fx: Annotated[
        list[str] | None,
        typer.Option(
            "--fx",
            metavar="CNY=7.1@DATE",
            help="What one US dollar was worth on a day; repeatable.",
        ),
    ] = None,
    currency: Annotated[
        str | None,
        typer.Option(
            "--currency",
            metavar="CODE",
            help="Bring every amount into this one [as they are; USD with --fx].",
        ),
    ] = None,
    targets: TargetsOption = None,
    verbose: Annotated[
        bool,
        typer.Option("--verbose", "-v", help="Every line, tier by tier, with source."),
    ] = False,
    format: FormatOption = Format.TABLE,
    output: OutputOption = None,
    quiet: QuietOption = False,
) -> None:
    """Work out what a month of a workload costs in each region, from dated prices.

    \b
    cloudgauge cost --example -o shop.toml
    cloudgauge cost shop.toml --area europe
    cloudgauge cost shop.toml --region aws/eu-west-1 -v
    cloudgauge cost shop.toml --fx CNY=7.1@2026-11-01 --format csv

    Each region is taken as if all of it ran there, with what its account gets free
    and with its tiers. A price that is not known is "no price", never 0 and never a
    neighbour's: then the total is "at least" the rest. Currencies stay as they are
    unless a rate is given. One region, or -v, shows every line, its price row and its
    source; csv has them under the column names of FOCUS 1.2.
    """
    with exit_codes():
        out = Output(format=format, path=output, quiet=quiet)
        if example:
            _write_example(output)
            return
        if workload is None:
            where = "WORKLOAD.toml"
            problem = "is missing; cloudgauge cost --example writes one to begin with"
            raise ConfigError(where, problem)
        from cloudgauge.workflow.costing import cost as work_out

        selection = chosen(
            provider=provider,
            area=area,
            region=region,
            country=country,
            partition=partition,
            service=None,
            off_by_default=every,
        )
        found = work_out(
            workload,
            regions=selection,
            currency=currency,
            fx=fx or (),
            shelf=price_shelf(targets),
        )
        if format is Format.CSV:
            out.show(found.focus())
        else:
            out.show(found.document(detail=verbose or len(found.bills) == 1))


def price_shelf(targets: list[Path] | None) -> "PriceShelf":
    """The shipped sheets, what was refreshed, and *targets*, as of today."""
    from cloudgauge.workflow.costing import PriceShelf

    return PriceShelf(
        files=tuple(targets or ()),
        overlay=_overlay_folder(),
        today=datetime.now(tz=UTC).date(),
    )


def _overlay_folder() -> Path | None:
    """Where refreshed prices are kept; None if the user has no place for data."""
    from cloudgauge.catalog.price_overlay import FOLDER_NAME
    from cloudgauge.settings.user_data import user_data_folder

    try:
        return user_data_folder(os.environ) / FOLDER_NAME
    except MachineError:
        return None


def _write_example(path: Path | None) -> None:
    from cloudgauge.settings.workload_file import EXAMPLE

    if path is None:
        typer.echo(EXAMPLE, nl=False)
        return
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(EXAMPLE)
    except FileExistsError as exc:
        raise ConfigError(str(path), "is there already; name another file") from exc
    except OSError as exc:
        msg = f"{path}: cannot be written: {exc.strerror}"
        raise MachineError(msg) from exc
