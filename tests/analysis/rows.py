"""Columns made of rows, so that a test says only what matters to it."""

from collections.abc import Sequence

import numpy as np

from cloudgauge.analysis.columns import Columns, Numbers, Words
from cloudgauge.store.schema import BINS, SAMPLES, Cell, Kind, Layout

Row = dict[str, Cell]

_EMPTY_SAMPLE: Row = {
    **{column.name: None if column.nullable else 0 for column in SAMPLES.columns},
    "run_id": "0" * 32,
    "target_id": "aws/place-1:object-storage",
    "family": "ipv4",
    "kind": "latency",
    "wall_stepped": False,
}
_EMPTY_BIN: Row = {
    **{column.name: None if column.nullable else 0 for column in BINS.columns},
    "run_id": "0" * 32,
    "target_id": "aws/place-1:agent",
    "family": "ipv4",
}


def sample_columns(rows: Sequence[Row]) -> Columns:
    """Samples; what a row does not name is absent, or 0 where that cannot be."""
    return _columns(SAMPLES, [{**_EMPTY_SAMPLE, **row} for row in rows])


def bin_columns(rows: Sequence[Row]) -> Columns:
    """Bins, likewise."""
    return _columns(BINS, [{**_EMPTY_BIN, **row} for row in rows])


def _columns(layout: Layout, rows: Sequence[Row]) -> Columns:
    words, numbers = {}, {}
    for column in layout.columns:
        cells = [row[column.name] for row in rows]
        if column.kind is Kind.STRING:
            words[column.name] = _words(cells)
        else:
            numbers[column.name] = _numbers(cells, column.kind)
    return Columns(count=len(rows), words=words, numbers=numbers)


def _words(cells: Sequence[Cell]) -> Words:
    texts = sorted({cell for cell in cells if isinstance(cell, str)})
    codes = [texts.index(cell) if isinstance(cell, str) else -1 for cell in cells]
    return Words(codes=np.array(codes, dtype=np.int32), words=tuple(texts))


def _numbers(cells: Sequence[Cell], kind: Kind) -> Numbers:
    dtype = np.bool_ if kind is Kind.BOOL else np.int64
    return Numbers(
        cells=np.array([cell or 0 for cell in cells], dtype=dtype),
        absent=np.array([cell is None for cell in cells], dtype=np.bool_),
    )
