from pathlib import Path

from typer.testing import CliRunner

from cloudgauge.cli.app import app

RUNNER = CliRunner()
MAPPING = """\
measured = "TCP connect"
unit = "ms"
vantage = "berlin"
[columns]
time = "time"
target = "region"
value = "rtt"
"""
CSV = "time,region,rtt\n2026-01-15T12:00:00Z,aws/eu-west-1,20\n"


def imported(tmp_path: Path, text: str) -> tuple[int, str, str]:
    (tmp_path / "map.toml").write_text(MAPPING)
    (tmp_path / "a.csv").write_text(text)
    mapping, into = str(tmp_path / "map.toml"), str(tmp_path / "set")
    found = RUNNER.invoke(
        app, ["import", str(tmp_path / "a.csv"), "--mapping", mapping, "-o", into]
    )
    return found.exit_code, found.stdout, found.stderr


def test_a_file_of_others_becomes_a_set_with_its_doubts(tmp_path: Path) -> None:
    code, out, _ = imported(tmp_path, CSV)
    assert code == 0
    assert "1 result set from 1 vantage, 1 samples" in out
    assert "cloudgauge did not measure it" in out
    assert RUNNER.invoke(app, ["verify", str(tmp_path / "set")]).exit_code == 0


def test_a_wrong_row_ends_with_2_and_its_line(tmp_path: Path) -> None:
    code, out, err = imported(tmp_path, CSV.replace(",20", ",nan"))
    assert code == 2
    assert "a.csv: line 2, column rtt: has no value" in err
    assert out == ""


def test_what_a_stranger_wrote_does_not_reach_the_terminal(tmp_path: Path) -> None:
    code, _, err = imported(tmp_path, CSV.replace(",20", ",\x1b[31m20"))
    assert code == 2
    assert "\x1b" not in err
    assert r"\x1b[31m20" in err
