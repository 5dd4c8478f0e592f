"""A bill's lines under the column names of FOCUS 1.2.

The FinOps Open Cost and Usage Specification, https://focus.finops.org, version 1.2.
It describes what a vendor has billed, and here nothing was: the names are its names
where it has one, the columns of an invoice are left out, and ours begin with ``x_``,
as it asks. 1.3 calls ``ProviderName`` ``ServiceProviderName``.
"""

from collections.abc import Iterable, Iterator, Mapping

from cloudgauge.billing.bill import Bill, Gift, Line, Part
from cloudgauge.billing.demand import provider_of
from cloudgauge.billing.rates import Rates
from cloudgauge.catalog.tariff_rows import tier_rows
from cloudgauge.model.target import PROVIDER_NAMES
from cloudgauge.model.tariff import Allowance, Charge, Tariff
from cloudgauge.report.document import Cell, Column, Document, Table
from cloudgauge.workflow.costing_lines import plain, what_of

FOCUS_VERSION = "1.2"
_COLUMNS = (
    "BillingCurrency",
    "ChargeCategory",
    "ChargeDescription",
    "ChargeFrequency",
    "ListCost",
    "ListUnitPrice",
    "PricingCategory",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "RegionId",
    "RegionName",
    "ServiceCategory",
    "SkuId",
    "x_Charge",
    "x_Confidence",
    "x_ConvertedCost",
    "x_ConvertedCurrency",
    "x_FxRate",
    "x_Note",
    "x_Receivers",
    "x_Route",
    "x_Row",
    "x_Source",
    "x_SourceDate",
    "x_TierStart",
)


def focus_document(
    bills: Iterable[Bill], rates: Rates, names: Mapping[str, str]
) -> Document:
    """A row for each tier of each line; ListUnitPrice x PricingQuantity is ListCost.

    Args:
        bills: In the order to write them.
        rates: For the columns of converted amounts.
        names: Of regions, by id.
    """
    rows = tuple(
        tuple(cells.get(name) for name in _COLUMNS)
        for bill in bills
        for line in bill.lines
        for cells in _rows(line, rates, names)
    )
    return Document(
        kind="cost-focus",
        title=f"lines under the names of FOCUS {FOCUS_VERSION}",
        tables=(
            Table(
                name="lines",
                title="",
                columns=tuple(Column(name=name, label=name) for name in _COLUMNS),
                rows=rows,
            ),
        ),
    )


def _rows(
    line: Line, rates: Rates, names: Mapping[str, str]
) -> Iterator[dict[str, Cell]]:
    same = _of_line(line, names)
    tariff = line.tariff
    if tariff is None:
        yield same | {"x_Note": line.why_not}
        return
    same |= _of_tariff(tariff)
    for gift in line.gifts:
        yield same | _of_gift(gift)
    rows = tier_rows(tariff)
    for part in line.parts:
        row = {"x_Row": rows.get(part.start, tariff.row)}
        yield same | row | _of_part(part, rates, line.why_not)


def _of_line(line: Line, names: Mapping[str, str]) -> dict[str, Cell]:
    region_ids = line.region_ids
    provider = provider_of(region_ids[0])
    compute = line.charge is Charge.MACHINE
    return {
        "ChargeCategory": "Usage",
        "ChargeDescription": what_of(line),
        "ChargeFrequency": "Usage-Based",
        "PricingCategory": "Standard",
        "ProviderName": PROVIDER_NAMES.get(provider, provider),
        "RegionId": " + ".join(one.partition("/")[2] for one in region_ids),
        "RegionName": " + ".join(names.get(one, one) for one in region_ids),
        "ServiceCategory": "Compute" if compute else "Networking",
        "SkuId": line.demands[0].sku or None,
        "x_Charge": line.charge.value,
    }


def _of_tariff(tariff: Tariff) -> dict[str, Cell]:
    return {
        "BillingCurrency": tariff.currency,
        "PricingUnit": "Hours" if tariff.unit == "hour" else tariff.unit,
        "SkuId": tariff.sku or None,
        "x_Receivers": tariff.receivers or None,
        "x_Route": tariff.route or None,
    } | _trace(tariff)


def _of_gift(gift: Gift) -> dict[str, Cell]:
    return {
        "ListCost": "0",
        "ListUnitPrice": "0",
        "PricingQuantity": plain(gift.quantity),
        "x_Note": "free",
    } | _trace(gift.allowance)


def _of_part(part: Part, rates: Rates, why_not: str) -> dict[str, Cell]:
    cells: dict[str, Cell] = {
        "PricingQuantity": plain(part.quantity),
        "x_TierStart": plain(part.start),
    }
    if part.price is None or part.cost is None:
        return cells | {"x_Note": why_not}
    cells |= {"ListCost": plain(part.cost.amount), "ListUnitPrice": plain(part.price)}
    converted = rates.convert(part.cost)
    if rates.to is None or converted.currency != rates.to:
        return cells
    used = {part.cost.currency, rates.to}
    return cells | {
        "x_ConvertedCost": plain(converted.amount),
        "x_ConvertedCurrency": converted.currency,
        "x_FxRate": "; ".join(str(one) for one in rates.rates if one.currency in used)
        if len(used) > 1
        else None,
    }


def _trace(found: Tariff | Allowance) -> dict[str, Cell]:
    return {
        "x_Confidence": found.provenance.confidence.value,
        "x_Row": found.row,
        "x_Source": "; ".join(found.provenance.sources),
        "x_SourceDate": found.dated.isoformat(),
    }
