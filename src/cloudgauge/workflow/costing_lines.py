"""Every line of a bill, tier by tier, so that each figure can be traced."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from cloudgauge.billing.bill import Bill, Line, Part
from cloudgauge.billing.demand import Demand
from cloudgauge.catalog.tariff_rows import tier_rows
from cloudgauge.model.tariff import Allowance, Charge, Tariff
from cloudgauge.report.document import Cell, Column, Scale, Table

NO_PRICE = "no price"
# A vendor that has one way gives it no name.
_UNNAMED = {"", "default"}
_CHARGES = {
    Charge.MACHINE: "machine",
    Charge.PUBLIC_IPV4: "public IPv4 address",
    Charge.TO_INTERNET: "to the Internet",
    Charge.TO_OTHER_REGION: "to another region",
    Charge.TO_OTHER_ZONE: "to another zone",
}


def lines_table(bills: Iterable[Bill], today: date | None) -> Table:
    """A row for each tier of each line, and for what is free or has no price."""
    return Table(
        name="lines",
        title="what it is made of",
        columns=(
            Column(name="region", label="region"),
            Column(name="charge", label="charge"),
            Column(name="quantity", label="quantity", scale=Scale.MONEY),
            Column(name="unit", label="unit"),
            Column(name="from", label="from"),
            Column(name="unit_price", label="unit price"),
            Column(name="cost", label="cost", scale=Scale.MONEY),
            Column(name="currency", label="currency"),
            Column(name="dated", label="dated"),
            Column(name="days", label="days old", scale=Scale.COUNT),
            Column(name="confidence", label="confidence"),
            Column(name="row", label="row"),
        ),
        rows=tuple(
            row for bill in bills for line in bill.lines for row in _rows(line, today)
        ),
    )


def sources(bills: Iterable[Bill]) -> Iterator[str]:
    """Each price row that was read, once, with its date and its source."""
    lines = [line for bill in bills for line in bill.lines]
    rows: dict[str, Tariff | Allowance] = {}
    for line in lines:
        found = (*((line.tariff,) if line.tariff else ()), *_givers(line))
        rows |= {one.row: one for one in found}
    for row, one in rows.items():
        yield f"{row} ({one.dated}): {'; '.join(one.provenance.sources)}"


def what_of(line: Line) -> str:
    """What is charged, in words: the machine, the way, the receivers."""
    words = [_CHARGES[line.charge]]
    if line.tariff is not None:
        tariff = line.tariff
        words += [tariff.sku] if tariff.sku else []
        words += [f"by {tariff.route}"] if tariff.route not in _UNNAMED else []
        words += [f"receivers in {tariff.receivers}"] if tariff.receivers else []
    elif line.demands[0].sku:
        words.append(line.demands[0].sku)
    return ", ".join(words)


def plain(number: Decimal) -> str:
    """Every digit and no exponent, without zeros at the end."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _rows(line: Line, today: date | None) -> Iterator[tuple[Cell, ...]]:
    where, what = " + ".join(line.region_ids), what_of(line)
    tariff = line.tariff
    if tariff is None:
        amount, unit = _asked(line.demands)
        yield (where, what, amount, unit, None, line.why_not, *(None,) * 6)
        return
    for gift in line.gifts:
        yield (
            where,
            f"{what}, free",
            plain(gift.quantity),
            tariff.unit,
            None,
            "free",
            None,
            None,
            *_trace(gift.allowance, today),
        )
    rows = tier_rows(tariff)
    for part in line.parts:
        *said, whole = _trace(tariff, today)
        row = rows.get(part.start, whole)
        yield (where, what, *_part(part, tariff), *said, row)


def _givers(line: Line) -> Iterator[Allowance]:
    return (gift.allowance for gift in line.gifts)


def _part(part: Part, tariff: Tariff) -> tuple[Cell, ...]:
    return (
        plain(part.quantity),
        tariff.unit,
        plain(part.start),
        NO_PRICE if part.price is None else plain(part.price),
        None if part.cost is None else plain(part.cost.amount),
        None if part.cost is None else part.cost.currency,
    )


def _asked(demands: tuple[Demand, ...]) -> tuple[str, str]:
    amount = sum((demand.amount for demand in demands), Decimal(0))
    counted = demands[0].charge in {Charge.MACHINE, Charge.PUBLIC_IPV4}
    return plain(amount), "hour" if counted else "B"


def _trace(found: Tariff | Allowance, today: date | None) -> tuple[Cell, ...]:
    return (
        found.dated.isoformat(),
        None if today is None else (today - found.dated).days,
        found.provenance.confidence.value,
        found.row,
    )
