"""A month of a workload in each region: what is paid anyway, and what traffic costs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any, Self

from cloudgauge.billing.amount import EXACT, money, total
from cloudgauge.billing.bill import Bill, bill_of
from cloudgauge.billing.choice import PriceBook
from cloudgauge.billing.rates import BASE, Rates
from cloudgauge.billing.totals import currencies_of, sum_of
from cloudgauge.billing.workload import Traffic, Workload
from cloudgauge.catalog.loader import load_catalog
from cloudgauge.catalog.tariffs import load_tariffs
from cloudgauge.errors import ConfigError
from cloudgauge.model.price import Money
from cloudgauge.model.quantity import format_byte_count, parse_byte_count
from cloudgauge.model.tariff import Charge
from cloudgauge.settings.workload_file import check_workload, read_workload
from cloudgauge.workflow.costing import PriceShelf, missing_rate, rates_of
from cloudgauge.workflow.costing_workload import known_workload

_FX = "--fx"
_ANSWER = "--answer-size"
_TARGETS = "--targets"
# What a million requests are answered with where nobody says.
_ANSWER_BYTES = 100_000
# A billion bytes over a million answers: their thousandth is what a million move.
_ANSWERS_A_GB = 1000
_ELSEWHERE = tuple(one for one in Charge if one is not Charge.TO_INTERNET)


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """What a month in one region costs.

    Attributes:
        fixed: Machines, addresses and traffic between regions and zones.
        traffic: All of the workload's traffic to the Internet.
        dated: Dates of the price rows, the oldest and the newest; "" for none.
    """

    fixed: Money
    traffic: Money
    dated: str

    @property
    def all(self) -> Money:
        """Both together."""
        return total((self.fixed, self.traffic), self.fixed.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """A workload with the prices that it is held against.

    Attributes:
        rates: By which amounts are brought into the currency that is wanted.
        answer_bytes: What one request is answered with, to price a million of them.
    """

    workload: Workload
    book: PriceBook
    rates: Rates
    answer_bytes: int = _ANSWER_BYTES

    def __post_init__(self) -> None:
        if self.answer_bytes < 1:
            problem = f"want at least 1 B, got {self.answer_bytes} B"
            raise ConfigError(_ANSWER, problem)

    @classmethod
    def of(
        cls,
        workload: str | Path | Mapping[str, Any],
        *,
        currency: str = BASE,
        fx: Sequence[str] = (),
        shelf: PriceShelf | None = None,
        answer: str = format_byte_count(_ANSWER_BYTES),
    ) -> Self:
        """Read a workload and all prices that are known.

        Args:
            workload: The path of a file, or what stands in one.
            currency: In which all is told.
            fx: Rates such as ``CNY=7.1@2026-11-01``, for one dollar.
            shelf: Which price sheets; None for the shipped alone.
            answer: What one request is answered with, to price a million of them.

        Raises:
            ConfigError: The workload, a rate or the size of an answer is none.
        """
        shelf = shelf or PriceShelf()
        rates = rates_of(currency, fx, shelf.today)
        tariffs = load_tariffs(shelf.files, shelf.overlay)
        if isinstance(workload, Mapping):
            row, where = check_workload(workload), "workload"
        else:
            row, where = read_workload(Path(workload)), str(workload)
        known = known_workload(row, where, load_catalog(shelf.files), tariffs)
        return cls(
            workload=known, book=tariffs, rates=rates, answer_bytes=_answer(answer)
        )

    @property
    def currency(self) -> str:
        """In which all is told."""
        return self.rates.to or BASE

    def provenance(self) -> Iterator[str]:
        """Where amounts come from, and by which rates they were converted."""
        yield (
            f"a month of {self.workload.name}, list prices without tax, on demand; "
            "cloudgauge cost with -v shows each row, its source and its date"
        )
        yield from (f"rate: {rate}" for rate in self.rates.rates)

    def month(self, region_id: str) -> Month | str:
        """A month in a region by itself, or why it has no price."""
        bill = bill_of(self.workload, (region_id,), self.book, currency=self.currency)
        why_not = self._why_not(bill)
        if why_not:
            return why_not
        return Month(
            fixed=self._sum(bill, *_ELSEWHERE),
            traffic=self._sum(bill, Charge.TO_INTERNET),
            dated=_dates(bill),
        )

    def per_gigabyte(self, region_id: str, month: Month) -> Money | None:
        """What 10^9 bytes to the Internet cost, on the mean over all of the traffic.

        Returns:
            None where the workload has no such traffic there.
        """
        volume = sum(
            one.volume_bytes
            for one in self.workload.traffic
            if not (one.to_region or one.to_zones)
            and (not one.regions or region_id in one.regions)
        )
        if not volume:
            return None
        with localcontext(EXACT):
            each = month.traffic.amount * 10**9 / volume
        return money(each, self.currency)

    def per_million_requests(self, per_gigabyte: Money) -> Money:
        """What a million answers cost that are as large as `answer_bytes`."""
        with localcontext(EXACT):
            each = per_gigabyte.amount * self.answer_bytes / _ANSWERS_A_GB
        return money(each, self.currency)

    def together(self, shares: Mapping[str, float]) -> Money | str:
        """A month in several regions that share the traffic, as it is billed.

        Args:
            shares: Of the traffic to the Internet, by region.
        """
        traffic: list[Traffic] = []
        for one in self.workload.traffic:
            if one.to_region or one.to_zones:
                traffic.append(one)
            else:
                traffic.extend(_parts(one, shares))
        if not (traffic or self.workload.machines or self.workload.addresses):
            return money(Decimal(0), self.currency)
        workload = replace(self.workload, traffic=tuple(traffic))
        bill = bill_of(workload, tuple(shares), self.book, currency=self.currency)
        return self._why_not(bill) or self._sum(bill)

    def _why_not(self, bill: Bill) -> str:
        for line in bill.unknown():
            return f"{line.charge.value}: {line.why_not}"
        for currency in currencies_of(bill, self.rates):
            if currency != self.currency:
                missing = missing_rate(currency, self.rates)
                return f"priced in {currency}: a rate for {missing} is wanted"
        return ""

    def _sum(self, bill: Bill, *charges: Charge) -> Money:
        return sum_of(bill, self.rates, self.currency, *charges)


def prices_within(
    workload: Path | None,
    budget: Money | None,
    fx: Sequence[str],
    shelf: PriceShelf,
) -> Prices | None:
    """Prices in the currency of a budget, if a workload was named.

    Raises:
        ConfigError: The workload or a rate is none, or rates or files of prices stand
            without a workload.
    """
    if workload is None:
        if fx:
            problem = "converts prices, and no --workload has any"
            raise ConfigError(_FX, problem)
        if shelf.files:
            problem = "brings prices, and no --workload has use for them"
            raise ConfigError(_TARGETS, problem)
        return None
    currency = budget.currency if budget else BASE
    return Prices.of(workload, currency=currency, fx=fx, shelf=shelf)


def _parts(one: Traffic, shares: Mapping[str, float]) -> list[Traffic]:
    """The traffic of each region; a region of which none is left out has none."""
    parts = []
    for region_id, share in shares.items():
        volume = round(one.volume_bytes * share)
        if volume and (not one.regions or region_id in one.regions):
            parts.append(replace(one, volume_bytes=volume, regions=(region_id,)))
    return parts


def _dates(bill: Bill) -> str:
    dates = sorted({str(line.tariff.dated) for line in bill.lines if line.tariff})
    if not dates:
        return ""
    return dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"


def _answer(text: str) -> int:
    try:
        return parse_byte_count(text)
    except ValueError as exc:
        raise ConfigError(_ANSWER, str(exc)) from exc
