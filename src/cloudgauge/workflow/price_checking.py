"""The lint of price sheets, and how far they reach."""

from collections.abc import Iterable
from dataclasses import dataclass

from cloudgauge.catalog.files import ReadFile, price_rows, shipped_files, user_files
from cloudgauge.catalog.lint import errors_in
from cloudgauge.catalog.loader import build_catalog
from cloudgauge.catalog.price_doubts import doubtful_prices
from cloudgauge.catalog.price_overlay import overlays_and_others
from cloudgauge.catalog.tariffs import build_tariffs
from cloudgauge.model.tariff import Charge
from cloudgauge.report.document import Cell, Column, Document, Scale, Table
from cloudgauge.workflow.price_sheet_rows import OLD_DAYS, PriceBook, by_default
from cloudgauge.workflow.price_sheets import PriceShelf


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceCheck:
    """The outcome of a lint.

    Attributes:
        error_count: Findings that keep the prices from being used or believed.
    """

    document: Document
    error_count: int


def check_prices(shelf: PriceShelf) -> PriceCheck:
    """Hold the price sheets against their schema, one another and good sense.

    Shipped sheets, what refreshes wrote, and a user's own, all together; every
    finding is told, none hides another. Without an error there is also a table of
    how many regions of each provider have which price.
    """
    overlays, own = overlays_and_others(shelf.folder, shelf.files)
    read = (*shipped_files(), *overlays, *user_files(own))
    errors = (*errors_in(read), *doubtful_prices(read, shelf.today))
    sheets = {place.file.where for place, _, _ in price_rows(read)}
    count = sum(1 for _ in price_rows(read))
    findings = Table(
        name="findings",
        title="",
        columns=(
            Column(name="where", label="where"),
            Column(name="problem", label="problem"),
        ),
        rows=tuple((error.where, error.problem) for error in errors),
    )
    document = Document(
        kind="prices-check",
        title=(
            f"{len(errors)} {'error' if len(errors) == 1 else 'errors'} in {count} "
            f"price rows of {len(sheets)} sheets"
        ),
        tables=(findings,) if errors else (_coverage(read, shelf),),
        notes=() if errors else (_OF_COVERAGE,),
    )
    return PriceCheck(document=document, error_count=len(errors))


_OF_COVERAGE = (
    "regions that have such a price in any currency, where nobody chose a route or a "
    f"machine; old: prices dated more than {OLD_DAYS} days ago"
)
_CHARGES = (
    (Charge.MACHINE, "machine"),
    (Charge.TO_INTERNET, "to internet"),
    (Charge.PUBLIC_IPV4, "IPv4"),
    (Charge.TO_OTHER_REGION, "other region"),
    (Charge.TO_OTHER_ZONE, "other zone"),
)


def _coverage(read: tuple[ReadFile, ...], shelf: PriceShelf) -> Table:
    book = PriceBook(tariffs=build_tariffs(read), today=shelf.today)
    by_provider: dict[str, list[str]] = {}
    for region in build_catalog(read).regions:
        by_provider.setdefault(region.provider, []).append(region.region_id)
    return Table(
        name="coverage",
        title="regions that have a price",
        columns=(
            Column(name="provider", label="provider"),
            Column(name="regions", label="regions", scale=Scale.COUNT),
            *(
                Column(name=charge.replace("-", "_"), label=label, scale=Scale.COUNT)
                for charge, label in _CHARGES
            ),
            Column(name="none", label="no price", scale=Scale.COUNT),
            Column(name="prices", label="prices", scale=Scale.COUNT),
            Column(name="old", label="old", scale=Scale.COUNT),
        ),
        rows=tuple(
            _covered(book, provider, region_ids)
            for provider, region_ids in sorted(by_provider.items())
        ),
    )


def _covered(
    book: PriceBook, provider: str, region_ids: Iterable[str]
) -> tuple[Cell, ...]:
    rows = {region_id: book.rows_of(region_id) for region_id in region_ids}
    prices = {one.row: one for found in rows.values() for one in found}
    return (
        provider,
        len(rows),
        *(
            sum(bool(by_default(found, charge)) for found in rows.values())
            for charge, _ in _CHARGES
        ),
        sum(not found for found in rows.values()),
        len(prices),
        sum(book.is_old([one]) for one in prices.values()),
    )
