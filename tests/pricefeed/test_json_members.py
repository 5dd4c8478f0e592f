import json
from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudgauge.pricefeed.answer import AnswerError
from cloudgauge.pricefeed.json_members import members

ENTER = {("a",), ("a", "b")}
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(["é\n"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)
OBJECTS = st.dictionaries(
    st.sampled_from("abc"),
    VALUES | st.dictionaries(st.sampled_from("abc"), VALUES),
)


def cut_up(text: bytes, size: int) -> Iterator[bytes]:
    return (text[start : start + size] for start in range(0, len(text), size))


def expected(
    value: dict[str, object], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], object]]:
    for key, inner in value.items():
        if (*path, key) in ENTER and isinstance(inner, dict):
            yield from expected(inner, (*path, key))
        else:
            yield (*path, key), inner


def read(text: bytes, size: int = 7) -> list[tuple[tuple[str, ...], object]]:
    return list(members(cut_up(text, size), enter=ENTER, where="file"))


@settings(max_examples=40)
@given(OBJECTS, st.integers(1, 50), st.sampled_from([None, 2]))
def test_members_are_what_the_whole_text_holds(
    value: dict[str, object], size: int, indent: int | None
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=False).encode()

    assert read(text, size) == list(expected(value))


@settings(max_examples=40)
@given(OBJECTS, st.data())
def test_a_text_that_is_cut_anywhere_is_refused(
    value: dict[str, object], data: st.DataObject
) -> None:
    text = json.dumps(value, ensure_ascii=False).encode()
    kept = data.draw(st.integers(0, len(text) - 1))

    with pytest.raises(AnswerError, match=r"^file: the answer is cut off"):
        read(text[:kept])


def test_a_number_may_go_on_in_the_next_piece() -> None:
    assert read(b'{"x":123456789}', 1) == [(("x",), 123456789)]


def test_fractions_are_exact() -> None:
    assert read(b'{"x": 0.1}') == [(("x",), Decimal("0.1"))]


@pytest.mark.parametrize(
    "text",
    [
        b'{"x": 1} more',
        b'{"x" 1}',
        b"{1: 2}",
        b"[1]",
        b'{"x": NaN}',
        b'{"x": 1,}',
        b'{"x": \xff}',
        b'{"x": "\xc3"}',
        b'{"x": ' + b"[" * 100_000,
    ],
)
def test_what_is_no_json_object_is_refused(text: bytes) -> None:
    with pytest.raises(AnswerError, match=r"^file: the answer is cut off"):
        read(text, 1000)


def test_one_member_may_not_fill_the_memory() -> None:
    pieces = (b'{"x": "', *(b"y" * 2**20 for _ in range(40)))

    with pytest.raises(AnswerError, match="larger than 16 MiB"):
        list(members(pieces, enter=(), where="file"))
