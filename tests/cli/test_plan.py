import json
import subprocess
import sys
from pathlib import Path

from cloudgauge.planning.files import parse_plan


def plan(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cloudgauge", "plan", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_new_plan_goes_to_a_file_named_like_it(tmp_path: Path) -> None:
    path = tmp_path / "my-plan.toml"

    ended = plan(
        *("new", "--area", "gulf", "--provider", "aws", "-n", "12", "-t", "2s"),
        *("--warm", "1", "-4", "-6", "--rate", "5", "--seed", "3", "-o", str(path)),
    )

    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == ""
    assert ended.stderr == f"wrote {path}; run it with: cloudgauge run {path}\n"
    settings = parse_plan(path.read_text(), str(path))
    assert (settings.name, settings.rounds, settings.seed) == ("my-plan", 12, 3)
    assert settings.probe.warm_requests == 1
    assert len(settings.probe.families) == 2
    assert settings.ceilings.visits_per_s == 5
    again = plan("new", "--area", "gulf", "-o", str(path))
    assert again.returncode == 2
    assert "is there already" in again.stderr


def test_a_new_plan_without_a_file_is_printed_and_can_be_shown(tmp_path: Path) -> None:
    printed = plan("new", "--country", "sg", "--question", "how far?")
    path = tmp_path / "p.toml"
    path.write_text(printed.stdout)

    shown = plan("show", str(path), "--format", "json")

    assert shown.returncode == 0, shown.stderr
    facts = {
        row["fact"]: row["value"] for row in json.loads(shown.stdout)["tables"]["plan"]
    }
    assert facts["question"] == "how far?"


def test_a_selection_can_be_shown_before_it_is_run() -> None:
    ended = plan("show", "--area", "africa", "-d", "40s", "--format", "json")

    assert ended.returncode == 0, ended.stderr
    table = json.loads(ended.stdout)["tables"]["providers"]
    assert {row["provider"] for row in table} == {"aws", "azure", "gcp", "huawei"}


def test_the_shipped_plans_are_listed() -> None:
    ended = plan("list", "--format", "csv")

    assert ended.returncode == 0, ended.stderr
    assert 'gulf,"Which cloud serves the Emirates, Saudi Arabia' in ended.stdout


def test_mistakes_exit_2_and_say_what_to_do() -> None:
    slow = plan("show", "-t", "soon")
    dense = plan("show", "world", "-d", "5s")

    assert (slow.returncode, dense.returncode) == (2, 2)
    assert slow.stderr == (
        'cloudgauge: --timeout: want a duration such as "500ms" or "1m30s", '
        'got "soon"\n'
    )
    assert "need a round of at least" in dense.stderr
    assert "raise ceilings.visits_per_s_provider" in dense.stderr
    assert dense.stdout == ""
