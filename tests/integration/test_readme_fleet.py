"""The fleet of the README, word for word, in the private network."""

import re
from pathlib import Path

import pytest

from tests.integration.readme import README, in_shell

(_TRIAL,) = re.findall(r"^```bash\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


@pytest.mark.private_network
def test_the_trial_ends_with_one_set_that_can_be_shown(tmp_path: Path) -> None:
    ended = in_shell(f"set -e\n{_TRIAL}", tmp_path)

    assert ended.returncode == 0, ended.stderr
    assert "2 of 2 vantages complete, merged and verified" in ended.stdout
    (merged,) = (tmp_path / "from-fleet").iterdir()
    assert str(merged.relative_to(tmp_path)) in ended.stdout


@pytest.mark.parametrize("command", ["init", "run", "worker", "status"])
def test_each_command_of_a_fleet_has_help(command: str, tmp_path: Path) -> None:
    ended = in_shell(f"cloudgauge fleet {command} --help", tmp_path)

    assert ended.returncode == 0
    assert f"cloudgauge fleet {command}" in README
    assert "--vantage" in ended.stdout or command == "status"
