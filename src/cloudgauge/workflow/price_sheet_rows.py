"""Prices as people read them: of one region and currency, with age and source."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cloudgauge.catalog.tariffs import Tariffs
from cloudgauge.model.target import Confidence
from cloudgauge.model.tariff import Allowance, Charge, Tariff

NO_PRICE = "no price"
# Vendors change some list price every half year; what is older may well have moved.
OLD_DAYS = 180
_TERABYTE = 10**12
_CENT = Decimal("0.01")
_FROM_SURE_TO_UNSURE = tuple(Confidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceBook:
    """All prices, as of a day.

    Attributes:
        today: UTC; ages are counted from it.
        currency: Only prices in it; None for all.
    """

    tariffs: Tariffs
    today: date
    currency: str | None = None

    def rows_of(self, region_id: str) -> tuple[Tariff, ...]:
        """Every price of a region."""
        return tuple(
            one
            for one in self.tariffs.rows_of(region_id)
            if self.currency in {None, one.currency}
        )

    def key_of(self, source: str) -> str:
        """A source's short name, or the source itself where it has none."""
        return self.tariffs.source_keys.get(source, source)

    def sources_of(self, rows: Sequence[Tariff | Allowance]) -> str:
        """Short names of all sources, each once."""
        names = (self.key_of(s) for one in rows for s in one.provenance.sources)
        return ", ".join(dict.fromkeys(names))

    def age_days(self, rows: Sequence[Tariff | Allowance]) -> int:
        """Age of the oldest."""
        return max((self.today - one.dated).days for one in rows)

    def is_old(self, rows: Sequence[Tariff | Allowance]) -> bool:
        """Whether the oldest is older than `OLD_DAYS`."""
        return self.age_days(rows) > OLD_DAYS

    def sheet_of(self, row: Tariff | Allowance) -> str:
        """Which sheet says it: refreshed, shipped, or the user's own."""
        if row.row in self.tariffs.refreshed:
            return "refreshed"
        return "shipped" if row.row.startswith("targets/") else "own"

    def month_of_a_terabyte(self, region_id: str, tariff: Tariff) -> Decimal | None:
        """What 10^12 bytes in a month cost, after what is free; None if unknown."""
        volume = Decimal(_TERABYTE) / tariff.unit_bytes
        for given in self.tariffs.allowances_of(region_id):
            if not given.routes or tariff.route in given.routes:
                free = given.volume * given.unit_bytes / tariff.unit_bytes
                volume = max(volume - free, Decimal(0))
        money = tariff.cost_of(volume)
        return None if money is None else money.amount.quantize(_CENT)

    def free_of(self, region_id: str, rows: Sequence[Tariff]) -> str | None:
        """What of a month's traffic is free: an allowance, or a tier of price 0."""
        routes = {one.route for one in rows}
        free = [
            f"{plain(given.volume)} {given.unit}"
            for given in self.tariffs.allowances_of(region_id)
            if not given.routes or not routes.isdisjoint(given.routes)
        ]
        free += [
            f"{plain(one.tiers[0].end)} {one.unit}"
            for one in rows
            if not one.tiers[0].price and one.tiers[0].end is not None
        ]
        return ", ".join(dict.fromkeys(free)) or None


def least_sure(rows: Sequence[Tariff]) -> str:
    """Confidence of the row that is known least well."""
    return max(
        (one.provenance.confidence for one in rows), key=_FROM_SURE_TO_UNSURE.index
    ).value


def first_price(tariff: Tariff) -> Decimal:
    """Price of the first tier that is not free; 0 if all are."""
    prices = (tier.price for tier in tariff.tiers if tier.price)
    return next(prices, Decimal(0))


def by_default(rows: Sequence[Tariff], charge: Charge) -> tuple[Tariff, ...]:
    """Prices of a charge where nobody chose a route or a machine."""
    return tuple(one for one in rows if one.charge is charge and one.by_default)


def plain(number: Decimal) -> str:
    """A number without an exponent and without zeros that say nothing."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def span(
    prices: Sequence[Decimal | None], written: Callable[[Decimal], str] = plain
) -> str:
    """One price, or the cheapest and the dearest; "no price" if none is known."""
    known = sorted({price for price in prices if price is not None})
    if not known:
        return NO_PRICE
    ends = dict.fromkeys(written(price) for price in (known[0], known[-1]))
    return " to ".join(ends)


def tiers_text(tariff: Tariff) -> str:
    """All tiers in one line; "" where there is but one."""
    if len(tariff.tiers) == 1 and tariff.tiers[0].end is None:
        return ""
    parts = [f"{plain(tier.price)} from {plain(tier.start)}" for tier in tariff.tiers]
    end = tariff.tiers[-1].end
    if end is not None:
        parts.append(f"{NO_PRICE} from {plain(end)}")
    return "; ".join(parts)
