"""Exchange rates that somebody gave: nothing is converted without one."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext

from cloudgauge.billing.amount import EXACT, money
from cloudgauge.model.price import Money

BASE = "USD"
_RATE = re.compile(r"([A-Z]{3})=(\d+(?:\.\d+)?)@(\d{4}-\d{2}-\d{2})", re.ASCII)
_MOST = Decimal(10) ** 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """What one US dollar was worth on a day.

    Attributes:
        currency: Not the dollar itself.
        per_dollar: Units of the currency for one dollar; in (10^-9, 10^9).
    """

    currency: str
    per_dollar: Decimal
    dated: date

    def __post_init__(self) -> None:
        if self.currency == BASE:
            msg = f"a rate is for one {BASE}: that of {BASE} itself is 1"
            raise ValueError(msg)
        if not (self.per_dollar.is_finite() and 1 / _MOST < self.per_dollar < _MOST):
            msg = f"a rate must be above 10^-9 and below 10^9, got {self.per_dollar}"
            raise ValueError(msg)

    def __str__(self) -> str:
        return f"1 {BASE} = {self.per_dollar:f} {self.currency} ({self.dated})"


def parse_rate(text: str) -> Rate:
    """Read a rate such as ``CNY=7.1@2026-11-01``: 7.1 CNY for one dollar that day.

    Raises:
        ValueError: It is none.
    """
    match = _RATE.fullmatch(text)
    if match is None:
        msg = f'want a rate such as "CNY=7.1@2026-11-01" (for one {BASE}), got "{text}"'
        raise ValueError(msg)
    return Rate(
        currency=match[1],
        per_dollar=Decimal(match[2]),
        dated=date.fromisoformat(match[3]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Rates by which amounts may be brought into one currency.

    Attributes:
        to: The currency that is wanted; None converts nothing.
        rates: At most one a currency.
    """

    to: str | None = None
    rates: tuple[Rate, ...] = ()

    def __post_init__(self) -> None:
        currencies = [rate.currency for rate in self.rates]
        if len(currencies) != len(set(currencies)):
            msg = "want one rate for each currency"
            raise ValueError(msg)

    def knows(self, currency: str) -> bool:
        """Whether an amount in *currency* can be brought into the one wanted."""
        return self.to is None or currency == self.to or self._both(currency)

    def convert(self, amount: Money) -> Money:
        """Bring an amount into the currency that is wanted.

        Exact where the quotient ends within 40 decimals, else rounded half-even at
        the fortieth. An amount without a rate stays as it is.
        """
        to = self.to
        if to is None or amount.currency == to or not self._both(amount.currency):
            return amount
        with localcontext(EXACT):
            product = amount.amount * self._per_dollar(to)
            return money(product / self._per_dollar(amount.currency), to)

    def _both(self, currency: str) -> bool:
        known = {BASE, *(rate.currency for rate in self.rates)}
        return {currency, self.to} <= known

    def _per_dollar(self, currency: str) -> Decimal:
        return next(
            (rate.per_dollar for rate in self.rates if rate.currency == currency),
            Decimal(1),
        )
