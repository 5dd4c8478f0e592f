"""A result set as checked pandas frames: a row a sample, failures kept; a row a bin.

Integers stay integers: a column in which values may be absent is ``Int64`` or
``Int32``, since floats cannot hold nanoseconds since 1970. Words are categories.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cloudgauge.analysis.columns import Columns, Words, bin_columns_of, columns_of
from cloudgauge.model.target import Target
from cloudgauge.store.resultset import ResultSet
from cloudgauge.store.schema import (
    BIN_COLUMNS,
    COLUMNS,
    TARGET_ID,
    WALL,
    Kind,
    StoredColumn,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameColumn:
    """One column of the frame.

    Attributes:
        dtype: As pandas writes it.
        meaning: Where it comes from; a column of the files keeps its meaning.
    """

    name: str
    dtype: str
    meaning: str


_DTYPES = {
    Kind.INT32: ("int32", "Int32"),
    Kind.INT64: ("int64", "Int64"),
    Kind.BOOL: ("bool", "boolean"),
    Kind.STRING: ("category", "category"),
}
_OF_TARGET: tuple[tuple[str, str, Callable[[Target], str]], ...] = (
    ("provider", "The target's provider.", lambda t: t.region.provider),
    ("region", "Its region, `provider/code`.", lambda t: t.region.region_id),
    ("city", "Its region's city.", lambda t: t.region.city),
    ("country", "Its region's country.", lambda t: t.region.country),
    ("service", "Its service class.", lambda t: t.endpoint.service),
    ("reach", "Where connections to it end.", lambda t: t.endpoint.reach.value),
)


Frame = pd.DataFrame
FrameRow = tuple[Any, ...]


def frame_column(name: str, dtype: str, meaning: str) -> FrameColumn:
    """A column of a contract."""
    return FrameColumn(name=name, dtype=dtype, meaning=meaning)


def number(name: str, meaning: str) -> FrameColumn:
    """A column of numbers, NaN where a figure is absent."""
    return FrameColumn(name=name, dtype="float64", meaning=meaning)


def milliseconds(name: str, meaning: str) -> FrameColumn:
    """A column of milliseconds, NaN where a figure is absent."""
    return number(name, meaning)


CONTEXT_COLUMNS = (
    frame_column("run_id", "category", "The run, as in the manifest."),
    frame_column("vantage", "category", "Name of the vantage."),
    frame_column("target_id", "category", "The target, as in targets.json."),
    *(frame_column(name, "category", meaning) for name, meaning, _ in _OF_TARGET),
)
"""What stands first in each row of figures, made by `context_cells`."""
SERIES_COLUMNS = (
    frame_column("family", "category", "IP version of the series."),
    frame_column("replica", "int32", "1 for the second series of an A/A control."),
)


def context_cells(result: ResultSet, target_id: str) -> FrameRow:
    """The cells of `CONTEXT_COLUMNS` for one of a set's targets or objects."""
    run = result.manifest.run
    (target,) = (one for one in result.rows_used if one.target_id == target_id)
    about = (value_of(target) for _, _, value_of in _OF_TARGET)
    return (run.run_id, run.vantage.name, target_id, *about)


def framed(contract: Sequence[FrameColumn], rows: Sequence[FrameRow]) -> pd.DataFrame:
    """Rows as a frame with the columns of a contract; None is absent."""
    columns = zip(*rows, strict=True) if rows else iter([()] * len(contract))
    made = {
        column.name: _series_of(list(cells), column.dtype)
        for column, cells in zip(contract, columns, strict=True)
    }
    return pd.DataFrame(made)


def _series_of(cells: list[Any], dtype: str) -> Any:
    if dtype == "category":
        words = sorted({cell for cell in cells if cell is not None})
        return pd.Categorical(cells, categories=pd.Index(words, dtype="str"))
    return pd.Series(cells, dtype=dtype)


def _contract(
    columns: Sequence[StoredColumn], *computed: FrameColumn
) -> tuple[FrameColumn, ...]:
    stored = [
        FrameColumn(
            name=column.name,
            dtype=_DTYPES[column.kind][column.nullable],
            meaning="As in the files.",
        )
        for column in columns
    ]
    joined = [
        FrameColumn(name=name, dtype="category", meaning=meaning)
        for name, meaning, _ in _OF_TARGET
    ]
    vantage = FrameColumn(
        name="vantage", dtype="category", meaning="Name of the vantage."
    )
    simulated = FrameColumn(
        name="simulated", dtype="bool", meaning="The network was our own."
    )
    imported = FrameColumn(
        name="imported", dtype="bool", meaning="Others measured it, not cloudgauge."
    )
    run_id, target_id, *rest = stored
    about_run = (simulated, imported)
    return (run_id, vantage, target_id, *joined, *rest, *computed, *about_run)


FRAME_COLUMNS = _contract(
    COLUMNS,
    FrameColumn(
        name=WALL,
        dtype="int64",
        meaning="The send by the wall clock, nanoseconds UTC since 1970-01-01.",
    ),
    FrameColumn(
        name="lateness_ns",
        dtype="Int64",
        meaning="`sent_ns - due_ns` on exchange 0; absent on others, and if imported.",
    ),
)
BIN_FRAME_COLUMNS = _contract(BIN_COLUMNS)


def frame_of(result: ResultSet) -> pd.DataFrame:
    """All samples of a set, in the order of the file, in `FRAME_COLUMNS`.

    Raises:
        StoreError: The samples cannot be read.
    """
    columns = columns_of(result)
    numbers = {name: column.cells for name, column in columns.numbers.items()}
    start_ns = result.manifest.run.started_wall_ns
    made = _made(result, columns, COLUMNS) | {
        WALL: start_ns + numbers["sent_ns"] + numbers["wall_offset_ns"],
        "lateness_ns": pd.arrays.IntegerArray(
            numbers["sent_ns"] - numbers["due_ns"],
            # Without a schedule nothing was late, or in time.
            (numbers["exchange"] > 0) | (result.manifest.run.imported is not None),
        ),
    }
    return _framed(made, FRAME_COLUMNS)


def bins_frame_of(result: ResultSet) -> pd.DataFrame:
    """All bins of a set's transfers, in the order of the file.

    In `BIN_FRAME_COLUMNS`; no row where nothing was downloaded.

    Raises:
        StoreError: The bins cannot be read.
    """
    columns = bin_columns_of(result)
    return _framed(_made(result, columns, BIN_COLUMNS), BIN_FRAME_COLUMNS)


def _made(
    result: ResultSet, columns: Columns, stored: Sequence[StoredColumn]
) -> dict[str, Any]:
    run = result.manifest.run
    return {
        **{column.name: _values(columns, column) for column in stored},
        **_joined(columns.words[TARGET_ID], result.rows_used),
        "vantage": _category(_constant(run.vantage.name, columns.count)),
        "simulated": np.full(columns.count, run.simulation is not None),
        "imported": np.full(columns.count, run.imported is not None),
    }


def _framed(made: dict[str, Any], contract: Sequence[FrameColumn]) -> pd.DataFrame:
    return pd.DataFrame(
        {column.name: made[column.name] for column in contract}, copy=False
    )


def _values(columns: Columns, column: StoredColumn) -> Any:
    if column.kind is Kind.STRING:
        return _category(columns.words[column.name])
    numbers = columns.numbers[column.name]
    if not column.nullable:
        return numbers.cells
    return pd.arrays.IntegerArray(numbers.cells, numbers.absent)


def _category(words: Words) -> pd.Categorical:
    made: pd.Categorical = pd.Categorical.from_codes(
        words.codes, pd.Index(words.words, dtype="str")
    )
    return made


def _joined(targets: Words, rows: tuple[Target, ...]) -> dict[str, pd.Categorical]:
    """What the catalogue says of each sample's target."""
    by_id = {target.target_id: target for target in rows}
    used = [by_id[target_id] for target_id in targets.words]
    joined = {}
    for name, _, value_of in _OF_TARGET:
        values = [value_of(target) for target in used]
        words = tuple(sorted(set(values)))
        # Every sample has a target, so no code is -1.
        places = np.array([words.index(value) for value in values], dtype=np.int32)
        joined[name] = _category(Words(codes=places[targets.codes], words=words))
    return joined


def _constant(word: str, count: int) -> Words:
    return Words(codes=np.zeros(count, dtype=np.int32), words=(word,))
