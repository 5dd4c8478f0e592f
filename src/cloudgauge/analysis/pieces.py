"""Pieces of a column as Arrow holds them, read through their buffers."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


class WordPieces:
    """Words as they come, each piece with a dictionary of its own.

    While all of them are the same, or absent, nothing is written down: many columns of
    large sets stay so.
    """

    def __init__(self, count: int) -> None:
        """Expect so many words."""
        self._count = count
        self._filled = 0
        self._same = -1
        self._codes: NDArray[np.int32] | None = None
        self._places: dict[str, int] = {}

    def fill(self, here: slice, values: pa.Array) -> None:
        """Take the next piece, which is *here* in the column."""
        # The journal of a live run has plain strings.
        encoded = values.dictionary_encode()
        places = [
            self._places.setdefault(word, len(self._places))
            for word in encoded.dictionary.to_pylist()
        ]
        # Most row groups have one word in a column, or none: no row is looked at.
        if values.null_count == len(values):
            self._fill_same(here, -1)
        elif len(places) == 1 and not values.null_count:
            self._fill_same(here, places[0])
        else:
            codes = values_in(encoded.indices, np.int32)
            if values.null_count:
                # What stands where a word is absent need not be a place.
                codes = np.where(absent_in(encoded.indices), len(places), codes)
            self._written()[here] = np.array([*places, -1], dtype=np.int32)[codes]
        self._filled = here.stop

    def _fill_same(self, here: slice, code: int) -> None:
        if self._codes is None and (not self._filled or self._same == code):
            self._same = code
        else:
            self._written()[here] = code

    def _written(self) -> NDArray[np.int32]:
        """The codes, with what was the same so far written down."""
        if self._codes is None:
            self._codes = np.empty(self._count, dtype=np.int32)
            self._codes[: self._filled] = self._same
        return self._codes

    def sorted(self) -> tuple[NDArray[np.int32], tuple[str, ...]]:
        """The codes, and the words that they are places of, sorted."""
        words = list(self._places)
        order = sorted(range(len(words)), key=words.__getitem__)
        # Code -1 says that there is no word, and stays: it takes the last place.
        place = np.full(len(words) + 1, -1, dtype=np.int32)
        place[order] = np.arange(len(words))
        ordered = tuple(words[index] for index in order)
        if self._codes is None:
            return np.broadcast_to(place[self._same], (self._count,)), ordered
        if order == list(range(len(words))):
            return self._codes, ordered
        return place[self._codes], ordered


def values_in(values: pa.Array, dtype: Any) -> NDArray[Any]:
    """An array's numbers as they lie in its buffer, and anything where one is absent.

    Arrow's own way makes floats of integers of which some are absent, and floats
    cannot hold all of them.
    """
    size = np.dtype(dtype).itemsize
    return np.frombuffer(
        values.buffers()[1], dtype, count=len(values), offset=values.offset * size
    )


def absent_in(values: pa.Array) -> NDArray[np.bool_]:
    """Where an array has no value."""
    if not values.null_count:
        return np.zeros(len(values), dtype=np.bool_)
    return ~bits_in(values, values.buffers()[0])


def bits_in(values: pa.Array, buffer: pa.Buffer) -> NDArray[np.bool_]:
    """A buffer of an array that has a bit for each value."""
    packed = np.frombuffer(buffer, np.uint8)
    end = values.offset + len(values)
    return np.unpackbits(packed, count=end, bitorder="little").view(np.bool_)[
        values.offset :
    ]
