"""Starts and ends processes at a place of the lab.

``python -m benchmarks.fleet.agent SOCKET`` listens on a Unix socket, whose path reaches
into every network namespace; each line of JSON that it reads is answered by one. What
it has started ends with it.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from benchmarks.fleet.processes import descendants, kill_tree
from cloudgauge.world import signals

_REAP_EVERY_S = 0.2


class Agent:
    """What was started here, by its number."""

    def __init__(self) -> None:
        self._started: dict[int, subprocess.Popen[bytes]] = {}

    def obey(self, order: dict[str, Any]) -> dict[str, object]:
        """Do what a line asks for."""
        match order.pop("do"):
            case "whoami":
                return {"pid": os.getpid()}
            case "start":
                return {"pid": self._start(**order)}
            case "poll":
                return {"code": self._started[order["pid"]].poll()}
            case "signal":
                self._signal(**order)
                return {}
            case word:
                msg = f"want whoami, start, poll or signal, got {word}"
                raise ValueError(msg)

    def reap_orphans(self) -> None:
        """Let what our processes left behind be gone once it has ended."""
        for pid in descendants(os.getpid()):
            if pid not in self._started:
                # It may be another's child, who will ask for its end.
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)

    def end(self) -> None:
        """Kill what is still there."""
        for pid, process in self._started.items():
            if process.poll() is None:
                kill_tree(pid)
                process.wait()

    def _start(self, command: list[str], environment: dict[str, str], log: str) -> int:
        with Path(log).open("ab") as output:
            process = subprocess.Popen(
                command,
                env=os.environ | environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=_start_fresh,  # noqa: PLW1509  this process has one thread
            )
        self._started[process.pid] = process
        return process.pid

    def _signal(self, pid: int, number: int, *, tree: bool) -> None:
        process = self._started[pid]
        if process.poll() is not None:
            return
        if tree:
            kill_tree(pid)
        else:
            process.send_signal(number)


def _start_fresh() -> None:
    signals.start_fresh()
    signals.die_with_parent(signal.SIGKILL)


def _serve(agent: Agent, listener: socket.socket) -> None:
    listener.settimeout(_REAP_EVERY_S)
    while True:
        agent.reap_orphans()
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            continue
        with connection, connection.makefile("rwb") as lines:
            for line in lines:
                try:
                    reply = agent.obey(json.loads(line))
                except OSError as exc:
                    reply = {"problem": str(exc)}
                # Who asked may have gone.
                with contextlib.suppress(BrokenPipeError):
                    lines.write(json.dumps(reply).encode() + b"\n")
                    lines.flush()


def _leave(number: int, _: FrameType | None) -> None:
    sys.exit(128 + number)


def main(path: str) -> None:
    """Listen on the Unix socket of this path until we are ended."""
    signal.signal(signal.SIGTERM, _leave)
    signals.adopt_orphans()
    agent = Agent()
    with socket.socket(socket.AF_UNIX) as listener:
        # Renamed into place, so that who finds it can connect.
        listener.bind(path + ".new")
        listener.listen()
        Path(path + ".new").rename(path)
        try:
            _serve(agent, listener)
        finally:
            agent.end()


if __name__ == "__main__":
    main(sys.argv[1])
