"""Python values into Arrow arrays, strictly, through their buffers.

`pyarrow.array` would do, but looks for pandas first and loads it: half a second
and fifty megabytes in a program that only seals what it measured.
"""

from array import array
from collections.abc import Sequence
from itertools import accumulate

import pyarrow as pa

from cloudgauge.store.schema import Cell, Kind

_ITEM_CODES = {Kind.INT32: "i", Kind.INT64: "q"}
_TYPES = {Kind.INT32: pa.int32(), Kind.INT64: pa.int64()}


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
    there = bytes(value is not None for value in values)
    valid = None if all(there) else _bits(there)
    if kind is Kind.BOOL:
        bits = _bits(bytes(value is True for value in values))
        return pa.Array.from_buffers(pa.bool_(), len(values), [valid, bits])
    if kind is Kind.STRING:
        return _strings(values, valid)
    return _integers(values, kind, valid)


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
    """One bit for each byte that is 0 or 1, as Arrow packs them."""
    whole = pa.Array.from_buffers(pa.int8(), len(flags), [None, pa.py_buffer(flags)])
    return whole.cast(pa.bool_()).buffers()[1]
