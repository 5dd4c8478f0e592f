"""A Document drawn for a terminal, or as plain text where there is none.

Where nobody says how wide the reader is (a pipe, a file), nothing is folded or left
out. On a terminal that is too narrow for a table, what is the same in every row is
said once below it, and a table of one row stands upright.
"""

import io
import os
import shutil
import sys
from collections.abc import Iterator

from rich import box
from rich.console import Console, RenderableType
from rich.measure import Measurement
from rich.table import Table as RichTable
from rich.text import Text

from cloudgauge.report.document import Column, Document, Table
from cloudgauge.report.escape import printable
from cloudgauge.report.render import shown_columns, table_texts
from cloudgauge.report.scale import heading, is_number

_UNBOUNDED_COLUMNS = 4_000
# Below this a folded column of words is a column of letters.
_LEAST_TEXT_COLUMNS = 14


def to_terminal(document: Document, *, to_stdout: bool) -> str:
    """Draw a document as text; with colour and folding only on a terminal."""
    on_terminal = to_stdout and sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if on_terminal else _UNBOUNDED_COLUMNS
    return draw(document, width=width, styled=on_terminal)


def draw(document: Document, *, width: int, styled: bool) -> str:
    """Draw a document in at most *width* columns where that can be done."""
    console = Console(
        file=io.StringIO(),
        width=width,
        force_terminal=styled,
        no_color="NO_COLOR" in os.environ or not styled,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    with console.capture() as captured:
        console.print(Text(printable(document.title), style="bold"))
        for table in document.tables:
            for part in _drawn(table, console):
                console.print(part)
        for note in document.notes:
            console.print(Text(f"note: {printable(note)}", style="yellow"))
        for line in document.provenance:
            console.print(Text(printable(line), style="dim"))
    return "".join(
        f"{line.rstrip()}\n" for line in captured.get().rstrip("\n").split("\n")
    )


def _drawn(table: Table, console: Console) -> Iterator[RenderableType]:
    columns, rows = shown_columns(table), table_texts(table)
    whole = _table(table.title, columns, rows)
    if _width(whole, console) <= console.width:
        yield whole
    elif len(rows) == 1:
        yield _upright(table.title, columns, rows[0])
        yield Text()
    else:
        yield from _narrowed(table.title, columns, rows, console)


def _narrowed(
    title: str, columns: list[Column], rows: list[list[str]], console: Console
) -> Iterator[RenderableType]:
    """The table without what is the same in every row, and as much as has room."""
    same = [i for i in range(1, len(columns)) if len({row[i] for row in rows}) == 1]
    kept = [i for i in range(len(columns)) if i not in same]
    dropped: list[int] = []

    def drawn() -> RichTable:
        picked = [[row[i] for i in kept] for row in rows]
        return _table(title, [columns[i] for i in kept], picked)

    while len(kept) > 2 and _least_width(drawn(), console) > console.width:
        dropped.append(kept.pop())
    yield drawn()
    if same:
        said = (f"{heading(columns[i])} {rows[0][i]}" for i in same)
        yield Text(f"the same in every row: {', '.join(said)}\n", style="dim")
    if dropped:
        names = ", ".join(heading(columns[i]) for i in sorted(dropped))
        yield Text(f"no room for: {names}; --format csv has it all\n", style="dim")


def _table(title: str, columns: list[Column], rows: list[list[str]]) -> RichTable:
    drawn = RichTable(
        title=Text(printable(title)) if title else None,
        title_justify="left",
        box=box.SIMPLE,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    for place, column in enumerate(columns):
        number = is_number(column)
        label = heading(column)
        longest = max((len(row[place]) for row in rows), default=0)
        drawn.add_column(
            # A heading of several words must not make its numbers' column wide.
            Text(label.replace(" ", "\n") if number else label),
            justify="right" if number else "left",
            # The first column names the row: it is never folded.
            no_wrap=number or place == 0,
            overflow="fold",
            min_width=None if number else min(_LEAST_TEXT_COLUMNS, longest),
        )
    for row in rows:
        drawn.add_row(*(Text(text) for text in row))
    return drawn


def _upright(title: str, columns: list[Column], row: list[str]) -> RichTable:
    drawn = RichTable(
        title=Text(printable(title)) if title else None,
        title_justify="left",
        box=None,
        show_header=False,
        padding=(0, 1, 0, 1),
    )
    drawn.add_column(style="dim")
    drawn.add_column(overflow="fold")
    for column, text in zip(columns, row, strict=True):
        drawn.add_row(Text(heading(column)), Text(text))
    return drawn


def _width(drawn: RichTable, console: Console) -> int:
    return _measured(drawn, console).maximum


def _least_width(drawn: RichTable, console: Console) -> int:
    return _measured(drawn, console).minimum


def _measured(drawn: RichTable, console: Console) -> Measurement:
    unbounded = console.options.update(width=_UNBOUNDED_COLUMNS)
    return Measurement.get(console, unbounded, drawn)
