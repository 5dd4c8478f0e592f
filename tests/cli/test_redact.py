import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cloudgauge.cli.app import app
from cloudgauge.model.run import RunInfo, Vantage
from tests.store.several import Run, keep_run

RUNNER = CliRunner()


def placed(info: RunInfo) -> RunInfo:
    here = Vantage(name="lab", latitude_deg=48.4, longitude_deg=9.99)
    return replace(info, vantage=here)


def invoke(*arguments: str) -> dict[str, object]:
    ended = RUNNER.invoke(app, [*arguments, "--format", "json"])
    assert ended.exit_code == 0, ended.stderr
    answer: dict[str, object] = json.loads(ended.stdout)
    return answer


def test_a_set_is_copied_and_what_went_is_told(tmp_path: Path) -> None:
    folder = keep_run(tmp_path / "sets", Run())
    copy = tmp_path / "copy"
    told = invoke(
        *("redact", str(folder), "-o", str(copy), "--rename-vantage", "asia"),
        *("--drop", "resolve_ns", "--keep", "outcome.detail"),
    )
    assert told["kind"] == "redact"
    fields = {row["field"] for row in told["tables"]["fields"]}  # type: ignore[index]  # JSON
    assert {"remote_address", "resolve_ns", "vantage.name"} <= fields
    assert "outcome.detail" not in fields
    shown = RUNNER.invoke(app, ["show", str(copy)])
    assert shown.exit_code == 0
    assert "from asia" in shown.stdout
    assert "note: redacted: a copy for sharing" in shown.stdout
    verified = RUNNER.invoke(app, ["verify", str(copy)])
    assert verified.exit_code == 0
    assert "redacted: a copy for sharing" in verified.stdout


@pytest.mark.parametrize(
    "command",
    [
        ["show"],
        ["rank"],
        ["targets", "locate"],
        ["export", "--format", "csv"],
        ["export", "--format", "openmetrics"],
        ["compare", "--of", "aws/place-1", "--with", "*"],
    ],
)
def test_every_reading_command_takes_a_copy_of_what_may_all_go(
    command: list[str], tmp_path: Path
) -> None:
    folder = keep_run(tmp_path / "sets", Run(info=placed))
    copy = tmp_path / "copy"
    drop = ("resolve_ns", "body_ns", "rtt_us", "rttvar_us", "min_rtt_us", "retransmits")
    dropped = [option for name in drop for option in ("--drop", name)]
    invoke("redact", str(folder), "-o", str(copy), *dropped)
    where = 2 if command[:2] == ["targets", "locate"] else 1
    ended = RUNNER.invoke(app, [*command[:where], str(copy), *command[where:]])
    assert ended.exit_code == 0, ended.stderr
    assert ended.stdout


def test_mistakes_end_with_2(tmp_path: Path) -> None:
    folder = keep_run(tmp_path / "sets", Run())
    copy = str(tmp_path / "copy")
    odd = RUNNER.invoke(app, ["redact", str(folder), "-o", copy, "--drop", "seq"])
    assert odd.exit_code == 2
    assert odd.stderr.startswith('cloudgauge: --drop: "seq" has to stay: ')
    assert not Path(copy).exists()
    again = RUNNER.invoke(app, ["redact", str(folder), "-o", str(folder.parent)])
    assert again.exit_code == 2
    assert "is there already" in again.stderr
