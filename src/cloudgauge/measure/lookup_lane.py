"""Threads for the one thing that blocks: asking the system's resolver."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")


class LookupLane(Generic[T]):
    """A few threads that make blocking calls, in the order they were asked for.

    Not an executor of the standard library: that one waits at the program's end for a
    call that may hang for half a minute, and somebody may have pressed Ctrl-C.

    Each thread waits at a queue of its own: of those that wait at one, Python wakes a
    second for nothing. The one that was busy last is asked first, its caches warm.

    Args:
        name: Of the threads, for whoever debugs.
        threads: At most so many calls at once.
    """

    def __init__(self, name: str, *, threads: int) -> None:
        self._name = name
        self._most = threads
        self._inboxes: list[SimpleQueue[_Job[T] | None]] = []
        self._lock = threading.Lock()  # of the two below
        self._idle: list[SimpleQueue[_Job[T] | None]] = []
        self._waiting: deque[_Job[T]] = deque()

    def submit(self, call: Callable[[], T]) -> Future[T]:
        """Have *call* made; a future that is cancelled in time is never begun."""
        job = _Job(call)
        with self._lock:
            if self._idle:
                self._idle.pop().put(job)
            elif len(self._inboxes) < self._most:
                self._start().put(job)
            else:
                self._waiting.append(job)
        return job.future

    def close(self) -> None:
        """Let the threads end once they have nothing to do."""
        for inbox in self._inboxes:
            inbox.put(None)

    def _start(self) -> "SimpleQueue[_Job[T] | None]":
        inbox: SimpleQueue[_Job[T] | None] = SimpleQueue()
        self._inboxes.append(inbox)
        name = f"{self._name}-{len(self._inboxes)}"
        threading.Thread(
            target=self._work, args=(inbox,), name=name, daemon=True
        ).start()
        return inbox

    def _work(self, inbox: "SimpleQueue[_Job[T] | None]") -> None:
        job = inbox.get()
        while job is not None:
            job.make()
            with self._lock:
                job = self._waiting.popleft() if self._waiting else None
                if job is None:
                    self._idle.append(inbox)
            job = job or inbox.get()


class _Job(Generic[T]):
    __slots__ = ("_call", "future")

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self.future: Future[T] = Future()

    def make(self) -> None:
        if not self.future.set_running_or_notify_cancel():
            return
        try:
            answer = self._call()
        except BaseException as exc:  # noqa: BLE001 - raised where it is awaited
            self.future.set_exception(exc)
        else:
            self.future.set_result(answer)
