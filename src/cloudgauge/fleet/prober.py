"""The prober of a worker: a process of its own that nothing of the engine is in.

It is given its share as one line and tells what becomes of it, a line each. It goes on
whatever becomes of the engine; a signal ends it softly.
"""

import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

MODULE = "cloudgauge.workflow.share_process"
_LINE_LIMIT_BYTES = 1024 * 1024
# Of what a process complained only the end is worth a line.
_COMPLAINT_CHARACTERS = 500

Event = Mapping[str, Any]


class Prober:
    """One process that measures a share, or what is left of it.

    Args:
        command: What to start; the prober itself unless a test has another.
    """

    def __init__(self, command: Sequence[str] = (sys.executable, "-m", MODULE)) -> None:
        self._command = tuple(command)
        self._process: asyncio.subprocess.Process | None = None

    async def run(self, request: str, heard: Callable[[Event], None]) -> str:
        """Measure; every event is told as it comes.

        Args:
            request: JSON, one line.
            heard: Is given each event.

        Returns:
            Why it went wrong; "" if it ended well.
        """
        process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=_LINE_LIMIT_BYTES,
            # Ctrl-C on the worker's terminal is for the worker, which passes it on.
            start_new_session=True,
        )
        self._process = process
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_give(process, request))
                failed = group.create_task(_follow(process, heard))
                complaint = group.create_task(_last_words(process))
            code = await process.wait()
        finally:
            self._process = None
            if process.returncode is None:
                process.terminate()
        if failed.result():
            return failed.result()
        return complaint.result() or f"ended with {code}" if code else ""

    def stop(self) -> None:
        """End it softly: what it measured is kept."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGTERM)


async def _give(process: asyncio.subprocess.Process, request: str) -> None:
    stdin = process.stdin
    if stdin is None:
        return
    # It may have died before it read.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        stdin.write(f"{request}\n".encode())
        await stdin.drain()
    stdin.close()


async def _follow(
    process: asyncio.subprocess.Process, heard: Callable[[Event], None]
) -> str:
    """Pass its events on; what it said went wrong."""
    failed = ""
    if process.stdout is None:
        return failed
    async for line in process.stdout:
        event = json.loads(line)
        if event.get("event") == "failed":
            failed = str(event.get("message"))
        heard(event)
    return failed


async def _last_words(process: asyncio.subprocess.Process) -> str:
    said = ""
    if process.stderr is None:
        return said
    async for line in process.stderr:
        said = f"{said}{line.decode(errors='replace')}"[-_COMPLAINT_CHARACTERS:]
    return said.strip()
