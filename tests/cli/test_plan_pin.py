import json
from pathlib import Path

from typer.testing import CliRunner

from cloudgauge.cli.app import app
from cloudgauge.workflow.pinning import read_pin

RUNNER = CliRunner()
GULF = ["--area", "gulf", "-n", "24", "-d", "24h"]


def test_a_plan_is_pinned_and_shown(tmp_path: Path) -> None:
    path = tmp_path / "gulf.json"
    who = ["--vantage", "lab", "--vantage", "berlin"]
    made = RUNNER.invoke(
        app, ["plan", "pin", *GULF, *who, "--part", "6h", "-o", str(path)]
    )
    assert made.exit_code == 0, made.stderr
    assert made.stdout == ""
    assert made.stderr == (
        f"wrote {path}; look at it with: cloudgauge plan show {path}\n"
    )
    pin = read_pin(path)
    assert [one.name for one in pin.vantages] == ["berlin", "lab"]
    assert pin.part_rounds == 6

    shown = RUNNER.invoke(app, ["plan", "show", str(path), "--format", "json"])
    assert shown.exit_code == 0, shown.stderr
    tables = json.loads(shown.stdout)["tables"]
    assert [row["vantage"] for row in tables["vantages"]] == ["berlin", "lab"]
    facts = {row["fact"]: row["value"] for row in tables["campaign"]}
    assert facts["parts"] == "4 parts of 6 rounds, 6h each"


def test_a_shipped_plan_is_pinned_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "asia.json"
    made = RUNNER.invoke(app, ["plan", "pin", "south-east-asia", "-q", "-o", str(path)])
    assert made.exit_code == 0
    assert made.stderr == ""
    assert read_pin(path).plan.name == "south-east-asia"


def test_mistakes_end_with_2_and_leave_no_file(tmp_path: Path) -> None:
    path = tmp_path / "gulf.json"

    def refused(*options: str) -> str:
        ended = RUNNER.invoke(app, ["plan", "pin", *GULF, *options, "-o", str(path)])
        assert ended.exit_code == 2
        assert ended.stdout == ""
        assert not path.exists()
        return ended.stderr

    assert refused("--start", "noon").startswith("cloudgauge: --start: want a time")
    assert refused("--part", "1m").startswith("cloudgauge: --part: want at least one")
    assert refused("--vantage", "a b").startswith("cloudgauge: --vantage: name must")
    assert refused("--rate", "0.0001").startswith("cloudgauge: visits_per_s: ")
    path.write_text("mine")
    again = RUNNER.invoke(app, ["plan", "pin", *GULF, "-o", str(path)])
    assert again.exit_code == 2
    assert "is there already" in again.stderr
    assert path.read_text() == "mine"


def test_options_beside_a_pin_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "gulf.json"
    RUNNER.invoke(app, ["plan", "pin", *GULF, "-o", str(path)])
    shown = RUNNER.invoke(app, ["plan", "show", str(path), "-n", "3"])
    assert shown.exit_code == 2
    assert "is pinned, the same at every vantage" in shown.stderr
