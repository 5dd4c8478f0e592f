"""``cloudgauge targets``: the catalogue, region by region, and its lint."""

from typing import Annotated

import typer

from cloudgauge.cli.check import register
from cloudgauge.cli.checking_live import evidence_shelf
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
    help=(
        "What can be measured: regions, their endpoints, what can be downloaded from "
        "them, and how well each is known."
    ),
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
    """List targets: each region's primary endpoint, or those of one service.

    Beside each stands the object that a download takes from its region.
    """
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
        document = list_targets(selection, tuple(targets or ()), evidence_shelf())
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
    """Show a region: place, endpoints, objects, prices, and where each is from."""
    from cloudgauge.workflow.catalogue import show_region

    with exit_codes():
        document = show_region(region_id, tuple(targets or ()), evidence_shelf())
        Output(format=format, path=output, quiet=quiet).show(document)


register(app)
