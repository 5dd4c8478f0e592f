"""``cloudgauge fleet``: what is refused before anything is made or sent."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cloudgauge.cli.app import app

_LOADED = ("distributed", "dask", "tornado", "cryptography", "pyarrow", "httpx")


def run(*arguments: str) -> tuple[int, str]:
    ended = CliRunner().invoke(app, ["fleet", *arguments])
    return ended.exit_code, ended.output


def test_init_makes_certificates_and_says_when_they_expire(tmp_path: Path) -> None:
    code, said = run("init", str(tmp_path), "--vantage", "tokyo", "--host", "192.0.2.7")

    assert code == 0
    assert "2 certificates in" in said
    assert "signed by a new authority" in said
    assert "expires" in said
    again, more = run("init", str(tmp_path), "--vantage", "osaka")
    assert again == 0
    assert "signed by the authority that was there" in more


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        (("to kyo",), "--vantage: name must be 1 to 64 letters"),
        (("../away",), "--vantage: name must be 1 to 64 letters"),
        (("tokyo", "tokyo"), '--vantage: "tokyo" is named twice'),
    ],
)
def test_init_refuses_a_name_that_is_none(
    tmp_path: Path, names: tuple[str, ...], problem: str
) -> None:
    wanted = [word for name in names for word in ("--vantage", name)]

    code, said = run("init", str(tmp_path / "fleet"), *wanted)

    assert (code, problem in said) == (2, True)
    assert not (tmp_path / "fleet").exists()


@pytest.mark.parametrize("command", ["worker", "status", "run"])
def test_a_scheduler_without_tls_is_refused(tmp_path: Path, command: str) -> None:
    run("init", str(tmp_path), "--vantage", "tokyo")
    more = {"worker": ("--vantage", "tokyo"), "run": ("world",), "status": ()}[command]

    code, said = run(
        command,
        *more,
        *("--scheduler", "tcp://192.0.2.7:8786", "--tls", str(tmp_path)),
    )

    assert code == 2
    assert "--scheduler: want tls://HOST:PORT" in said


def test_a_campaign_without_vantages_is_refused(tmp_path: Path) -> None:
    run("init", str(tmp_path))

    code, said = run(
        *("run", "world", "--scheduler", "tls://127.0.0.1:0", "--tls", str(tmp_path))
    )

    assert code == 2
    assert "say who is to take part, each by --vantage NAME" in said


def test_help_loads_no_engine() -> None:
    told = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from cloudgauge.cli.app import app\n"
        "CliRunner().invoke(app, ['fleet', 'run', '--help'])\n"
        f"print([n for n in {_LOADED!r} if n in sys.modules])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", told], check=True, capture_output=True, text=True
    )
    assert ended.stdout.strip() == "[]"
