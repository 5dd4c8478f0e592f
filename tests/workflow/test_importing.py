"""Imports from end to end, with the mappings that FORMAT.md shows."""

import hashlib
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

import cloudgauge
from cloudgauge.errors import ConfigError, MachineError
from cloudgauge.model.run import RunInfo
from cloudgauge.workflow.importing import ImportRequest, import_file
from cloudgauge.workflow.keeping import show_sets, verify_sets
from cloudgauge.workflow.results import Results

FORMAT = (Path(__file__).parents[2] / "FORMAT.md").read_text(encoding="utf-8")
_SECTION = FORMAT[
    FORMAT.index("\n### The mapping\n") : FORMAT.index("\n## The journal\n")
]
CSV_MAP, PING_MAP, MATRIX_MAP, METRICS_MAP = re.findall(
    r"```toml\n(.*?)```", _SECTION, re.DOTALL
)
CSV = """\
timestamp,region,rtt,ok,cycle
2026-01-15T12:00:00Z,aws/eu-west-1,20.5,1,7
2026-01-15T12:00:01Z,gcp/europe-west1,12,1,7
2026-01-15T12:01:00Z,aws/eu-west-1,,0,8
2026-01-15T12:01:01Z,gcp/europe-west1,12.25,1,8
"""
PING = """\
PING ec2.eu-west-1.amazonaws.com (203.0.113.7) 56(84) bytes of data.
[1768478400.020000] 64 bytes from host (203.0.113.7): icmp_seq=1 ttl=240 time=20.0 ms
[1768478402.000000] no answer yet for icmp_seq=2
[1768478402.021000] 64 bytes from host (203.0.113.7): icmp_seq=3 ttl=240 time=21.0 ms
"""
MATRIX = """\
,us-east-1,eu-west-1
us-east-1,4.1,68.2
eu-west-1,68.0,
"""
METRICS = """\
probe_success{instance="https://ec2.eu-west-1.amazonaws.com/ping"} 1 1768478400
probe_success{instance="https://ec2.eu-west-1.amazonaws.com/ping"} 0 1768478415
probe_http_duration_seconds{instance="https://ec2.eu-west-1.amazonaws.com/ping",\
phase="connect"} 0.0201 1768478400
probe_http_duration_seconds{instance="https://ec2.eu-west-1.amazonaws.com/ping",\
phase="connect"} 0 1768478415
"""


def imported(tmp_path: Path, mapping: str, text: str, name: str = "source") -> Results:
    (tmp_path / "map.toml").write_text(mapping)
    (tmp_path / name).write_text(text)
    return cloudgauge.import_samples(
        tmp_path / name, tmp_path / "map.toml", tmp_path / "set"
    )


def run_of(results: Results) -> RunInfo:
    (one,) = results.sets
    return one.manifest.run


def connects(results: Results) -> list[float | None]:
    cells = results.frame().sort_values("wall_ns")["connect_ns"]
    return [None if pd.isna(cell) else cell / 1e6 for cell in cells]


def test_a_csv_becomes_a_set_with_its_rounds_and_failures(tmp_path: Path) -> None:
    results = imported(tmp_path, CSV_MAP, CSV)
    assert connects(results) == [20.5, 12.0, None, 12.25]
    frame = results.frame().sort_values("wall_ns")
    assert frame["round_index"].tolist() == [0, 0, 1, 1]
    assert frame["region"].tolist()[:2] == ["aws/eu-west-1", "gcp/europe-west1"]
    assert frame["failure"].tolist()[2] == "connect-timeout"
    assert frame["imported"].all()
    assert frame["lateness_ns"].isna().all()
    assert frame["wall_ns"].iloc[0] == 1_768_478_400 * 10**9
    (one,) = results.sets
    assert one.manifest.plan.probe.timeout_ns == 3 * 10**9
    told = run_of(results).imported
    assert told is not None
    assert told.source == "source"
    assert told.source_sha256 == hashlib.sha256(CSV.encode()).hexdigest()
    assert told.rounds_given
    verify_sets([tmp_path / "set"])


def test_a_log_of_ping_becomes_a_set_without_rounds(tmp_path: Path) -> None:
    results = imported(tmp_path, PING_MAP, PING)
    assert connects(results) == [20.0, None, 21.0]
    told = run_of(results).imported
    assert told is not None
    assert not told.rounds_given
    assert run_of(results).vantage.name == "berlin"
    verify_sets([tmp_path / "set"])


def test_a_matrix_becomes_a_set_for_each_vantage_that_knows_its_place(
    tmp_path: Path,
) -> None:
    results = imported(tmp_path, MATRIX_MAP, MATRIX)
    assert [one.manifest.run.vantage.cloud_region for one in results.sets] == [
        "aws/eu-west-1",
        "aws/us-east-1",
    ]
    assert all(one.manifest.run.vantage.latitude_deg for one in results.sets)
    assert sorted(filter(None, connects(results))) == [4.1, 68.0, 68.2]
    verify_sets([tmp_path / "set"])
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "map.toml",
        "set",
        "source",
    ]


def test_metrics_of_the_blackbox_exporter_become_a_set(tmp_path: Path) -> None:
    results = imported(tmp_path, METRICS_MAP, METRICS)
    assert connects(results) == [20.1, None]
    verify_sets([tmp_path / "set"])


def test_a_frame_says_the_same_as_a_file(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "timestamp": pd.to_datetime(
                ["2026-01-15T12:00:00Z", "2026-01-15T12:00:01.123456789Z"],
                format="ISO8601",
            ),
            "region": pd.Categorical(["aws/eu-west-1", "gcp/europe-west1"]),
            "rtt": pd.to_timedelta([20.5, float("nan")], unit="ms"),
            "cycle": [1.0, 1.0],
        }
    )
    mapping = {
        "measured": "TCP connect",
        "vantage": "berlin",
        "missing": "failure",
        "failed_as": "connect-timeout",
        "timeout": "3s",
        "columns": {
            "time": "timestamp",
            "target": "region",
            "value": "rtt",
            "round": "cycle",
        },
    }
    results = cloudgauge.import_samples(frame, mapping, tmp_path / "set")
    assert connects(results) == [20.5, None]
    assert results.frame()["wall_ns"].max() % 10**9 == 123_456_789
    told = run_of(results).imported
    assert told is not None
    assert told.source == ""
    assert (
        told.source_sha256
        == hashlib.sha256(frame.to_csv(index=False).encode()).hexdigest()
    )


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ([1, 2], "want a file or a pandas DataFrame, got list"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "want different names of columns"),
    ],
)
def test_what_is_no_table_is_refused(
    tmp_path: Path, source: pd.DataFrame, wanted: str
) -> None:
    mapping = {
        "measured": "x",
        "vantage": "v",
        "columns": {"time": "a", "target": "a", "value": "a"},
    }
    with pytest.raises(ConfigError, match=wanted):
        cloudgauge.import_samples(source, mapping, tmp_path / "set")


def test_values_of_another_phase_are_shown_as_that_phase(tmp_path: Path) -> None:
    mapping = CSV_MAP.replace(
        'measured = "TCP connect"', 'measured = "TTFB"\nphase = "first-byte"'
    )
    results = imported(tmp_path, mapping, CSV)
    frame = results.frame()
    assert frame["connect_ns"].isna().all()
    assert sorted(frame["first_byte_ns"].dropna()) == [
        12_000_000,
        12_250_000,
        20_500_000,
    ]
    assert set(frame["clock"].dropna()) == {"user"}


def test_the_same_import_again_is_the_same_run(tmp_path: Path) -> None:
    first = imported(tmp_path, CSV_MAP, CSV)
    shutil.move(tmp_path / "set", tmp_path / "first")
    again = imported(tmp_path, CSV_MAP, CSV)
    assert run_of(again).run_id == run_of(first).run_id
    assert len(cloudgauge.load([tmp_path / "first", tmp_path / "set"]).sets) == 1
    shutil.rmtree(tmp_path / "set")
    other = imported(tmp_path, CSV_MAP, CSV.replace("20.5", "20.6"))
    assert run_of(other).run_id != run_of(first).run_id


def test_whoever_shows_it_is_told_what_is_not_known(tmp_path: Path) -> None:
    imported(tmp_path, PING_MAP, PING, name="ping.log")
    document = show_sets([tmp_path / "set"])
    assert "imported: ICMP round trip, as ping.log has it" in document.notes[0]
    assert document.notes[1].startswith("unpaired: the source names no rounds")
    assert document.notes[2].startswith("no schedule: when each value was due")
    assert document.notes[3].startswith("paths: by which addresses and ports")
    names = [column.name for column in document.tables[0].columns]
    (row,) = document.tables[0].rows
    assert row[names.index("lateness_p99_ms")] is None
    assert "user clock" in str(row[names.index("mark")])


def test_what_the_source_lacks_makes_it_incomplete(tmp_path: Path) -> None:
    text = "".join(CSV.splitlines(keepends=True)[:-1])
    (one,) = imported(tmp_path, CSV_MAP, text).sets
    outcome = one.manifest.outcome
    assert outcome is not None
    assert not outcome.complete
    assert outcome.detail == "the source has no value for 1 of 4 visits"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            CSV.replace("gcp/europe-west1", "gcp/europe-west-1"),
            'target "gcp/europe-west-1" is no region of the catalogue; .*'
            'did you mean "gcp/europe-west1"',
        ),
        (
            CSV.replace("20.5", "nan"),
            "line 2, column rtt: has no value; say in the mapping",
        ),
        (CSV.replace("20.5", "0.0205 s"), "line 2, column rtt: units are mixed"),
        (CSV.replace("12.25", "12.25 s"), "line 5, column rtt: units are mixed"),
        ("", "is empty"),
        (CSV.splitlines()[0], "has no measurement in it"),
    ],
)
def test_a_source_that_is_wrong_leaves_nothing_behind(
    tmp_path: Path, text: str, wanted: str
) -> None:
    with pytest.raises(ConfigError, match=wanted):
        imported(tmp_path, CSV_MAP, text)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["map.toml", "source"]


def test_two_names_for_one_region_are_refused(tmp_path: Path) -> None:
    mapping = CSV_MAP + '\n[targets]\n"gcp/europe-west1" = "aws/eu-west-1"\n'
    with pytest.raises(ConfigError, match="both stand for aws/eu-west-1"):
        imported(tmp_path, mapping, CSV)


def test_a_vantage_that_cannot_be_one_is_refused(tmp_path: Path) -> None:
    mapping = CSV_MAP.replace('"berlin"', '"new york"')
    with pytest.raises(ConfigError, match="vantage: name must be 1 to 64 letters"):
        imported(tmp_path, mapping, CSV)


def test_a_folder_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    imported(tmp_path, CSV_MAP, CSV)
    with pytest.raises(ConfigError, match="is there already; name a new folder"):
        imported(tmp_path, CSV_MAP, CSV)
    verify_sets([tmp_path / "set"])


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text(CSV_MAP)
    request = ImportRequest(
        source=tmp_path / "nowhere.csv",
        mapping=tmp_path / "map.toml",
        into=tmp_path / "set",
    )
    with pytest.raises(MachineError, match=r"nowhere\.csv"):
        import_file(request)


def test_what_is_left_out_and_what_came_twice_is_told(tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text(MATRIX_MAP)
    (tmp_path / "m.csv").write_text(MATRIX)
    request = ImportRequest(
        source=tmp_path / "m.csv",
        mapping=tmp_path / "map.toml",
        into=tmp_path / "set",
    )
    notes = import_file(request).notes
    assert notes[0] == "values that are absent, and left out as the mapping says: 1"
