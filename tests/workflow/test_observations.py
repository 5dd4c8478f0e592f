from typing import Any

import pytest

from cloudgauge.errors import ConfigError, ConfigErrors
from cloudgauge.settings.mapping_file import check_mapping
from cloudgauge.store.foreign import ForeignRow, ForeignTable
from cloudgauge.workflow.observations import Observation, Observed, observe

COLUMNS = ("t", "host", "rtt", "ok", "cycle", "from")
# 2026-01-15T12:00:00Z
NOON_NS = 1_768_478_400 * 10**9


def observed(*rows: dict[str, str], **mapping: Any) -> Observed:
    """What is read of rows, by the columns that they have."""
    names = [name for name in COLUMNS if name in rows[0]]
    keys = dict(
        zip(
            COLUMNS,
            ("time", "target", "value", "success", "round", "vantage"),
            strict=True,
        )
    )
    made: dict[str, Any] = {
        "measured": "x",
        "unit": "ms",
        "columns": {keys[name]: name for name in names},
    }
    if "from" not in names:
        made["vantage"] = "berlin"
    table = ForeignTable(
        name="a.csv",
        columns=tuple(names),
        rows=tuple(
            ForeignRow(where=f"line {n}", cells=tuple(row.values()))
            for n, row in enumerate(rows, start=2)
        ),
    )
    made |= mapping
    return observe(table, check_mapping({k: v for k, v in made.items() if v != ""}))


def one(row: dict[str, str], **mapping: Any) -> Observation:
    (found,) = observed(row, **mapping).observations
    return found


def row(value: str = "20", time: str = "2026-01-15T12:00:00Z") -> dict[str, str]:
    return {"t": time, "host": "h", "rtt": value}


def refusal(*rows: dict[str, str], **mapping: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        observed(*rows, **mapping)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "unit", "value_ns"),
    [
        ("20", "ms", 20_000_000),
        ("20.123456", "ms", 20_123_456),
        ("0.02", "s", 20_000_000),
        ("2e-2", "s", 20_000_000),
        ("20 ms", "ms", 20_000_000),
        ("20ms", "", 20_000_000),
        ("350 µs", "", 350_000),
        ("350", "us", 350_000),
        ("7", "ns", 7),
        (".5", "ms", 500_000),
    ],
)
def test_values_are_exact_whatever_their_unit(
    text: str, unit: str, value_ns: int
) -> None:
    assert one(row(text), unit=unit).value_ns == value_ns


@pytest.mark.parametrize(
    ("text", "unit", "wanted"),
    [
        ("20", "", 'want a unit (s, ms, us or ns) here or in the mapping, got "20"'),
        ("20 min", "ms", "want a unit"),
        ("0.02 s", "ms", 'units are mixed: "0.02 s" among values in ms'),
        ("-3", "ms", "want a time above 0 and up to an hour"),
        ("0", "ms", "want a time above 0 and up to an hour"),
        ("3601", "s", "want a time above 0 and up to an hour"),
        ("inf", "ms", 'want a number, got "inf"'),
        ("1,5", "ms", 'want a number, got "1,5"'),
        ("fast", "ms", 'want a number, got "fast"'),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_its_line(
    text: str, unit: str, wanted: str
) -> None:
    told = refusal(row(text), unit=unit)
    assert told.startswith("a.csv: line 2, column rtt: ")
    assert wanted in told


def test_units_that_change_from_row_to_row_are_refused() -> None:
    told = refusal(row("20 ms"), row("0.021 s"), unit="")
    assert (
        told
        == 'a.csv: line 3, column rtt: units are mixed: "0.021 s" among values in ms'
    )


@pytest.mark.parametrize("text", ["", "nan", "NaN", "null", "N/A", "-", "None"])
def test_a_value_that_is_not_there_is_never_dropped_in_silence(text: str) -> None:
    assert "has no value; say in the mapping" in refusal(row(text))
    told = {"failed_as": "response-timeout", "timeout": "10s"}
    assert one(row(text), missing="failure", **told).value_ns is None
    left = observed(row(text), row("20"), missing="absent")
    assert (len(left.observations), left.absent) == (1, 1)


@pytest.mark.parametrize("word", ["1", "true", "Yes", "OK", "up"])
def test_words_of_success(word: str) -> None:
    assert one(row() | {"ok": word}).value_ns == 20_000_000


@pytest.mark.parametrize("word", ["0", "False", "no", "failed", "down"])
def test_the_value_of_a_failure_is_none(word: str) -> None:
    told = {"failed_as": "response-timeout", "timeout": "10s"}
    assert one(row() | {"ok": word}, **told).value_ns is None
    assert "failed; say failed_as and timeout" in refusal(row() | {"ok": word})


def test_a_word_that_is_neither_is_refused() -> None:
    assert 'want success as true or false, got "maybe"' in refusal(
        row() | {"ok": "maybe"}
    )


@pytest.mark.parametrize(
    ("text", "mapping", "after_ns"),
    [
        ("2026-01-15T12:00:00Z", {}, 0),
        ("2026-01-15T13:00:00+01:00", {}, 0),
        ("2026-01-15 12:00:00.123456789Z", {}, 123_456_789),
        ("2026-01-15T12:00:00,5Z", {}, 500_000_000),
        ("2026-01-15T12:00:00", {"zone": "UTC"}, 0),
        ("1768478400", {}, 0),
        ("1768478400.25", {"unit": "s"}, 250_000_000),
        ("1768478400250", {"unit": "ms"}, 250_000_000),
        ("1768478400000250", {"unit": "us"}, 250_000),
        ("1768478400000000250", {"unit": "ns"}, 250),
    ],
)
def test_times_are_exact_however_they_are_written(
    text: str, mapping: dict[str, str], after_ns: int
) -> None:
    assert one(row(time=text), time=mapping).wall_ns == NOON_NS + after_ns


@pytest.mark.parametrize(
    ("text", "mapping", "wanted"),
    [
        ("2026-01-15T12:00:00", {}, "names no zone"),
        ("yesterday", {}, "want a time in ISO 8601"),
        ("2026-02-30T00:00:00Z", {}, "want a time in ISO 8601"),
        ("1768478400250", {}, "is not between 1990 and 2100; see time.unit"),
        ("1768478400", {"unit": "ms"}, "is not between 1990 and 2100"),
        ("noon", {"unit": "ms"}, "want a time in ms since 1970"),
        ("nan", {"unit": "ms"}, "want a time in ms since 1970"),
        ("1e40", {"unit": "ms"}, "want a time in ms since 1970"),
    ],
)
def test_a_time_that_cannot_be_is_refused(
    text: str, mapping: dict[str, str], wanted: str
) -> None:
    assert wanted in refusal(row(time=text), time=mapping)


def test_rounds_are_whole_numbers() -> None:
    assert one(row() | {"cycle": "7"}).round == 7
    assert one(row() | {"cycle": "7.0"}).round == 7
    for text in ("7.5", "-1", "x", ""):
        told = refusal(row() | {"cycle": text})
        assert f'want the number of a round, got "{text}"' in told


def test_every_row_names_its_target_and_vantage() -> None:
    assert one(row() | {"from": "tokyo"}).vantage == "tokyo"
    assert "names no vantage" in refusal(row() | {"from": ""})
    assert "names no target" in refusal(row() | {"host": ""})


def test_a_column_that_is_not_there_is_named() -> None:
    columns = {"time": "t", "target": "hots", "value": "rtt"}
    told = refusal(row(), columns=columns)
    assert told == 'a.csv: has no column "hots"; did you mean "host"?'


def test_of_many_wrong_rows_ten_are_told_and_the_rest_counted() -> None:
    with pytest.raises(ConfigErrors) as caught:
        observed(*[row("x")] * 14)
    lines = str(caught.value).splitlines()
    assert len(lines) == 11
    assert lines[-1] == "a.csv: 4 more rows are wrong"


def test_a_table_without_a_measurement_is_refused() -> None:
    told = refusal(row(""), missing="absent")
    assert told == "a.csv: has no measurement in it"
