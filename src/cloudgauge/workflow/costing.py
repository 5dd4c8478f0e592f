"""What a month of a workload costs, region by region."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from cloudgauge.billing.bill import Bill, bill_of
from cloudgauge.billing.rates import BASE, Rates, parse_rate
from cloudgauge.billing.totals import currencies_of
from cloudgauge.catalog.index import Catalog
from cloudgauge.catalog.loader import load_catalog
from cloudgauge.catalog.tariffs import load_tariffs
from cloudgauge.errors import ConfigError
from cloudgauge.model.target import Selection
from cloudgauge.settings.workload_file import (
    WorkloadRow,
    check_workload,
    read_workload,
)
from cloudgauge.workflow.choosing import by_option
from cloudgauge.workflow.costing_view import Costs
from cloudgauge.workflow.costing_workload import known_workload


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceShelf:
    """Which price sheets are read, beside the shipped.

    Attributes:
        files: Target files of the user's own.
        overlay: The folder that refreshes write to; None for none.
        today: For the age of rows; None shows their dates alone.
    """

    files: tuple[Path, ...] = ()
    overlay: Path | None = None
    today: date | None = None


def cost(
    workload: Path | str | Mapping[str, Any],
    *,
    regions: Sequence[str] | Selection = (),
    currency: str | None = None,
    fx: Sequence[str] = (),
    shelf: PriceShelf | None = None,
) -> Costs:
    """What a month of a workload costs in each region, as if all of it ran there.

    Args:
        workload: A workload file, or its keys and values.
        regions: Ids, in which ``*`` and ``?`` match, or a selection; none for all
            that are on by default. A workload whose regions run together names them.
        currency: The one to bring all amounts into; None leaves each as it is,
            unless there are rates: then the dollar.
        fx: Rates such as ``CNY=7.1@2026-11-01``, for one dollar.
        shelf: Which price sheets; None for the shipped alone.

    Raises:
        ConfigErrors: All that is wrong with the workload or the price sheets.
        ConfigError: An unknown region, a rate that is none, or an amount that no
            rate brings into *currency*.
    """
    shelf = shelf or PriceShelf()
    catalog = load_catalog(shelf.files)
    tariffs = load_tariffs(shelf.files, shelf.overlay)
    row, where = _read(workload)
    known = known_workload(row, where, catalog, tariffs)
    rates = rates_of(currency, fx, shelf.today)
    groups = _groups(row, where, catalog, regions)
    bills = tuple(bill_of(known, group, tariffs, currency=rates.to) for group in groups)
    if currency is not None:
        _check_rates(bills, rates)
    names = {region.region_id: region.name for region in catalog.regions}
    return Costs(
        workload=known,
        bills=bills,
        rates=rates,
        prices=tariffs,
        today=shelf.today,
        region_names=names,
    )


def _read(workload: Path | str | Mapping[str, Any]) -> tuple[WorkloadRow, str]:
    if isinstance(workload, Mapping):
        return check_workload(workload), "workload"
    return read_workload(Path(workload)), str(workload)


def _groups(
    row: WorkloadRow,
    where: str,
    catalog: Catalog,
    regions: Sequence[str] | Selection,
) -> list[tuple[str, ...]]:
    """Regions that run together, each group a bill."""
    if not isinstance(regions, Selection):
        regions = Selection(regions=tuple(regions))
    if not row.together:
        targets = catalog.select(regions, by_option)
        region_ids = sorted({target.region.region_id for target in targets})
        return [(region_id,) for region_id in region_ids]
    if regions != Selection():
        problem = "names the regions that run together: choose no others"
        place = f"{where}: together"
        raise ConfigError(place, problem)
    return [row.together]


def rates_of(currency: str | None, fx: Sequence[str], today: date | None) -> Rates:
    """Read rates such as ``CNY=7.1@2026-11-01``.

    Args:
        currency: The one to bring all amounts into; None for the dollar if there are
            rates, else none.
        fx: One for each currency, for one dollar.
        today: After which no rate can be known; None to take any.

    Raises:
        ConfigError: One is no rate, or of a day that is yet to come.
    """
    where = "--fx"
    try:
        rates = tuple(parse_rate(text) for text in fx)
        found = Rates(to=currency or (BASE if rates else None), rates=rates)
    except ValueError as exc:
        raise ConfigError(where, str(exc)) from exc
    for rate in rates:
        if today is not None and rate.dated > today:
            problem = f"want a rate of today or before, got one of {rate.dated}"
            raise ConfigError(where, problem)
    return found


def missing_rate(left: str, rates: Rates) -> str:
    """For which currency a rate is wanted, to bring *left* into the wanted one."""
    known = {BASE, *(rate.currency for rate in rates.rates)}
    return left if left not in known else rates.to or BASE


def _check_rates(bills: tuple[Bill, ...], rates: Rates) -> None:
    """Refuse amounts that cannot be brought into the currency that is wanted."""
    where = "--currency"
    for bill in bills:
        for left in currencies_of(bill, rates):
            if left != rates.to:
                missing = missing_rate(left, rates)
                problem = (
                    f"{bill.region_ids[0]} is priced in {left}, and no rate is given "
                    f"for {missing}; want one such as --fx {missing}=7.1@2026-11-01"
                )
                raise ConfigError(where, problem)
