import json
from pathlib import Path

from typer.testing import CliRunner

from cloudgauge.cli.app import app
from tests.store.synthetic import keep_journal, keep_set, make_plan, make_samples

RUNNER = CliRunner()
PLAN = make_plan()


def test_show_writes_a_table_for_people_and_json_for_programs(tmp_path: Path) -> None:
    folder = str(keep_set(tmp_path, PLAN, make_samples(PLAN)))
    shown = RUNNER.invoke(app, ["show", folder])
    assert shown.exit_code == 0
    assert "aws/place-1:object-storage" in shown.stdout
    told = json.loads(RUNNER.invoke(app, ["show", folder, "--format", "json"]).stdout)
    assert told["kind"] == "show"
    assert {row["target"] for row in told["tables"]["series"]} == {
        target.target_id for target in PLAN.targets
    }


def test_show_by_takes_all_sets_as_one(tmp_path: Path) -> None:
    folder = str(keep_set(tmp_path, PLAN, make_samples(PLAN)))
    asked = ["show", folder, "--by", "provider,hour", "--metric", "tls"]
    shown = RUNNER.invoke(app, [*asked, "--quantiles", "p50,p90"])
    assert shown.exit_code == 0
    assert shown.stdout.startswith("tls by provider, hour: ")
    told = json.loads(RUNNER.invoke(app, [*asked, "--format", "json"]).stdout)
    assert told["kind"] == "quantiles"
    (row, *_) = told["tables"]["quantiles"]
    assert (row["provider"], row["hour"]) == ("alibaba", 12)
    assert row["p50_low_ms"] is None or row["p50_low_ms"] <= row["p50_ms"]
    for form in ("csv", "jsonl", "md"):
        other = RUNNER.invoke(app, [*asked, "--format", form])
        assert other.exit_code == 0
        assert "alibaba" in other.stdout


def test_what_show_by_cannot_mean_is_a_mistake(tmp_path: Path) -> None:
    folder = str(keep_set(tmp_path, PLAN, make_samples(PLAN)))
    for more, told in (
        (["--by", "planet"], "by: want one of vantage, "),
        (["--metric", "tls"], "--metric: goes with --by"),
        (["--by", "region", "--quantiles", "p100"], "want shares between 0 and 1"),
    ):
        result = RUNNER.invoke(app, ["show", folder, *more])
        assert result.exit_code == 2
        assert told in result.stderr


def test_verify_of_a_sound_set_is_done(tmp_path: Path) -> None:
    folder = str(keep_set(tmp_path, PLAN, make_samples(PLAN)))
    result = RUNNER.invoke(app, ["verify", folder])
    assert result.exit_code == 0
    assert "1 of 1 result sets as they were sealed" in result.stdout


def test_a_changed_set_ends_with_5_and_the_files_name(tmp_path: Path) -> None:
    folder = keep_set(tmp_path, PLAN, make_samples(PLAN))
    (folder / "targets.json").write_text("{}")
    for command in ("show", "verify"):
        result = RUNNER.invoke(app, [command, str(folder)])
        assert result.exit_code == 5
        assert "targets.json was changed" in result.stderr
        assert result.stdout == ""


def test_a_killed_run_is_sealed_by_whatever_opens_it(tmp_path: Path) -> None:
    folder = keep_journal(tmp_path, PLAN, make_samples(PLAN), ended=False)
    result = RUNNER.invoke(app, ["show", str(folder)])
    assert result.exit_code == 0
    assert "incomplete: killed" in result.stdout
    assert RUNNER.invoke(app, ["verify", str(folder)]).exit_code == 0


def test_a_path_without_a_set_ends_with_5(tmp_path: Path) -> None:
    result = RUNNER.invoke(app, ["show", str(tmp_path / "nowhere")])
    assert result.exit_code == 5
    assert "is no folder" in result.stderr
