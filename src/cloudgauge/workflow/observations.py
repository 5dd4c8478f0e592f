"""Cells of somebody else's table as checked values; pure, every mistake named."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from cloudgauge.errors import ConfigError, ConfigErrors
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.settings.mapping_file import NS_PER_UNIT, ImportMapping, Missing
from cloudgauge.settings.toml_file import nearest
from cloudgauge.store.foreign import ForeignRow, ForeignTable

_VALUE = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)\s*([^\W\d_]*)")
_UNITS = {"s": "s", "ms": "ms", "us": "us", "µs": "us", "μs": "us", "ns": "ns"}
_NOTHING = frozenset({"", "nan", "na", "n/a", "null", "none", "-"})
_YES = frozenset({"1", "1.0", "true", "yes", "ok", "success", "up"})
_NO = frozenset(
    {"0", "0.0", "false", "no", "fail", "failed", "failure", "error", "down"}
)
# Fractions of a second in ISO 8601 beyond microseconds, which datetime cuts off.
_FRACTION = re.compile(r"(\d{2}:\d{2}:\d{2})[.,](\d{1,9})")
_LONGEST_NS = 3_600 * NS_PER_S
# 1990 to 2100: beyond lies a unit that was taken for another.
_EARLIEST_NS, _LATEST_NS = 631_152_000 * NS_PER_S, 4_102_444_800 * NS_PER_S
_TOLD = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One measurement that somebody else took.

    Attributes:
        value_ns: Above 0; None if it failed.
        round: As the source numbers it; None if it does not.
    """

    wall_ns: int
    vantage: str
    target: str
    value_ns: int | None
    round: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """All of a table.

    Attributes:
        absent: Rows without a value that the mapping says to leave out.
    """

    observations: tuple[Observation, ...]
    absent: int


def observe(table: ForeignTable, mapping: ImportMapping) -> Observed:
    """Read every row of a table.

    Raises:
        ConfigErrors: All that is wrong, row by row; of many the first ten.
        ConfigError: A column is missing, there is no row, or units are mixed.
    """
    reader = _Reader(table, mapping)
    made: list[Observation] = []
    errors: list[ConfigError] = []
    absent = 0
    for row in table.rows:
        try:
            one = reader.read(row)
        except ValueError as exc:
            errors.append(ConfigError(f"{table.name}: {row.where}", str(exc)))
            continue
        if one is None:
            absent += 1
        else:
            made.append(one)
    if errors:
        raise ConfigErrors(tuple(_first(errors, table.name)))
    if not made:
        raise ConfigError(table.name, "has no measurement in it")
    return Observed(observations=tuple(made), absent=absent)


def _first(errors: list[ConfigError], name: str) -> Iterator[ConfigError]:
    yield from errors[:_TOLD]
    if len(errors) > _TOLD:
        yield ConfigError(name, f"{len(errors) - _TOLD} more rows are wrong")


class _Reader:
    """The columns of a table, and the unit that its values have."""

    def __init__(self, table: ForeignTable, mapping: ImportMapping) -> None:
        self._mapping = mapping
        self._unit = mapping.unit
        names = mapping.columns
        self._places = {
            "time": _place(table, names.time),
            "target": _place(table, names.target),
            "value": _place(table, names.value),
            "success": _place(table, names.success),
            "round": _place(table, names.round),
            "vantage": _place(table, names.vantage),
        }

    def read(self, row: ForeignRow) -> Observation | None:
        """A row's measurement; None for one that is to be left out.

        Raises:
            ValueError: Saying what is wrong with a cell.
        """
        cells = {
            name: row.cells[place]
            for name, place in self._places.items()
            if place is not None
        }
        succeeded = _succeeded(cells["success"]) if "success" in cells else True
        nothing = cells["value"].lower() in _NOTHING
        if succeeded and nothing:
            if self._mapping.missing is Missing.ABSENT:
                return None
            if self._mapping.missing is Missing.REFUSED:
                msg = (
                    "has no value; say in the mapping whether missing is a failure or "
                    "is absent"
                )
                raise ValueError(msg)
            succeeded = False
        if not succeeded and self._mapping.failed_as is None:
            msg = "failed; say failed_as and timeout in the mapping"
            raise ValueError(msg)
        return Observation(
            wall_ns=self._wall_ns(cells),
            vantage=_named(cells, "vantage", self._mapping.vantage),
            target=_named(cells, "target", None),
            value_ns=self._value_ns(cells["value"]) if succeeded else None,
            round=_round(cells["round"]) if "round" in cells else None,
        )

    def _value_ns(self, text: str) -> int:
        match = _VALUE.fullmatch(text)
        if match is None:
            msg = f'want a number, got "{text}"'
            raise ValueError(msg)
        value_ns = int(Decimal(match[1]) * NS_PER_UNIT[self._unit_of(match[2], text)])
        if not 0 < value_ns <= _LONGEST_NS:
            msg = f'want a time above 0 and up to an hour, got "{text}"'
            raise ValueError(msg)
        return value_ns

    def _unit_of(self, written: str, text: str) -> str:
        unit = _UNITS.get(written) if written else self._mapping.unit
        if unit is None:
            msg = f'want a unit (s, ms, us or ns) here or in the mapping, got "{text}"'
            raise ValueError(msg)
        # Where the mapping names none, the first value does.
        self._unit = self._unit or unit
        if unit != self._unit:
            msg = f'units are mixed: "{text}" among values in {self._unit}'
            raise ValueError(msg)
        return unit

    def _wall_ns(self, cells: Mapping[str, str]) -> int:
        mapping = self._mapping
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


def _place(table: ForeignTable, name: str | None) -> int | None:
    if name is None:
        return None
    if name not in table.columns:
        meant = nearest(name, table.columns)
        hint = f'; did you mean "{meant}"?' if meant else ""
        raise ConfigError(table.name, f'has no column "{name}"{hint}')
    return table.columns.index(name)


def _named(cells: Mapping[str, str], column: str, constant: str | None) -> str:
    name = cells.get(column, constant)
    if not name:
        msg = f"names no {column}"
        raise ValueError(msg)
    return name


def _succeeded(text: str) -> bool:
    word = text.lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    msg = f'want success as true or false, got "{text}"'
    raise ValueError(msg)


def _round(text: str) -> int:
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
