"""What a workload costs, as tables: a row a region, and each line with its source."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from cloudgauge.billing.bill import Bill, bill_of
from cloudgauge.billing.demand import internet_traffic
from cloudgauge.billing.rates import Rates
from cloudgauge.billing.totals import Total, cost_of, currencies_of, sum_of, totals
from cloudgauge.billing.workload import Workload
from cloudgauge.catalog.tariffs import Tariffs
from cloudgauge.model.price import Money
from cloudgauge.model.tariff import Charge
from cloudgauge.report.document import Cell, Column, Document, Scale, Table
from cloudgauge.report.html import to_html
from cloudgauge.report.render import to_markdown
from cloudgauge.workflow.costing_focus import focus_document
from cloudgauge.workflow.costing_lines import lines_table, plain, sources

_GROUPS = {
    "machines": (Charge.MACHINE,),
    "addresses": (Charge.PUBLIC_IPV4,),
    "egress": (Charge.TO_INTERNET,),
    "transfers": (Charge.TO_OTHER_REGION, Charge.TO_OTHER_ZONE),
}
_FIXED = tuple(charge for charge in Charge if charge is not Charge.TO_INTERNET)
_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Costs:
    """What a month of a workload costs; in a notebook it shows itself as a table.

    Attributes:
        bills: One for each region, or one for all that run together.
        rates: What amounts are brought into one currency by.
        prices: The price rows that were read.
        today: For the age of rows; None shows their dates alone.
        region_names: By region id.
    """

    workload: Workload
    bills: tuple[Bill, ...]
    rates: Rates
    prices: Tariffs
    today: date | None = None
    region_names: Mapping[str, str] = field(default_factory=dict)

    def of(self, region_id: str) -> Money | None:
        """What the workload costs in a region a month.

        Returns:
            None where a price is unknown, currencies are left that no rate joins, or
            the region is none of those that were asked for by themselves.
        """
        bill = self._bill(region_id)
        return None if bill is None else cost_of(bill, self.rates)

    def fixed(self, region_id: str) -> Money | None:
        """The part of `of` that does not go with traffic to the Internet.

        Machines, addresses and transfers between regions and zones; None as there.
        """
        bill = self._bill(region_id)
        return None if bill is None else cost_of(bill, self.rates, *_FIXED)

    def egress(self, region_id: str, volume_bytes: int | None = None) -> Money | None:
        """What traffic to the Internet costs out of a region a month.

        Args:
            region_id: Which.
            volume_bytes: So much of it in all, to the workload's receivers in the
                workload's proportion, to whole bytes; None for what the workload has.

        Returns:
            None as for `of`, and where the workload has no such traffic.
        """
        bill = self._bill(region_id)
        if bill is None:
            return None
        if volume_bytes is None:
            return cost_of(bill, self.rates, Charge.TO_INTERNET)
        traffic = internet_traffic(self.workload, region_id, volume_bytes)
        if not traffic:
            return None
        scaled = Workload(
            name=self.workload.name, traffic=traffic, routes=self.workload.routes
        )
        currency = self.rates.to or next(iter(bill.currencies), None)
        again = bill_of(scaled, bill.region_ids, self.prices, currency=currency)
        return cost_of(again, self.rates, Charge.TO_INTERNET)

    def document(self, *, detail: bool = False) -> Document:
        """As a table of regions.

        Args:
            detail: Also every line, tier by tier, with its price row and its source.
        """
        found = totals(self.bills, self.rates)
        tables = [_table(self, found)]
        traced: tuple[str, ...] = ()
        if detail:
            bills = [one.bill for one in _first(found)]
            tables.append(lines_table(bills, self.today))
            traced = tuple(sources(bills))
        return Document(
            kind="cost",
            title=_title(self),
            tables=tuple(tables),
            notes=tuple(_notes(self, found)),
            provenance=(*traced, *_provenance(self, detail=detail)),
        )

    def focus(self) -> Document:
        """Every tier of every line under the column names of FOCUS 1.2."""
        ordered = [one.bill for one in _first(totals(self.bills, self.rates))]
        return focus_document(ordered, self.rates, self.region_names)

    def __str__(self) -> str:
        return to_markdown(self.document())

    def __repr__(self) -> str:
        return f"<Costs: {_title(self)}>"

    def _repr_html_(self) -> str:
        return to_html(self.document())

    def _bill(self, region_id: str) -> Bill | None:
        return next(
            (bill for bill in self.bills if bill.region_ids == (region_id,)), None
        )


def _first(found: tuple[Total, ...]) -> list[Total]:
    """Each bill once, where it stands first."""
    return list({one.bill.region_ids: one for one in reversed(found)}.values())[::-1]


def _title(costs: Costs) -> str:
    name = costs.workload.name
    if len(costs.bills) == 1:
        return f"a month of {name} in {_place(costs.bills[0])}"
    return f"a month of {name} in {len(costs.bills)} regions, each as if all ran there"


def _place(bill: Bill) -> str:
    return " + ".join(bill.region_ids)


def _table(costs: Costs, found: tuple[Total, ...]) -> Table:
    used = {line.charge for bill in costs.bills for line in bill.lines}
    groups = {
        name: charges
        for name, charges in _GROUPS.items()
        if not used.isdisjoint(charges)
    }
    return Table(
        name="regions",
        title="",
        columns=(
            Column(name="region", label="region"),
            Column(name="total", label="total", scale=Scale.MONEY),
            Column(
                name="total_at_least",
                label="at least",
                scale=Scale.MONEY,
                beyond="total",
            ),
            Column(name="currency", label="currency"),
            *(Column(name=one, label=one, scale=Scale.MONEY) for one in groups),
            Column(name="unknown", label="unknown"),
            Column(name="oldest_price", label="oldest price"),
            Column(name="oldest_price_days", label="days old", scale=Scale.COUNT),
        ),
        rows=tuple(_row(costs, one, groups) for one in found),
    )


def _row(
    costs: Costs, one: Total, groups: Mapping[str, tuple[Charge, ...]]
) -> tuple[Cell, ...]:
    dates = [line.tariff.dated for line in one.bill.lines if line.tariff]
    oldest = min(dates, default=None)
    age = None if oldest is None or costs.today is None else (costs.today - oldest).days
    known = None if one.known is None else plain(one.known.amount)
    return (
        _place(one.bill),
        known if one.is_whole else None,
        None if one.is_whole else known,
        one.currency,
        *(_group_cell(costs, one, charges) for charges in groups.values()),
        "; ".join(_unknown(costs, one)) or None,
        None if oldest is None else oldest.isoformat(),
        age,
    )


def _group_cell(costs: Costs, one: Total, charges: tuple[Charge, ...]) -> str | None:
    """What all lines of a group come to; None where one of them is unknown."""
    left = currencies_of(one.bill, costs.rates, *charges)
    if one.currency not in left or one.bill.unknown(*charges):
        return None
    return plain(sum_of(one.bill, costs.rates, one.currency, *charges).amount)


def _unknown(costs: Costs, one: Total) -> Iterator[str]:
    together = len(one.bill.region_ids) > 1
    by_reason: dict[str, list[str]] = {}
    for line in one.bill.unknown():
        where = f" of {' + '.join(line.region_ids)}" if together else ""
        by_reason.setdefault(line.why_not, []).append(f"{line.charge}{where}")
    for reason, charges in by_reason.items():
        yield f"{', '.join(dict.fromkeys(charges))}: {reason}"
    for currency in currencies_of(one.bill, costs.rates):
        if currency != one.currency:
            yield f"the rest is in {currency}"


def _notes(costs: Costs, found: tuple[Total, ...]) -> Iterator[str]:
    unpriced = [_place(one.bill) for one in found if one.currency is None]
    if unpriced:
        yield f"no price at all: {_listed(unpriced)}"
    partly = [one for one in found if one.currency and not one.is_whole]
    if partly:
        yield (
            "at least: something has no price, which is never taken for 0: "
            f"{_listed([_place(one.bill) for one in partly])}"
        )
    currencies = sorted({one.currency for one in found if one.currency})
    if len(currencies) > 1:
        yield (
            f"{' and '.join(currencies)} are not held against one another: no rate "
            "joins them; --fx gives one"
        )
    if len(costs.bills) == 1 and len(costs.bills[0].region_ids) > 1:
        yield (
            "the regions run together: what an account gets free is taken once, by "
            "the regions in the order in which they are named"
        )
    yield (
        "list prices without tax, on demand; sums are exact, and only shown rounded, "
        "half-even; --format json has every digit"
    )


def _provenance(costs: Costs, *, detail: bool) -> Iterator[str]:
    lines = [line for bill in costs.bills for line in bill.lines]
    rows = {line.tariff.row: line.tariff for line in lines if line.tariff}
    if rows:
        dates = sorted(tariff.dated for tariff in rows.values())
        count = "1 price" if len(rows) == 1 else f"{len(rows)} prices"
        hint = "" if detail else "; -v shows each with its row and source"
        yield f"from {count} dated {dates[0]} to {dates[-1]}{hint}"
    # Told even where no row needed one: the reader gave it.
    yield from (f"rate: {rate}" for rate in costs.rates.rates)


def _listed(names: list[str]) -> str:
    unique = list(dict.fromkeys(names))
    more = f" and {len(unique) - _NAMED} more" if len(unique) > _NAMED else ""
    return f"{', '.join(unique[:_NAMED])}{more}"
