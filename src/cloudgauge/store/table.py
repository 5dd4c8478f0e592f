"""Samples and bins as Arrow holds them, and Parquet files of them.

pyarrow is loaded with this module, so only what seals or reads a set imports it:
it is as large as the prober that must do without it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from cloudgauge.errors import StoreError
from cloudgauge.model.plan import ProbeKind
from cloudgauge.model.sample import ClockKind, FailureKind, Part
from cloudgauge.model.target import Family
from cloudgauge.model.transfer import Ending
from cloudgauge.store.arrays import array_of, words_in
from cloudgauge.store.schema import BINS, SAMPLES, Kind, Layout, Row, StoredColumn
from cloudgauge.store.schema import SCHEMA_VERSION as VERSION

# Small enough to skip most of a file for one region, large enough to pack well.
ROW_GROUP_ROWS = 131_072
# Decoded records are ten times as large as Arrow's: only this many at a time. What
# is written a thousand rows at a time gives the same pages however many these are.
BATCH_ROWS = 1_024
# A row cannot be packed smaller than this by our encodings; a file that says
# it holds more would fill the memory of whoever reads it.
_LEAST_BITS_PER_ROW = 2

_TYPES = {
    Kind.INT32: pa.int32(),
    Kind.INT64: pa.int64(),
    Kind.BOOL: pa.bool_(),
    Kind.STRING: pa.string(),
}
# Much the same on each exchange of a visit: zstd finds whole repeats, which bit packing
# of their differences would hide from it (2 bytes a sample of five exchanges).
REPEATED = ("seq", "due_ns", "min_rtt_us", "local_port", "loop_lag_ns")
# Bytes come in whole segments and TLS records: few values, in any order. Dictionaries
# of them take 5 bytes a bin, bit packing of their differences 9.
_OF_FEW_VALUES = {
    SAMPLES.noun: (),
    BINS.noun: (
        "streams",
        "round_index",
        "body_bytes",
        "wire_bytes",
        "requests",
        "receive_space_bytes",
        "window_bytes",
        "unread_bytes",
        "object_bytes",
    ),
}
WORDS: Mapping[str, Collection[str]] = {
    "family": tuple(Family),
    "kind": tuple(ProbeKind),
    "clock": tuple(ClockKind),
    "failure": tuple(FailureKind),
    "part": tuple(Part),
    "ending": tuple(Ending),
}
"""The columns that hold nothing but certain words, and these."""


def schema_of(columns: Sequence[StoredColumn]) -> pa.Schema:
    """Columns as Arrow describes them."""
    return pa.schema(
        [pa.field(c.name, _TYPES[c.kind], nullable=c.nullable) for c in columns]
    )


_SCHEMAS = {layout.noun: schema_of(layout.columns) for layout in (SAMPLES, BINS)}


def batch_of(rows: Sequence[Row], layout: Layout, where: str) -> pa.RecordBatch:
    """Rows, in the order of a layout's columns, as Arrow holds them.

    Raises:
        StoreError: A value is not of its column's type.
    """
    columns = zip(*rows, strict=True) if rows else iter([()] * len(layout.columns))
    arrays = []
    for column, values in zip(layout.columns, columns, strict=True):
        try:
            made = array_of(values, column.kind)
        except (TypeError, ValueError) as exc:
            raise StoreError(where, f"{column.name}: {exc}") from exc
        if made.null_count and not column.nullable:
            raise StoreError(where, f"{column.name}: a value is absent")
        arrays.append(made)
    return pa.RecordBatch.from_arrays(arrays, schema=_SCHEMAS[layout.noun])


def check_words(
    column: str, piece: pa.Array, words: Mapping[str, Collection[str]], where: str
) -> None:
    """Refuse a word that is not among those of its column; some columns have none.

    Raises:
        StoreError: Naming column and word.
    """
    if column not in words:
        return
    if pa.types.is_dictionary(piece.type) and (
        set(words[column]).issuperset(piece.dictionary.to_pylist())
    ):
        # It can say nothing else: no row needs to be looked at.
        return
    odd = sorted(set(words_in(piece)) - set(words[column]))
    if odd:
        raise StoreError(where, f'{column}: "{odd[0]}" is not one of its words')


def write_parquet(
    file: BinaryIO,
    layout: Layout,
    batches: Iterable[pa.RecordBatch],
    *,
    run_id: str,
    plain: Collection[str],
) -> None:
    """Write sorted rows as one Parquet file, the same bytes each time.

    Args:
        file: Open for writing, empty.
        layout: What the rows are.
        batches: Of `BATCH_ROWS` rows each, but the last may have less.
        run_id: Goes into the file's metadata.
        plain: The columns of numbers that repeat, and are packed by zstd alone.
    """
    dictionaries = {*_strings(layout.columns), *_OF_FEW_VALUES[layout.noun]}
    encodings = {
        column.name: "PLAIN" if column.name in plain else "DELTA_BINARY_PACKED"
        for column in layout.columns
        if column.kind is not Kind.BOOL and column.name not in dictionaries
    }
    named = {"schema_version": str(VERSION), "run_id": run_id}
    schema = _SCHEMAS[layout.noun].with_metadata(named)
    with pq.ParquetWriter(
        file,
        schema,
        compression="zstd",
        compression_level=3,
        use_dictionary=sorted(dictionaries),
        column_encoding=encodings,
        write_page_checksum=True,
        write_page_index=True,
    ) as writer:
        coming = iter(batches)
        while _write_group(writer, islice(coming, ROW_GROUP_ROWS // BATCH_ROWS)):
            pass


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedRows:
    """A file of samples or bins, and what it must be.

    Attributes:
        layout: What its rows are.
        version: The schema version of its set.
        count: How many there are.
    """

    path: Path
    layout: Layout
    version: int
    count: int


def read_pieces(
    rows: SealedRows, columns: Sequence[str]
) -> Iterator[tuple[str, pa.Array]]:
    """Read a file column by column, each in pieces from its first row on.

    Strings come as dictionaries, one for each piece. A column that came after the
    file's version is absent in every row.

    Raises:
        StoreError: A page's checksum is wrong, or the file is not what it must be.
    """
    there = {column.name for column in rows.layout.since(rows.version)}
    with _opened(rows) as file:
        for name in columns:
            for group in range(file.num_row_groups):
                if name in there:
                    read = file.read_row_group(group, [name], use_threads=False)
                    for piece in read.column(0).chunks:
                        yield name, piece
                else:
                    count = file.metadata.row_group(group).num_rows
                    yield name, _absent(rows.layout, name, count)


def check_sealed(rows: SealedRows) -> None:
    """Refuse a file whose columns or rows are not those of its set.

    For who reads it by other means than `read_pieces`, which looks for itself.

    Raises:
        StoreError: It is not what it must be.
    """
    try:
        _check_shape(pq.read_metadata(rows.path), rows)
    except (pa.ArrowException, OSError) as exc:
        problem = f"cannot be read as Parquet: {str(exc).splitlines()[0]}"
        raise StoreError(str(rows.path), problem) from exc


def _absent(layout: Layout, name: str, count: int) -> pa.Array:
    kind = _SCHEMAS[layout.noun].field(name).type
    words = pa.types.is_string(kind)
    return pa.nulls(count, pa.dictionary(pa.int32(), kind) if words else kind)


def _strings(columns: Sequence[StoredColumn]) -> list[str]:
    return [column.name for column in columns if column.kind is Kind.STRING]


@contextmanager
def _opened(rows: SealedRows) -> Iterator[pq.ParquetFile]:
    path = rows.path
    try:
        # First, since pyarrow asks for its dictionaries before one can look.
        metadata = pq.read_metadata(path)
        _check_shape(metadata, rows)
        with pq.ParquetFile(
            path,
            metadata=metadata,
            read_dictionary=_strings(rows.layout.since(rows.version)),
            page_checksum_verification=True,
        ) as file:
            yield file
    except (pa.ArrowException, OSError) as exc:
        problem = f"cannot be read as Parquet: {str(exc).splitlines()[0]}"
        raise StoreError(str(path), problem) from exc


def _check_shape(metadata: pq.FileMetaData, wanted: SealedRows) -> None:
    path, noun = wanted.path, wanted.layout.noun
    fields = {field.name: field for field in metadata.schema.to_arrow_schema()}
    for field in schema_of(wanted.layout.since(wanted.version)):
        found = fields.pop(field.name, None)
        kind = None if found is None else found.type
        if kind is not None and pa.types.is_dictionary(kind):
            kind = kind.value_type
        if kind != field.type:
            problem = f"column {field.name}: want {field.type}, got {kind}"
            raise StoreError(str(path), problem)
        if found.nullable and not field.nullable:
            raise StoreError(str(path), f"column {field.name}: values may be absent")
    if fields:
        raise StoreError(str(path), f"unknown column {min(fields)}")
    rows = metadata.num_rows
    if rows != wanted.count:
        problem = f"holds {rows} {noun}s, and the manifest says {wanted.count}"
        raise StoreError(str(path), problem)
    groups = (metadata.row_group(at) for at in range(metadata.num_row_groups))
    if sum(group.num_rows for group in groups) != rows:
        raise StoreError(str(path), f"its parts hold another number of {noun}s than it")
    if rows * _LEAST_BITS_PER_ROW > path.stat().st_size * 8:
        raise StoreError(str(path), f"says it holds more {noun}s than it can")


def _write_group(writer: pq.ParquetWriter, batches: Iterable[pa.RecordBatch]) -> bool:
    """Write batches as one row group, and keep none of them; whether there were any."""
    # The writer's schema holds what is said of the file, the batches' does not.
    schema = writer.schema.remove_metadata()
    group = pa.Table.from_batches(batches, schema=schema)
    if not group.num_rows:
        return False
    writer.write_table(
        group.replace_schema_metadata(writer.schema.metadata),
        row_group_size=ROW_GROUP_ROWS,
    )
    return True
