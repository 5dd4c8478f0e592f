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
from rich.measure import Measurement, measure_renderables
from rich.table import Table as RichTable
from rich.text import Text

from cloudgauge.report.document import Column, Document, Table
from cloudgauge.report.escape import printable
from cloudgauge.report.render import shown_columns, table_texts
from cloudgauge.report.scale import heading, is_number

_UNBOUNDED_COLUMNS = 4_000
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

    def drawn() -> tuple[RichTable, list[Measurement]]:
        picked = [[row[i] for i in kept] for row in rows]
        shown = [columns[i] for i in kept]
        return _table(title, shown, picked), _measures(shown, picked, console)

    table, measures = drawn()
    while len(kept) > 2 and _least_width(table, console) > console.width:
        dropped.append(kept.pop())
        table, measures = drawn()
    _fit(table, measures, console)
    yield table
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
        drawn.add_column(
            _head(column),
            justify="right" if number else "left",
            # The first column names the row: it is never folded.
            no_wrap=number or place == 0,
            overflow="fold",
            min_width=None if number else _least(rows, place),
        )
    for row in rows:
        drawn.add_row(*(Text(text) for text in row))
    return drawn


def _measures(
    columns: list[Column], rows: list[list[str]], console: Console
) -> list[Measurement]:
    """Of each column its longest word, or more where it has a floor, and line."""
    unbounded = console.options.update(width=_UNBOUNDED_COLUMNS)
    measures = []
    for place, column in enumerate(columns):
        texts = [_head(column), *(Text(row[place]) for row in rows)]
        measure = measure_renderables(console, unbounded, texts)
        is_whole = is_number(column) or place == 0
        least = measure.maximum if is_whole else _least(rows, place)
        measures.append(Measurement(max(measure.minimum, least), measure.maximum))
    return measures


def _fit(table: RichTable, measures: list[Measurement], console: Console) -> None:
    """Say how wide each column is, the widest narrowed first until all have room.

    Rich narrows columns below their least width, raises them back and then cuts what
    is too wide, so that the last letters of a line are lost without a word.
    """
    widths = [one.maximum for one in measures]
    around = _width(table, console) - sum(widths)
    # Where words have no room either they are broken, and the row's name as well.
    for floors in ([one.minimum for one in measures], [1 for _ in measures]):
        while sum(widths) + around > console.width:
            loose = [at for at, floor in enumerate(floors) if widths[at] > floor]
            if not loose:
                break
            widths[max(loose, key=widths.__getitem__)] -= 1
    for column, width, measure in zip(table.columns, widths, measures, strict=True):
        column.width = width
        column.no_wrap = column.no_wrap and width >= measure.maximum


def _head(column: Column) -> Text:
    label = heading(column)
    # A heading of several words must not make its numbers' column wide.
    return Text(label.replace(" ", "\n") if is_number(column) else label)


def _least(rows: list[list[str]], place: int) -> int:
    """Of a column that is folded; narrower, it would be a column of letters."""
    return min(_LEAST_TEXT_COLUMNS, max((len(row[place]) for row in rows), default=0))


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
