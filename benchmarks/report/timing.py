"""How long a page takes to write, as a process of its own, and to open in Chromium."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import sync_playwright

_KIB = 1024
_LIMIT_MS = 300_000
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What it took to write a page.

    Attributes:
        wall_s: From the start of the process to its end.
        processor_s: Of all its threads, in the system too.
        peak_bytes: The most that was resident.
        size_bytes: Of the page.
    """

    wall_s: float
    processor_s: float
    peak_bytes: int
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What it took to open a page.

    Attributes:
        loaded_s: From asking for it until its document was there and its scripts ran.
        drawn_s: Until the first picture stood in it.
    """

    loaded_s: float
    drawn_s: float


def write(arguments: Sequence[str], output: Path) -> Written:
    """Run Python with *arguments*, which writes *output*.

    Raises:
        RuntimeError: It failed.
    """
    began_s = time.monotonic()
    process = subprocess.Popen([sys.executable, *arguments])
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.monotonic() - began_s
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        msg = f"{arguments[1]} ended with {process.returncode}"
        raise RuntimeError(msg)
    return Written(
        wall_s=wall_s,
        processor_s=usage.ru_utime + usage.ru_stime,
        peak_bytes=usage.ru_maxrss * _KIB,
        size_bytes=output.stat().st_size,
    )


def open_page(path: Path, *, drawn: str, repeats: int = 3) -> Opened:
    """Open a page in a browser that has just been started, the best of some times.

    Args:
        path: Of the page.
        drawn: A selector of what is there once the first picture is drawn.
        repeats: How often.
    """
    browser_path = shutil.which("chromium") or "/usr/bin/chromium"
    tries = []
    with sync_playwright() as playwright:
        for _ in range(repeats):
            browser = playwright.chromium.launch(
                executable_path=browser_path, args=list(_ARGUMENTS)
            )
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            began_s = time.monotonic()
            page.goto(path.as_uri(), wait_until="domcontentloaded", timeout=_LIMIT_MS)
            loaded_s = time.monotonic() - began_s
            page.wait_for_selector(drawn, state="attached", timeout=_LIMIT_MS)
            tries.append((loaded_s, time.monotonic() - began_s))
            browser.close()
    loaded_s, drawn_s = (min(times) for times in zip(*tries, strict=True))
    return Opened(loaded_s=loaded_s, drawn_s=drawn_s)
