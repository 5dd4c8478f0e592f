import json
from pathlib import Path

from typer.testing import CliRunner

from cloudgauge.cli.app import app
from cloudgauge.cli.merge import _WORDS
from cloudgauge.workflow.likeness import Difference
from tests.store.several import Run, keep_run

RUNNER = CliRunner()


def test_two_vantages_are_merged_shown_and_verified(tmp_path: Path) -> None:
    keep_run(tmp_path / "sets", Run())
    keep_run(tmp_path / "sets", Run(vantage="berlin", digit="b"))
    into = str(tmp_path / "merged")
    merged = RUNNER.invoke(app, ["merge", str(tmp_path / "sets"), "--into", into])
    assert merged.exit_code == 0
    assert "2 runs of 2 vantages" in merged.stdout
    told = RUNNER.invoke(app, ["show", into, "--format", "json"])
    vantages = {run["vantage"] for run in json.loads(told.stdout)["tables"]["runs"]}
    assert vantages == {"lab", "berlin"}
    assert RUNNER.invoke(app, ["verify", into]).exit_code == 0


def test_what_does_not_fit_ends_with_5_and_says_what_to_do(tmp_path: Path) -> None:
    keep_run(tmp_path / "sets", Run())
    keep_run(tmp_path / "sets", Run(vantage="berlin", digit="a", seed=2))
    into = str(tmp_path / "merged")
    merged = RUNNER.invoke(app, ["merge", str(tmp_path / "sets"), "--into", into])
    assert merged.exit_code == 5
    assert "one of them was changed" in merged.stderr
    assert merged.stdout == ""


def test_an_unknown_word_and_a_folder_that_is_there_end_with_2(tmp_path: Path) -> None:
    keep_run(tmp_path / "sets", Run())
    keep_run(tmp_path / "sets", Run(vantage="berlin", digit="b"))
    base = ["merge", str(tmp_path / "sets"), "--into"]
    odd = RUNNER.invoke(app, [*base, str(tmp_path / "x"), "--allow", "all"])
    assert odd.exit_code == 2
    assert 'got "all"' in odd.stderr
    there = RUNNER.invoke(app, [*base, str(tmp_path / "sets")])
    assert there.exit_code == 2
    assert "is there already" in there.stderr


def test_the_help_names_every_word() -> None:
    assert tuple(Difference) == _WORDS
