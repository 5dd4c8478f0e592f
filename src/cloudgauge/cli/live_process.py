"""The process that draws how a run goes: messages in, frames out.

``python -m cloudgauge.cli.live_process``, started by `cli.live_watcher`. The prober
writes a few bytes for each visit into a pipe and goes on; counting, formatting and
waiting for a slow terminal are ours, at a lower priority. No mode of the terminal is
changed: nothing has to be put back, however we end.
"""

import json
import os
import select
import shutil
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from cloudgauge.cli.live_screen import Line, Room, cut, screen_lines
from cloudgauge.workflow.live_figures import LivePlan, LiveRun

REFRESH_S = 0.5
_NICE = 10
_CHUNK_BYTES = 65_536
# Erase to the end of the screen.
_ERASE = "\x1b[J"


class Screen:
    """Frames on a terminal, each in place of the one before."""

    def __init__(self, descriptor: int, *, colour: bool) -> None:
        self._descriptor = descriptor
        self._colour = colour
        self._drawn: Sequence[Line] = ()

    def room(self) -> Room:
        """The terminal's size; 80 by 24 where it does not say."""
        try:
            size = os.get_terminal_size(self._descriptor)
        except OSError:
            size = shutil.get_terminal_size()
        return Room(columns=size.columns or 80, rows=size.lines or 24)

    def draw(self, lines: Sequence[Line]) -> None:
        """Show a frame, unless the terminal takes nothing now (Ctrl-S)."""
        if self._takes():
            self._write(self._wiped() + "".join(self._line(line) for line in lines))
            self._drawn = lines

    def say(self, text: str) -> None:
        """Leave a line above all later frames."""
        self._write(f"{self._wiped()}{cut(text, len(text) * 8)}\r\n")
        self._drawn = ()

    def wipe(self) -> None:
        """Leave nothing of the last frame."""
        self._write(self._wiped())
        self._drawn = ()

    def _wiped(self) -> str:
        # A terminal that became narrower has broken lines in two.
        columns = self.room().columns
        rows = sum(-(-max(len(line.text), 1) // columns) for line in self._drawn)
        up = f"\x1b[{rows}A" if rows else ""
        return f"\r{up}{_ERASE}"

    def _line(self, line: Line) -> str:
        if not self._colour or not line.style:
            return f"{line.text}\r\n"
        return f"\x1b[{line.style}m{line.text}\x1b[0m\r\n"

    def _takes(self) -> bool:
        return bool(select.select([], [self._descriptor], [], 0)[1])

    def _write(self, text: str) -> None:
        content = text.encode("utf-8", "replace")
        while content:
            content = content[os.write(self._descriptor, content) :]


class Reader:
    """Messages, one a line: a letter and what it is about."""

    def __init__(self, run: LiveRun, screen: Screen) -> None:
        self._run = run
        self._screen = screen
        self._rest = b""

    def take(self, chunk: bytes) -> None:
        """Take in what came, whole lines of it."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            self._message(line.decode("utf-8"))

    def _message(self, line: str) -> None:
        kind, _, rest = line.partition(" ")
        if kind == "l":
            self._screen.say(json.loads(rest))
            return
        words = rest.split(" ")
        match kind:
            case "v":
                place, rtt_us, body_bytes, *failure = words
                timed = int(rtt_us) if rtt_us else None
                self._run.visited(int(place), timed, "".join(failure))
                self._run.received(int(body_bytes))
            case "b":
                self._run.received(int(words[0]))
            case "p":
                at, streams, poured_bytes, poured_ns = map(int, words)
                self._run.pouring(at, streams, poured_bytes, poured_ns)
            case "t":
                place, body_bytes, *failure = words
                self._run.transferred(int(place), int(body_bytes), "".join(failure))
            case "r":
                self._run.round_done()
            case "s":
                self._run.skipped(int(words[0]))


def plan_of(told: Mapping[str, Any]) -> LivePlan:
    """The plan, as the first message has it."""
    return LivePlan(
        **{
            **told,
            "target_ids": tuple(told["target_ids"]),
            "prices": {int(at): tuple(price) for at, price in told["prices"].items()},
        }
    )


def follow(source: int, screen: Screen) -> None:
    """Draw until nobody writes any more, then leave a clean terminal."""
    head = b""
    while b"\n" not in head:
        chunk = os.read(source, _CHUNK_BYTES)
        if not chunk:
            return
        head += chunk
    first, _, rest = head.partition(b"\n")
    run = LiveRun(plan_of(json.loads(first)))
    reader, began_s = Reader(run, screen), time.monotonic()
    reader.take(rest)
    next_s = began_s
    while True:
        wait_s = max(next_s - time.monotonic(), 0)
        if select.select([source], [], [], wait_s)[0]:
            chunk = os.read(source, _CHUNK_BYTES)
            if not chunk:
                break
            reader.take(chunk)
        now_s = time.monotonic()
        if now_s >= next_s:
            next_s = now_s + REFRESH_S
            screen.draw(screen_lines(run.figures(), now_s - began_s, screen.room()))
    screen.wipe()


def main() -> None:
    """Draw what stdin says on stderr."""
    # Ctrl-C is the prober's: we end when it does.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_NICE)
    colour = not os.environ.get("NO_COLOR")
    try:
        follow(sys.stdin.fileno(), Screen(sys.stderr.fileno(), colour=colour))
    except OSError:
        # The terminal has gone; whether the run goes on is not for us to say.
        os._exit(0)


if __name__ == "__main__":
    main()
