from hypothesis import given
from hypothesis import strategies as st

from cloudgauge.report.escape import csv_cell, markdown_cell, printable


def test_terminal_escapes_and_direction_marks_are_shown_not_obeyed() -> None:
    assert printable("\x1b[31mred\u202e") == "\\x1b[31mred\\u202e"


def test_letters_of_every_script_stay_as_they_are() -> None:
    assert printable("São Paulo 上海 الرياض") == "São Paulo 上海 الرياض"


@given(st.text())
def test_nothing_that_a_terminal_obeys_survives(text: str) -> None:
    shown = printable(text)
    assert all(ord(character) >= 32 for character in shown)
    assert not {"\x7f", "\x9b", "\u202e", "\u2028"} & set(shown)


def test_a_csv_cell_is_never_a_formula() -> None:
    assert csv_cell("=HYPERLINK(1)") == "'=HYPERLINK(1)"
    assert csv_cell("aws/us-east-1") == "aws/us-east-1"


def test_a_markdown_cell_holds_no_markup() -> None:
    assert markdown_cell("<script>|a_b|") == "\\<script\\>\\|a\\_b\\|"
