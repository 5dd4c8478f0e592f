"""Rows as lines of text, all cells of a column at once.

A row is written a cell at a time nowhere: ten million of them would take an hour.
Arrow makes a column's texts and joins them; only words, of which a column has few,
are spelled by Python.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

# As text they take ten times their room.
_LINES = 8_192


@dataclass(frozen=True, slots=True, kw_only=True)
class LineForm:
    """How a row becomes a line.

    Attributes:
        word: Spells a text of a stranger.
        absent: Stands for what is not there.
        before: By which text each column begins; the first opens the line.
        end: Closes the line, its newline with it.
    """

    word: Callable[[str], str]
    absent: str
    before: tuple[str, ...]
    end: str


def lines_of(batch: pa.RecordBatch, form: LineForm) -> Iterator[bytes]:
    """The rows as lines of UTF-8, some thousands at a time.

    Whole numbers are exact, others as short as they can be and still read back equal.
    """
    columns = [_spelled(column, form) for column in batch.columns]
    for at in range(0, batch.num_rows, _LINES):
        yield _joined([column.slice(at, _LINES) for column in columns], form)


def _spelled(column: pa.Array, form: LineForm) -> pa.Array:
    """Words as they are written; numbers as they are."""
    if not pa.types.is_dictionary(column.type):
        return column
    words = [form.word(word) for word in column.dictionary.to_pylist()]
    spelled = pa.array(words, pa.string())
    return pa.DictionaryArray.from_arrays(column.indices, spelled)


def _joined(columns: list[pa.Array], form: LineForm) -> bytes:
    parts = []
    for before, column in zip(form.before, columns, strict=True):
        parts += [pa.scalar(before), _texts(column).fill_null(form.absent)]
    lines = pc.binary_join_element_wise(*parts, pa.scalar(form.end), pa.scalar(""))
    # The texts of an array lie one after another.
    _, _, content = lines.buffers()
    return b"" if content is None else content.to_pybytes()


def _texts(column: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        return column.dictionary.take(column.indices)
    texts = column.cast(pa.string())
    if pa.types.is_floating(column.type):
        # Neither JSON nor a spreadsheet has a number for what is none.
        none = pa.scalar(None, pa.string())
        return pc.if_else(pc.is_finite(column), texts, none)
    return texts
