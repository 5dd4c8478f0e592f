import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cloudgauge.cli.app import app
from cloudgauge.cli.export import ExportAs, Rows
from tests.store.synthetic import keep_set, make_plan, make_samples

RUNNER = CliRunner()
PLAN = make_plan(rounds=60)
COMMAND = [sys.executable, "-m", "cloudgauge", "export"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(keep_set(tmp_path_factory.mktemp("sets"), PLAN, make_samples(PLAN)))


def test_samples_as_csv_go_to_stdout(folder: str) -> None:
    for more in ([], ["-o", "-"]):
        ended = RUNNER.invoke(app, ["export", folder, *more])
        assert ended.exit_code == 0
        assert ended.stdout.startswith("run_id,vantage,target_id,provider,")
        assert ended.stderr == ""


def test_a_file_is_made_and_told_of_and_never_written_over(
    folder: str, tmp_path: Path
) -> None:
    out = tmp_path / "rounds.jsonl"
    words = ["export", folder, "--format", "jsonl", "--what", "rounds", "-o", str(out)]
    ended = RUNNER.invoke(app, words)
    assert ended.exit_code == 0
    lines = out.read_text().splitlines()
    assert ended.stdout == ""
    assert ended.stderr.replace("\n", "").startswith(f"wrote {out}: rounds, ")
    assert f"{len(lines):,} rows of 1 result set" in ended.stderr
    assert json.loads(lines[0])["round_index"] == 0
    again = RUNNER.invoke(app, words)
    assert again.exit_code == 2
    assert "is there already; choose another name" in again.stderr
    assert out.read_text().splitlines() == lines


def test_who_asks_for_what_cannot_be_is_told(folder: str, tmp_path: Path) -> None:
    for words, code, said in (
        (["--format", "openmetrics", "--what", "bins"], 2, "figures of its own"),
        (["-o", str(tmp_path / "no" / "x.csv")], 74, "its folder does not exist"),
        (["-o", "/dev/full"], 74, "the disk is full"),
    ):
        ended = RUNNER.invoke(app, ["export", folder, *words])
        assert ended.exit_code == code, ended.output
        assert said in ended.stderr
    assert list(tmp_path.iterdir()) == []
    nowhere = RUNNER.invoke(app, ["export", str(tmp_path / "x")])
    assert nowhere.exit_code == 5


@pytest.mark.parametrize("format_", list(ExportAs))
def test_a_reader_that_goes_away_ends_it_quietly(
    folder: str, format_: ExportAs
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    ended = subprocess.run(
        [*COMMAND, folder, "--format", format_],
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
        text=True,
    )
    os.close(writer)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("format_", list(ExportAs))
def test_a_full_disk_behind_stdout_is_74(folder: str, format_: ExportAs) -> None:
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [*COMMAND, folder, "--format", format_],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            text=True,
        )
    assert ended.returncode == 74
    assert ended.stderr.startswith("cloudgauge: stdout: ")


@pytest.mark.parametrize("format_", list(ExportAs))
def test_a_pipe_gets_the_bytes_of_a_file(
    folder: str, format_: ExportAs, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    written = RUNNER.invoke(
        app, ["export", folder, "--format", format_, "-o", str(out)]
    )
    assert written.exit_code == 0
    piped = subprocess.run(
        [*COMMAND, folder, "--format", format_], capture_output=True, check=True
    )
    assert piped.stdout == out.read_bytes()


def test_the_words_of_the_options_are_those_of_the_workflow() -> None:
    from cloudgauge.analysis.export_rows import CONTRACTS  # noqa: PLC0415  as the cli
    from cloudgauge.workflow.exporting import ExportFormat  # noqa: PLC0415  as the cli

    assert {row.value for row in Rows} == set(CONTRACTS)
    assert {one.value for one in ExportAs} == {one.value for one in ExportFormat}
