"""The prober's end of the pipe to the process that keeps a monitor's house.

A few bytes when a part begins and ends, never waited for. A keeper that has died is
started anew, since nobody else seals and folds.
"""

import os
import subprocess
import sys
from pathlib import Path

from cloudgauge.errors import MachineError, StoreError
from cloudgauge.workflow.monitor_orders import (
    Orders,
    Ready,
    Word,
    ready_from,
    to_line,
)

_COMMAND = (sys.executable, "-m", "cloudgauge.cli.monitor_process")


class KeeperLink:
    """Tells a keeper what happens.

    Attributes:
        orders: What the keeper is to do.
        restarts: How often it had to be started anew.
    """

    def __init__(self, orders: Orders) -> None:
        self.orders = orders
        self.restarts = 0
        self._open: set[str] = set()
        self._start()

    @property
    def pid(self) -> int:
        """The keeper's process."""
        return self._keeper.pid

    def ready(self) -> Ready:
        """Wait until it has sealed and folded what an earlier monitor left.

        Raises:
            StoreError: What lies in the folder does not fit.
            MachineError: It cannot listen, or has died.
        """
        with os.fdopen(self._answers, "rb") as answers:
            line = answers.readline()
        if not line:
            msg = f"the process that keeps house ended with {self._keeper.wait()}"
            raise MachineError(msg)
        ready = ready_from(line)
        if ready.problem:
            self._keeper.wait()
            if ready.is_machine:
                raise MachineError(ready.problem)
            raise StoreError(self.orders.results, ready.problem)
        return ready

    def begun(self, folder: Path) -> None:
        """A part has begun."""
        self._open.add(str(folder))
        self._say(Word(begun=str(folder)))

    def ended(self, folder: Path) -> None:
        """A part's journal is finished: it can be sealed."""
        self._open.discard(str(folder))
        self._say(Word(ended=str(folder)))

    def waiting(self) -> None:
        """Nothing is measured until the disk has room; make some, if there is any."""
        self._say(Word(waiting=True, tend=True))

    def look(self) -> None:
        """Start it anew if it has died."""
        if self._keeper.poll() is not None:
            self.restarts += 1
            os.close(self._words)
            self._start()
            os.close(self._answers)
            for folder in sorted(self._open):
                self._say(Word(begun=folder))
            self._say(Word(tend=True))

    def close(self) -> int:
        """Have the last part sealed and folded; the keeper's exit code."""
        os.close(self._words)
        return self._keeper.wait()

    def _say(self, word: Word) -> None:
        try:
            # Written whole: a pipe that is empty takes hundreds of such lines.
            os.write(self._words, to_line(word))
        except (BrokenPipeError, BlockingIOError):
            # Whoever comes after a keeper that has died looks for itself; one that
            # is stopped for hours finds by its passes what is to be done.
            return

    def _start(self) -> None:
        words, self._words = os.pipe()
        self._answers, answers = os.pipe()
        self._keeper = subprocess.Popen(_COMMAND, stdin=words, stdout=answers)
        os.close(words)
        os.close(answers)
        os.write(self._words, to_line(self.orders))
        os.set_blocking(self._words, False)
