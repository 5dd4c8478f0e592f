import csv
import io
import json

from hypothesis import given
from hypothesis import strategies as st

from cloudgauge.report.escape import csv_cell
from cloudgauge.report.export import csv_field, json_text


@given(st.lists(st.text(), min_size=1))
def test_any_texts_are_one_row_that_reads_back(texts: list[str]) -> None:
    line = ",".join(csv_field(text) for text in texts)
    assert list(csv.reader(io.StringIO(line), strict=True)) == [
        [csv_cell(text) for text in texts]
    ]


@given(st.text())
def test_no_field_is_a_formula_or_empty(text: str) -> None:
    assert csv_field(text)
    (cell,) = next(csv.reader([csv_field(text)]))
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.text())
def test_a_text_is_json_in_ascii_and_keeps_every_character(text: str) -> None:
    assert json_text(text).isascii()
    assert json.loads(json_text(text)) == text
