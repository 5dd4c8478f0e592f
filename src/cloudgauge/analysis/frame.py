"""A result set as a checked pandas frame: one row a sample, failures kept.

Integers stay integers: a column in which values may be absent is ``Int64`` or
``Int32``, since floats cannot hold nanoseconds since 1970. Words are categories.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from cloudgauge.model.target import Target
from cloudgauge.store.resultset import ResultSet
from cloudgauge.store.schema import COLUMNS, TARGET_ID, WALL, Kind, SampleColumn


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


def _contract() -> tuple[FrameColumn, ...]:
    stored = [
        FrameColumn(
            name=column.name,
            dtype=_DTYPES[column.kind][column.nullable],
            meaning="As in the files.",
        )
        for column in COLUMNS
    ]
    joined = [
        FrameColumn(name=name, dtype="category", meaning=meaning)
        for name, meaning, _ in _OF_TARGET
    ]
    vantage = FrameColumn(
        name="vantage", dtype="category", meaning="Name of the vantage."
    )
    wall = FrameColumn(
        name=WALL,
        dtype="int64",
        meaning="The send by the wall clock, nanoseconds UTC since 1970-01-01.",
    )
    lateness = FrameColumn(
        name="lateness_ns",
        dtype="Int64",
        meaning="`sent_ns - due_ns` on exchange 0; absent on later ones.",
    )
    simulated = FrameColumn(
        name="simulated", dtype="bool", meaning="The network was our own."
    )
    run_id, target_id, *rest = stored
    return (run_id, vantage, target_id, *joined, *rest, wall, lateness, simulated)


FRAME_COLUMNS = _contract()


def frame_of(result: ResultSet) -> pd.DataFrame:
    """All samples of a set, in the order of the file, in `FRAME_COLUMNS`.

    Raises:
        StoreError: The samples cannot be read.
    """
    table = result.table()
    columns: dict[str, Any] = {
        column.name: _values(table.column(column.name), column) for column in COLUMNS
    }
    targets = columns[TARGET_ID]
    columns |= _joined(targets, result.targets)
    info = result.manifest.run
    columns[WALL] = table.column(WALL).to_numpy()
    columns["vantage"] = _constant(info.vantage.name, len(targets))
    columns["lateness_ns"] = pd.arrays.IntegerArray(
        columns["sent_ns"] - columns["due_ns"], columns["exchange"] > 0
    )
    columns["simulated"] = np.full(len(targets), info.simulation is not None)
    names = [column.name for column in FRAME_COLUMNS]
    return pd.DataFrame({name: columns[name] for name in names}, copy=False)


def _values(values: pa.ChunkedArray, column: SampleColumn) -> Any:
    if column.kind is Kind.STRING:
        return _categories(values)
    if not column.nullable:
        return values.to_numpy()
    mask = values.is_null().to_numpy()
    # What stands under the mask is never seen.
    return pd.arrays.IntegerArray(values.fill_null(0).to_numpy(), mask)


def _categories(values: pa.ChunkedArray) -> pd.Categorical:
    encoded = values.dictionary_encode().unify_dictionaries().combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.chunk(0) if encoded.num_chunks else _EMPTY_WORDS
    words = np.array(encoded.dictionary.to_pylist(), dtype=object)
    codes = encoded.indices.fill_null(-1).to_numpy()
    return _sorted_categories(words, codes)


_EMPTY_WORDS = pa.array([], pa.string()).dictionary_encode()


def _joined(
    targets: pd.Categorical, rows: tuple[Target, ...]
) -> dict[str, pd.Categorical]:
    by_id = {target.target_id: target for target in rows}
    used = [by_id[target_id] for target_id in targets.categories]
    codes = np.asarray(targets.codes)
    joined = {}
    for name, _, value_of in _OF_TARGET:
        words, places = np.unique(
            np.array([value_of(target) for target in used], dtype=object),
            return_inverse=True,
        )
        taken = places[codes] if used else codes
        joined[name] = _categorical(taken, words)
    return joined


def _sorted_categories(
    words: NDArray[np.object_], codes: NDArray[np.integer]
) -> pd.Categorical:
    order = np.argsort(words)
    place = np.empty(len(order) + 1, dtype=np.int64)
    place[order] = np.arange(len(order))
    # Code -1 says that there is no word, and stays: it takes the last place.
    place[-1] = -1
    return _categorical(place[codes], words[order])


def _categorical(
    codes: NDArray[np.integer], words: NDArray[np.object_]
) -> pd.Categorical:
    made: pd.Categorical = pd.Categorical.from_codes(
        codes, pd.Index(words, dtype="str")
    )
    return made


def _constant(word: str, count: int) -> pd.Categorical:
    return _categorical(np.zeros(count, dtype=np.int64), np.array([word], dtype=object))
