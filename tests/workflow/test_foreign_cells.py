"""What other people's files have in them: read, or refused by line and column."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import cloudgauge
from cloudgauge.errors import ConfigError
from cloudgauge.report.document import Document
from cloudgauge.workflow.importing import ImportRequest, import_file
from cloudgauge.workflow.keeping import show_sets

MAPPING = """\
measured = "TCP connect"
vantage = "berlin"
failed_as = "connect-timeout"
timeout = "3s"
[columns]
time = "at"
target = "region"
value = "rtt"
"""
HEAD = "at,region,rtt\n"


def imported(
    tmp_path: Path, content: str | bytes, mapping: str = 'unit = "ms"\n' + MAPPING
) -> list[tuple[str, float | None]]:
    """The target and value of each sample, in the order of time."""
    (tmp_path / "map.toml").write_text(mapping)
    data = content.encode() if isinstance(content, str) else content
    (tmp_path / "a.csv").write_bytes(data)
    results = cloudgauge.import_samples(
        tmp_path / "a.csv", tmp_path / "map.toml", tmp_path / "set"
    )
    frame = results.frame().sort_values("wall_ns", kind="stable")
    return [
        (str(region), None if pd.isna(value) else value / 1e6)
        for region, value in zip(frame["region"], frame["connect_ns"], strict=True)
    ]


def refusal(tmp_path: Path, content: str | bytes, **mapping: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        imported(tmp_path, content, **mapping)
    assert not (tmp_path / "set").exists()
    return str(caught.value)


def test_rows_out_of_order_are_taken_in_the_order_of_time(tmp_path: Path) -> None:
    text = (
        HEAD
        + "2026-01-15T12:02:00Z,aws/eu-west-1,22\n"
        + "2026-01-15T12:00:00Z,aws/eu-west-1,20\n"
        + "2026-01-15T12:01:00Z,aws/eu-west-1,21\n"
    )
    assert [value for _, value in imported(tmp_path, text)] == [20, 21, 22]


def test_a_spreadsheet_with_semicolons_and_decimal_commas_is_read(
    tmp_path: Path,
) -> None:
    text = "at;region;rtt\r\n2026-01-15T12:00:00Z;aws/eu-west-1;20,5\r\n"
    for place, encoding in enumerate(("utf-8", "utf-8-sig", "utf-16")):
        folder = tmp_path / str(place)
        folder.mkdir()
        assert imported(folder, text.encode(encoding)) == [("aws/eu-west-1", 20.5)]


@pytest.mark.parametrize("other", ["1.234", "1.234,5"])
def test_commas_and_points_in_one_column_are_refused(
    tmp_path: Path, other: str
) -> None:
    text = (
        "at;region;rtt\n2026-01-15T12:00:00Z;aws/eu-west-1;20,5\n"
        f"2026-01-15T12:01:00Z;aws/eu-west-1;{other}\n"
    )
    told = refusal(tmp_path, text)
    wanted = (
        f'a.csv: line 3, column rtt: points and commas are mixed in numbers: "{other}"'
    )
    assert told == wanted


@pytest.mark.parametrize("name", ["rtt_s", "rtt (s)", "RTT [Seconds]", "rtt/s"])
def test_a_unit_in_the_name_of_a_column_is_that_of_its_values(
    tmp_path: Path, name: str
) -> None:
    mapping = MAPPING.replace('"rtt"', f'"{name}"')
    text = f"at,region,{name}\n2026-01-15T12:00:00Z,aws/eu-west-1,0.02\n"
    assert imported(tmp_path, text, mapping) == [("aws/eu-west-1", 20.0)]
    other = tmp_path / "other"
    other.mkdir()
    told = refusal(other, text, mapping='unit = "ms"\n' + mapping)
    assert told == f"a.csv: column {name}: its name says s and the mapping says ms"


def test_a_name_that_only_ends_like_a_unit_is_none(tmp_path: Path) -> None:
    mapping = 'unit = "ms"\n' + MAPPING.replace('"rtt"', '"delays"')
    text = "at,region,delays\n2026-01-15T12:00:00Z,aws/eu-west-1,20\n"
    assert imported(tmp_path, text, mapping) == [("aws/eu-west-1", 20.0)]


def document_of(tmp_path: Path, text: str) -> Document:
    (tmp_path / "map.toml").write_text('unit = "ms"\n' + MAPPING)
    (tmp_path / "a.csv").write_text(text)
    return import_file(
        ImportRequest(
            source=tmp_path / "a.csv",
            mapping=tmp_path / "map.toml",
            into=tmp_path / "set",
        )
    )


def test_a_row_that_comes_twice_counts_once_and_is_told(tmp_path: Path) -> None:
    line = "2026-01-15T12:00:00Z,aws/eu-west-1,20\n"
    document = document_of(tmp_path, HEAD + line + line.replace("20\n", "21\n") + line)
    assert document.title.endswith("2 samples")
    assert document.notes[0] == (
        "rows that say what an earlier one said, left out: 1, the first at line 4"
    )


@pytest.mark.parametrize(
    ("time", "told"),
    [
        ("1969-12-31T23:59:59Z", "is not between 1990 and 2100"),
        ("1968-01-01", "names no zone"),
        ("-3", "want a time in ISO 8601"),
        ("76847840", "is not between 1990 and 2100"),
        ("yesterday", "want a time in ISO 8601"),
    ],
)
def test_a_time_that_cannot_be_is_refused_by_line_and_column(
    tmp_path: Path, time: str, told: str
) -> None:
    found = refusal(tmp_path, f"{HEAD}{time},aws/eu-west-1,20\n")
    assert found.startswith("a.csv: line 2, column at: ")
    assert told in found


@pytest.mark.parametrize("year", [1969, 1989, 2100])
def test_a_time_of_all_that_cannot_be_is_refused_by_its_key(
    tmp_path: Path, year: int
) -> None:
    mapping = 'unit = "ms"\n' + MAPPING.replace('time = "at"\n', "")
    mapping += f"[time]\nat = {year}-01-01T00:00:00Z\n"
    found = refusal(tmp_path, "region,rtt\naws/eu-west-1,20\n", mapping=mapping)
    assert found.endswith("map.toml: time.at: want a time between 1990 and 2100")


def test_the_hour_of_a_day_is_no_round(tmp_path: Path) -> None:
    mapping = 'unit = "ms"\n' + MAPPING + 'round = "hour"\n'
    lines = [
        f"2026-01-{day:02}T{hour:02}:00:00Z,aws/eu-west-1,20,{hour}\n"
        for day in (15, 16)
        for hour in range(4)
    ]
    found = refusal(tmp_path, "at,region,rtt,hour\n" + "".join(lines), mapping=mapping)
    assert found.startswith("a.csv: line 6: round 0 goes on after two later ones began")


def test_rounds_are_counted_in_the_order_of_time(tmp_path: Path) -> None:
    mapping = 'unit = "ms"\n' + MAPPING + 'round = "cycle"\n'
    text = (
        "at,region,rtt,cycle\n2026-01-15T12:00:00Z,aws/eu-west-1,20,9\n"
        "2026-01-15T12:01:00Z,aws/eu-west-1,21,4\n"
    )
    imported(tmp_path, text, mapping)
    frame = cloudgauge.load(tmp_path / "set").rounds()
    assert frame["connect_ms"].tolist() == [20, 21]


def test_what_an_import_has_of_first_bytes_is_shown_and_labelled(
    tmp_path: Path,
) -> None:
    text = HEAD + "".join(
        f"2026-01-15T12:{minute:02}:00Z,aws/eu-west-1,{20 + minute}\n"
        for minute in range(9)
    )
    imported(tmp_path, text, 'unit = "ms"\nphase = "first-byte"\n' + MAPPING)
    document = show_sets([tmp_path / "set"])
    names = [column.name for column in document.tables[0].columns]
    (row,) = document.tables[0].rows
    assert row[names.index("first_byte_p50_ms")] == 24
    assert row[names.index("connect_p50_ms")] is None
    assert row[names.index("connect_p50_beyond_ms")] is None
    assert "one exchange" in str(row[names.index("mark")])
    assert any('mark "one exchange"' in note for note in document.notes)


def test_a_failure_of_an_import_is_beyond_what_was_waited_in_its_phase(
    tmp_path: Path,
) -> None:
    text = HEAD + "".join(
        f"2026-01-15T12:{minute:02}:00Z,aws/eu-west-1,{'' if minute < 6 else 20}\n"
        for minute in range(9)
    )
    imported(tmp_path, text, 'unit = "ms"\nmissing = "failure"\n' + MAPPING)
    document = show_sets([tmp_path / "set"])
    names = [column.name for column in document.tables[0].columns]
    (row,) = document.tables[0].rows
    assert row[names.index("connect_p50_beyond_ms")] == 3_000
    assert row[names.index("first_byte_p50_beyond_ms")] is None
