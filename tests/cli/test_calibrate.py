"""``cloudgauge calibrate`` as typed."""

import inspect
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from typer.testing import CliRunner

from cloudgauge.cli.app import app
from cloudgauge.cli.calibrate import calibrate, calibration_in_use
from cloudgauge.cli.output import Output
from cloudgauge.measure.vantage import machine_key
from cloudgauge.model.calibration import CONNECT, Calibration
from cloudgauge.model.sample import ClockKind
from cloudgauge.store.calibrations import CALIBRATION_FILE, keep_calibration
from cloudgauge.workflow.known_delays import (
    DEFAULT_SECONDS,
    LEAST_SECONDS,
    MOST_SECONDS,
)
from tests.workflow.calibrations import calibration, row

RUNNER = CliRunner()
KNOWN = calibration(
    row(CONNECT, ClockKind.KERNEL, 50, 5, 0.1),
    row(CONNECT, ClockKind.KERNEL, 50, None, 0.2),
)


def folder() -> Path:
    """This test's user's own."""
    return Path(os.environ["XDG_DATA_HOME"]) / "cloudgauge"


def of_this_machine() -> Calibration:
    return replace(KNOWN, machine=machine_key())


def test_help_teaches_what_it_does_and_for_whom() -> None:
    told = RUNNER.invoke(app, ["calibrate", "--help"])
    assert told.exit_code == 0
    text = " ".join(told.output.split())
    assert "Nothing leaves the machine" in text
    assert "cloudgauge calibrate --show -v" in text
    assert "--stages-into" not in text


def test_the_newest_calibration_is_shown() -> None:
    keep_calibration(folder(), of_this_machine())
    told = RUNNER.invoke(app, ["calibrate", "--show"])
    assert told.exit_code == 0
    assert re.search(r"^ connect +kernel +50 +100 +0\.100 ", told.stdout, re.MULTILINE)
    assert "Delay by delay" not in told.stdout
    detailed = RUNNER.invoke(app, ["calibrate", "--show", "-v"])
    assert "Delay by delay" in detailed.stdout


def test_programs_get_all_of_it(tmp_path: Path) -> None:
    keep_calibration(folder(), of_this_machine())
    path = tmp_path / "calibration.json"
    arguments = ["calibrate", "--show", "--format", "json", "-o", str(path)]
    assert RUNNER.invoke(app, arguments).exit_code == 0
    document = json.loads(path.read_text())
    assert document["kind"] == "calibration"
    assert document["tables"]["errors"][0]["bound_ms"] == 0.2
    assert document["tables"]["delays"][0]["delay_ms"] == 5
    assert document["tables"]["ceilings"][0]["bytes_per_s"] == 500_000_000


def test_a_machine_without_a_calibration_has_none_to_show() -> None:
    told = RUNNER.invoke(app, ["calibrate", "--show"])
    assert told.exit_code == 2
    assert told.stderr == (
        "cloudgauge: --show: this machine has no calibration yet; run: "
        "cloudgauge calibrate\n"
    )


def test_another_machines_calibration_is_not_shown() -> None:
    path = keep_calibration(folder(), KNOWN)
    told = RUNNER.invoke(app, ["calibrate", "--show"])
    assert told.exit_code == 2
    assert f"not used: {path} is of another machine" in told.stderr


def test_a_user_without_a_home_is_told_before_anything_is_made() -> None:
    environment = {"XDG_DATA_HOME": "", "HOME": "", "USERPROFILE": ""}
    told = RUNNER.invoke(app, ["calibrate"], env=environment)
    assert told.exit_code == 74
    assert "neither XDG_DATA_HOME nor HOME" in told.stderr
    assert "making a private network" not in told.stderr


def test_a_folder_that_cannot_keep_it_is_told_before_anything_is_made(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").write_text("in the way")
    environment = {"XDG_DATA_HOME": str(tmp_path / "file")}
    told = RUNNER.invoke(app, ["calibrate"], env=environment)
    assert told.exit_code == 74
    assert f"{tmp_path / 'file' / 'cloudgauge'}: not a directory" in told.stderr
    assert "making a private network" not in told.stderr


def test_an_answer_that_cannot_be_written_is_told_before_anything_is_made() -> None:
    told = RUNNER.invoke(app, ["calibrate", "-o", "/nowhere/at/all"])
    assert told.exit_code == 74
    assert "its folder does not exist" in told.stderr
    assert "making a private network" not in told.stderr


@pytest.mark.parametrize(
    ("seconds", "problem"),
    [("24", "greater than or equal to 25"), ("61", "less than or equal to 60")],
)
def test_a_calibration_takes_at_most_a_minute(seconds: str, problem: str) -> None:
    told = RUNNER.invoke(app, ["calibrate", "--seconds", seconds])
    assert told.exit_code == 2
    assert problem in told.stderr


def test_the_bounds_of_the_command_are_those_of_its_stages() -> None:
    told = inspect.signature(calibrate).parameters["seconds"]
    option = get_args(told.annotation)[1]
    assert (option.min, option.max) == (LEAST_SECONDS, MOST_SECONDS)
    assert told.default == DEFAULT_SECONDS


def test_its_part_inside_the_private_network_is_for_there_alone(tmp_path: Path) -> None:
    told = RUNNER.invoke(app, ["calibrate", "--stages-into", str(tmp_path)])
    assert told.exit_code == 2
    assert "is for the private network alone" in told.stderr


@pytest.mark.private_network
def test_a_run_names_its_machines_calibration_and_show_has_its_bound(
    tmp_path: Path,
) -> None:
    keep_calibration(folder(), of_this_machine())
    ended = _run_in_world(tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "calibration" not in ended.stderr
    document = json.loads(ended.stdout)
    (first, *_) = document["tables"]["series"]
    assert first["connect_bound_ms"] == 0.2
    (manifest,) = tmp_path.glob("results/*/manifest.json")
    known = json.loads(manifest.read_text())["run"]["calibration"]
    assert known["made_wall_ns"] == KNOWN.made_wall_ns


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({}, "calibration not used: {file}: is not JSON: "),
        (
            {"XDG_DATA_HOME": "", "HOME": "", "USERPROFILE": ""},
            "calibration not used: neither XDG_DATA_HOME nor HOME says",
        ),
    ],
)
def test_a_calibration_that_cannot_be_used_is_told_and_stops_no_run(
    environment: dict[str, str],
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = folder() / CALIBRATION_FILE
    file.parent.mkdir(parents=True)
    file.write_text("{")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert calibration_in_use(Output()) is None
    assert capsys.readouterr().err.startswith(told.format(file=file))


def test_a_machine_without_a_calibration_is_no_news(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert calibration_in_use(Output()) is None
    assert capsys.readouterr().err == ""


def _run_in_world(tmp_path: Path) -> subprocess.CompletedProcess[str]:
    command = "run --world --region aws/ap-southeast-1 -n 1 -d 5s --format json"
    return subprocess.run(
        [sys.executable, "-m", "cloudgauge", *command.split()],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
