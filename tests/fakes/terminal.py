"""A terminal of our own: its other end is what a program writes on."""

import codecs
import contextlib
import os
import pty
import re
import select
import struct
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fcntl import ioctl

_PATIENCE_S = 120
SGR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(slots=True)
class Terminal:
    """Our end of a terminal, and what was written on it."""

    ours: int
    theirs: int
    text: str = ""
    # A character may come in two pieces.
    _decoder: codecs.IncrementalDecoder = field(
        default_factory=codecs.getincrementaldecoder("utf-8")
    )

    def read_until(self, wanted: str) -> None:
        """Read until *wanted* stands in what was written so far."""
        limit_s = time.monotonic() + _PATIENCE_S
        while wanted not in self.text:
            assert time.monotonic() < limit_s, self.text
            if select.select([self.ours], [], [], 0.1)[0]:
                self.text += self._decoder.decode(os.read(self.ours, 65_536))

    def read_all(self) -> None:
        """Read until nothing more can come: until nobody has it open who writes."""
        os.close(self.theirs)
        with contextlib.suppress(OSError):
            while chunk := os.read(self.ours, 65_536):
                self.text += self._decoder.decode(chunk)

    def shown(self) -> list[str]:
        """The lines that stand on it, as a terminal that obeys would show them."""
        lines, at = [""], 0
        for part in re.split(r"(\r*\n|\r|\x1b\[\d*[AJ])", SGR.sub("", self.text)):
            if part.endswith("\n"):
                at += 1
                lines += [""] * (at + 1 - len(lines))
            elif part.endswith("A") and part.startswith("\x1b"):
                at -= int(part[2:-1])
                assert at >= 0
            elif part.endswith("J") and part.startswith("\x1b"):
                lines = [*lines[:at], ""]
            elif part != "\r":
                lines[at] = part
        return lines


@contextmanager
def open_terminal() -> Iterator[Terminal]:
    """A terminal of 80 columns and 24 rows."""
    ours, theirs = pty.openpty()
    made = Terminal(ours, theirs)
    resize(made, 80, 24)
    try:
        yield made
    finally:
        for descriptor in (ours, theirs):
            with contextlib.suppress(OSError):
                os.close(descriptor)


def resize(terminal: Terminal, columns: int, rows: int) -> None:
    ioctl(terminal.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
