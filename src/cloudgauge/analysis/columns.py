"""Columns of a result set as numpy holds them: here Arrow's types end.

Read piece by piece through Arrow's buffers, which needs neither a second copy of the
samples nor pandas: what only shows figures starts in a third of the time without it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cloudgauge.analysis.pieces import WordPieces, absent_in, bits_in, values_in
from cloudgauge.errors import StoreError
from cloudgauge.store.folder import bins_name, samples_name
from cloudgauge.store.resultset import ResultSet
from cloudgauge.store.schema import (
    BIN_NAMES,
    BINS,
    NAMES,
    SAMPLES,
    Kind,
    Layout,
    StoredColumn,
)

_MANY_ROWS = 1_000_000
_DTYPES: Mapping[Kind, type[np.int32 | np.int64 | np.bool_]] = {
    Kind.INT32: np.int32,
    Kind.INT64: np.int64,
    Kind.BOOL: np.bool_,
}
# A set may be a stranger's: what is computed relies on these.
_LEAST: Mapping[str, int] = {
    "connect_ns": 0,
    "connect_rtt_us": 0,
    "rtt_us": 0,
    "length_ns": 1,
    "body_bytes": 0,
    "wire_bytes": 0,
}
# Of one transfer, whose time is bounded (`DownloadSpec`): more would keep who looks
# for its settled part busy for hours, or add up to a time that no float can count in
# nanoseconds.
_MOST_BINS = 10_000
_MOST_TRANSFER_NS = 30 * 24 * 3_600 * 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A column of words.

    Attributes:
        codes: Shape (n,): the word's place in `words`, -1 where there is none.
        words: All that occur, sorted.
    """

    codes: NDArray[np.int32]
    words: tuple[str, ...]

    @property
    def absent(self) -> NDArray[np.bool_]:
        """Where there is no word."""
        return self.codes < 0

    def where(self, mask: NDArray[np.bool_]) -> "Words":
        """The rows where *mask* holds, with the same words."""
        return Words(codes=self.codes[mask], words=self.words)

    def are(self, word: str) -> NDArray[np.bool_]:
        """Where *word* stands."""
        if word not in self.words:
            return np.zeros(len(self.codes), dtype=np.bool_)
        return np.equal(self.codes, self.words.index(word))


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """A column of whole numbers, or of true and false.

    Attributes:
        cells: Shape (n,), exact; what stands where a value is absent means nothing.
        absent: Shape (n,).
    """

    cells: NDArray[Any]
    absent: NDArray[np.bool_]

    def where(self, mask: NDArray[np.bool_]) -> "Numbers":
        """The rows where *mask* holds."""
        return Numbers(cells=self.cells[mask], absent=self.absent[mask])

    def above(self, bound: int) -> NDArray[np.bool_]:
        """Where a number is there and above *bound*."""
        return (self.cells > bound) & ~self.absent

    def floats(self) -> NDArray[np.float64]:
        """The numbers, NaN where they are absent."""
        made = self.cells.astype(np.float64)
        made[self.absent] = np.nan
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Columns of one set by their names in `store.schema`, in the order of the file.

    Attributes:
        count: Samples or bins, the length of every column.
    """

    count: int
    words: Mapping[str, Words]
    numbers: Mapping[str, Numbers]

    def where(self, mask: NDArray[np.bool_]) -> "Columns":
        """The rows where *mask* holds, in their order.

        Args:
            mask: Shape (count,).
        """
        return Columns(
            count=int(np.count_nonzero(mask)),
            words={name: column.where(mask) for name, column in self.words.items()},
            numbers={name: column.where(mask) for name, column in self.numbers.items()},
        )


def columns_of(result: ResultSet, names: Sequence[str] = NAMES) -> Columns:
    """Read columns of all samples of a set, and no others.

    Raises:
        StoreError: The samples cannot be read, or one of them cannot be.
    """
    chosen = [name for name in NAMES if name in names]
    columns = _read(SAMPLES, chosen, result.pieces, result.manifest.counts.samples)
    _check_least(columns, str(result.folder / samples_name(result.manifest.run)))
    return columns


def bin_columns_of(result: ResultSet, names: Sequence[str] = BIN_NAMES) -> Columns:
    """Read columns of all bins of a set, and no others.

    The bins of a transfer stand together, in their order: those of equal ``seq``.

    Raises:
        StoreError: The bins cannot be read, or no transfer can have them.
    """
    chosen = [name for name in BIN_NAMES if name in names]
    columns = _read(BINS, chosen, result.bin_pieces, result.manifest.counts.bins)
    where = str(result.folder / bins_name(result.manifest.run))
    _check_least(columns, where)
    if {"seq", "length_ns"} <= set(chosen):
        _check_lengths(columns, where)
    return columns


def _check_least(columns: Columns, where: str) -> None:
    for name, least in _LEAST.items():
        if name in columns.numbers:
            column = columns.numbers[name]
            below = ~column.absent & (column.cells < least)
            if below.any():
                found = int(column.cells[below][0])
                raise StoreError(where, f"{name}: want at least {least}, got {found}")


def _check_lengths(columns: Columns, where: str) -> None:
    """Refuse transfers of more bins, or of more time, than one can have."""
    seqs, rows, counts = np.unique(
        columns.numbers["seq"].cells, return_inverse=True, return_counts=True
    )
    lengths_ns = columns.numbers["length_ns"].cells
    took_ns = np.bincount(rows, weights=lengths_ns, minlength=len(seqs))
    long = (counts > _MOST_BINS) | (took_ns > _MOST_TRANSFER_NS)
    if long.any():
        at = int(np.argmax(long))
        problem = (
            f"transfer {seqs[at]} has {counts[at]:,} bins over {took_ns[at] / 1e9:,.0f}"
            f" s, want at most {_MOST_BINS:,} over {_MOST_TRANSFER_NS / 1e9:,.0f} s"
        )
        raise StoreError(where, problem)


def _read(
    layout: Layout,
    names: Sequence[str],
    pieces: Callable[[Sequence[str]], Iterable[tuple[str, pa.Array]]],
    count: int,
) -> Columns:
    chosen = [column for column in layout.columns if column.name in names]
    words = {c.name: WordPieces(count) for c in chosen if c.kind is Kind.STRING}
    numbers = {c.name: _empty(c, count) for c in chosen if c.kind is not Kind.STRING}

    def fill(of: Sequence[str]) -> None:
        filled = dict.fromkeys(of, 0)
        for name, piece in pieces(of):
            here = slice(filled[name], filled[name] + len(piece))
            filled[name] = here.stop
            if name in words:
                words[name].fill(here, piece)
            else:
                _fill(numbers[name], here, piece)

    if count < _MANY_ROWS:
        fill(names)
    else:
        # Who shows a few samples need not wait for its import.
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  see above

        # Unpacking and copying leave the interpreter free, and a column is one
        # thread's alone: two processors take half as long.
        with ThreadPoolExecutor(max_workers=2) as pool:
            list(pool.map(fill, (names[::2], names[1::2])))
    return Columns(
        count=count,
        words={name: _words(column) for name, column in words.items()},
        numbers=numbers,
    )


def _words(pieces: WordPieces) -> Words:
    codes, words = pieces.sorted()
    return Words(codes=codes, words=words)


def _empty(column: StoredColumn, count: int) -> Numbers:
    return Numbers(
        cells=np.empty(count, dtype=_DTYPES[column.kind]),
        absent=np.zeros(count, dtype=np.bool_),
    )


def _fill(into: Numbers, here: slice, values: pa.Array) -> None:
    if pa.types.is_boolean(values.type):
        into.cells[here] = bits_in(values, values.buffers()[1])
    else:
        into.cells[here] = values_in(values, into.cells.dtype)
    if values.null_count:
        into.absent[here] = absent_in(values)
