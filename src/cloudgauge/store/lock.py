"""Who may write into a result set's folder: the holder of its lock, nobody else.

The lock belongs to an open file, so it ends with its process however that ends.
It is not handed to programs that the process starts.
"""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from cloudgauge.errors import StoreError
from cloudgauge.store.folder import LOCK, machine_errors


class FolderBusy(StoreError):
    """Another process is writing into the folder.

    Attributes:
        pid: Number of that process in its own namespace; None if it did not say.
    """

    def __init__(self, path: str, pid: int | None) -> None:
        who = "another process" if pid is None else f"process {pid}"
        super().__init__(path, f"is still being written by {who}")
        self.pid = pid


class FolderLock:
    """The right to write into one folder, until it is released.

    Attributes:
        folder: The folder that is locked.
    """

    def __init__(self, folder: Path, descriptor: int) -> None:
        self.folder = folder
        self._descriptor: int | None = descriptor

    @classmethod
    def take(cls, folder: Path) -> Self:
        """Lock *folder* without waiting.

        Raises:
            FolderBusy: Another process holds the lock.
            MachineError: The lock's file cannot be made.
        """
        path = folder / LOCK
        # No link is followed: the folder may come from a stranger.
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
        while True:
            with machine_errors(path):
                descriptor = os.open(path, flags, 0o644)
                try:
                    if not _locked(descriptor):
                        raise FolderBusy(str(folder), _pid_in(descriptor))
                    # Its last holder may have removed the file between our opening
                    # it and our locking it: such a lock keeps nobody out.
                    if _still_at(path, descriptor):
                        os.truncate(descriptor, 0)
                        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
                        return cls(folder, os.dup(descriptor))
                finally:
                    # A copy is what the lock keeps: whatever goes wrong here, a
                    # lock that nobody holds is not left behind.
                    os.close(descriptor)

    def release(self) -> None:
        """Let others write; twice is once."""
        if self._descriptor is None:
            return
        (self.folder / LOCK).unlink(missing_ok=True)
        os.close(self._descriptor)
        self._descriptor = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def _still_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.lstat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _pid_in(descriptor: int) -> int | None:
    text = os.pread(descriptor, 20, 0).strip()
    return int(text) if text.isdigit() else None


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
