"""Python values into Arrow arrays and back, strictly, through their buffers.

`pyarrow.array` would do, but looks for pandas first and loads it: half a second
and fifty megabytes in a program that only seals what it measured. Most methods of an
array load `pyarrow.compute`, which is seven megabytes more.
"""

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, compress
from typing import Literal

import pyarrow as pa

from cloudgauge.store.schema import Cell, Kind

_ITEM_CODES = {Kind.INT32: "i", Kind.INT64: "q"}
_TYPES = {Kind.INT32: pa.int32(), Kind.INT64: pa.int64()}
_DIGITS = bytes.maketrans(b"\0\1", b"01")
_FLAGS = bytes.maketrans(b"01", b"\0\1")


def array_of(values: Sequence[Cell], kind: Kind) -> pa.Array:
    """Make an Arrow array; None is absent.

    Raises:
        TypeError: A value is not of that kind.
        ValueError: A number is too large, or a text is no Unicode.
    """
    wanted = {Kind.BOOL: bool, Kind.STRING: str}.get(kind, int)
    # By type(), since True is an int to isinstance.
    odd = {type(value) for value in values} - {wanted, type(None)}
    if odd:
        msg = f"want {kind.value}, got {min(odd, key=repr).__name__}"
        raise TypeError(msg)
    if len(set(values)) == 1:
        return _alike(values[0], kind, len(values))
    return _made(values, kind)


@lru_cache(maxsize=100, typed=True)
def _alike(value: Cell, kind: Kind, count: int) -> pa.Array:
    # A third of a run's columns are such: whole row groups share what is kept here.
    return _made((value,) * count, kind)


def _made(values: Sequence[Cell], kind: Kind) -> pa.Array:
    there = bytes(value is not None for value in values)
    valid = None if all(there) else _bits(there)
    if kind is Kind.BOOL:
        bits = _bits(bytes(value is True for value in values))
        return pa.Array.from_buffers(pa.bool_(), len(values), [valid, bits])
    if kind is Kind.STRING:
        return _strings(values, valid)
    return _integers(values, kind, valid)


def integers_in(values: pa.Array) -> Sequence[int]:
    """The numbers of an int64 or int32 array, and anything where one is absent."""
    if not len(values):
        return ()
    code: Literal["q", "i"] = "q" if values.type == pa.int64() else "i"
    numbers = memoryview(values.buffers()[1]).cast("B").cast(code)
    return numbers[values.offset : values.offset + len(values)]


def cells_in(values: pa.Array) -> Iterator[int | None]:
    """The numbers of an int64 or int32 array, None where one is absent."""
    if not values.null_count:
        return iter(integers_in(values))
    both = zip(integers_in(values), present_in(values), strict=True)
    return (number if there else None for number, there in both)


def words_in(values: pa.Array) -> Counter[str]:
    """How often each word stands in an array of strings, plain or a dictionary's."""
    if values.null_count == len(values):
        return Counter()
    if not pa.types.is_dictionary(values.type):
        return Counter(word for word in values.to_pylist() if word is not None)
    words = values.dictionary.to_pylist()
    places = Counter(compress(integers_in(values.indices), present_in(values)))
    return Counter({words[place]: count for place, count in places.items()})


def present_in(values: pa.Array) -> bytes:
    """One byte for each value: 1 where it is there, 0 where it is absent."""
    if pa.types.is_dictionary(values.type):
        values = values.indices
    if not values.null_count:
        return b"\1" * len(values)
    bits = int.from_bytes(values.buffers()[0], "little") >> values.offset
    digits = f"{bits:0{len(values)}b}"[::-1][: len(values)]
    return digits.encode("ascii").translate(_FLAGS)


def _integers(values: Sequence[Cell], kind: Kind, valid: pa.Buffer | None) -> pa.Array:
    # What stands where a value is absent is never read.
    numbers = [value if isinstance(value, int) else 0 for value in values]
    try:
        data = array(_ITEM_CODES[kind], numbers)
    except OverflowError as exc:
        msg = f"a number does not fit into {kind.value}"
        raise ValueError(msg) from exc
    buffers = [valid, pa.py_buffer(data)]
    return pa.Array.from_buffers(_TYPES[kind], len(values), buffers)


def _strings(values: Sequence[Cell], valid: pa.Buffer | None) -> pa.Array:
    texts = [value.encode() if isinstance(value, str) else b"" for value in values]
    ends = array("i", accumulate(map(len, texts), initial=0))
    buffers = [valid, pa.py_buffer(ends), pa.py_buffer(b"".join(texts))]
    return pa.Array.from_buffers(pa.string(), len(values), buffers)


def _bits(flags: bytes) -> pa.Buffer:
    """One bit for each byte that is 0 or 1, least significant first."""
    digits = b"0" + flags[::-1].translate(_DIGITS)
    return pa.py_buffer(int(digits, 2).to_bytes((len(flags) + 7) // 8, "little"))
