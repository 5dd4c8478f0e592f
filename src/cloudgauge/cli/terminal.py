"""A Document drawn for a terminal, or as plain text where there is none."""

import io
import os
import shutil
import sys

from rich import box
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from cloudgauge.report.document import Document, Table
from cloudgauge.report.escape import printable
from cloudgauge.report.render import table_texts
from cloudgauge.report.scale import heading, is_number

# Where nobody says how wide the reader is (a pipe, a file), nothing is folded.
_UNBOUNDED_COLUMNS = 4_000


def to_terminal(document: Document, *, colour: bool) -> str:
    """Draw a document as text; with colour and folding only on a terminal."""
    on_terminal = colour and sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if on_terminal else _UNBOUNDED_COLUMNS
    console = Console(
        file=io.StringIO(),
        width=width,
        force_terminal=on_terminal,
        no_color="NO_COLOR" in os.environ or not on_terminal,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    with console.capture() as captured:
        console.print(Text(printable(document.title), style="bold"))
        for table in document.tables:
            console.print(_drawn(table))
        for note in document.notes:
            console.print(Text(f"note: {printable(note)}", style="yellow"))
        for line in document.provenance:
            console.print(Text(printable(line), style="dim"))
    return "".join(
        f"{line.rstrip()}\n" for line in captured.get().rstrip("\n").split("\n")
    )


def _drawn(table: Table) -> RichTable:
    drawn = RichTable(
        title=Text(printable(table.title)) if table.title else None,
        title_justify="left",
        box=box.SIMPLE,
        pad_edge=False,
    )
    for column in table.columns:
        number = is_number(column)
        drawn.add_column(
            Text(heading(column)),
            justify="right" if number else "left",
            no_wrap=number,
            overflow="fold",
        )
    for texts in table_texts(table):
        drawn.add_row(*(Text(text) for text in texts))
    return drawn
