"""The newest calibration of each machine is kept, and never stops a run."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from cloudgauge.errors import MachineError
from cloudgauge.model.calibration import Calibration, DownloadCeiling, PhaseError
from cloudgauge.model.sample import ClockKind
from cloudgauge.store.calibrations import (
    CALIBRATION_FILE,
    check_keeping,
    find_calibration,
    keep_calibration,
)

OURS = Calibration(
    made_wall_ns=1_800_000_000_000_000_000,
    tool_version="0.1.0",
    machine="0123456789abcdef",
    means="tun",
    errors=(
        PhaseError(
            phase="connect",
            clock=ClockKind.KERNEL,
            targets=50,
            delay_ns=5_000_000,
            count=40,
            low_ns=-20_000,
            median_ns=60_000,
            high_ns=150_000,
        ),
    ),
    ceilings=(DownloadCeiling(tls=True, streams=8, bytes_per_s=500_000_000),),
)
THEIRS = replace(OURS, machine="fedcba9876543210", limits="another one")


def test_what_was_kept_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "there"
    path = keep_calibration(folder, OURS)
    assert path == folder / CALIBRATION_FILE
    found = find_calibration(folder, OURS.machine)
    assert found.calibration == OURS
    assert found.problem == ""
    # Nothing else is left behind.
    assert [file.name for file in folder.iterdir()] == [CALIBRATION_FILE]


def test_a_newer_one_takes_the_place_of_the_older_one(tmp_path: Path) -> None:
    newer = replace(OURS, made_wall_ns=OURS.made_wall_ns + 1)
    keep_calibration(tmp_path, OURS)
    keep_calibration(tmp_path, newer)
    assert find_calibration(tmp_path, OURS.machine).calibration == newer
    rows = json.loads((tmp_path / CALIBRATION_FILE).read_text())["calibrations"]
    assert len(rows) == 1


def test_of_several_of_a_machine_the_newest_counts(tmp_path: Path) -> None:
    # As it is when somebody has put two files together.
    newer = replace(OURS, made_wall_ns=OURS.made_wall_ns + 1)
    path = keep_calibration(tmp_path, newer)
    (row,) = json.loads(path.read_text())["calibrations"]
    older = row | {"made_wall_ns": OURS.made_wall_ns}
    for rows in ([row, older], [older, row]):
        path.write_text(json.dumps({"schema_version": 1, "calibrations": rows}))
        assert find_calibration(tmp_path, OURS.machine).calibration == newer


def test_machines_that_share_a_home_keep_one_each(tmp_path: Path) -> None:
    keep_calibration(tmp_path, OURS)
    keep_calibration(tmp_path, THEIRS)
    assert find_calibration(tmp_path, OURS.machine).calibration == OURS
    assert find_calibration(tmp_path, THEIRS.machine).calibration == THEIRS


def test_no_file_is_no_problem(tmp_path: Path) -> None:
    found = find_calibration(tmp_path / "nowhere", OURS.machine)
    assert found.calibration is None
    assert found.problem == ""


def test_a_folder_is_tried_and_left_as_it_was(tmp_path: Path) -> None:
    check_keeping(tmp_path / "ours")
    assert not list((tmp_path / "ours").iterdir())
    (tmp_path / "file").touch()
    with pytest.raises(MachineError, match=r"file: (not a directory|file exists)$"):
        check_keeping(tmp_path / "file")


def test_another_machines_calibration_is_told_and_not_used(tmp_path: Path) -> None:
    path = keep_calibration(tmp_path, THEIRS)
    found = find_calibration(tmp_path, OURS.machine)
    assert found.calibration is None
    assert found.problem == f"not used: {path} is of another machine"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "is not JSON"),
        ("[]", "want a JSON object"),
        ("{}", "want schema_version 1, got None"),
        ('{"schema_version": 2, "calibrations": []}', "want schema_version 1, got 2"),
        ('{"schema_version": 1}', "calibrations: is missing"),
        (
            '{"schema_version": 1, "calibrations": [{"machine": 7}]}',
            "calibrations[0].made_wall_ns: is missing",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_told_and_not_used(
    text: str, problem: str, tmp_path: Path
) -> None:
    path = tmp_path / CALIBRATION_FILE
    path.write_text(text)
    found = find_calibration(tmp_path, OURS.machine)
    assert found.calibration is None
    assert found.problem.startswith(f"not used: {path}: ")
    assert problem in found.problem


def test_a_file_that_is_no_file_is_told_and_not_used(tmp_path: Path) -> None:
    (tmp_path / CALIBRATION_FILE).mkdir()
    found = find_calibration(tmp_path, OURS.machine)
    assert found.calibration is None
    assert found.problem == (f"not used: {tmp_path / CALIBRATION_FILE}: is a directory")


def test_a_file_of_any_length_is_not_read_to_its_end(tmp_path: Path) -> None:
    with (tmp_path / CALIBRATION_FILE).open("wb") as file:
        file.truncate(16 * 1024 * 1024 + 1)
    found = find_calibration(tmp_path, OURS.machine)
    assert "want at most 16777216 bytes" in found.problem


def test_a_file_that_cannot_be_read_is_laid_aside_by_the_next(tmp_path: Path) -> None:
    path = tmp_path / CALIBRATION_FILE
    path.write_text("from a later version")
    keep_calibration(tmp_path, OURS)
    assert find_calibration(tmp_path, OURS.machine).calibration == OURS
    aside = path.with_name(f"{CALIBRATION_FILE}.unreadable")
    assert aside.read_text() == "from a later version"


def test_a_folder_that_cannot_be_made_is_the_machines_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MachineError, match=r"file.*not a directory|file exists"):
        keep_calibration(tmp_path / "file" / "below", OURS)
