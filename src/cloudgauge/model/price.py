"""Money, and what a byte out of a region costs: exact, dated, sourced."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Context, Decimal, localcontext

from cloudgauge.model.target import Provenance

_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_MONEY = re.compile(r"(\d+(?:\.\d+)?) ?([A-Z]{3})", re.ASCII)
# Amounts may come from a stranger's file: written out, none is longer than a line.
_AMOUNT_LIMIT = 10**24
_PRICE_LIMIT = 10**6
_MOST_DECIMALS = 40
_LAST_DECIMAL = Decimal(1).scaleb(-_MOST_DECIMALS)
# Digits enough for a price times a count of bytes by 2^30, with nothing lost.
_EXACT = Context(prec=200, rounding=ROUND_CEILING)
_BYTES_PER_UNIT = {"GB": 10**9, "GiB": 2**30}


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount in one currency, exact.

    Attributes:
        amount: In [0, 10^24), with at most 40 decimals.
        currency: ISO 4217, such as ``USD``.
    """

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not self.amount.is_finite() or self.amount < 0:
            msg = f"amount must be finite and >= 0, got {self.amount}"
            raise ValueError(msg)
        exponent = self.amount.as_tuple().exponent
        is_short = isinstance(exponent, int) and exponent >= -_MOST_DECIMALS
        if self.amount >= _AMOUNT_LIMIT or not is_short:
            msg = "amount must be below 10^24 and have at most 40 decimals"
            raise ValueError(msg)
        if not _CURRENCY.fullmatch(self.currency):
            msg = f'currency must be three capital letters, got "{self.currency}"'
            raise ValueError(msg)

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"


def parse_money(text: str) -> Money:
    """Read an amount such as ``2.50 USD``.

    Raises:
        ValueError: If *text* is no amount followed by a currency.
    """
    match = _MONEY.fullmatch(text)
    if match is None:
        msg = f'want an amount such as "2.50 USD", got "{text}"'
        raise ValueError(msg)
    return Money(amount=Decimal(match[1]), currency=match[2])


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressPrice:
    """What a byte from a region to the Internet costs, at the dearest tier.

    An upper bound for a bill, not a bill: tiers and free allowances are left out.

    Attributes:
        region_id: ``provider/code``.
        price: For one `unit`; below 10^6, so that what a plan may read has a sum.
        unit: ``GB`` (10^9 bytes) or ``GiB`` (2^30), as the vendor bills it.
        dated: When the source said so.
    """

    region_id: str
    price: Money
    unit: str
    dated: date
    provenance: Provenance

    def __post_init__(self) -> None:
        if self.unit not in _BYTES_PER_UNIT:
            msg = f'unit must be "GB" or "GiB", got "{self.unit}"'
            raise ValueError(msg)
        if self.price.amount >= _PRICE_LIMIT:
            msg = f"price must be below 10^6 for a {self.unit}, got {self.price}"
            raise ValueError(msg)

    def of(self, count_bytes: int) -> Money:
        """What *count_bytes*, in [0, 10^27), cost.

        Exact where that has at most 40 decimals, else rounded up to so many: an upper
        bound stays one.
        """
        with localcontext(_EXACT):
            amount = count_bytes * self.price.amount / _BYTES_PER_UNIT[self.unit]
            exponent = amount.as_tuple().exponent
            if isinstance(exponent, int) and exponent < -_MOST_DECIMALS:
                amount = amount.quantize(_LAST_DECIMAL)
        return Money(amount=amount, currency=self.price.currency)
