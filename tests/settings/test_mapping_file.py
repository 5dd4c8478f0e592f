from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cloudgauge.errors import ConfigError
from cloudgauge.settings.mapping_file import (
    ForeignFormat,
    Missing,
    Phase,
    check_mapping,
    read_mapping,
)

LEAST: dict[str, Any] = {
    "measured": "TCP connect",
    "vantage": "berlin",
    "columns": {"time": "t", "target": "host", "value": "rtt"},
}


def test_what_is_not_said_has_a_default_that_makes_nothing_up() -> None:
    mapping = check_mapping(LEAST)
    assert mapping.format is ForeignFormat.CSV
    assert mapping.phase is Phase.CONNECT
    assert mapping.missing is Missing.REFUSED
    assert mapping.unit is None
    assert mapping.failed_as is None
    assert mapping.timeout_ns is None
    assert not mapping.naive_is_utc
    assert not mapping.targets


def test_a_file_says_the_same_as_a_dict(tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_text(
        'measured = "TCP connect"\nvantage = "berlin"\n'
        '[columns]\ntime = "t"\ntarget = "host"\nvalue = "rtt"\n'
    )
    assert read_mapping(path) == check_mapping(LEAST)


def test_formats_with_columns_of_their_own_need_none() -> None:
    ping = check_mapping({"measured": "x", "vantage": "v", "format": "ping"})
    assert ping.columns.time == "time"
    at = {"at": "2026-01-15"}
    with pytest.raises(ConfigError, match=r"time\.at"):
        check_mapping({"measured": "x", "format": "matrix", "time": at})


@pytest.mark.parametrize("text", ["2026-01-15T01:00:00+01:00", "2026-01-15T00:00:00Z"])
def test_the_time_of_all_may_be_text_with_its_zone(text: str) -> None:
    matrix = {"measured": "x", "format": "matrix", "unit": "ms"}
    mapping = check_mapping(matrix | {"time": {"at": text}})
    assert mapping.all_at == datetime(2026, 1, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2026-01-15T00:00:00", r"time\.at: name its zone"),
        ("last week", r'time\.at: input should be a valid datetime, got "last week"'),
        ("0001-01-01T00:00:00Z", r"time\.at: want a time between 1990 and 2100"),
    ],
)
def test_a_time_of_all_that_is_none_is_refused(text: str, told: str) -> None:
    matrix = {"measured": "x", "format": "matrix", "unit": "ms"}
    with pytest.raises(ConfigError, match=told):
        check_mapping(matrix | {"time": {"at": text}})


def test_metrics_have_times_of_their_own() -> None:
    columns = {"target": "instance", "value": "rtt"}
    mapping = check_mapping(
        {"measured": "x", "vantage": "v", "format": "openmetrics", "columns": columns}
    )
    assert mapping.columns.time == "time"
    with pytest.raises(ConfigError, match=r"columns\.time: each sample has its own"):
        check_mapping(LEAST | {"format": "prometheus"})


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"measured": " "}, "mapping: measured: say what the values are"),
        ({"format": "cvs"}, 'mapping: format: .*did you mean "csv"'),
        ({"unit": "minutes"}, "mapping: unit: want"),
        ({"columns": {"time": "t", "value": "rtt"}}, r"columns\.target: is missing"),
        ({"columns": {"time": "t", "target": "h"}}, r"columns\.value: is missing"),
        (
            {"columns": {"target": "h", "value": "rtt"}},
            "mapping: time: name the column of times",
        ),
        ({"colums": {}}, 'unknown key; .*did you mean "columns"'),
        ({"vantage": None}, "mapping: vantage: name it, or the column that does"),
        (
            {"columns": LEAST["columns"] | {"vantage": "v"}},
            "mapping: vantage: a column names the vantages",
        ),
        ({"timeout": "10s"}, "mapping: failed_as: goes together with timeout"),
        (
            {"failed_as": "response-timeout"},
            "mapping: failed_as: goes together with timeout",
        ),
        (
            {"failed_as": "time-out", "timeout": "1s"},
            "mapping: failed_as: want .*",
        ),
        ({"missing": "failure"}, "mapping: missing: say failed_as and timeout too"),
        (
            {"format": "ping"},
            "mapping: columns: a file of format ping has columns of its own",
        ),
    ],
)
def test_what_leaves_something_open_is_refused_by_its_key(
    changes: dict[str, Any], wanted: str
) -> None:
    table = {k: v for k, v in (LEAST | changes).items() if v is not None}
    with pytest.raises(ConfigError, match=wanted):
        check_mapping(table)


def test_one_time_for_all_has_a_zone_and_no_column_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    head = 'measured = "x"\nformat = "matrix"\n[time]\nat = '
    path.write_text(f"{head}2026-01-15T00:00:00\n")
    with pytest.raises(ConfigError, match=r"time\.at: name its zone"):
        read_mapping(path)
    path.write_text(f"{head}2026-01-15T00:00:00Z\n")
    assert read_mapping(path).all_at is not None
    path.write_text(
        'measured = "x"\nvantage = "v"\n[columns]\ntime = "t"\ntarget = "h"\n'
        'value = "v"\n[time]\nat = 2026-01-15T00:00:00Z\n'
    )
    with pytest.raises(ConfigError, match=r"time\.at: a column names the times"):
        read_mapping(path)
