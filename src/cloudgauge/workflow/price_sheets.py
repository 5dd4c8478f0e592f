"""What the regions cost: every known price, where it is from and how old it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cloudgauge.catalog.loader import load_catalog
from cloudgauge.catalog.tariffs import Tariffs, load_tariffs
from cloudgauge.errors import ConfigError
from cloudgauge.model.target import Selection
from cloudgauge.model.tariff import Charge, Tariff
from cloudgauge.report.document import Document
from cloudgauge.workflow.choosing import by_option
from cloudgauge.workflow.price_sheet_rows import PriceBook
from cloudgauge.workflow.price_sheets_view import (
    allowances_table,
    charges_table,
    overview_table,
    reading_notes,
    tiers_table,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceShelf:
    """Where prices are kept.

    Attributes:
        folder: Of what refreshes wrote; it may not exist; None for none.
        files: Target files of the user's own.
        today: UTC.
    """

    folder: Path | None
    files: tuple[Path, ...] = ()
    today: date

    def tariffs(self) -> Tariffs:
        """Every price that is known.

        Raises:
            ConfigErrors: All that is wrong in all files.
        """
        return load_tariffs(self.files, self.folder)


def list_prices(
    selection: Selection,
    shelf: PriceShelf,
    *,
    charge: Charge | None = None,
    currency: str | None = None,
) -> Document:
    """List what regions cost: one row a region and currency, or every price of one.

    Args:
        selection: Which regions.
        shelf: Where prices are kept.
        charge: Every price of this charge, one a row; None for an overview.
        currency: Only prices in it; None for all.

    Raises:
        ConfigError: A file, a name in the selection or the currency is wrong.
    """
    catalog = load_catalog(shelf.files)
    region_ids = sorted(
        {target.region.region_id for target in catalog.select(selection, by_option)}
    )
    book = PriceBook(tariffs=shelf.tariffs(), today=shelf.today, currency=currency)
    _check_currency(book)
    priced = [
        (region_id, one)
        for region_id in region_ids
        for one in book.rows_of(region_id)
        if charge in {None, one.charge}
    ]
    shown = [one for _, one in priced]
    table = charges_table(book, priced) if charge else overview_table(book, region_ids)
    reached = len({region_id for region_id, _ in priced})
    return Document(
        kind="prices-list",
        title=(
            f"{charge or 'prices'} of {reached} of {_count(len(region_ids), 'region')}"
        ),
        tables=(table,),
        notes=tuple(reading_notes(book, shown, is_overview=charge is None)),
    )


def show_prices(region_id: str, shelf: PriceShelf) -> Document:
    """Show every price of a region: each tier, note, source, date and row.

    Raises:
        ConfigError: A file is wrong, or there is no such region.
    """
    region = load_catalog(shelf.files).region(region_id)
    book = PriceBook(tariffs=shelf.tariffs(), today=shelf.today)
    shown = book.rows_of(region_id)
    given = book.tariffs.allowances_of(region_id)
    prices = charges_table(book, [(region_id, one) for one in shown], of_one=True)
    return Document(
        kind="prices-show",
        title=f"{region_id}: {region.name}, {_count(len(shown), 'price')}",
        tables=(
            prices,
            *((tiers_table(shown),) if shown else ()),
            *((allowances_table(book, given),) if given else ()),
        ),
        notes=(
            *_told(shown),
            *(f"allowance: {one.note}" for one in given if one.note),
            *reading_notes(book, shown, is_overview=False),
        ),
        provenance=tuple(
            dict.fromkeys(
                f"{book.key_of(source)}: {source}"
                for provenance in (
                    *(one.provenance for one in shown),
                    *(one.provenance for one in given),
                )
                for source in provenance.sources
            )
        ),
    )


def _check_currency(book: PriceBook) -> None:
    known = sorted({one.currency for one in book.tariffs.tariffs})
    if book.currency not in {None, *known}:
        where = "--currency"
        problem = f'no price in "{book.currency}"; there are prices in '
        raise ConfigError(where, problem + ", ".join(known))


def _told(shown: tuple[Tariff, ...]) -> Iterator[str]:
    for one in shown:
        if one.note:
            name = " ".join(filter(None, (one.charge, one.route, one.sku)))
            yield f"{name} in {one.currency}: {one.note}"


def _count(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
