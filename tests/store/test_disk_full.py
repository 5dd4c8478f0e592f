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
def test_a_full_disk_stops_the_run_and_loses_nothing_that_was_kept() -> None:
    subprocess.run(
        [*_UNSHARE, sys.executable, "-m", "tests.store.full_disk"], check=True
    )
