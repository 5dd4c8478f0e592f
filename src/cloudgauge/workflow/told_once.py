"""Tables for a notebook: what a wide table repeats is said once, below all of them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from cloudgauge.report.document import Document, Table
from cloudgauge.report.render import shown_columns, table_texts
from cloudgauge.report.scale import heading


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What is not to be left out, and what always is.

    Attributes:
        answers: Names of columns that stay: what was asked for.
        aside: Names of columns that say for programs what another says for people.
    """

    answers: frozenset[str] = frozenset()
    aside: frozenset[str] = frozenset()


_PLAIN = Wording()


def told_once(document: Document, wording: Wording = _PLAIN) -> Document:
    """A document whose tables have no column that is the same in every row.

    As a terminal does where it is too narrow. The first column names the row: it
    stays, and so does a table of one row.
    """
    said = tuple(text for table in document.tables for text in _said(table, wording))
    return replace(
        document,
        tables=tuple(_rest(table, wording) for table in document.tables),
        notes=(*said, *document.notes),
    )


def _same(table: Table, wording: Wording) -> dict[str, str]:
    """By the name of each column that repeats itself, what it says."""
    texts = table_texts(table)
    if len(texts) < 2:
        return {}
    stay = wording.answers | wording.aside
    return {
        column.name: f"{heading(column)} {texts[0][at]}"
        for at, column in enumerate(shown_columns(table))
        if at and column.name not in stay and len({row[at] for row in texts}) == 1
    }


def _said(table: Table, wording: Wording) -> Iterator[str]:
    same = _same(table, wording)
    if same:
        of = f' of "{table.title}"' if table.title else ""
        yield f"the same in every row{of}: {', '.join(same.values())}"


def _rest(table: Table, wording: Wording) -> Table:
    gone = wording.aside | _same(table, wording).keys()
    kept = [
        at
        for at, column in enumerate(table.columns)
        if column.name not in gone and column.beyond not in gone
    ]
    return replace(
        table,
        columns=tuple(table.columns[at] for at in kept),
        rows=tuple(tuple(row[at] for at in kept) for row in table.rows),
    )
