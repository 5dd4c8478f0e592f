"""Keeps what the solver prints for its makers from who asked for an answer.

HiGHS writes a line now and then to the C library's stdout, whatever its options say: it
would stand in the middle of a user's JSON.
"""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_STDOUT = 1
# One at a time: two that saved the other's silence would keep it for ever.
_LOCK = Lock()


@contextmanager
def silent_stdout() -> Iterator[None]:
    """Point the process's stdout to nowhere, and back; Python's own buffer waits."""
    with _LOCK:
        try:
            saved = os.dup(_STDOUT)
        except OSError:
            # There is none, so nobody can be disturbed.
            yield
            return
        _flush()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, _STDOUT)
            yield
        finally:
            # What C still holds must not come out later.
            _flush()
            os.dup2(saved, _STDOUT)
            os.close(saved)
            os.close(nowhere)


def _flush() -> None:
    library = ctypes.CDLL(None if os.name == "posix" else "ucrtbase")
    library.fflush(None)
