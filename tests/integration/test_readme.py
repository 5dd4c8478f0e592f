"""Commands of the README that read what others left, in the order of the README."""

from pathlib import Path

import pytest

from tests.integration.readme import (
    ALONE,
    EVERYDAY,
    ONE_AFTER_ANOTHER,
    REAL_WORLD,
    ROOT,
    SET_UP,
    commands,
    in_shell,
)


def test_the_readme_has_no_command_that_is_not_run() -> None:
    assert sorted(commands()) == sorted(SET_UP + REAL_WORLD + EVERYDAY)
    assert sorted(EVERYDAY) == sorted(ONE_AFTER_ANOTHER + ALONE)
    assert [line.split()[1] for line in SET_UP] == ["demo", "test"]
    assert len(ONE_AFTER_ANOTHER) > 9
    assert len(ALONE) > 9


def test_the_two_commands_of_the_set_up_are_there() -> None:
    # What they do is what runs this test, and the demo of another.
    for line in SET_UP:
        ended = in_shell(line.replace("make ", "make -n "), ROOT)
        assert ended.returncode == 0, ended.stderr


@pytest.mark.private_network
def test_the_everyday_commands_work_one_after_another(tmp_path: Path) -> None:
    for line in ONE_AFTER_ANOTHER:
        ended = in_shell(line, tmp_path)
        assert ended.returncode == 0, f"{line}\n{ended.stderr}"
