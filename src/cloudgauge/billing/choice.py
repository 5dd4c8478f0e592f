"""Which price row applies to a demand; where none does, why not."""

from collections import Counter
from collections.abc import Iterable
from typing import Protocol

from cloudgauge.billing.demand import Demand
from cloudgauge.billing.rates import BASE
from cloudgauge.billing.workload import plain_word
from cloudgauge.model.tariff import Allowance, Charge, Tariff

NO_PRICE = "no price"


class PriceBook(Protocol):
    """What is known of prices."""

    @property
    def allowances(self) -> tuple[Allowance, ...]:
        """Everything that is given free."""
        ...

    def of(self, region_id: str, charge: Charge) -> tuple[Tariff, ...]:
        """Every price of a charge in a region; none where nobody knows it."""
        ...


def candidates(demand: Demand, book: PriceBook) -> tuple[Tariff, ...] | str:
    """The price rows of every currency that fit a demand best, or why there is none.

    The machine or route that is asked for, else the default; of the places of
    receivers the narrowest that the vendor names. No price is taken from another
    machine, route or place.
    """
    found = book.of(demand.region_id, demand.charge)
    if not found:
        return NO_PRICE
    asked = tuple(tariff for tariff in found if _is_asked(tariff, demand))
    if not asked:
        named = [tariff.sku or tariff.route for tariff in found]
        wanted = demand.sku or demand.route or "the default"
        return f"{NO_PRICE} of {wanted}; known: {_listed(named)}"
    by_nearness: dict[int, list[Tariff]] = {}
    for tariff in asked:
        nearness = _nearness(tariff, demand)
        if nearness is not None:
            by_nearness.setdefault(nearness, []).append(tariff)
    if not by_nearness:
        places = _listed(tariff.receivers for tariff in asked)
        if demand.receivers:
            return f"{NO_PRICE} to {demand.receivers[0]}; known: {places}"
        return f"{NO_PRICE} unless it is said where to; known: {places}"
    return tuple(by_nearness[min(by_nearness)])


def main_currency(found: Iterable[tuple[Tariff, ...]], wanted: str | None) -> str:
    """The currency to read a region's prices in, so that fewest others are left.

    The wanted one where anything has a price in it, else the one in which most has,
    else the dollar, else the first of the alphabet.
    """
    counts = Counter(
        currency
        for tariffs in found
        for currency in {tariff.currency for tariff in tariffs}
    )
    if not counts:
        return wanted or BASE
    if wanted is not None and wanted in counts:
        return wanted
    return min(counts, key=lambda name: (-counts[name], name != BASE, name))


def pick(tariffs: tuple[Tariff, ...], currency: str) -> Tariff:
    """Of rows that fit equally well, one: the currency, then the newest, then order.

    Args:
        tariffs: At least one.
        currency: The one to prefer.
    """
    return min(
        tariffs,
        key=lambda tariff: (
            tariff.currency != currency,
            tariff.currency != BASE,
            -tariff.dated.toordinal(),
            tariff.row,
        ),
    )


def _is_asked(tariff: Tariff, demand: Demand) -> bool:
    if demand.sku:
        return tariff.sku == demand.sku
    if demand.route:
        return tariff.route == demand.route
    return tariff.by_default


def _nearness(tariff: Tariff, demand: Demand) -> int | None:
    """How narrowly a row names the receivers, 0 narrowest; None if others."""
    if not tariff.receivers:
        return len(demand.receivers)
    named = plain_word(tariff.receivers)
    words = [plain_word(word) for word in demand.receivers]
    return words.index(named) if named in words else None


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted({name for name in names if name})) or "none"
