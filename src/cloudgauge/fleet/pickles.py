"""What the engine may make of pickles that reach the scheduler: nothing that acts.

The engine unpickles what a connection brings before anybody is asked, so whoever holds
a vantage's certificate could have the scheduler's machine run what it likes. While a
scheduler lives, a pickle in its process may name only what the engine itself sends for
our shares; any other name ends it before the name is looked up. Python's own audit
event tells of each name, by whichever way the pickle came.
"""

import builtins
import pickle
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# A share on its way from our own client, the type of its result, and, where one failed,
# why: tblib has the engine's tracebacks.
_NAMES = frozenset(
    {
        ("asyncio.exceptions", "CancelledError"),
        ("builtins", "bytes"),
        ("builtins", "type"),
        ("cloudgauge.fleet.share", "carry_share"),
        ("cloudgauge.fleet.supervisor", "ShareFailed"),
        ("dask._expr", "Expr._reconstruct"),
        ("dask._expr", "LLGExpr"),
        ("dask._task_spec", "Task"),
        ("tblib", "Code"),
        ("tblib", "Frame"),
        ("tblib", "Traceback"),
        ("tblib.pickling_support", "unpickle_exception"),
        ("tblib.pickling_support", "unpickle_exception_with_attrs"),
        ("tblib.pickling_support", "unpickle_traceback"),
    }
)
_ERRORS = "cloudgauge.errors"
_EVENT = "pickle.find_class"


class _Guard:
    """The process's one hook, which cannot be taken back: it acts while *depth* is."""

    def __init__(self) -> None:
        self.depth = 0
        self._is_set = False

    def set(self) -> None:
        if not self._is_set:
            self._is_set = True
            sys.addaudithook(self._heard)

    def _heard(self, event: str, words: tuple[object, ...]) -> None:
        if self.depth and event == _EVENT:
            module, name = (str(word) for word in words)
            if not _is_harmless(module, name):
                msg = f"a pickle names {module}.{name}, which no fleet's message does"
                raise pickle.UnpicklingError(msg)


_GUARD = _Guard()


@contextmanager
def guarded_pickles() -> Iterator[None]:
    """Let no pickle in this process name what the engine does not need for shares."""
    _GUARD.set()
    _GUARD.depth += 1
    try:
        yield
    finally:
        _GUARD.depth -= 1


def _is_harmless(module: str, name: str) -> bool:
    if module == builtins.__name__:
        found = getattr(builtins, name, None)
        if isinstance(found, type) and issubclass(found, BaseException):
            return True
    is_error = module == _ERRORS and name.isidentifier() and name[0].isupper()
    return is_error or (module, name) in _NAMES
