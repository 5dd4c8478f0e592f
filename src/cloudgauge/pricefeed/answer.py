"""What a price interface answered: tariffs, and what was left out and why."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from cloudgauge.errors import NothingUsable
from cloudgauge.model.target import Confidence, Provenance
from cloudgauge.model.tariff import Tier

# What a price sheet can hold: six digits before the point, twelve after it.
_MOST_PRICE = 10**6
_MOST_DECIMALS = 12
_NUMBER = re.compile(r"\d{1,20}(?:\.\d{1,20})?", re.ASCII)


class AnswerError(NothingUsable):
    """A price interface gave no usable answer: refused, cut off, not as documented."""


class Refused(AnswerError):
    """An interface refuses a question by a code of its own.

    Attributes:
        code: Such as ``CBC.6006``; "" where it gave none.
    """

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class NotAPrice(ValueError):
    """A row that looks like a wanted price is none; says why, for the list of skips."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Which answer rows are from.

    Attributes:
        url: That was asked, without any key.
        retrieved: The day, UTC.
    """

    url: str
    retrieved: date

    @property
    def provenance(self) -> Provenance:
        """A vendor's own data, read by machine today: as sure as a price gets."""
        return Provenance(
            sources=(f"{self.url} (retrieved {self.retrieved})",),
            checked=self.retrieved,
            confidence=Confidence.HIGH,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A machine whose price is wanted; some interfaces do not say its size.

    Attributes:
        sku: The vendor's name.
    """

    sku: str
    vcpus: int
    memory_gib: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is looked for in an answer.

    Attributes:
        regions: The vendor's code of each region to its id; prices of others are
            passed over.
        all_regions: The same of every region that is known, to which traffic of
            the wanted ones may go.
        machines: By the vendor's name.
    """

    regions: Mapping[str, str]
    all_regions: Mapping[str, str]
    machines: Mapping[str, Machine]


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """Rows that were left out for one reason.

    Attributes:
        reason: One clause.
        count: At least 1.
        example: Name of the first such row.
    """

    reason: str
    count: int
    example: str


@dataclass(slots=True)
class Skips:
    """Counts what is left out while an answer is read."""

    _found: dict[str, tuple[int, str]] = field(default_factory=dict)

    def add(self, reason: str, example: str) -> None:
        """Count one row."""
        count, first = self._found.get(reason, (0, example))
        self._found[reason] = (count + 1, first)

    def told(self) -> tuple[Skip, ...]:
        """What was counted, the most frequent reason first."""
        order = sorted(self._found.items(), key=lambda entry: (-entry[1][0], entry[0]))
        return tuple(
            Skip(reason=reason, count=count, example=example)
            for reason, (count, example) in order
        )


def read_json(body: bytes, where: str) -> Mapping[str, Any]:
    """Read an answer that is a JSON object; its fractions come as decimals.

    Raises:
        AnswerError: It is cut off, no JSON, or no object.
    """
    try:
        answer = json.loads(body, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError) as exc:
        msg = f"{where}: the answer is cut off or is not JSON"
        raise AnswerError(msg) from exc
    return mapping(answer, where, "the answer")


def mapping(value: object, where: str, name: str) -> Mapping[str, Any]:
    """Take an object of an answer.

    Raises:
        AnswerError: It is none.
    """
    if not isinstance(value, dict):
        msg = f"{where}: {name} is not an object, as documented"
        raise AnswerError(msg)
    return value


def listed(value: object, where: str, name: str) -> list[Mapping[str, Any]]:
    """Take a list of objects of an answer.

    Raises:
        AnswerError: It is none.
    """
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        msg = f"{where}: {name} is not a list of objects, as documented"
        raise AnswerError(msg)
    return value


def text_of(row: Mapping[str, Any], key: str) -> str:
    """A text of a row; "" where it is missing or something else."""
    value = row.get(key)
    return value if isinstance(value, str) else ""


def decimal_of(value: object) -> Decimal:
    """An exact number, written as a string or a JSON number.

    Raises:
        NotAPrice: It is missing, negative, or no number.
    """
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return _short(Decimal(value))
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        try:
            number = Decimal(value)
        except InvalidOperation:
            number = Decimal("NaN")
        if number.is_finite() and 0 <= number < 10**20:
            return _short(number)
    msg = "a number is missing or unreadable"
    raise NotAPrice(msg)


def price_of(value: object) -> Decimal:
    """A price that a sheet can hold.

    Raises:
        NotAPrice: It is none, or has more digits than a sheet holds.
    """
    price = decimal_of(value)
    exponent = price.as_tuple().exponent
    if price >= _MOST_PRICE or not isinstance(exponent, int):
        msg = "a price is out of all bounds"
        raise NotAPrice(msg)
    if exponent < -_MOST_DECIMALS:
        msg = f"a price has more than {_MOST_DECIMALS} decimals"
        raise NotAPrice(msg)
    return price


def tiers_of(starts: Iterable[tuple[Decimal, Decimal]]) -> tuple[Tier, ...]:
    """Make tiers of (start, price), in whatever order they came.

    A tier ends where the next begins.

    Raises:
        NotAPrice: None begins at 0, two begin alike, a bound is no whole number, or
            the price is 0 in each: nobody sells that, it stands for "not sold".
    """
    order = sorted(starts)
    if not order or order[0][0] != 0:
        msg = "no tier begins at 0"
        raise NotAPrice(msg)
    if any(one[0] == other[0] for one, other in pairwise(order)):
        msg = "two prices for one tier"
        raise NotAPrice(msg)
    if any(start != start.to_integral_value() for start, _ in order):
        msg = "a tier begins at a fraction of a unit"
        raise NotAPrice(msg)
    if not any(price for _, price in order):
        msg = "the price is 0 in every tier"
        raise NotAPrice(msg)
    ends = [start for start, _ in order[1:]]
    return tuple(
        Tier(start=start, end=end, price=price)
        for (start, price), end in zip(order, [*ends, None], strict=True)
    )


def _short(number: Decimal) -> Decimal:
    """The same number without zeros at its end, and without an exponent above 0."""
    plain = number.normalize()
    exponent = plain.as_tuple().exponent
    return (
        plain.quantize(Decimal(1))
        if isinstance(exponent, int) and exponent > 0
        else plain
    )


def _no_constant(name: str) -> object:
    msg = f"{name} is no number"
    raise ValueError(msg)
