import json
from dataclasses import replace
from pathlib import Path

from typer.testing import CliRunner

from cloudgauge.cli.app import app
from cloudgauge.cli.campaign import _CONDITIONS
from cloudgauge.workflow.campaign_view import Unmet
from cloudgauge.workflow.pinning import save_pin
from tests.workflow.campaigns import PIN, Kept, keep

RUNNER = CliRunner()


def campaign(tmp_path: Path, *options: str) -> tuple[int, str, str]:
    asked = ["campaign", "status", str(tmp_path / "store"), str(tmp_path / "pin.json")]
    ended = RUNNER.invoke(app, [*asked, *options])
    return ended.exit_code, ended.stdout, ended.stderr


def keep_all(tmp_path: Path, *vantages: str) -> None:
    if not (tmp_path / "pin.json").exists():
        save_pin(PIN, tmp_path / "pin.json")
    for name in vantages:
        kept = Kept(vantage=name, digit=f"{len(name) % 10}", rounds=6)
        keep(tmp_path / "store", kept)


def test_conditions_decide_the_exit_code(tmp_path: Path) -> None:
    keep_all(tmp_path, "lab")
    code, shown, told = campaign(tmp_path, "--fail-on", "incomplete")
    assert code == 1
    assert "1 of 2 vantages complete, 1 missing" in shown
    assert told == "incomplete: berlin\n"
    assert campaign(tmp_path)[0] == 0
    assert campaign(tmp_path, "--fail-on", "problems")[0] == 0

    keep_all(tmp_path, "berlin")
    for verify in ((), ("--verify",)):
        code, shown, told = campaign(tmp_path, "--fail-on", "incomplete", *verify)
        assert (code, told) == (0, "")
        assert "2 of 2 vantages complete" in shown


def test_an_answer_comes_in_every_format(tmp_path: Path) -> None:
    keep_all(tmp_path, "lab")
    answer = json.loads(campaign(tmp_path, "--format", "json")[1])
    assert answer["kind"] == "campaign-status"
    states = {row["vantage"]: row["state"] for row in answer["tables"]["vantages"]}
    assert states == {"berlin": "missing", "lab": "complete"}
    assert answer["tables"]["gaps"][0]["from_round"] == 1
    csv = campaign(tmp_path, "--format", "csv")[1]
    assert csv.startswith("vantage,state,late,sets,planned,held,lacking,twice,newest\n")
    assert "| lab " in campaign(tmp_path, "--format", "md")[1]
    path = tmp_path / "status.jsonl"
    assert campaign(tmp_path, "--format", "jsonl", "-q", "-o", str(path))[1] == ""
    assert json.loads(path.read_text().splitlines()[0])


def test_mistakes_are_named(tmp_path: Path) -> None:
    keep_all(tmp_path, "lab")
    code, _, told = campaign(tmp_path, "--fail-on", "everything")
    assert code == 2
    wanted = 'cloudgauge: --fail-on: want incomplete, late, problems, got "everything"'
    assert told == f"{wanted}\n"
    save_pin(replace(PIN, part_rounds=3), tmp_path / "other.json")
    other = ["campaign", "status", str(tmp_path / "none"), str(tmp_path / "other.json")]
    ended = RUNNER.invoke(app, other)
    assert ended.exit_code == 5
    assert "is no folder" in ended.stderr


def test_the_help_names_every_condition() -> None:
    assert tuple(Unmet) == _CONDITIONS
    ended = RUNNER.invoke(app, ["campaign", "status", "--help"])
    assert ended.exit_code == 0
    assert "--verify" in ended.stdout
