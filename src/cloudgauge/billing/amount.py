"""Sums of money that lose nothing."""

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext

from cloudgauge.model.price import Money

# Bytes by 2^30 have at most 30 decimals and a price at most 20 digits: enough for
# their products and sums.
EXACT = Context(prec=200, rounding=ROUND_HALF_EVEN)
_MOST_DECIMALS = 40
_LAST_DECIMAL = Decimal(1).scaleb(-_MOST_DECIMALS)


def money(amount: Decimal, currency: str) -> Money:
    """An amount: exact, or rounded half-even at the last decimal that one may have."""
    exponent = amount.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -_MOST_DECIMALS:
        with localcontext(EXACT):
            amount = amount.quantize(_LAST_DECIMAL)
    return Money(amount=amount, currency=currency)


def total(costs: Iterable[Money], currency: str) -> Money:
    """The sum of amounts that are all in *currency*; 0 of none.

    Raises:
        ValueError: One of them is in another.
    """
    with localcontext(EXACT):
        amount = Decimal(0)
        for cost in costs:
            if cost.currency != currency:
                msg = f"want {currency} alone, got {cost.currency} too"
                raise ValueError(msg)
            amount += cost.amount
    return money(amount, currency)
