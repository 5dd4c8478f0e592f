"""Every command in the README works, in the order in which a reader would type them."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.private_network

_ROOT = Path(__file__).parents[2]
_README = (_ROOT / "README.md").read_text(encoding="utf-8")
_BIN = Path(sys.executable).parent
_LIMIT_S = 300


def commands() -> list[str]:
    """The lines of all ``sh`` blocks, without their comments."""
    blocks = re.findall(r"^```sh\n(.*?)^```", _README, re.DOTALL | re.MULTILINE)
    lines = [line.partition("  #")[0].strip() for b in blocks for line in b.split("\n")]
    return [line for line in lines if line]


SET_UP = [line for line in commands() if line.startswith("make ")]
REAL_WORLD = [line for line in commands() if line.startswith(".venv/bin/")]
EVERYDAY = [line for line in commands() if line.startswith("cloudgauge ")]


def in_shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith("MAKE")
    }
    return subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=_LIMIT_S,
        env=environment | {"PATH": f"{_BIN}:{os.environ['PATH']}"},
    )


def test_the_readme_has_no_command_that_is_not_run_here() -> None:
    assert sorted(commands()) == sorted(SET_UP + REAL_WORLD + EVERYDAY)
    assert [line.split()[1] for line in SET_UP] == ["demo", "test"]
    assert len(EVERYDAY) > 9


def test_the_two_commands_of_the_set_up_are_there() -> None:
    # What they do is what runs this test, and the demo below.
    for line in SET_UP:
        ended = in_shell(line.replace("make ", "make -n "), _ROOT)
        assert ended.returncode == 0, ended.stderr


def test_the_demo_ends_with_a_table_of_six_clouds_and_the_path_of_its_set(
    tmp_path: Path,
) -> None:
    recipe = in_shell("make -n demo", _ROOT).stdout.strip().split("\n")[-1]
    ended = in_shell(recipe.replace(".venv/bin/", f"{_BIN}/"), tmp_path)
    assert ended.returncode == 0, ended.stderr
    for provider in ("alibaba", "aws", "azure", "gcp", "huawei", "tencent"):
        assert f"\n {provider}/" in ended.stdout
    path = re.search(r"^result set: (\S+)$", ended.stderr, re.MULTILINE)
    assert path is not None
    assert (tmp_path / path[1] / "SHA256SUMS").is_file()


def test_the_run_in_the_real_world_starts_and_can_be_stopped(tmp_path: Path) -> None:
    # The real world is played by the private network, the reader's patience by us.
    (line,) = REAL_WORLD
    command = [str(_BIN / "cloudgauge"), "world", "--"]
    process = subprocess.Popen(
        [*command, *line.replace(".venv/bin/", f"{_BIN}/").split()],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )
    limit_s = time.monotonic() + _LIMIT_S
    while not list(tmp_path.glob("results/*/journal.sqlite-wal")):
        assert time.monotonic() < limit_s
        assert process.poll() is None
        time.sleep(0.05)
    time.sleep(2)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=_LIMIT_S)
    assert process.returncode == 130, err
    assert "world: " in err
    assert "connect" in out


def test_the_everyday_commands_work_one_after_another(tmp_path: Path) -> None:
    for line in EVERYDAY:
        ended = in_shell(line, tmp_path)
        assert ended.returncode == 0, f"{line}\n{ended.stderr}"


@pytest.mark.parametrize("line", EVERYDAY)
def test_every_command_of_the_readme_has_help(line: str, tmp_path: Path) -> None:
    words = line.split()
    command = " ".join(words[: 3 if words[1] in {"targets", "plan"} else 2])
    ended = in_shell(f"{command} --help", tmp_path)
    assert ended.returncode == 0
    assert "Usage:" in ended.stdout
