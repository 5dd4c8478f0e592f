"""Whose turn it is in a folder: a lock on the folder itself, which takes no room.

Unlike `store.lock.FolderLock` it needs no file, so that who makes room on a full disk
can have it. It ends with its process, however that ends, and is not handed on.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cloudgauge.store.folder import machine_errors
from cloudgauge.store.lock import FolderBusy


@contextmanager
def turn_in(folder: Path) -> Iterator[None]:
    """Have *folder* for oneself among all who take turns in it; without waiting.

    Raises:
        FolderBusy: It is somebody else's turn.
        MachineError: The folder cannot be opened.
    """
    with machine_errors(folder):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with machine_errors(folder):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as exc:
                raise FolderBusy(str(folder), None) from exc
        yield
    finally:
        os.close(descriptor)
