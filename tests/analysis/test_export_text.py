import json
import math
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from cloudgauge.analysis.export_text import LineForm, lines_of

FORM = LineForm(word=json.dumps, absent="null", before=("[", ",", ",", ","), end="]\n")
INT64 = st.integers(min_value=-(2**63), max_value=2**63 - 1)
ROWS = st.lists(
    st.tuples(
        st.none() | INT64,
        st.none() | st.floats(allow_nan=False, allow_infinity=False),
        st.none() | st.booleans(),
        st.none() | st.text(),
    )
)


def batch_of(rows: list[tuple[Any, ...]]) -> pa.RecordBatch:
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    types = (pa.int64(), pa.float64(), pa.bool_(), pa.string())
    arrays = [pa.array(c, t) for c, t in zip(columns, types, strict=True)]
    return pa.record_batch(
        [*arrays[:3], arrays[3].dictionary_encode()], names=list("abcd")
    )


@given(ROWS)
def test_every_number_and_every_text_reads_back_as_it_was(
    rows: list[tuple[Any, ...]],
) -> None:
    lines = b"".join(lines_of(batch_of(rows), FORM)).decode().split("\n")
    assert lines.pop() == ""
    assert [tuple(json.loads(line)) for line in lines] == rows


def test_many_rows_are_as_many_lines_in_their_order() -> None:
    rows = [(at, None, None, f"row {at % 7}") for at in range(40_000)]
    lines = b"".join(lines_of(batch_of(rows), FORM)).splitlines()
    assert [json.loads(line)[0] for line in lines] == list(range(40_000))


def test_what_is_no_number_is_absent() -> None:
    rows = [(1, value, None, None) for value in (math.inf, -math.inf, math.nan)]
    assert list(lines_of(batch_of(rows), FORM)) == [b"[1,null,null,null]\n" * 3]
