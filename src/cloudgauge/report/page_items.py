"""The parts of a page as its template wants them: texts escaped, rows as markup.

Rows are put together here and not in the template: a page may have tens of thousands
of cells.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from cloudgauge.report.document import Cell, Table
from cloudgauge.report.escape import printable
from cloudgauge.report.figure import Figure
from cloudgauge.report.page import (
    Code,
    Facts,
    Page,
    PageTable,
    Part,
    Picture,
    Points,
    Subject,
    Words,
)
from cloudgauge.report.render import shown_columns, table_texts
from cloudgauge.report.scale import is_number, unit_of

# Longer ones are folded.
_LONG = 28
_KINDS: Mapping[type[Any], str] = {
    Words: "words",
    Points: "points",
    Facts: "facts",
    Code: "code",
    Picture: "picture",
    PageTable: "table",
}


def markup() -> Any:
    """What says of a text that it is markup already."""
    from markupsafe import Markup  # noqa: PLC0415  Jinja's own

    return Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    label: str
    unit: str
    is_number: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    attributes: object
    cells: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A part with what its template needs; `vantage` is None for everyone's."""

    kind: str
    part: Part
    id: str
    vantage: str | None
    title: str = ""
    heads: tuple[_Head, ...] = ()
    rows: tuple[_Row, ...] = ()
    providers: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    table: "Item | None" = None
    text: object = ""

    @property
    def figure(self) -> Figure | None:
        """Of a picture."""
        return self.part.figure if isinstance(self.part, Picture) else None

    @property
    def drawn(self) -> bool:
        """Whether it is a picture, and not a sentence in its place."""
        return isinstance(self.part, Picture) and self.part.figure.spec is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionItems:
    """A section with its parts as the template wants them."""

    name: str
    title: str
    parts: tuple[Item, ...]


def items_of(page: Page) -> tuple[SectionItems, ...]:
    """The sections of a page; each part has an id that is unique in it."""
    return tuple(
        SectionItems(
            name=section.name,
            title=section.title,
            parts=tuple(
                _item(part, f"{section.name}-{at}")
                for at, part in enumerate(section.parts)
            ),
        )
        for section in page.sections
    )


def _item(part: Part, place: str) -> Item:
    kind, vantage = _KINDS[type(part)], part.vantage or None
    if isinstance(part, PageTable):
        return _table_item(part, place)
    if isinstance(part, Code):
        # Lines stay lines; whatever else a terminal would obey is shown.
        text = "\n".join(printable(line) for line in part.text.split("\n"))
        return Item(
            kind=kind,
            part=part,
            id=place,
            vantage=vantage,
            text=markup()(escape(text)),
        )
    below = None
    if isinstance(part, Picture) and part.table is not None:
        below = _table_item(part.table, f"{place}-data")
    return Item(kind=kind, part=part, id=place, vantage=vantage, table=below)


def _table_item(part: PageTable, place: str) -> Item:
    table = _head_first(part.table, part.head)
    columns = shown_columns(table)
    subjects = part.subjects or (None,) * len(table.rows)
    positions = {column.name: at for at, column in enumerate(table.columns)}
    places = [positions[column.name] for column in columns]
    numeric = [is_number(column) for column in columns]
    rows = tuple(
        _row(texts, [row[at] for at in places], numeric, subject)
        for texts, row, subject in zip(
            table_texts(table), table.rows, subjects, strict=True
        )
    )
    return Item(
        kind="table",
        part=part,
        id=place,
        vantage=part.vantage or None,
        title=table.title,
        heads=tuple(
            _Head(label=column.label, unit=unit_of(column), is_number=is_number(column))
            for column in columns
        ),
        rows=rows,
        providers=tuple(sorted({one.provider for one in part.subjects})),
        areas=tuple(sorted({area for one in part.subjects for area in one.areas})),
    )


def _head_first(table: Table, head: str) -> Table:
    """The same with the column that names a row in front, where it stays."""
    names = [column.name for column in table.columns]
    order = [names.index(head), *(at for at, name in enumerate(names) if name != head)]
    return Table(
        name=table.name,
        title=table.title,
        columns=tuple(table.columns[at] for at in order),
        rows=tuple(tuple(row[at] for at in order) for row in table.rows),
    )


def _row(
    texts: list[str], cells: list[Cell], numeric: list[bool], subject: Subject | None
) -> _Row:
    raw = markup()
    written = [f"<th scope=row>{escape(texts[0])}</th>"]
    for text, cell, is_figure in zip(texts[1:], cells[1:], numeric[1:], strict=True):
        long = " class=w" if len(text) > _LONG else ""
        classes = " class=n" if is_figure else long
        written.append(f"<td{classes}{_value(text, cell)}>{escape(text)}")
    return _Row(
        attributes=raw("".join(_attributes(subject))), cells=raw("".join(written))
    )


def _attributes(subject: Subject | None) -> Iterator[str]:
    if subject is None:
        return
    for name, text in (
        ("anchor", subject.anchor),
        ("provider", subject.provider),
        ("areas", " ".join(subject.areas)),
    ):
        if text:
            yield f' data-{name}="{escape(printable(text))}"'


def _value(text: str, cell: Cell) -> str:
    """By what a cell is sorted where its text does not say so."""
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return ""
    number = f"{cell:.6g}"
    return "" if number == text else f" data-v={number}"
