"""Commands of the README that need nothing of one another, and the help of all."""

from pathlib import Path

import pytest

from tests.integration.readme import ALONE, EVERYDAY, in_shell


@pytest.mark.private_network
@pytest.mark.parametrize("line", ALONE)
def test_a_command_that_stands_alone_works(line: str, tmp_path: Path) -> None:
    ended = in_shell(line, tmp_path)
    assert ended.returncode == 0, ended.stderr


def _helps() -> list[str]:
    words = [line.split() for line in EVERYDAY]
    groups = {"targets", "plan", "prices", "campaign"}
    return sorted({" ".join(w[: 3 if w[1] in groups else 2]) for w in words})


@pytest.mark.parametrize("command", _helps())
def test_every_command_of_the_readme_has_help(command: str, tmp_path: Path) -> None:
    ended = in_shell(f"{command} --help", tmp_path)
    assert ended.returncode == 0
    assert "Usage:" in ended.stdout
