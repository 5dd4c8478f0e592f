import os
import subprocess
import sys

import pytest

HEAVY = ("pandas", "numpy", "scipy", "pyarrow", "httpx", "rich", "uvloop", "pydantic")
# typer checks the options of a command with pydantic, even to show their help.
_HEAVY_FOR_TYPER = HEAVY[:-1]


def _python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_importing_the_package_loads_no_heavy_library() -> None:
    code = f"import sys, cloudgauge; print([m for m in {HEAVY!r} if m in sys.modules])"
    assert _python(code).stdout == "[]\n"


@pytest.mark.parametrize(
    ("arguments", "heavy"),
    [
        (["--help"], HEAVY),
        (["run", "--help"], _HEAVY_FOR_TYPER),
        (["show", "--help"], _HEAVY_FOR_TYPER),
        (["plan", "new", "--help"], _HEAVY_FOR_TYPER),
    ],
)
def test_asking_for_help_loads_no_heavy_library(
    arguments: list[str], heavy: tuple[str, ...]
) -> None:
    code = (
        "import atexit, sys\n"
        f"show = lambda: print([m for m in {heavy!r} if m in sys.modules])\n"
        "atexit.register(show)\n"
        "from cloudgauge.__main__ import main\n"
        "sys.argv = ['cloudgauge', *sys.argv[1:]]\n"
        "main()\n"
    )
    ended = _python(code, *arguments)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.endswith("[]\n")


def test_a_bug_ends_with_70_and_its_trace() -> None:
    code = (
        "from cloudgauge.cli import app\n"
        "@app.app.command()\n"
        "def broken() -> None: 1 / 0\n"
        "import sys; sys.argv = ['cloudgauge', 'broken']\n"
        "app.run()\n"
    )
    ended = _python(code)
    assert ended.returncode == 70
    assert "ZeroDivisionError" in ended.stderr
    assert "please report" in ended.stderr


def test_an_unknown_command_is_the_users_mistake() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "cloudgauge", "rnu"],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env=os.environ | {"NO_COLOR": "1"},
    )
    assert ended.returncode == 2
    assert "No such command 'rnu'" in ended.stderr
