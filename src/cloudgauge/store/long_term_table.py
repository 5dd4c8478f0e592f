"""Counts of the long-term record as Arrow holds them: added up, and checked."""

from collections.abc import Collection

import pyarrow as pa

from cloudgauge.errors import StoreError
from cloudgauge.model.sample import FailureKind
from cloudgauge.model.target import Family
from cloudgauge.store.long_term_layout import BEYOND, COUNTS, KEYS, ZERO, Metric
from cloudgauge.store.table import check_words, schema_of

_SCHEMA = schema_of(COUNTS.columns)
_WORDS = {
    "family": tuple(Family),
    "metric": tuple(Metric),
    "word": (ZERO, BEYOND, *FailureKind),
}
# Bins of values from 1e-300 to 1e300, as `stats.histogram` has them.
_FARTHEST_BIN = 34_541


def no_counts() -> pa.Table:
    """A table of counts without a row."""
    return _SCHEMA.empty_table()


def summed(counts: pa.Table) -> pa.Table:
    """Rows of one key added up, sorted by their keys."""
    if not counts.num_rows:
        return counts.select(list(COUNTS.names)).cast(_SCHEMA)
    sums = counts.group_by(list(KEYS), use_threads=False).aggregate([("count", "sum")])
    ordered = sums.sort_by([(name, "ascending") for name in KEYS])
    return ordered.rename_columns([*KEYS, "count"]).cast(_SCHEMA).combine_chunks()


def checked_counts(table: pa.Table, periods: Collection[int], where: str) -> pa.Table:
    """A table that was read, which may be a stranger's, if it is one of counts.

    Args:
        table: As it was read.
        periods: The beginnings of the only ones that it may count in.
        where: Its file, for messages.

    Raises:
        StoreError: It has other columns, words, periods, bins or counts.
    """
    if table.schema.remove_metadata() != _SCHEMA:
        raise StoreError(where, "holds other columns than a file of counts")
    for name in _WORDS:
        for piece in table.column(name).chunks:
            check_words(name, piece, _WORDS, where)
    if set(_values(table, "begins_wall_ns")) - set(periods):
        raise StoreError(where, "counts in periods that its head does not name")
    if min(_values(table, "count"), default=1) < 1:
        raise StoreError(where, "holds a count below 1")
    bins = [at for at in _values(table, "bin") if at is not None]
    if max(map(abs, bins), default=0) > _FARTHEST_BIN:
        raise StoreError(where, "holds a bin that no value is in")
    return table


def _values(table: pa.Table, column: str) -> list[int]:
    values: list[int] = table.column(column).unique().to_pylist()
    return values
