"""What no price should be: of tomorrow, in no currency, or out of all proportion."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median

from cloudgauge.catalog.citation_lint import unused_keys
from cloudgauge.catalog.files import Place, ReadFile, price_rows
from cloudgauge.catalog.price_rows import (
    AllowanceRow,
    Ipv4Row,
    MachineRow,
    PricedRow,
    PriceRow,
)
from cloudgauge.catalog.tariff_rows import charge_of
from cloudgauge.errors import ConfigError
from cloudgauge.model.tariff import Charge
from cloudgauge.settings.toml_file import nearest

# The dearest region of a provider costs some three times the cheapest, and a premium
# line ten times the plain one: beyond this it is a slip of the decimal point.
ABSURD_FACTOR = 20
_FEWEST_TO_JUDGE_BY = 3
# ISO 4217, list one of 2024-06-25, without funds, metals and codes for testing.
_ISO_4217 = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB "
    "BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP "
    "DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF "
    "IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK "
    "LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN "
    "NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF "
    "SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND "
    "TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF "
    "YER ZAR ZMW ZWL"
)
_CURRENCIES = frozenset(_ISO_4217.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rate:
    """A price made comparable: of a byte, of an hour, or of an hour of a vCPU."""

    place: Place
    row: PricedRow
    rate: Decimal

    @property
    def of(self) -> tuple[Charge, str]:
        return charge_of(self.row), self.row.currency


def doubtful_prices(files: tuple[ReadFile, ...], today: date) -> Iterator[ConfigError]:
    """Find prices that fit their schema and still cannot be right.

    Args:
        files: All that are used together.
        today: UTC.
    """
    rows = tuple((place, row) for place, row, _ in price_rows(files))
    yield from _of_tomorrow(rows, today)
    yield from _in_no_currency(rows)
    yield from _out_of_proportion(rows)
    for file in files:
        if any(True for _ in price_rows((file,))):
            yield from unused_keys(file)


def _of_tomorrow(
    rows: Iterable[tuple[Place, PriceRow]], today: date
) -> Iterator[ConfigError]:
    for place, row in rows:
        if row.checked > today:
            problem = f"lies in the future, today is {today}"
            yield ConfigError(place.key("checked"), problem)
        elif row.dated > row.checked:
            problem = f"want no later than {row.checked}, when it was checked"
            yield ConfigError(place.key("dated"), f"{problem}, got {row.dated}")


def _in_no_currency(rows: Iterable[tuple[Place, PriceRow]]) -> Iterator[ConfigError]:
    for place, row in rows:
        if isinstance(row, AllowanceRow) or row.currency in _CURRENCIES:
            continue
        meant = nearest(row.currency, sorted(_CURRENCIES))
        hint = f'; did you mean "{meant}"?' if meant else ""
        problem = f'no currency "{row.currency}" in ISO 4217{hint}'
        yield ConfigError(place.key("currency"), problem)


def _out_of_proportion(
    rows: Iterable[tuple[Place, PriceRow]],
) -> Iterator[ConfigError]:
    by_charge: dict[tuple[Charge, str], list[_Rate]] = {}
    for place, row in rows:
        if not isinstance(row, AllowanceRow) and row.price:
            rate = _Rate(place=place, row=row, rate=row.price / _divisor(row))
            by_charge.setdefault(rate.of, []).append(rate)
    for (charge, currency), rates in by_charge.items():
        if len(rates) < _FEWEST_TO_JUDGE_BY:
            continue
        middle = median(rate.rate for rate in rates)
        for one in rates:
            factor = max(one.rate / middle, middle / one.rate)
            if factor > ABSURD_FACTOR:
                way = "above" if one.rate > middle else "below"
                problem = (
                    f"{one.row.price} is {factor:.0f} times {way} the median of "
                    f"{len(rates)} prices of {charge} in {currency}"
                )
                yield ConfigError(one.place.key("price"), problem)


def _divisor(row: PricedRow) -> int:
    if isinstance(row, Ipv4Row):
        return 1
    return row.vcpus if isinstance(row, MachineRow) else row.bytes_in_unit
