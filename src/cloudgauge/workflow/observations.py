"""Cells of somebody else's table as checked values; pure, every mistake named."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from cloudgauge.errors import ConfigError, ConfigErrors
from cloudgauge.model.sample import FailureKind
from cloudgauge.settings.mapping_file import ForeignFormat, ImportMapping, Missing
from cloudgauge.store.foreign import ForeignRow, ForeignTable
from cloudgauge.workflow.foreign_cells import (
    NOTHING,
    Durations,
    named,
    place_of,
    round_number,
    succeeded,
    wall_ns_of,
)

# What stands for a value that is to be left out: no cell is this.
_ABSENT = "\0"
_TOLD = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One measurement that somebody else took.

    Attributes:
        value_ns: Above 0; None if it failed.
        round: As the source numbers it; None if it does not.
        failure: Why it failed, if the source says so.
    """

    wall_ns: int
    vantage: str
    target: str
    value_ns: int | None
    round: int | None
    failure: FailureKind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """All of a table.

    Attributes:
        absent: Rows without a value that the mapping says to leave out.
        again: Rows that say the same as an earlier one, which are left out.
        first_again: Where the first of them is.
    """

    observations: tuple[Observation, ...]
    absent: int
    again: int = 0
    first_again: str = ""


def observe(table: ForeignTable, mapping: ImportMapping) -> Observed:
    """Read every row of a table.

    Raises:
        ConfigErrors: All that is wrong, row by row; of many the first ten.
        ConfigError: A column is missing, there is no row, or units are mixed.
    """
    reader = _Reader(table, mapping)
    # In the order of the rows, with where each is.
    made: dict[Observation, str] = {}
    errors: list[ConfigError] = []
    again: list[str] = []
    absent = 0
    for row in table.rows:
        try:
            one = reader.read(row)
        except _WrongCell as exc:
            errors.append(
                ConfigError(f"{table.name}: {row.where}{exc.column}", str(exc))
            )
            continue
        if one is None:
            absent += 1
        elif one in made:
            again.append(row.where)
        else:
            made[one] = row.where
    if errors:
        raise ConfigErrors(tuple(_first(errors, table.name)))
    if not made:
        raise ConfigError(table.name, "has no measurement in it")
    _check_rounds(made, table.name)
    return Observed(
        observations=tuple(made),
        absent=absent,
        again=len(again),
        first_again=again[0] if again else "",
    )


def _check_rounds(made: Mapping[Observation, str], name: str) -> None:
    """Refuse a column that numbers no rounds, such as the hour of many days.

    Raises:
        ConfigError: A round goes on while two later ones begin.
    """
    by_round: dict[tuple[str, int], list[Observation]] = {}
    for one in made:
        if one.round is not None:
            by_round.setdefault((one.vantage, one.round), []).append(one)
    begins: dict[str, list[tuple[int, int]]] = {}
    for (vantage, number), members in by_round.items():
        first_ns = min(one.wall_ns for one in members)
        begins.setdefault(vantage, []).append((first_ns, number))
    for vantage, found in begins.items():
        found.sort()
        for (_, number), (beyond_ns, _) in zip(found, found[2:], strict=False):
            last = max(by_round[vantage, number], key=lambda one: one.wall_ns)
            if last.wall_ns > beyond_ns:
                problem = (
                    f"round {number} goes on after two later ones began: want rounds "
                    "that follow one another, each with a new number"
                )
                place = f"{name}: {made[last]}"
                raise ConfigError(place, problem)


def _first(errors: list[ConfigError], name: str) -> Iterator[ConfigError]:
    yield from errors[:_TOLD]
    if len(errors) > _TOLD:
        yield ConfigError(name, f"{len(errors) - _TOLD} more rows are wrong")


class _WrongCell(ValueError):
    """What is wrong with a cell.

    Attributes:
        column: Such as ``, column rtt``; "" where the file has no such name.
    """

    def __init__(self, column: str, problem: str) -> None:
        super().__init__(problem)
        self.column = column


class _Reader:
    """The columns of a table, and the unit that its values have."""

    def __init__(self, table: ForeignTable, mapping: ImportMapping) -> None:
        self._mapping = mapping
        self._durations = Durations(table, mapping)
        names = mapping.columns
        self._places = {
            "time": place_of(table, names.time),
            "target": place_of(table, names.target),
            "value": place_of(table, names.value),
            "success": place_of(table, names.success),
            "round": place_of(table, names.round),
            "vantage": place_of(table, names.vantage),
            "failure": place_of(table, names.failure),
        }
        # The others' columns are ours, or named in the row's place already.
        self._has_names = mapping.format not in {
            ForeignFormat.PING,
            ForeignFormat.MATRIX,
        }
        self._columns = table.columns

    def read(self, row: ForeignRow) -> Observation | None:
        """A row's measurement; None for one that is to be left out.

        Raises:
            _WrongCell: Saying what is wrong with it.
        """
        cells = {
            name: row.cells[place]
            for name, place in self._places.items()
            if place is not None
        }
        with self._in("success"):
            good = succeeded(cells["success"]) if "success" in cells else True
        kind = FailureKind(cells["failure"]) if cells.get("failure") else None
        with self._in("value"):
            value = self._checked(cells["value"], succeeded=good, kind=kind)
            if value is _ABSENT:
                return None
            value_ns = None if value is None else self._durations.value_ns(value)
        with self._in("time"):
            wall_ns = wall_ns_of(cells, self._mapping)
        with self._in("vantage"):
            vantage = named(cells, "vantage", self._mapping.vantage)
        with self._in("target"):
            target = named(cells, "target", None)
        with self._in("round"):
            number = round_number(cells["round"]) if "round" in cells else None
        return Observation(
            wall_ns=wall_ns,
            vantage=vantage,
            target=target,
            value_ns=value_ns,
            round=number,
            failure=None if value_ns is not None else kind,
        )

    @contextmanager
    def _in(self, name: str) -> Iterator[None]:
        """Say of which column it is that a cell is wrong."""
        try:
            yield
        except ValueError as exc:
            place = self._places[name]
            known = None if place is None else self._columns[place]
            column = f", column {known}" if known and self._has_names else ""
            raise _WrongCell(column, str(exc)) from exc

    def _checked(
        self, text: str, *, succeeded: bool, kind: FailureKind | None
    ) -> str | None:
        """The text of a value; None of a failure, `_ABSENT` if it is to be left out."""
        mapping = self._mapping
        if succeeded and text.lower() in NOTHING:
            if mapping.missing is Missing.ABSENT:
                return _ABSENT
            if mapping.missing is Missing.REFUSED:
                msg = (
                    "has no value; say in the mapping whether missing is a failure or "
                    "is absent"
                )
                raise ValueError(msg)
            succeeded = False
        if not succeeded and mapping.failed_as is None and kind is None:
            msg = "failed; say failed_as and timeout in the mapping"
            raise ValueError(msg)
        return text if succeeded else None
