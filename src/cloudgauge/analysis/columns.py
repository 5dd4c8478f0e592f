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
    words = {c.name: _WordColumn(count) for c in chosen if c.kind is Kind.STRING}
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
        words={name: column.sorted() for name, column in words.items()},
        numbers=numbers,
    )


class _WordColumn:
    """Words as they come, each piece with a dictionary of its own."""

    def __init__(self, count: int) -> None:
        self._codes = np.empty(count, dtype=np.int32)
        self._places: dict[str, int] = {}

    def fill(self, here: slice, values: pa.Array) -> None:
        # The journal of a live run has plain strings.
        encoded = values.dictionary_encode()
        places = [
            self._places.setdefault(word, len(self._places))
            for word in encoded.dictionary.to_pylist()
        ]
        # Most row groups have one word in a column, or none: no row is looked at.
        if values.null_count == len(values):
            self._codes[here] = -1
        elif len(places) == 1 and not values.null_count:
            self._codes[here] = places[0]
        else:
            codes = _values(encoded.indices, np.int32)
            if values.null_count:
                # What stands where a word is absent need not be a place.
                codes = np.where(_absent(encoded.indices), len(places), codes)
            self._codes[here] = np.array([*places, -1], dtype=np.int32)[codes]

    def sorted(self) -> Words:
        words = list(self._places)
        order = sorted(range(len(words)), key=words.__getitem__)
        if order == list(range(len(words))):
            return Words(codes=self._codes, words=tuple(words))
        # Code -1 says that there is no word, and stays: it takes the last place.
        place = np.full(len(words) + 1, -1, dtype=np.int32)
        place[order] = np.arange(len(words))
        return Words(
            codes=place[self._codes], words=tuple(words[index] for index in order)
        )


def _empty(column: StoredColumn, count: int) -> Numbers:
    return Numbers(
        cells=np.empty(count, dtype=_DTYPES[column.kind]),
        absent=np.zeros(count, dtype=np.bool_),
    )


def _fill(into: Numbers, here: slice, values: pa.Array) -> None:
    if pa.types.is_boolean(values.type):
        into.cells[here] = _bits(values, values.buffers()[1])
    else:
        into.cells[here] = _values(values, into.cells.dtype)
    if values.null_count:
        into.absent[here] = _absent(values)


def _values(values: pa.Array, dtype: Any) -> NDArray[Any]:
    """An array's numbers as they lie in its buffer, and anything where one is absent.

    Arrow's own way makes floats of integers of which some are absent, and floats
    cannot hold all of them.
    """
    size = np.dtype(dtype).itemsize
    return np.frombuffer(
        values.buffers()[1], dtype, count=len(values), offset=values.offset * size
    )


def _absent(values: pa.Array) -> NDArray[np.bool_]:
    if not values.null_count:
        return np.zeros(len(values), dtype=np.bool_)
    return ~_bits(values, values.buffers()[0])


def _bits(values: pa.Array, buffer: pa.Buffer) -> NDArray[np.bool_]:
    packed = np.frombuffer(buffer, np.uint8)
    end = values.offset + len(values)
    return np.unpackbits(packed, count=end, bitorder="little").view(np.bool_)[
        values.offset :
    ]
