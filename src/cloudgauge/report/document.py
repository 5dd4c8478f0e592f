"""What a command shows, before it has a format: tables, notes, provenance."""

from dataclasses import dataclass
from enum import StrEnum

Cell = str | int | float | bool | None


class Scale(StrEnum):
    """How a column's numbers are written for people. JSON and CSV keep them raw.

    Money is written as text with every digit, since a float cannot hold it; people
    read it rounded half-even to hundredths, or to two digits where it is less.
    """

    TEXT = "text"
    COUNT = "count"
    RATIO = "ratio"
    MILLISECONDS = "milliseconds"
    MEGABITS_PER_S = "megabits-per-second"
    BYTES = "bytes"
    PROBABILITY = "probability"
    PLAIN = "plain"
    MONEY = "money"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table.

    Attributes:
        name: Key in JSON and CSV; lower case, underscores, with the unit.
        label: Heading for people, without the unit.
        scale: How its numbers are written for people.
        beyond: Name of the column that its numbers are bounds for: where that one
            has nothing and this one has a number, the figure is only known to be
            more. People read such as "> 10 s" in its place and see no column of
            bounds; programs get both.
    """

    name: str
    label: str
    scale: Scale = Scale.TEXT
    beyond: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under named columns.

    Attributes:
        name: Key in JSON; lower case, underscores.
        title: Heading for people; "" for none.
        rows: Each as long as `columns`; None is "not known" or "did not happen".
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                msg = f"{self.name}: want {len(self.columns)} cells, got {len(row)}"
                raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Everything that a command answers.

    Attributes:
        kind: Names the shape for programs, such as ``targets-list``.
        title: One line.
        notes: Sentences that a reader must not miss, caveats first.
        provenance: Where the figures come from, one line each.
    """

    kind: str
    title: str
    tables: tuple[Table, ...]
    notes: tuple[str, ...] = ()
    provenance: tuple[str, ...] = ()
