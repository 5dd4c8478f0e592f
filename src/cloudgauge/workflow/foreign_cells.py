"""Cells of somebody else's table as numbers, times and words; pure.

What is wrong with a cell is a `ValueError` that says so in one sentence.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from cloudgauge.errors import ConfigError
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.settings.mapping_file import NS_PER_UNIT, ImportMapping
from cloudgauge.settings.toml_file import nearest
from cloudgauge.store.foreign import ForeignTable

_VALUE = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)\s*([^\W\d_]*)")
_UNITS = {"s": "s", "ms": "ms", "us": "us", "µs": "us", "μs": "us", "ns": "ns"}
_WRITTEN_UNITS = {
    **_UNITS,
    **dict.fromkeys(("sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("msec", "millis", "milliseconds"), "ms"),
    **dict.fromkeys(("usec", "micros", "microseconds"), "us"),
    **dict.fromkeys(("nanos", "nanoseconds"), "ns"),
}
_NAMED_UNIT = re.compile(
    rf"[\s_\-(\[/]({'|'.join(_WRITTEN_UNITS)})[)\]]?$", re.IGNORECASE
)
NOTHING = frozenset({"", "nan", "na", "n/a", "null", "none", "-"})
"""Cells that say that there is no value."""
_YES = frozenset({"1", "1.0", "true", "yes", "ok", "success", "up"})
_NO = frozenset(
    {"0", "0.0", "false", "no", "fail", "failed", "failure", "error", "down"}
)
# Fractions of a second in ISO 8601 beyond microseconds, which datetime cuts off.
_FRACTION = re.compile(r"(\d{2}:\d{2}:\d{2})[.,](\d{1,9})")
_LONGEST_NS = 3_600 * NS_PER_S
# 1990 to 2100: beyond lies a unit that was taken for another.
_EARLIEST_NS, _LATEST_NS = 631_152_000 * NS_PER_S, 4_102_444_800 * NS_PER_S


class Durations:
    """Reads the values of a table, which all have one unit and one decimal mark."""

    def __init__(self, table: ForeignTable, mapping: ImportMapping) -> None:
        """Take the unit from the mapping, else from the name of the column.

        Raises:
            ConfigError: They name two.
        """
        self._unit = mapping.unit
        self._named = _unit_in_name(table, mapping) or mapping.unit
        self._decimal_commas = table.decimal_commas
        self._mark = ""

    def value_ns(self, text: str) -> int:
        """A duration above 0, nanoseconds.

        Raises:
            ValueError: The text is none, or has another unit or mark.
        """
        match = _VALUE.fullmatch(self._pointed(text))
        if match is None:
            msg = f'want a number, got "{text}"'
            raise ValueError(msg)
        value_ns = int(Decimal(match[1]) * NS_PER_UNIT[self._unit_of(match[2], text)])
        if not 0 < value_ns <= _LONGEST_NS:
            msg = f'want a time above 0 and up to an hour, got "{text}"'
            raise ValueError(msg)
        return value_ns

    def _pointed(self, text: str) -> str:
        """A number with a point, where the file may have decimal commas."""
        marks = "".join(mark for mark in ".," if mark in text)
        if not marks or (marks == "," and not self._decimal_commas):
            return text
        # Both in one number, or one for some: a comma that parts thousands?
        self._mark = self._mark or marks
        if len(marks) > 1 or marks != self._mark:
            msg = f'points and commas are mixed in numbers: "{text}"'
            raise ValueError(msg)
        return text.replace(",", ".")

    def _unit_of(self, written: str, text: str) -> str:
        unit = _UNITS.get(written) if written else self._named
        if unit is None:
            msg = f'want a unit (s, ms, us or ns) here or in the mapping, got "{text}"'
            raise ValueError(msg)
        # Where the mapping names none, the first value does.
        self._unit = self._unit or unit
        if unit != self._unit:
            msg = f'units are mixed: "{text}" among values in {self._unit}'
            raise ValueError(msg)
        return unit


def wall_ns_of(cells: Mapping[str, str], mapping: ImportMapping) -> int:
    """When a row was measured, nanoseconds UTC since 1970.

    Raises:
        ValueError: It says no time between 1990 and 2100.
    """
    if mapping.all_at is not None:
        return _utc_ns(mapping.all_at)
    text = cells["time"]
    if mapping.time_unit == "iso" and not _is_number(text):
        wall_ns = _iso_ns(text, naive_is_utc=mapping.naive_is_utc)
    else:
        unit = "s" if mapping.time_unit == "iso" else mapping.time_unit
        wall_ns = _since_1970_ns(text, unit)
    if not _EARLIEST_NS <= wall_ns < _LATEST_NS:
        msg = f'its time "{text}" is not between 1990 and 2100; see time.unit'
        raise ValueError(msg)
    return wall_ns


def _unit_in_name(table: ForeignTable, mapping: ImportMapping) -> str | None:
    """The unit that the name of the column of values ends with, as ``rtt_ms`` does.

    Raises:
        ConfigError: The mapping says another.
    """
    found = _NAMED_UNIT.search(mapping.columns.value)
    unit = _WRITTEN_UNITS[found[1].lower()] if found else None
    if unit and mapping.unit and unit != mapping.unit:
        problem = f"its name says {unit} and the mapping says {mapping.unit}"
        place = f"{table.name}: column {mapping.columns.value}"
        raise ConfigError(place, problem)
    return unit


def place_of(table: ForeignTable, name: str | None) -> int | None:
    """The place of a column; None where none is named.

    Raises:
        ConfigError: The table has no such column.
    """
    if name is None:
        return None
    if name not in table.columns:
        meant = nearest(name, table.columns)
        hint = f'; did you mean "{meant}"?' if meant else ""
        raise ConfigError(table.name, f'has no column "{name}"{hint}')
    return table.columns.index(name)


def named(cells: Mapping[str, str], column: str, constant: str | None) -> str:
    """The cell of a column, or what is said of all rows in its place.

    Raises:
        ValueError: Neither is there.
    """
    name = cells.get(column, constant)
    if not name:
        msg = f"names no {column}"
        raise ValueError(msg)
    return name


def succeeded(text: str) -> bool:
    """Whether a cell says that a measurement succeeded.

    Raises:
        ValueError: It says neither.
    """
    word = text.lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    msg = f'want success as true or false, got "{text}"'
    raise ValueError(msg)


def round_number(text: str) -> int:
    """The number of a round.

    Raises:
        ValueError: It is none.
    """
    if not re.fullmatch(r"\d{1,9}(\.0+)?", text):
        msg = f'want the number of a round, got "{text}"'
        raise ValueError(msg)
    return int(text.partition(".")[0])


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\d+(\.\d*)?", text) is not None


def _since_1970_ns(text: str, unit: str) -> int:
    try:
        at = Decimal(text)
    except InvalidOperation as exc:
        msg = f'want a time in {unit} since 1970, got "{text}"'
        raise ValueError(msg) from exc
    if not at.is_finite() or abs(at) > _LATEST_NS:
        msg = f'want a time in {unit} since 1970, got "{text}"'
        raise ValueError(msg)
    return int(at * NS_PER_UNIT[unit])


def _iso_ns(text: str, *, naive_is_utc: bool) -> int:
    fraction = _FRACTION.search(text)
    whole = _FRACTION.sub(r"\1", text)
    try:
        at = datetime.fromisoformat(whole)
    except ValueError as exc:
        msg = f'want a time in ISO 8601, got "{text}"'
        raise ValueError(msg) from exc
    if at.tzinfo is None:
        if not naive_is_utc:
            msg = f'its time "{text}" names no zone; say time.zone = "UTC" if it is'
            raise ValueError(msg)
        at = at.replace(tzinfo=UTC)
    digits = fraction[2] if fraction else ""
    return _utc_ns(at) + int(digits.ljust(9, "0") or 0)


def _utc_ns(at: datetime) -> int:
    since = at - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * NS_PER_S + since.microseconds * 1_000
