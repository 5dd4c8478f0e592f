"""A number and its unit into text, one scale for a whole column."""

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal

from cloudgauge.model.quantity import format_byte_count
from cloudgauge.report.document import Cell, Column, Scale
from cloudgauge.report.escape import printable

ABSENT = "-"
_LEAST_P = 0.001
_MONEY = Context(prec=100, rounding=ROUND_HALF_EVEN)
_UNITS = {
    Scale.MEGABITS_PER_S: "Mbit/s",
    Scale.MILLISECONDS: "ms",
    Scale.RATIO: "%",
}


def heading(column: Column) -> str:
    """The column's label with its unit."""
    unit = unit_of(column)
    return f"{column.label} {unit}" if unit else column.label


def unit_of(column: Column) -> str:
    """The unit of a column's numbers as they are written; "" for none."""
    return _UNITS.get(column.scale, "")


def is_number(column: Column) -> bool:
    """Whether the column is aligned to the right."""
    return column.scale is not Scale.TEXT


def column_texts(column: Column, cells: Sequence[Cell]) -> list[str]:
    """Write a column's cells for people; absent ones as a dash.

    Milliseconds and Mbit/s get as many decimals as show three digits of the
    smallest value that is not zero, at most three (the kernel's microsecond).
    """
    decimals = _decimals([c for c in cells if isinstance(c, int | float)])
    return [_text(column.scale, cell, decimals) for cell in cells]


def beyond_text(bound: float) -> str:
    """What is read in place of a figure that is only known to be more.

    Args:
        bound: Milliseconds.
    """
    return f"> {bound / 1_000:g} s" if bound >= 1_000 else f"> {bound:g} ms"


def at_least_text(amount: str) -> str:
    """What is read in place of a sum of which a part is unknown."""
    return f"at least {_money_text(amount)}"


def _money_text(amount: str) -> str:
    value = Decimal(amount)
    size = value.adjusted() if value else 0
    last = Decimal(1).scaleb(min(-2, size - 1))
    return f"{value.quantize(last, context=_MONEY):,f}"


def _decimals(values: Sequence[float]) -> int:
    sizes = [abs(value) for value in values if value and math.isfinite(value)]
    if not sizes:
        return 0
    return min(max(2 - math.floor(math.log10(min(sizes))), 0), 3)


def _text(scale: Scale, cell: Cell, decimals: int) -> str:
    if cell is None:
        return ABSENT
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, str):
        return _money_text(cell) if scale is Scale.MONEY else printable(cell)
    return _number_text(scale, cell, decimals)


def _number_text(scale: Scale, number: float, decimals: int) -> str:
    match scale:
        case Scale.COUNT:
            return f"{number:,}"
        case Scale.MILLISECONDS | Scale.MEGABITS_PER_S:
            # z: what rounds to nothing has no sign.
            return f"{number:z.{decimals}f}"
        case Scale.RATIO:
            share = 100 * number
            return f"{share:.3g}" if abs(share) < 1_000 else f"{share:,.0f}"
        case Scale.PROBABILITY:
            # Of what is smaller, the digits say nothing.
            return f"{number:.2g}" if number >= _LEAST_P else f"<{_LEAST_P:g}"
        case Scale.BYTES:
            return format_byte_count(round(number))
        case _:
            return f"{number:g}" if isinstance(number, float) else str(number)
