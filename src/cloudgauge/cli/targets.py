"""``cloudgauge targets``: the catalogue, region by region, and its lint."""

from datetime import UTC, datetime
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
from cloudgauge.cli.selection import (
    AllOption,
    AreaOption,
    CountryOption,
    PartitionOption,
    ProviderOption,
    RegionOption,
    ServiceOption,
    TargetsOption,
    chosen,
)

app = typer.Typer(
    help="What can be measured: regions, their endpoints, and how well each is known.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("list")
def list_command(
    *,
    provider: ProviderOption = None,
    area: AreaOption = None,
    region: RegionOption = None,
    country: CountryOption = None,
    partition: PartitionOption = None,
    service: ServiceOption = None,
    off_by_default: AllOption = False,
    targets: TargetsOption = None,
    format: FormatOption = Format.TABLE,
    output: OutputOption = None,
    quiet: QuietOption = False,
) -> None:
    """List targets: each region's primary endpoint, or those of one service."""
    from cloudgauge.workflow.catalogue import list_targets

    selection = chosen(
        provider=provider,
        area=area,
        region=region,
        country=country,
        partition=partition,
        service=service,
        off_by_default=off_by_default,
    )
    with exit_codes():
        document = list_targets(selection, tuple(targets or ()))
        Output(format=format, path=output, quiet=quiet).show(document)


@app.command("show")
def show_command(
    region_id: Annotated[
        str, typer.Argument(metavar="ID", help="Such as alibaba/ap-southeast-1.")
    ],
    *,
    targets: TargetsOption = None,
    format: FormatOption = Format.TABLE,
    output: OutputOption = None,
    quiet: QuietOption = False,
) -> None:
    """Show a region: its place, all endpoints, notes, sources and dates."""
    from cloudgauge.workflow.catalogue import show_region

    with exit_codes():
        document = show_region(region_id, tuple(targets or ()))
        Output(format=format, path=output, quiet=quiet).show(document)


@app.command("check")
def check_command(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILE]...", help="Target files of your own, beside the shipped."
        ),
    ] = None,
    *,
    format: FormatOption = Format.TABLE,
    output: OutputOption = None,
    quiet: QuietOption = False,
) -> None:
    """Lint the shipped target files and your own; exit 2 if any has an error."""
    from cloudgauge.workflow.catalogue import check_targets

    with exit_codes():
        check = check_targets(tuple(files or ()), today=datetime.now(tz=UTC).date())
        Output(format=format, path=output, quiet=quiet).show(check.document)
    if check.error_count:
        raise typer.Exit(2)
