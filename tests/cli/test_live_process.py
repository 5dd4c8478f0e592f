"""The process that draws, on a terminal of its own."""

import json
import os
import re
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator
from dataclasses import replace

import pytest

from cloudgauge.cli.live_watcher import LiveWatcher, live_plan
from cloudgauge.model.sample import FailureKind
from cloudgauge.planning.schedule import slots
from cloudgauge.workflow.progress import Tally
from tests.fakes.plans import (
    download_plan,
    object_in,
    plan_of,
    price_of,
    targets_of,
)
from tests.fakes.probing import bin_of, sample_of
from tests.fakes.terminal import SGR, Terminal, open_terminal, resize

PLAN = plan_of(targets_of(aws=2, gcp=1))
_PATIENCE_S = 120
_ESCAPE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    with open_terminal() as made:
        yield made


def drawing_on(
    terminal: Terminal, environment: dict[str, str] | None = None
) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen(
        [sys.executable, "-m", "cloudgauge.cli.live_process"],
        stdin=subprocess.PIPE,
        stderr=terminal.theirs,
        env=os.environ | (environment or {}),
        bufsize=0,
    )
    assert process.stdin is not None
    process.stdin.write(f"{json.dumps(live_plan(PLAN))}\n".encode())
    return process


def end(process: "subprocess.Popen[bytes]") -> int:
    assert process.stdin is not None
    process.stdin.close()
    return process.wait(_PATIENCE_S)


def send(process: "subprocess.Popen[bytes]", *messages: str) -> None:
    assert process.stdin is not None
    process.stdin.write("".join(f"{one}\n" for one in messages).encode())


def test_it_draws_what_comes_and_leaves_only_the_lines(terminal: Terminal) -> None:
    process = drawing_on(terminal)
    send(process, 'l "said \\u001b[2J"', "v 0 80000 206", "v 1  0 refused", "r")
    terminal.read_until("2 of 6 visits")
    assert "79.9 ms" in terminal.text
    assert terminal.shown()[0] == "said \\x1b[2J"
    send(process, 'l "said later"', "v 2 20000 0", "s 1")
    terminal.read_until("3 of 6 visits")
    assert "1 skipped" in terminal.text
    assert end(process) == 0
    terminal.read_all()
    assert terminal.shown() == ["said \\x1b[2J", "said later", ""]
    # No mode was changed that somebody would have to put back.
    assert set(_ESCAPE.findall(terminal.text)) <= {
        *("\x1b[J", "\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m"),
        *(f"\x1b[{rows}A" for rows in range(1, 24)),
    }


def test_without_colour_there_is_none(terminal: Terminal) -> None:
    process = drawing_on(terminal, {"NO_COLOR": "1"})
    send(process, "v 0 80000 206")
    terminal.read_until("1 of 6 visits")
    assert end(process) == 0
    assert not SGR.search(terminal.text)


def test_a_message_in_pieces_is_one_message(terminal: Terminal) -> None:
    process = drawing_on(terminal)
    assert process.stdin is not None
    send(process, "v 0 80000 206")
    terminal.read_until("1 of 6 visits")
    process.stdin.write(b"v 1 3000")
    process.stdin.write(b"0 0\nv 2 ")
    terminal.read_until("2 of 6 visits")
    process.stdin.write(b"1000 0\n")
    terminal.read_until("3 of 6 visits")
    assert end(process) == 0


def test_a_smaller_terminal_gets_a_smaller_frame(terminal: Terminal) -> None:
    process = drawing_on(terminal)
    send(process, "v 0 80000 206")
    terminal.read_until("Ctrl-C keeps")
    resize(terminal, 30, 3)
    before = len(terminal.text)
    send(process, "v 1 80000 206")
    terminal.read_until("2 of 6 visits")
    assert "provider" not in terminal.text[before:].rpartition("2 of 6 visits")[2]
    assert end(process) == 0


def test_ctrl_c_is_not_for_it_and_a_closed_pipe_ends_it(terminal: Terminal) -> None:
    process = drawing_on(terminal)
    send(process, "v 0 80000 206")
    terminal.read_until("1 of 6 visits")
    process.send_signal(signal.SIGINT)
    send(process, "v 1 80000 206")
    terminal.read_until("2 of 6 visits")
    assert end(process) == 0


def test_without_a_plan_there_is_nothing_to_draw(terminal: Terminal) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "cloudgauge.cli.live_process"],
        stdin=subprocess.DEVNULL,
        stderr=terminal.theirs,
    )
    assert process.wait(_PATIENCE_S) == 0
    terminal.read_all()
    assert terminal.text == ""


_RUN = """
import sys
from pathlib import Path
from cloudgauge.cli.live_watcher import LiveWatcher
from tests.cli.test_live_process import told
watcher = LiveWatcher(told.plan, verbose="-v" in sys.argv)
watcher.begun(Path("results/x"))
told(watcher)
print("told", flush=True)
sys.stdin.read(1)
watcher.ended()
"""


class _Told:
    """Everything that can be told of a run."""

    plan = replace(
        download_plan(
            [object_in("tencent", "ap-guangzhou-open")],
            targets=targets_of(aws=2, gcp=1),
        ),
        egress_prices=(price_of("tencent/ap-guangzhou-open"),),
    )

    def __call__(self, watcher: LiveWatcher) -> None:
        tally = Tally(self.plan, watcher)
        visits = [slot for slot in slots(self.plan) if slot.streams is None]
        transfers = [slot for slot in slots(self.plan) if slot.streams is not None]
        tally.append(sample_of(visits[0], 0))
        tally.append(sample_of(visits[1], 0, failure=FailureKind.REFUSED))
        tally.skip(visits[2])
        tally.append(sample_of(visits[3], 0))
        tally.append(bin_of(transfers[0], 0))


told = _Told()


@pytest.mark.parametrize("words", [[], ["-v"]])
def test_what_a_run_tells_is_drawn_and_wiped(
    terminal: Terminal, words: list[str]
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _RUN, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=terminal.theirs,
    )
    terminal.read_until("3 of 6 visits")
    terminal.read_until("1 failed")
    terminal.read_until("1 skipped")
    terminal.read_until("Mbit/s")
    terminal.read_until("0.01 USD")
    process.communicate(b"x", timeout=_PATIENCE_S)
    assert process.returncode == 0
    terminal.read_all()
    shown = terminal.shown()
    assert shown[0].startswith("made-up: 6 visits to 3 targets, 4 transfers")
    assert shown[1] == "samples go to results/x"
    assert any("refused" in line for line in shown) == bool(words)
    assert len(shown) == (5 if words else 3)


def test_a_terminal_that_is_held_holds_nobody_up(terminal: Terminal) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _RUN],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=terminal.theirs,
    )
    termios.tcflow(terminal.theirs, termios.TCOOFF)
    out, _ = process.communicate(b"x", timeout=_PATIENCE_S)
    assert (process.returncode, out) == (0, b"told\n")
