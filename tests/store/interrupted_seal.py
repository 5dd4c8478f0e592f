"""Seals copies of a folder, each cut short at another step.

A step is each file that is opened, made, renamed or removed inside the folder.
At the step the process is killed, or the file system refuses it; the program
ends when a seal has come to its end.
"""

import errno
import os
import shutil
import signal
import sys
from pathlib import Path

from cloudgauge.errors import MachineError, StoreError
from cloudgauge.store.folder import JOURNAL
from cloudgauge.store.lock import FolderLock
from cloudgauge.store.seal import seal

_EVENTS = frozenset(
    {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree"}
)
_DONE, _REFUSED = 0, 3


def main() -> None:
    folder, broken = Path(sys.argv[1]), Path(sys.argv[2])
    # Once in this process, so that no child has to load what seals.
    rehearsal = broken.parent / "rehearsal"
    shutil.copytree(folder, rehearsal)
    with FolderLock.take(rehearsal) as lock:
        seal(lock)
    for means in ("killed", "refused"):
        for step in range(1, 500):
            copy = broken / f"{means}-{step:03}" / folder.name
            shutil.copytree(folder, copy)
            if _seal_in_child(copy, step, means):
                break
        else:
            sys.exit("a seal has fewer steps than that")

    copy = broken / "garbled" / folder.name
    shutil.copytree(folder, copy)
    if not _refuses_a_garbled_file(copy):
        sys.exit("a seal took a file that the disk had garbled")


def _refuses_a_garbled_file(folder: Path) -> bool:
    """Whether a seal keeps the journal when a file in its place is not as made."""
    child = os.fork()
    if child == 0:

        def garble(event: str, args: tuple[object, ...]) -> None:
            if event == "os.rename" and str(args[1]).endswith("SHA256SUMS"):
                manifest = folder / "manifest.json"
                manifest.write_bytes(manifest.read_bytes().replace(b"7", b"8"))

        sys.addaudithook(garble)
        try:
            with FolderLock.take(folder) as lock:
                seal(lock)
        except StoreError as exc:
            os._exit(_REFUSED if "manifest.json was changed" in str(exc) else 1)
        os._exit(_DONE)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return status == _REFUSED and (folder / JOURNAL).exists()


def _seal_in_child(folder: Path, step: int, means: str) -> bool:
    """Whether the seal came to its end before it came to *step*."""
    child = os.fork()
    if child == 0:
        os._exit(_seal_until(folder, step, means))
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    wanted = {"killed": -signal.SIGKILL, "refused": _REFUSED}[means]
    if status not in {_DONE, wanted}:
        sys.exit(f"{means} at step {step}: unexpected end {status}")
    return status == _DONE


def _seal_until(folder: Path, step: int, means: str) -> int:
    lock = FolderLock.take(folder)
    at = 0

    def count(event: str, args: tuple[object, ...]) -> None:
        nonlocal at
        if event not in _EVENTS or not str(args[0]).startswith(str(folder)):
            return
        at += 1
        if at == step and means == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if at >= step:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(args[0]))

    sys.addaudithook(count)
    try:
        seal(lock)
    except MachineError:
        return _REFUSED
    return _DONE


if __name__ == "__main__":
    main()
