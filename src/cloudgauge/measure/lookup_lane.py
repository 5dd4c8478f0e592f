"""Threads for the one thing that blocks: asking the system's resolver."""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")


class LookupLane(Generic[T]):
    """A few threads that make blocking calls, in the order they were asked for.

    Not an executor of the standard library: that one waits at the program's end for a
    call that may hang for half a minute, and somebody may have pressed Ctrl-C.

    Args:
        name: Of the threads, for whoever debugs.
        threads: At most so many calls at once.
    """

    def __init__(self, name: str, *, threads: int) -> None:
        self._name = name
        self._left = threads
        self._calls: queue.SimpleQueue[tuple[Future[T], Callable[[], T]] | None]
        self._calls = queue.SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._started = 0

    def submit(self, call: Callable[[], T]) -> Future[T]:
        """Have *call* made; a future that is cancelled in time is never begun."""
        future: Future[T] = Future()
        self._calls.put((future, call))
        if not self._idle.acquire(blocking=False) and self._left:
            self._left -= 1
            self._started += 1
            name = f"{self._name}-{self._started}"
            threading.Thread(target=self._work, name=name, daemon=True).start()
        return future

    def close(self) -> None:
        """Let the threads end once they have nothing to do."""
        for _ in range(self._started):
            self._calls.put(None)

    def _work(self) -> None:
        while (job := self._calls.get()) is not None:
            future, call = job
            if future.set_running_or_notify_cancel():
                try:
                    answer = call()
                except BaseException as exc:  # noqa: BLE001 - raised where it is awaited
                    future.set_exception(exc)
                else:
                    future.set_result(answer)
            self._idle.release()
