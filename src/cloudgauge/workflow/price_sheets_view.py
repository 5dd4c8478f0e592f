"""Price sheets as tables: an overview, every price of a charge, tiers, allowances."""

from collections.abc import Iterator, Sequence

from cloudgauge.model.tariff import Allowance, Charge, Tariff
from cloudgauge.report.document import Cell, Column, Scale, Table
from cloudgauge.workflow.price_sheet_rows import (
    NO_PRICE,
    OLD_DAYS,
    PriceBook,
    by_default,
    first_price,
    least_sure,
    plain,
    span,
    tiers_text,
)

_LIST_NOTE = (
    "list prices without tax, on demand; an hour of a Linux machine of 2 vCPU and "
    "8 GiB where the region has one; nothing is converted between currencies"
)
_NO_PRICE_NOTE = (
    f"{NO_PRICE}: no source with a date says it; it is unknown, not free, and never "
    "a neighbour's"
)
_TERABYTE_NOTE = (
    "1 TB: a month of 10^12 bytes to the Internet, nothing else in the account, after "
    "what is free; a span: it depends on where the receivers are"
)
_REFRESHED_NOTE = "sheet refreshed: asked of the vendor by `prices refresh`"


_OF_A_PRICE: tuple[Column, ...] = (
    Column(name="currency", label="currency"),
    Column(name="price", label="price"),
    Column(name="unit", label="unit"),
    Column(name="of", label="route or machine"),
    Column(name="age_days", label="age, days", scale=Scale.COUNT),
    Column(name="receivers", label="receivers"),
    Column(name="by_default", label="default"),
    Column(name="old", label="old"),
    Column(name="confidence", label="confidence"),
    Column(name="dated", label="dated"),
    Column(name="sheet", label="sheet"),
    Column(name="source", label="source"),
    Column(name="row", label="row"),
    Column(name="unit_bytes", label="bytes in a unit", scale=Scale.COUNT),
    Column(name="pool", label="adds up over"),
    Column(name="tiers", label="tiers"),
)


def overview_table(book: PriceBook, region_ids: Sequence[str]) -> Table:
    """One row a region and currency; a region without any price has one row."""
    return Table(
        name="prices",
        title="",
        columns=(
            Column(name="region", label="region"),
            Column(name="currency", label="currency"),
            Column(name="machine_hour", label="machine hour"),
            Column(name="to_internet", label="to internet"),
            Column(name="unit", label="unit"),
            Column(name="age_days", label="age, days", scale=Scale.COUNT),
            Column(name="old", label="old"),
            Column(name="terabyte_month", label="1 TB"),
            Column(name="free", label="free"),
            Column(name="ipv4_hour", label="IPv4 hour"),
            Column(name="confidence", label="confidence"),
            Column(name="machine", label="machine"),
            Column(name="source", label="source"),
        ),
        rows=tuple(
            row for region_id in region_ids for row in _overview(book, region_id)
        ),
    )


def charges_table(
    book: PriceBook, priced: Sequence[tuple[str, Tariff]], *, of_one: bool = False
) -> Table:
    """One row a price.

    Args:
        book: All prices.
        priced: Region and price, in the order in which they are shown.
        of_one: All are of one region, and of several charges.
    """
    first = "charge" if of_one else "region"
    # Where tiers have a table of their own they are not said twice.
    particulars = _OF_A_PRICE[:-1] if of_one else _OF_A_PRICE
    columns = (Column(name=first, label=first), *particulars)
    rows = [
        (one.charge.value if of_one else region_id, *_price(book, one))
        for region_id, one in priced
    ]
    return Table(
        name="prices",
        title="",
        columns=columns,
        rows=tuple(row[: len(columns)] for row in rows),
    )


def tiers_table(shown: Sequence[Tariff]) -> Table:
    """Every tier of every price of a region, one a row."""
    return Table(
        name="tiers",
        title="tiers of a month",
        columns=(
            Column(name="charge", label="charge"),
            Column(name="currency", label="currency"),
            Column(name="price", label="price"),
            Column(name="start", label="from"),
            Column(name="end", label="to below"),
            Column(name="unit", label="unit"),
            Column(name="route", label="route"),
            Column(name="receivers", label="receivers"),
        ),
        rows=tuple(
            (
                one.charge.value,
                one.currency,
                plain(tier.price),
                plain(tier.start),
                None if tier.end is None else plain(tier.end),
                one.unit,
                one.route,
                one.receivers or None,
            )
            for one in shown
            for tier in one.tiers
            if len(one.tiers) > 1
        ),
    )


def allowances_table(book: PriceBook, given: Sequence[Allowance]) -> Table:
    """What is free each month beside the tiers, one allowance a row."""
    return Table(
        name="allowances",
        title="free each month, beside the tiers",
        columns=(
            Column(name="volume", label="volume"),
            Column(name="unit", label="unit"),
            Column(name="routes", label="routes"),
            Column(name="regions", label="regions together", scale=Scale.COUNT),
            Column(name="age_days", label="age, days", scale=Scale.COUNT),
            Column(name="confidence", label="confidence"),
            Column(name="dated", label="dated"),
            Column(name="source", label="source"),
            Column(name="row", label="row"),
        ),
        rows=tuple(
            (
                plain(one.volume),
                one.unit,
                ", ".join(one.routes) or "all",
                len(one.region_ids),
                book.age_days([one]),
                one.provenance.confidence.value,
                one.dated.isoformat(),
                book.sources_of([one]),
                one.row,
            )
            for one in given
        ),
    )


def reading_notes(
    book: PriceBook, shown: Sequence[Tariff], *, is_overview: bool
) -> Iterator[str]:
    """Say how old the prices are, and explain what not every reader knows."""
    rows = dict.fromkeys(one.row for one in shown)
    old = dict.fromkeys(one.row for one in shown if book.is_old([one]))
    if old:
        yield (
            f"{len(old)} of {len(rows)} prices are older than {OLD_DAYS} days; ask the "
            "vendor before you decide by one"
        )
    if is_overview:
        yield _NO_PRICE_NOTE
        yield _TERABYTE_NOTE
    yield _LIST_NOTE
    if any(book.sheet_of(one) == "refreshed" for one in shown):
        yield _REFRESHED_NOTE


def _overview(book: PriceBook, region_id: str) -> Iterator[tuple[Cell, ...]]:
    rows = book.rows_of(region_id)
    currencies = sorted({one.currency for one in rows if _is_in_overview(one)})
    if not currencies:
        prices: tuple[Cell, ...] = (NO_PRICE, NO_PRICE, None, None, None, NO_PRICE)
        yield (region_id, book.currency, *prices, None, NO_PRICE, None, None, None)
    for currency in currencies:
        shown = [
            one for one in rows if one.currency == currency and _is_in_overview(one)
        ]
        machine = by_default(shown, Charge.MACHINE)
        traffic = by_default(shown, Charge.TO_INTERNET)
        address = by_default(shown, Charge.PUBLIC_IPV4)
        terabyte = [book.month_of_a_terabyte(region_id, one) for one in traffic]
        yield (
            region_id,
            currency,
            span([first_price(one) for one in machine]),
            span([first_price(one) for one in traffic]),
            ", ".join(dict.fromkeys(one.unit for one in traffic)) or None,
            book.age_days(shown),
            book.is_old(shown),
            span(terabyte, str),
            book.free_of(region_id, traffic),
            span([first_price(one) for one in address]),
            least_sure(shown),
            ", ".join(one.sku for one in machine) or None,
            book.sources_of(shown),
        )


def _is_in_overview(tariff: Tariff) -> bool:
    inside = {Charge.MACHINE, Charge.TO_INTERNET, Charge.PUBLIC_IPV4}
    return tariff.by_default and tariff.charge in inside


def _price(book: PriceBook, one: Tariff) -> tuple[Cell, ...]:
    return (
        one.currency,
        plain(first_price(one)),
        one.unit,
        one.sku or one.route or None,
        book.age_days([one]),
        one.receivers or None,
        one.by_default,
        book.is_old([one]),
        one.provenance.confidence.value,
        one.dated.isoformat(),
        book.sheet_of(one),
        book.sources_of([one]),
        one.row,
        one.unit_bytes if one.unit_bytes > 1 else None,
        one.pool.value if len(one.tiers) > 1 else None,
        tiers_text(one) or None,
    )
