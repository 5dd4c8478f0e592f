"""What bills come to once rates are applied, and the order that may be put on them."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from cloudgauge.billing.amount import total
from cloudgauge.billing.bill import Bill
from cloudgauge.billing.rates import Rates
from cloudgauge.model.price import Money
from cloudgauge.model.tariff import Charge


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """What a bill comes to in one currency.

    Attributes:
        bill: Which.
        currency: None where nothing of it has a price.
        known: What all that has a price in it comes to; None with the currency.
        is_whole: Whether nothing is unknown and nothing in another currency.
    """

    bill: Bill
    currency: str | None
    known: Money | None
    is_whole: bool


def sum_of(bill: Bill, rates: Rates, currency: str, *charges: Charge) -> Money:
    """What all known prices come to that are in *currency* once rates are applied."""
    amounts = [bill.known(one, *charges) for one in bill.currencies]
    converted = [rates.convert(amount) for amount in amounts]
    return total([one for one in converted if one.currency == currency], currency)


def cost_of(bill: Bill, rates: Rates, *charges: Charge) -> Money | None:
    """What a bill comes to; None where anything is unknown or currencies are left.

    Args:
        bill: Which.
        rates: What brings amounts into one currency.
        charges: Only these; none for all.
    """
    currencies = currencies_of(bill, rates, *charges)
    if bill.unknown(*charges) or len(currencies) != 1:
        return None
    return sum_of(bill, rates, currencies[0], *charges)


def currencies_of(bill: Bill, rates: Rates, *charges: Charge) -> tuple[str, ...]:
    """In which currencies a bill is left once rates are applied, in order."""
    found = {
        rates.convert(line.known).currency
        for line in bill.lines
        if line.known is not None and (not charges or line.charge in charges)
    }
    return tuple(sorted(found))


def totals(bills: Iterable[Bill], rates: Rates) -> tuple[Total, ...]:
    """Each bill in each currency that it is left in, in order.

    By currency, since none is held against another; in it, the whole ones by what
    they cost, then those of which the fewest lines are unknown: a bill that is small
    because most of it has no price is not cheap. Last those without any price.
    """
    found = [one for bill in bills for one in _of(bill, rates)]
    return tuple(sorted(found, key=_order))


def _of(bill: Bill, rates: Rates) -> Iterable[Total]:
    currencies = currencies_of(bill, rates)
    if not currencies:
        return [Total(bill=bill, currency=None, known=None, is_whole=False)]
    return [
        Total(
            bill=bill,
            currency=currency,
            known=sum_of(bill, rates, currency),
            is_whole=len(currencies) == 1 and not bill.unknown(),
        )
        for currency in currencies
    ]


def _order(one: Total) -> tuple[bool, str, bool, int, Decimal, tuple[str, ...]]:
    return (
        one.currency is None,
        one.currency or "",
        not one.is_whole,
        len(one.bill.unknown()),
        Decimal(0) if one.known is None else one.known.amount,
        one.bill.region_ids,
    )
