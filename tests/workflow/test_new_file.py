import errno
import os
from pathlib import Path
from typing import Any

import pytest

from cloudgauge.errors import ConfigError, MachineError
from cloudgauge.workflow.new_file import new_file


def test_it_is_seen_only_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    with new_file(path) as file:
        file.write(b"all of it")
        file.flush()
        assert not path.exists()
    assert path.read_bytes() == b"all of it"
    assert list(tmp_path.iterdir()) == [path]
    plain = tmp_path / "plain"
    plain.write_bytes(b"")
    assert path.stat().st_mode == plain.stat().st_mode


def test_nothing_is_left_of_one_that_was_not_finished(tmp_path: Path) -> None:
    half: Any = None
    with pytest.raises(TypeError), new_file(tmp_path / "out") as file:
        file.writelines([b"half of it", half])
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_named_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "gone" / "out.csv"
    wanted = f"^{path}: cannot be written: its folder does not exist$"
    with pytest.raises(MachineError, match=wanted), new_file(path):
        pytest.fail("was opened")


def test_a_file_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"old")
    problem = "is there already; choose another name, or remove it"
    with pytest.raises(ConfigError, match=problem), new_file(path):
        pytest.fail("was opened")
    later = tmp_path / "later"
    with pytest.raises(ConfigError, match=problem), new_file(later):
        later.write_bytes(b"of somebody else")
    assert later.read_bytes() == b"of somebody else"
    assert sorted(tmp_path.iterdir()) == [later, path]


def test_one_that_is_to_be_replaced_stays_until_the_other_is_whole(
    tmp_path: Path,
) -> None:
    path, link = tmp_path / "out", tmp_path / "link"
    path.write_bytes(b"old")
    link.symlink_to(path)
    half: Any = None
    with pytest.raises(TypeError), new_file(path, overwrite=True) as file:
        file.writelines([b"half of the new", half])
    assert path.read_bytes() == b"old"
    with new_file(link, overwrite=True) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert link.is_symlink()
    assert sorted(tmp_path.iterdir()) == [link, path]


def test_a_folder_is_never_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    with (
        pytest.raises(MachineError, match="is a directory"),
        new_file(folder, overwrite=True),
    ):
        pass
    assert list(tmp_path.iterdir()) == [folder]


def test_a_full_disk_says_so() -> None:
    with pytest.raises(MachineError, match="/dev/full: the disk is full"):
        write(Path("/dev/full"))


def test_a_disk_that_fills_while_a_file_is_made_leaves_none(tmp_path: Path) -> None:
    with (
        pytest.raises(MachineError, match="the disk is full"),
        new_file(tmp_path / "out"),
    ):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert list(tmp_path.iterdir()) == []


def write(path: Path) -> None:
    with new_file(path) as file:
        file.write(b"x")
