import subprocess
import sys

import pytest

_UNSHARE = ("unshare", "--user", "--map-root-user", "--mount")


def _can_mount() -> bool:
    try:
        tried = subprocess.run(
            [*_UNSHARE, "mount", "-t", "tmpfs", "none", "/mnt"],
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        return False
    return tried.returncode == 0


needs_mount = pytest.mark.skipif(
    not _can_mount(), reason="no user namespace here in which a disk can be mounted"
)


@needs_mount
def test_a_disk_that_is_full_or_read_only_is_said_and_loses_nothing() -> None:
    subprocess.run(
        [*_UNSHARE, sys.executable, "-m", "tests.store.full_disk"], check=True
    )
