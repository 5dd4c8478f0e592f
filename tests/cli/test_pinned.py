"""What a pinned plan does not allow is refused before anything is made or sent."""

from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cloudgauge.cli.app import app
from cloudgauge.model.plan import Pacing
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.run import Vantage
from cloudgauge.planning.pin import new_pin, pin_to_json
from tests.fakes.plans import plan_of, targets_of
from tests.store.synthetic import make_plan
from tests.workflow.parted import Piece, in_parts


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a pin lies, and where commands are given."""
    monkeypatch.chdir(tmp_path)
    plan = plan_of(targets_of(aws=3), pacing=Pacing(rounds=4, round_ns=20 * NS_PER_S))
    pin = new_pin(plan, tool_version="0.1.0", pinned_wall_ns=1)
    pin = replace(pin, vantages=(Vantage(name="lab"),), part_rounds=2)
    (tmp_path / "pin.json").write_text(pin_to_json(pin))
    return tmp_path


def given(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--vantage", "rome"], '--vantage: the pin is for lab, not for "rome"'),
        ([], '--vantage: the pin is for lab, not for "unnamed"'),
        (["--vantage", "lab", "-n", "3"], "pin.json: is pinned: its targets, rounds "),
        (["--vantage", "lab", "--area", "gulf"], "pin.json: is pinned: its targets"),
        (
            ["--vantage", "lab", "--until-decided"],
            "pin.json: is pinned, and goes to its end everywhere",
        ),
        (
            ["--vantage", "lab", "--scenario", "bad.toml"],
            "--scenario: is of the private network; say --world as well",
        ),
    ],
)
def test_what_a_pin_does_not_allow_is_refused(
    here: Path, arguments: list[str], problem: str
) -> None:
    ended = given("run", "pin.json", *arguments)

    assert ended.exit_code == 2
    assert problem in ended.stderr
    assert not (here / "results").exists()


def test_a_pin_that_was_changed_is_refused(here: Path) -> None:
    text = (here / "pin.json").read_text()
    (here / "changed.json").write_text(text.replace('"rounds":4', '"rounds":5'))

    ended = given("run", "changed.json", "--vantage", "lab")

    assert ended.exit_code == 2
    assert "does not fit its hashes" in ended.stderr


def test_a_part_is_repeated_as_its_whole_plan_and_that_is_said(here: Path) -> None:
    plan = make_plan(targets=3, rounds=6)
    means_ms = {one.target_id: 50.0 for one in plan.targets}
    pieces = (Piece(first_round=0, rounds=2), Piece(first_round=2, rounds=4))
    first, _ = in_parts(here, plan, means_ms, pieces)

    # An option that is refused keeps it from being sent.
    ended = given("rerun", str(first), "--scenario", "bad.toml")

    assert ended.exit_code == 2
    assert (
        "the set is a part of a longer run, of 2 of 6 rounds; all 6 are repeated, in "
        "one run"
    ) in ended.stderr
