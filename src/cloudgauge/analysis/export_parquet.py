"""Rows as one Parquet file, the same bytes each time."""

from collections.abc import Iterable
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from cloudgauge.analysis.export_rows import BATCH_ROWS, schema_of

_LEVEL = 3


def write_rows(
    file: BinaryIO, what: str, batches: Iterable[pa.RecordBatch], said: dict[str, str]
) -> None:
    """Write rows; each column says its unit and its meaning in its metadata.

    Args:
        file: Open for writing; need not be seekable.
        what: A key of `export_rows.CONTRACTS`.
        batches: Of that kind; each becomes a row group.
        said: Of the file as a whole, into its metadata.
    """
    schema = schema_of(what)
    words = [f.name for f in schema if pa.types.is_dictionary(f.type)]
    with pq.ParquetWriter(
        pa.PythonFile(file, mode="w"),
        schema.with_metadata(said),
        compression="zstd",
        compression_level=_LEVEL,
        use_dictionary=words,
        write_page_checksum=True,
    ) as writer:
        for batch in batches:
            writer.write_batch(batch, row_group_size=BATCH_ROWS)
