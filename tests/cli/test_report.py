import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cloudgauge.cli.app import app
from tests.workflow.two_vantages import two_vantages

RUNNER = CliRunner()


def test_a_page_is_written_and_progress_told_on_stderr(tmp_path: Path) -> None:
    two_vantages(tmp_path / "sets")
    path = tmp_path / "report.html"
    ended = RUNNER.invoke(app, ["report", str(tmp_path / "sets"), "-o", str(path)])
    assert ended.exit_code == 0, ended.output
    assert ended.stdout == ""
    assert "ranking 4 series from 2 vantages" in ended.stderr
    assert f"wrote {path} (" in ended.stderr
    text = path.read_text()
    assert text.startswith("<!DOCTYPE html>")
    assert "http-equiv" in text
    again = RUNNER.invoke(app, ["report", str(tmp_path / "sets"), "-o", str(path)])
    assert again.exit_code == 2
    assert again.stderr.endswith("choose another name, or say --force\n")
    assert "reading" not in again.stderr


def test_a_page_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    two_vantages(tmp_path / "sets")
    path = tmp_path / "a.md"
    path.write_text("the old one")
    asked = ["report", str(tmp_path / "sets"), "-o", str(path), "-q", "--force"]
    program = [sys.executable, "-m", "cloudgauge"]
    # No file may become larger than this: as on a disk that is nearly full.
    ended = subprocess.run(
        ["/bin/sh", "-c", 'ulimit -f 4; exec "$@"', "sh", *program, *asked],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert ended.returncode == 74, ended.stderr
    assert path.read_text() == "the old one"
    assert RUNNER.invoke(app, asked).exit_code == 0
    assert path.read_text().startswith("# Cloud regions: made-up\n")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.md", "sets"]


def test_the_ending_or_the_format_asks_for_markdown(tmp_path: Path) -> None:
    two_vantages(tmp_path / "sets")
    for name, more in (("a.md", []), ("b.txt", ["--format", "md"])):
        path = tmp_path / name
        asked = ["report", str(tmp_path / "sets"), "-o", str(path), "-q", *more]
        ended = RUNNER.invoke(app, asked)
        assert ended.exit_code == 0
        assert ended.stderr == ""
        assert path.read_text().startswith("# Cloud regions: made-up\n")


def test_what_is_no_set_ends_with_5_and_what_cannot_be_written_with_74(
    tmp_path: Path,
) -> None:
    two_vantages(tmp_path / "sets")
    path = tmp_path / "report.html"
    ended = RUNNER.invoke(app, ["report", str(tmp_path / "none"), "-o", str(path)])
    assert ended.exit_code == 5
    assert not path.exists()
    nowhere = str(tmp_path / "no" / "report.html")
    ended = RUNNER.invoke(app, ["report", str(tmp_path / "sets"), "-o", nowhere])
    assert ended.exit_code == 74
    assert "cannot be written" in ended.stderr


def test_weights_that_do_not_fit_end_with_2(tmp_path: Path) -> None:
    two_vantages(tmp_path / "sets")
    asked = ["report", str(tmp_path / "sets"), "-o", str(tmp_path / "a.md")]
    ended = RUNNER.invoke(app, [*asked, "--weights", "moon=1", "-q"])
    assert ended.exit_code == 2
    assert 'no vantage "moon"' in ended.stderr


@pytest.mark.parametrize("missing", ["jinja2", "altair", "vl_convert"])
def test_without_the_extra_it_says_how_it_is_had_before_it_reads(
    tmp_path: Path, missing: str
) -> None:
    # As if it were not installed, in a process of its own.
    code = (
        f"import sys; sys.modules[{missing!r}] = None; sys.argv[0] = 'cloudgauge'; "
        "from cloudgauge.cli.app import run; run()"
    )
    asked = ["report", str(tmp_path), "-o", str(tmp_path / "report.html")]
    ended = subprocess.run(
        [sys.executable, "-c", code, *asked],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert ended.returncode == 74
    assert ended.stderr == (
        f"cloudgauge: pictures and the page need {missing}, which is not installed: "
        'pip install "cloudgauge[report]"\n'
    )
