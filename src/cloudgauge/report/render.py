"""A Document as Markdown, CSV, JSON or JSON lines. The terminal is the cli's."""

import csv
import io
import json

from cloudgauge.report.document import Cell, Column, Document, Table
from cloudgauge.report.escape import csv_cell, markdown_cell
from cloudgauge.report.scale import (
    at_least_text,
    beyond_text,
    column_texts,
    heading,
    is_number,
)

SCHEMA_VERSION = 1


def to_json(document: Document) -> str:
    """The whole document as one object; numbers as they are, absent as null."""
    value = {
        "schema_version": SCHEMA_VERSION,
        "kind": document.kind,
        "title": document.title,
        "tables": {table.name: _objects(table) for table in document.tables},
        "notes": list(document.notes),
        "provenance": list(document.provenance),
    }
    return json.dumps(value, indent=2, ensure_ascii=True) + "\n"


def to_jsonl(document: Document) -> str:
    """Each row of each table as one object that names its kind and table."""
    return "".join(
        json.dumps(
            {"kind": document.kind, "table": table.name} | row, ensure_ascii=True
        )
        + "\n"
        for table in document.tables
        for row in _objects(table)
    )


def to_csv(document: Document) -> str:
    """The first table, which is the document's main one; absent cells are empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for table in document.tables[:1]:
        writer.writerow([column.name for column in table.columns])
        writer.writerows([_csv_value(cell) for cell in row] for row in table.rows)
    return out.getvalue()


def to_markdown(document: Document) -> str:
    """The whole document as Markdown tables, notes last."""
    parts = [f"# {markdown_cell(document.title)}\n"]
    for table in document.tables:
        if table.title:
            parts.append(f"## {markdown_cell(table.title)}\n")
        parts.append(table_to_markdown(table))
    for title, lines in (
        ("Notes", document.notes),
        ("Provenance", document.provenance),
    ):
        if lines:
            items = "".join(f"* {markdown_cell(line)}\n" for line in lines)
            parts.append(f"## {title}\n\n{items}")
    return "\n".join(parts)


def shown_columns(table: Table) -> list[Column]:
    """The columns that people see: not those that bound others."""
    return [column for column in table.columns if not column.beyond]


def table_texts(table: Table) -> list[list[str]]:
    """The rows' cells in `shown_columns` as people read them, each on one scale."""
    columns = [_texts(table, column) for column in shown_columns(table)]
    return [list(cells) for cells in zip(*columns, strict=True)]


def _texts(table: Table, column: Column) -> list[str]:
    places = {one.name: place for place, one in enumerate(table.columns)}
    cells = [row[places[column.name]] for row in table.rows]
    texts = column_texts(column, cells)
    for bounds in table.columns:
        if bounds.beyond == column.name:
            for at, row in enumerate(table.rows):
                bound = row[places[bounds.name]]
                if cells[at] is None and isinstance(bound, int | float):
                    texts[at] = beyond_text(bound)
                if cells[at] is None and isinstance(bound, str):
                    texts[at] = at_least_text(bound)
    return texts


def _objects(table: Table) -> list[dict[str, Cell]]:
    names = [column.name for column in table.columns]
    return [dict(zip(names, row, strict=True)) for row in table.rows]


def _csv_value(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return csv_cell(cell) if isinstance(cell, str) else repr(cell)


def table_to_markdown(table: Table) -> str:
    """One table of a document, without its title."""
    columns = shown_columns(table)
    lines = [
        [markdown_cell(heading(column)) for column in columns],
        ["---:" if is_number(column) else "---" for column in columns],
        *([markdown_cell(text) for text in row] for row in table_texts(table)),
    ]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
