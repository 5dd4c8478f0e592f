"""``cloudgauge prices``: what regions cost, from which source, and how old that is."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cloudgauge.cli import prices_refresh
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
from cloudgauge.errors import MachineError
from cloudgauge.model.tariff import Charge

if TYPE_CHECKING:
    from cloudgauge.workflow.price_sheets import PriceShelf

app = typer.Typer(
    help=(
        "What regions cost: machines, traffic and addresses, each price with its "
        "source, its date and its currency; unknown stays unknown."
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
    off_by_default: AllOption = False,
    charge: Annotated[
        Charge | None,
        typer.Option("--charge", help="Every price of this charge, one a row."),
    ] = None,
    currency: Annotated[
        str | None,
        typer.Option("--currency", metavar="CODE", help="Only prices in it, as USD."),
    ] = None,
    targets: TargetsOption = None,
    format: FormatOption = Format.TABLE,
    output: OutputOption = None,
    quiet: QuietOption = False,
) -> None:
    """List what regions cost: a machine, traffic to the Internet, an address.

    One row a region and currency; with --charge one row a price. Nothing is
    converted, and a price that nobody knows is "no price", never 0. Prices that
    `prices refresh` wrote stand in place of the shipped ones.

    \b
    cloudgauge prices list --area gulf
    cloudgauge prices list --charge to-internet --provider gcp --format csv
    """
    from cloudgauge.workflow.price_sheets import list_prices

    selection = chosen(
        provider=provider,
        area=area,
        region=region,
        country=country,
        partition=partition,
        service=None,
        off_by_default=off_by_default,
    )
    with exit_codes():
        document = list_prices(
            selection,
            price_shelf(tuple(targets or ())),
            charge=charge,
            currency=currency.upper() if currency else None,
        )
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
    """Show every price of a region: tiers, what is free, notes, sources and rows."""
    from cloudgauge.workflow.price_sheets import show_prices

    with exit_codes():
        document = show_prices(region_id, price_shelf(tuple(targets or ())))
        Output(format=format, path=output, quiet=quiet).show(document)


@app.command("check")
def check_command(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILE]...",
            help="Files of your own, or ones that a refresh wrote, beside the shipped.",
        ),
    ] = None,
    *,
    format: FormatOption = Format.TABLE,
    output: OutputOption = None,
    quiet: QuietOption = False,
) -> None:
    """Lint the price sheets: shipped, refreshed and your own; exits 2 on an error.

    Tiers that leave a gap or overlap, prices that stand twice, regions that are in
    no catalogue, sources that are not named or not used, dates in the future,
    currencies that do not exist, and prices more than 20 times above or below the
    median of their kind. Without an error it counts which regions have which price.
    """
    from cloudgauge.workflow.price_checking import check_prices

    with exit_codes():
        checked = check_prices(price_shelf(tuple(files or ())))
        Output(format=format, path=output, quiet=quiet).show(checked.document)
    if checked.error_count:
        raise typer.Exit(2)


def price_shelf(files: tuple[Path, ...] = ()) -> "PriceShelf":
    """Where prices are kept: the user's data folder, if they have one, and *files*."""
    from cloudgauge.catalog.price_overlay import FOLDER_NAME
    from cloudgauge.settings.user_data import user_data_folder
    from cloudgauge.workflow.price_sheets import PriceShelf

    try:
        folder = user_data_folder(os.environ) / FOLDER_NAME
    except MachineError:
        folder = None
    return PriceShelf(folder=folder, files=files, today=datetime.now(tz=UTC).date())


prices_refresh.register(app)
