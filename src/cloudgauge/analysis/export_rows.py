"""Rows of result sets as they leave for other tools, a batch at a time.

The columns are those of the frames. Samples and bins come from the files batch by
batch, so ten million of them need no more room than a hundred thousand.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cloudgauge.analysis.columns import bin_columns_of
from cloudgauge.analysis.frame import (
    BIN_FRAME_COLUMNS,
    CONTEXT_COLUMNS,
    FRAME_COLUMNS,
    FrameColumn,
    context_cells,
)
from cloudgauge.analysis.frames import FRAMES
from cloudgauge.analysis.rounds_frame import ROUNDS_COLUMNS
from cloudgauge.analysis.series_frames import FAILURES_COLUMNS, TARGETS_COLUMNS
from cloudgauge.analysis.transfers_frame import TRANSFERS_COLUMNS
from cloudgauge.errors import StoreError
from cloudgauge.store.resultset import ResultSet
from cloudgauge.store.schema import (
    BIN_COLUMNS,
    COLUMNS,
    NAMES,
    RUN_ID,
    TARGET_ID,
    WALL,
)

CONTRACTS: Mapping[str, tuple[FrameColumn, ...]] = MappingProxyType(
    {
        "samples": FRAME_COLUMNS,
        "bins": BIN_FRAME_COLUMNS,
        "rounds": ROUNDS_COLUMNS,
        "throughput": TRANSFERS_COLUMNS,
        "targets": TARGETS_COLUMNS,
        "failures": FAILURES_COLUMNS,
    }
)
"""The columns of each kind of row, by the names of `frames.FRAMES`."""
BATCH_ROWS = 131_072

_WORDS = pa.dictionary(pa.int32(), pa.string())
_TYPES = {
    "category": _WORDS,
    "bool": pa.bool_(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "float64": pa.float64(),
}
# The longer ending first: the first that fits is taken.
_UNITS = (
    ("_mbit_per_s", "Mbit/s"),
    ("_ns", "ns"),
    ("_us", "us"),
    ("_ms", "ms"),
    ("_bytes", "B"),
)
_AS_IN_FILES = {c.name: c.meaning for c in (*BIN_COLUMNS, *COLUMNS)}

RowBatch = pa.RecordBatch
_Pieces = Callable[[Sequence[str]], Iterator[tuple[str, pa.Array]]]
_Columns = dict[str, pa.Array]


def schema_of(what: str) -> pa.Schema:
    """The columns of a kind of row, each with its unit and its meaning."""
    stored = {"samples", "bins"}
    return pa.schema([_field(c, as_stored=what in stored) for c in CONTRACTS[what]])


def unit_of(name: str) -> str:
    """The unit that a column's name ends with; "" for none."""
    return next((unit for ending, unit in _UNITS if name.endswith(ending)), "")


def batches_of(result: ResultSet, what: str) -> Iterator[pa.RecordBatch]:
    """Rows of a set in their order, at most `BATCH_ROWS` at once.

    Args:
        result: The set.
        what: A key of `CONTRACTS`.

    Raises:
        StoreError: The set cannot be read.
    """
    schema = schema_of(what)
    if what == "samples":
        for size, stored in stored_batches(result.pieces, NAMES):
            about = _about_run(result, size) | _computed(result, stored)
            yield _batch(stored | _about_targets(result, stored) | about, schema)
    elif what == "bins":
        # Transfers that nobody can have made are refused here as everywhere.
        bin_columns_of(result, ("seq", "length_ns"))
        names = [column.name for column in BIN_COLUMNS]
        for size, stored in stored_batches(result.bin_pieces, names):
            about = _about_targets(result, stored) | _about_run(result, size)
            yield _batch(stored | about, schema)
    else:
        table = pa.Table.from_pandas(FRAMES[what](result), preserve_index=False)
        for batch in table.to_batches(max_chunksize=BATCH_ROWS):
            columns = {name: batch.column(name) for name in schema.names}
            yield _batch(columns, schema)


def stored_batches(
    pieces: _Pieces, names: Sequence[str]
) -> Iterator[tuple[int, _Columns]]:
    """Columns of a file side by side, and how many rows each batch has.

    A set gives one column after the other; here each has a reader of its own, and
    all go forward together.

    Args:
        pieces: `ResultSet.pieces`, or `bin_pieces`.
        names: Of columns; words come as dictionaries.
    """
    readers = [pieces([name]) for name in names]
    held: dict[str, pa.Array] = {}
    while True:
        for name, reader in zip(names, readers, strict=True):
            while not len(held.get(name, ())):
                piece = next(reader, None)
                if piece is None:
                    return
                held[name] = _encoded(piece[1])
        size = min(BATCH_ROWS, *(len(piece) for piece in held.values()))
        yield size, {name: piece.slice(0, size) for name, piece in held.items()}
        held = {name: piece.slice(size) for name, piece in held.items()}


def _encoded(piece: pa.Array) -> pa.Array:
    # The journal of a live run has plain strings.
    return piece.dictionary_encode() if pa.types.is_string(piece.type) else piece


def _field(column: FrameColumn, *, as_stored: bool) -> pa.Field:
    meaning = column.meaning
    if as_stored and column.name in _AS_IN_FILES:
        meaning = _AS_IN_FILES[column.name]
    said = {"unit": unit_of(column.name), "meaning": meaning}
    return pa.field(
        column.name,
        _TYPES[column.dtype.lower().replace("boolean", "bool")],
        metadata={key: text for key, text in said.items() if text},
    )


def _batch(columns: _Columns, schema: pa.Schema) -> pa.RecordBatch:
    made = [
        columns[field.name]
        if columns[field.name].type == field.type
        else columns[field.name].cast(field.type)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(made, schema=schema)


def _about_targets(result: ResultSet, stored: _Columns) -> _Columns:
    """What the catalogue says of each row's target."""
    targets = stored[TARGET_ID]
    rows = [context_cells(result, word) for word in targets.dictionary.to_pylist()]
    made = {}
    for column, cells in zip(
        CONTEXT_COLUMNS, zip(*rows, strict=True) if rows else (), strict=bool(rows)
    ):
        if column.name not in {RUN_ID, TARGET_ID}:
            words = pa.array(cells, pa.string()).dictionary_encode()
            places = words.indices.take(targets.indices)
            made[column.name] = pa.DictionaryArray.from_arrays(places, words.dictionary)
    return made


def _about_run(result: ResultSet, size: int) -> _Columns:
    run = result.manifest.run
    return {
        "simulated": pa.array(np.full(size, run.simulation is not None)),
        "imported": pa.array(np.full(size, run.imported is not None)),
    }


def _computed(result: ResultSet, columns: _Columns) -> _Columns:
    run, sent_ns = result.manifest.run, columns["sent_ns"]
    try:
        wall_ns = pc.add_checked(
            pc.add_checked(sent_ns, columns["wall_offset_ns"]),
            pa.scalar(run.started_wall_ns, pa.int64()),
        )
        late_ns = pc.subtract_checked(sent_ns, columns["due_ns"])
    except pa.ArrowInvalid as exc:
        raise StoreError(str(result.folder), f"{WALL}: {exc}") from exc
    on_time = pc.equal(columns["exchange"], 0) if run.imported is None else False
    none = pa.scalar(None, pa.int64())
    return {WALL: wall_ns, "lateness_ns": pc.if_else(on_time, late_ns, none)}
