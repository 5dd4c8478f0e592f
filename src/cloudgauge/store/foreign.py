"""Other people's files as plain tables of text, each row with its line."""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cloudgauge.errors import ConfigError
from cloudgauge.store.folder import machine_errors

if TYPE_CHECKING:
    from _csv import Reader

# A million pings take a tenth of this: what is larger is no log of measurements.
FILE_LIMIT_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignRow:
    """One measurement, or one line of a table.

    Attributes:
        where: Names it in messages, such as ``line 7``.
        cells: As the columns; "" for nothing.
    """

    where: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignTable:
    """A table of text.

    Attributes:
        name: Of the file, for messages.
        columns: Unique names.
        rows: Each with as many cells as there are columns.
        notes: What was noticed when it was read.
        decimal_commas: Numbers in it may have a comma for a point.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[ForeignRow, ...]
    notes: tuple[str, ...] = ()
    decimal_commas: bool = False


def read_foreign(path: Path) -> tuple[str, bytes]:
    """The text of a file of bounded size, and its bytes.

    Raises:
        ConfigError: It is empty, too large, or no text in UTF-8, or in UTF-16 with
            its mark.
        MachineError: It cannot be read.
    """
    with machine_errors(path):
        if path.stat().st_size > FILE_LIMIT_BYTES:
            raise ConfigError(str(path), f"want at most {FILE_LIMIT_BYTES} bytes")
        content = path.read_bytes()
    text = _decoded(content, str(path))
    if not text.strip():
        raise ConfigError(str(path), "is empty")
    return text, content


def _decoded(content: bytes, where: str) -> str:
    # Spreadsheets write a byte order mark.
    is_wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = content.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError as exc:
        line = content.count(b"\n", 0, exc.start) + 1
        problem = (
            "ends in the middle of a character of UTF-16"
            if is_wide
            else f"byte {content[exc.start]:#04x} is not UTF-8; save it as UTF-8"
        )
        place = where if is_wide else f"{where}: line {line}"
        raise ConfigError(place, problem) from exc
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        place = f"{where}: line {line}"
        raise ConfigError(place, "has a zero byte; save it as UTF-8 text")
    return text


def parse_csv(text: str, name: str) -> ForeignTable:
    """Read separated values whose first row names the columns.

    What parts the cells is what the first row has most of: commas, semicolons or tabs;
    with the latter two, numbers may have decimal commas, as in half of the world.

    Raises:
        ConfigError: There is no such row, a name comes twice, or a row has another
            number of cells.
    """
    head = text.partition("\n")[0]
    separator = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=separator)
    try:
        columns = tuple(cell.strip() for cell in next(reader, ()))
        if not columns or len(set(columns)) != len(columns) or "" in columns[1:]:
            problem = "want different names of columns in its first row"
            where = f"{name}: line 1"
            raise ConfigError(where, problem)
        rows = tuple(_csv_rows(reader, len(columns), name))
    except csv.Error as exc:
        where = f"{name}: line {reader.line_num}"
        raise ConfigError(where, f"cannot be read as CSV: {exc}") from exc
    return ForeignTable(
        name=name, columns=columns, rows=rows, decimal_commas=separator != ","
    )


def _csv_rows(reader: "Reader", width: int, name: str) -> Iterator[ForeignRow]:
    for cells in reader:
        if not cells:
            continue
        line = f"line {reader.line_num}"
        if len(cells) != width:
            problem = f"has {len(cells)} cells, the first row has {width}"
            where = f"{name}: {line}"
            raise ConfigError(where, problem)
        yield ForeignRow(where=line, cells=tuple(cell.strip() for cell in cells))


def unpivot(table: ForeignTable) -> ForeignTable:
    """A matrix, a row a vantage and a column a target, as one measurement a row.

    Raises:
        ConfigError: A vantage comes twice.
    """
    seen: dict[str, str] = {}
    rows = []
    for row in table.rows:
        vantage, *values = row.cells
        if vantage in seen:
            problem = f'vantage "{vantage}" has a row at {seen[vantage]} already'
            where = f"{table.name}: {row.where}"
            raise ConfigError(where, problem)
        seen[vantage] = row.where
        for target, value in zip(table.columns[1:], values, strict=True):
            where = f"{row.where}, column {target}"
            rows.append(ForeignRow(where=where, cells=(vantage, target, value)))
    return ForeignTable(
        name=table.name,
        columns=("vantage", "target", "value"),
        rows=tuple(rows),
        decimal_commas=table.decimal_commas,
    )
