import subprocess
import sys
from pathlib import Path

import pytest

from cloudgauge.errors import MachineError
from cloudgauge.store.folder import LOCK
from cloudgauge.store.lock import FolderBusy, FolderLock

_HOLDER = """
import sys
from pathlib import Path
from cloudgauge.store.lock import FolderLock
lock = FolderLock.take(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_held_lock_names_its_process_and_dies_with_it(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(FolderBusy) as caught:
            FolderLock.take(tmp_path)
        assert str(caught.value) == (
            f"{tmp_path}: is still being written by process {holder.pid}"
        )
        holder.kill()
    assert (tmp_path / LOCK).exists()
    with FolderLock.take(tmp_path):
        pass
    assert not (tmp_path / LOCK).exists()


def test_a_lock_keeps_out_its_own_process_too(tmp_path: Path) -> None:
    with FolderLock.take(tmp_path), pytest.raises(FolderBusy):
        FolderLock.take(tmp_path)


def test_a_released_lock_can_be_released_again(tmp_path: Path) -> None:
    lock = FolderLock.take(tmp_path)
    lock.release()
    other = FolderLock.take(tmp_path)
    lock.release()
    with pytest.raises(FolderBusy):
        FolderLock.take(tmp_path)
    other.release()


def test_a_lock_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / LOCK).symlink_to(precious)
    with pytest.raises(MachineError, match="symbolic links"):
        FolderLock.take(folder)
    assert precious.read_text() == "mine"


def test_a_folder_that_is_not_there_cannot_be_locked(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="no such file"):
        FolderLock.take(tmp_path / "nowhere")
