"""Samples as Arrow holds them, and Parquet files of them.

pyarrow is loaded with this module, so only what seals or reads a set imports it:
it is as large as the prober that must do without it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from cloudgauge.errors import StoreError
from cloudgauge.model.plan import ProbeKind
from cloudgauge.model.sample import ClockKind, FailureKind
from cloudgauge.model.target import Family
from cloudgauge.store.arrays import array_of, words_in
from cloudgauge.store.schema import COLUMNS, NAMES, Kind, Row
from cloudgauge.store.schema import SCHEMA_VERSION as VERSION

# Small enough to skip most of a file for one region, large enough to pack well.
ROW_GROUP_ROWS = 131_072
# Decoded records are ten times as large as Arrow's: only this many at a time. What
# is written a thousand rows at a time gives the same pages however many these are.
BATCH_ROWS = 1_024
# A sample cannot be packed smaller than this by our encodings; a file that says
# it holds more would fill the memory of whoever reads it.
_LEAST_BITS_PER_SAMPLE = 2

_TYPES = {
    Kind.INT32: pa.int32(),
    Kind.INT64: pa.int64(),
    Kind.BOOL: pa.bool_(),
    Kind.STRING: pa.string(),
}
_STRINGS = [column.name for column in COLUMNS if column.kind is Kind.STRING]
_INTEGERS = [
    column.name for column in COLUMNS if column.kind in {Kind.INT32, Kind.INT64}
]
# Much the same on each exchange of a visit: zstd finds whole repeats, which bit packing
# of their differences would hide from it (2 bytes a sample of five exchanges).
_REPEATED = ("seq", "due_ns", "min_rtt_us", "local_port", "loop_lag_ns")
WORDS: Mapping[str, Collection[str]] = {
    "family": tuple(Family),
    "kind": tuple(ProbeKind),
    "clock": tuple(ClockKind),
    "failure": tuple(FailureKind),
}
"""The columns that hold nothing but certain words, and these."""
SCHEMA = pa.schema(
    [
        pa.field(column.name, _TYPES[column.kind], nullable=column.nullable)
        for column in COLUMNS
    ]
)


def batch_of(rows: Sequence[Row], where: str) -> pa.RecordBatch:
    """Rows, in the order of `COLUMNS`, as Arrow holds them.

    Raises:
        StoreError: A value is not of its column's type.
    """
    columns = zip(*rows, strict=True) if rows else iter([()] * len(NAMES))
    arrays = []
    for column, values in zip(COLUMNS, columns, strict=True):
        try:
            made = array_of(values, column.kind)
        except (TypeError, ValueError) as exc:
            raise StoreError(where, f"{column.name}: {exc}") from exc
        if made.null_count and not column.nullable:
            raise StoreError(where, f"{column.name}: a value is absent")
        arrays.append(made)
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def check_words(
    column: str, piece: pa.Array, words: Mapping[str, Collection[str]], where: str
) -> None:
    """Refuse a word that is not among those of its column; some columns have none.

    Raises:
        StoreError: Naming column and word.
    """
    if column not in words:
        return
    odd = sorted(set(words_in(piece)) - set(words[column]))
    if odd:
        raise StoreError(where, f'{column}: "{odd[0]}" is not one of its words')


def write_parquet(
    file: BinaryIO,
    batches: Iterable[pa.RecordBatch],
    *,
    run_id: str,
    exchanges_per_visit: int,
) -> None:
    """Write sorted samples as one Parquet file, the same bytes each time.

    Batches are of `BATCH_ROWS` rows each, but the last may have less.
    """
    encodings = dict.fromkeys(_INTEGERS, "DELTA_BINARY_PACKED")
    if exchanges_per_visit > 1:
        encodings |= dict.fromkeys(_REPEATED, "PLAIN")
    schema = SCHEMA.with_metadata({"schema_version": str(VERSION), "run_id": run_id})
    with pq.ParquetWriter(
        file,
        schema,
        compression="zstd",
        compression_level=3,
        use_dictionary=_STRINGS,
        column_encoding=encodings,
        write_page_checksum=True,
        write_page_index=True,
    ) as writer:
        coming = iter(batches)
        while _write_group(writer, islice(coming, ROW_GROUP_ROWS // BATCH_ROWS)):
            pass


def read_pieces(
    path: Path, columns: Sequence[str], *, count: int
) -> Iterator[tuple[str, pa.Array]]:
    """Read a file of samples column by column, each in pieces from its first row on.

    Strings come as dictionaries, one for each piece.

    Raises:
        StoreError: A page's checksum is wrong, or the file is not one of *count*
            samples in our columns.
    """
    with _opened(path, columns, count) as file:
        for name in columns:
            for group in range(file.num_row_groups):
                read = file.read_row_group(group, [name], use_threads=False)
                for piece in read.column(0).chunks:
                    yield name, piece


@contextmanager
def _opened(path: Path, columns: Sequence[str], count: int) -> Iterator[pq.ParquetFile]:
    try:
        with pq.ParquetFile(
            path,
            read_dictionary=[name for name in columns if name in _STRINGS],
            page_checksum_verification=True,
        ) as file:
            _check_shape(file, path, count)
            yield file
    except (pa.ArrowException, OSError) as exc:
        problem = f"cannot be read as Parquet: {str(exc).splitlines()[0]}"
        raise StoreError(str(path), problem) from exc


def _check_shape(file: pq.ParquetFile, path: Path, count: int) -> None:
    fields = {field.name: field for field in file.schema_arrow}
    for field in SCHEMA:
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
    rows = file.metadata.num_rows
    if rows != count:
        problem = f"holds {rows} samples, and the manifest says {count}"
        raise StoreError(str(path), problem)
    if rows * _LEAST_BITS_PER_SAMPLE > path.stat().st_size * 8:
        raise StoreError(str(path), "says it holds more samples than it can")


def _write_group(writer: pq.ParquetWriter, batches: Iterable[pa.RecordBatch]) -> bool:
    """Write batches as one row group, and keep none of them; whether there were any."""
    group = pa.Table.from_batches(batches, schema=SCHEMA)
    if not group.num_rows:
        return False
    writer.write_table(
        group.replace_schema_metadata(writer.schema.metadata),
        row_group_size=ROW_GROUP_ROWS,
    )
    return True
