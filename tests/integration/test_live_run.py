"""A run on a terminal: its figures come, and leave it clean."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.terminal import Terminal, open_terminal
from tests.integration.test_run import plan_in

pytestmark = pytest.mark.private_network

_LIMIT_S = 300


def run_on(terminal: Terminal, folder: Path) -> "subprocess.Popen[str]":
    private = {"CLOUDGAUGE_WORLD", "SSL_CERT_FILE", "SSL_CERT_DIR"}
    words = ["run", plan_in(folder), "--world", "--vantage", "lab"]
    return subprocess.Popen(
        [sys.executable, "-m", "cloudgauge", *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=terminal.theirs,
        text=True,
        process_group=0,
        env={key: text for key, text in os.environ.items() if key not in private},
    )


def shown_after(terminal: Terminal, process: "subprocess.Popen[str]") -> list[str]:
    """What stands on the terminal when the run has ended."""
    # A terminal that nobody reads takes no more at some time.
    terminal.read_all()
    process.communicate(timeout=_LIMIT_S)
    return terminal.shown()


def test_a_run_shows_its_figures_and_leaves_messages_alone(tmp_path: Path) -> None:
    with open_terminal() as terminal:
        process = run_on(terminal, tmp_path)
        terminal.read_until("95 % interval")
        terminal.read_until("slowest")
        shown = shown_after(terminal, process)
    assert process.returncode == 0
    assert any(line.startswith("small: 21 visits to 7 targets") for line in shown)
    assert shown[-2].startswith("result set: results/")
    assert not any("95 % interval" in line or "Ctrl-C" in line for line in shown)


def test_an_interrupt_leaves_a_clean_terminal_and_the_set(tmp_path: Path) -> None:
    with open_terminal() as terminal:
        process = run_on(terminal, tmp_path)
        terminal.read_until("95 % interval")
        os.killpg(process.pid, signal.SIGINT)
        shown = shown_after(terminal, process)
    assert process.returncode == 130
    assert not any("95 % interval" in line or "Ctrl-C" in line for line in shown)
    assert not any("Traceback" in line for line in shown)
    assert any(line.startswith("result set: results/") for line in shown)
