from pathlib import Path

import pytest

from cloudgauge.errors import ConfigError
from cloudgauge.settings.users_file import read_users


def test_each_vantage_has_a_number(tmp_path: Path) -> None:
    file = tmp_path / "users.toml"
    file.write_text("[users]\nsingapore = 70\nfrankfurt = 0.5\n")
    assert read_users(file) == {"singapore": 70, "frankfurt": 0.5}


def test_what_is_no_number_is_refused_with_its_key(tmp_path: Path) -> None:
    file = tmp_path / "users.toml"
    file.write_text('[users]\nsingapore = "many"\n')
    with pytest.raises(ConfigError, match=r"users\.toml: users\.singapore: "):
        read_users(file)
