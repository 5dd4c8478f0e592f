"""Ctrl-C and its like: the first ends a run softly, the second at once.

The handler stays from before the first packet until the journal is closed, so that
no interrupt, however many come, can tear what is being kept.
"""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_HANDLED = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """Counts interrupts and passes them to whatever runs at the time."""

    def __init__(self) -> None:
        self._count = 0
        self._pass_on: Callable[[], None] | None = None

    @property
    def came(self) -> bool:
        """Whether there was one, even if nothing was left to end."""
        return self._count > 0

    @contextmanager
    def handled(self) -> Iterator[None]:
        """Handle interrupts; not in a thread, where there are none."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._note) for number in _HANDLED}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def reaching(self, stop: Callable[[], None]) -> Iterator[None]:
        """Call *stop* at the first interrupt, cancel the current task at the second.

        An interrupt that came before counts.
        """
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        told = 0

        def tell() -> None:
            nonlocal told
            while told < self._count:
                told += 1
                if told == 1:
                    stop()
                elif told == 2 and task is not None:
                    task.cancel()

        def pass_on() -> None:
            loop.call_soon_threadsafe(tell)

        self._pass_on = pass_on
        tell()
        try:
            yield
        finally:
            self._pass_on = None

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self._count += 1
        if self._pass_on is not None:
            self._pass_on()
