from pathlib import Path

import pytest

from cloudgauge.errors import ConfigError, MachineError
from cloudgauge.store.foreign import parse_csv, read_foreign, unpivot


def test_a_row_is_what_stands_between_the_commas() -> None:
    table = parse_csv('a,b\n 1 ,"x, y"\n\n2,\n', "a.csv")
    assert table.columns == ("a", "b")
    assert [row.cells for row in table.rows] == [("1", "x, y"), ("2", "")]
    assert [row.where for row in table.rows] == ["line 2", "line 4"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", "a.csv: line 1: want different names of columns"),
        ("a,a\n", "a.csv: line 1: want different names of columns"),
        ("a,\n", "a.csv: line 1: want different names of columns"),
        ("a,b\n1\n", "a.csv: line 2: has 1 cells, the first row has 2"),
        ('a,b\n1,"2\n', "a.csv: line 2: cannot be read as CSV"),
    ],
)
def test_what_is_no_table_is_named_by_its_line(text: str, wanted: str) -> None:
    with pytest.raises(ConfigError, match=wanted):
        parse_csv(text, "a.csv")


def test_a_matrix_is_a_row_a_vantage_and_a_column_a_target() -> None:
    table = unpivot(parse_csv(",x,y\na,1,2\nb,3,\n", "m.csv"))
    assert table.columns == ("vantage", "target", "value")
    assert [row.cells for row in table.rows] == [
        ("a", "x", "1"),
        ("a", "y", "2"),
        ("b", "x", "3"),
        ("b", "y", ""),
    ]
    assert table.rows[3].where == "line 3, column y"


def test_a_vantage_with_two_rows_is_refused() -> None:
    with pytest.raises(ConfigError, match='line 3: vantage "a" has a row at line 2'):
        unpivot(parse_csv(",x\na,1\na,2\n", "m.csv"))


def test_a_file_is_text_with_or_without_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("\ufeffa\n".encode())
    assert read_foreign(path) == ("a\n", "\ufeffa\n".encode())
    path.write_bytes("é;1\n".encode("utf-16"))
    assert read_foreign(path)[0] == "é;1\n"
    path.write_bytes("a\n1\né\n".encode("latin-1"))
    with pytest.raises(ConfigError, match=r"a\.csv: line 3: byte 0xe9 is not UTF-8; "):
        read_foreign(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match=r"nowhere\.csv: no such file"):
        read_foreign(tmp_path / "nowhere.csv")


def test_a_file_beyond_all_measure_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.truncate(513 * 1024 * 1024)
    with pytest.raises(ConfigError, match="want at most 536870912 bytes"):
        read_foreign(path)


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (b"", r"a\.csv: is empty"),
        (b"\xef\xbb\xbf \n\n", r"a\.csv: is empty"),
        (b"\xff\xfea\x00b", r"a\.csv: ends in the middle of a character of UTF-16"),
        ("a\nb\n".encode("utf-16-le"), r"a\.csv: line 1: has a zero byte"),
    ],
)
def test_a_file_that_holds_no_text_is_refused(
    tmp_path: Path, content: bytes, wanted: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=wanted):
        read_foreign(path)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_what_the_first_row_has_most_of_parts_the_cells(separator: str) -> None:
    table = parse_csv(f"a{separator}b\n1{separator}2\n", "a.csv")
    assert table.columns == ("a", "b")
    assert table.rows[0].cells == ("1", "2")
    assert table.decimal_commas == (separator != ",")
