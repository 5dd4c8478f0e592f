"""Where a user's data is kept is said by the environment that is passed in."""

from pathlib import Path

import pytest

from cloudgauge.errors import MachineError
from cloudgauge.settings.user_data import user_data_folder


def test_the_data_home_is_where_data_is_kept() -> None:
    folder = user_data_folder({"XDG_DATA_HOME": "/data", "HOME": "/home/ann"})

    assert folder == Path("/data/cloudgauge")


@pytest.mark.parametrize("unset", ["", "relative/folder"])
def test_a_data_home_that_is_no_folder_counts_as_unset(unset: str) -> None:
    folder = user_data_folder({"XDG_DATA_HOME": unset, "HOME": "/home/ann"})

    assert folder == Path("/home/ann/.local/share/cloudgauge")


def test_a_user_without_a_home_is_told_what_to_set() -> None:
    with pytest.raises(MachineError, match="set one") as caught:
        user_data_folder({})

    assert "XDG_DATA_HOME" in str(caught.value)
