"""Several vantages on one machine, each in a private Internet of its own.

A vantage is ``cloudgauge world`` at its coordinates, in a network namespace of its own,
with a link to the lab's centre, where scheduler and store stand. The link can be cut,
slowed, or hidden as behind a translator of addresses, and any process can be killed.
Everything ends with the lab, and the lab with the process that made it: namespaces have
no names, and live as long as somebody is inside.
"""

import ipaddress
import json
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from benchmarks.fleet.hub import NETWORK
from benchmarks.fleet.switch import Carried
from cloudgauge.errors import WorldError
from cloudgauge.model.run import Vantage

CENTRE = "centre"
_CENTRE_NUMBER = 1
_FIRST_NUMBER = 11
_LOOK_EVERY_S = 0.05
# Of what must happen soon on any machine, however busy.
_PATIENCE_S = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LabSpec:
    """Which lab is wanted.

    Attributes:
        vantages: With coordinates, and names of their own.
        scenario: Names each vantage; None for the default one.
        target_files: Targets beside the shipped catalogue.
    """

    vantages: tuple[Vantage, ...]
    scenario: Path | None = None
    target_files: tuple[Path, ...] = ()


class Running:
    """A process at a place of the lab.

    Attributes:
        pid: The same inside and outside.
        log: What it writes on both streams.
    """

    def __init__(self, place: "Place", pid: int, log: Path) -> None:
        self.pid = pid
        self.log = log
        self._place = place

    @property
    def code(self) -> int | None:
        """Its exit code, below 0 for a signal; None while it runs."""
        code = self._place.ask("poll", pid=self.pid)["code"]
        return None if code is None else int(code)

    @property
    def text(self) -> str:
        """What it has written so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def kill(self) -> None:
        """Kill this process alone; what it started may live on."""
        self._signal(signal.SIGKILL)

    def kill_all(self) -> None:
        """Kill it with all that it started, as when the machine loses its power."""
        self._signal(signal.SIGKILL, tree=True)

    def interrupt(self) -> None:
        """Ask it to end, as Ctrl-C does."""
        self._signal(signal.SIGINT)

    def terminate(self) -> None:
        """Ask it to end, as an init system does."""
        self._signal(signal.SIGTERM)

    def wait(self, limit_s: float = _PATIENCE_S) -> int:
        """Wait for its end; its exit code.

        Raises:
            TimeoutError: It still runs after *limit_s*.
        """
        wait_until(lambda: self.code is not None, limit_s, f"the end of {self.log}")
        code = self.code
        return -1 if code is None else code

    def _signal(self, number: int, *, tree: bool = False) -> None:
        self._place.ask("signal", pid=self.pid, number=number, tree=tree)


class Place:
    """The centre or a vantage: where processes can be started.

    Attributes:
        name: `CENTRE`, or the vantage's.
        address: Its IPv4 address in the lab.
        folder: Where the logs of its processes are.
    """

    def __init__(self, name: str, address: str, folder: Path, agent: Path) -> None:
        self.name = name
        self.address = address
        self.folder = folder
        self._agent = agent
        self._started = 0

    def start(
        self, command: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> Running:
        """Start a process here; its streams go to a log of its own."""
        self._started += 1
        log = self.folder / f"{self._started}.log"
        words = {"command": list(command), "environment": dict(environment or {})}
        reply = self.ask("start", **words, log=str(log))
        return Running(self, int(reply["pid"]), log)

    def cloudgauge(
        self, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> Running:
        """Start ``cloudgauge`` with these arguments here."""
        return self.start([sys.executable, "-m", "cloudgauge", *arguments], environment)

    @property
    def is_there(self) -> bool:
        """Whether processes can be started."""
        return self._agent.exists()

    @property
    def pid(self) -> int:
        """Of a process that is inside as long as the place is there."""
        return int(self.ask("whoami")["pid"])

    def ask(self, what: str, **words: object) -> dict[str, Any]:
        """Ask the agent of this place.

        Raises:
            WorldError: What was asked for failed, or nobody answers.
        """
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(_PATIENCE_S)
            connection.connect(str(self._agent))
            with connection.makefile("rwb") as lines:
                lines.write(json.dumps({"do": what} | words).encode() + b"\n")
                lines.flush()
                return _reply(lines.readline(), self.name)


class Lab:
    """Vantages with private Internets of their own, and a centre that they all reach.

    Attributes:
        centre: Where scheduler and store stand; it sees no vantage's Internet.
        vantages: Each by its name.
        folder: Logs, and the truth of each vantage's Internet under ``NAME/truth``.
        sockets: Where the places' agents listen; removed at the end.
    """

    def __init__(self, spec: LabSpec, folder: Path) -> None:
        self.folder = folder
        self._spec = spec
        # In /tmp itself, since the path of a Unix socket must be short.
        self.sockets = Path(tempfile.mkdtemp(prefix="lab-"))
        self.centre = self._place(CENTRE, _CENTRE_NUMBER)
        self.vantages = {
            vantage.name: self._place(vantage.name, number)
            for number, vantage in enumerate(spec.vantages, _FIRST_NUMBER)
        }
        self._hub: subprocess.Popen[bytes] | None = None

    def truth(self, name: str) -> Path:
        """Where the log of a vantage's Internet is, whole once the lab has ended."""
        return self.folder / name / "truth"

    def cut(self, name: str) -> None:
        """Lose every packet between a vantage and the others."""
        self._link(name, up=False)

    def restore(self, name: str) -> None:
        """Undo `cut`, `delay` and `hide`."""
        self._link(name)

    def delay(self, name: str, each_way_ns: int) -> None:
        """Hold every packet from and to a vantage for so long."""
        self._link(name, delay_ns=each_way_ns)

    def hide(self, name: str) -> None:
        """Put a vantage behind a translator of addresses: nobody can connect to it."""
        self._link(name, hidden=True)

    def cut_targets(self, name: str) -> None:
        """Take a vantage's targets away from it, as a pulled cable does."""
        self._order("targets", pid=self.vantages[name].pid, up=False)

    def restore_targets(self, name: str) -> None:
        """Undo `cut_targets`."""
        self._order("targets", pid=self.vantages[name].pid, up=True)

    def carried(self) -> tuple[Carried, ...]:
        """What was carried between places so far."""
        return tuple(Carried(**row) for row in self._order("carried")["carried"])

    def __enter__(self) -> "Lab":
        try:
            self._open()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def _open(self) -> None:
        # In a session of its own: Ctrl-C is for us, and we end it.
        words = [self.centre.address, str(self.sockets)]
        self._hub = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.fleet.hub", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self._read_reply()
        started = {self.centre: self._start(self.centre, [])}
        for vantage in self._spec.vantages:
            place = self.vantages[vantage.name]
            started[place] = self._start(place, self._world(vantage))
        for place, pid in started.items():
            self._wait_for(place, pid)
        for place in self.vantages.values():
            self._order("join", address=place.address, pid=place.pid)

    def _world(self, vantage: Vantage) -> list[str]:
        command = [sys.executable, "-m", "cloudgauge", "world", "--vantage-at"]
        if self._spec.scenario is None:
            command += [f"{vantage.latitude_deg},{vantage.longitude_deg}"]
        else:
            command += [vantage.name, "--scenario", str(self._spec.scenario)]
        for file in self._spec.target_files:
            command += ["--targets", str(file)]
        return [*command, "--truth", str(self.truth(vantage.name)), "--"]

    def _start(self, place: Place, before: list[str]) -> int:
        place.folder.mkdir(parents=True)
        agent = [sys.executable, "-m", "benchmarks.fleet.agent"]
        command = [*before, *agent, str(self._socket(place.name))]
        log = place.folder / "place.log"
        return int(self._order("start", command=command, log=str(log))["pid"])

    def _wait_for(self, place: Place, pid: int) -> None:
        def is_there_or_never_will() -> bool:
            return place.is_there or self._order("poll", pid=pid)["code"] is not None

        wait_until(is_there_or_never_will, what=f"the lab's {place.name}")
        if not place.is_there:
            log = place.folder / "place.log"
            text = log.read_text(encoding="utf-8", errors="replace")
            msg = f"the lab's {place.name} could not be made: {text.strip()}"
            raise WorldError(msg)

    def _place(self, name: str, number: int) -> Place:
        address = str(ipaddress.IPv4Address(NETWORK[number]))
        return Place(name, address, self.folder / name, self._socket(name))

    def _socket(self, name: str) -> Path:
        return self.sockets / name

    def _link(self, name: str, **link: object) -> None:
        self._order("link", address=self.vantages[name].address, **link)

    def _order(self, what: str, **words: object) -> dict[str, Any]:
        assert self._hub is not None
        assert self._hub.stdin is not None
        self._hub.stdin.write(json.dumps({"do": what} | words).encode() + b"\n")
        self._hub.stdin.flush()
        return self._read_reply()

    def _read_reply(self) -> dict[str, Any]:
        assert self._hub is not None
        assert self._hub.stdout is not None
        return _reply(self._hub.stdout.readline(), "hub")

    def _close(self) -> None:
        if self._hub is not None:
            with self._hub as hub:
                assert hub.stdin is not None
                # The end of its input: it ends everything that it has started.
                hub.stdin.close()
                try:
                    hub.wait(_PATIENCE_S)
                except subprocess.TimeoutExpired:
                    hub.kill()
        shutil.rmtree(self.sockets, ignore_errors=True)


def wait_until(
    holds: Callable[[], object], limit_s: float = _PATIENCE_S, what: str = "it"
) -> None:
    """Return as soon as something holds.

    Raises:
        TimeoutError: It still does not after *limit_s*.
    """
    until_s = time.monotonic() + limit_s
    while not holds():
        if time.monotonic() > until_s:
            msg = f"waited {limit_s:g} s in vain for {what}"
            raise TimeoutError(msg)
        time.sleep(_LOOK_EVERY_S)


def _reply(line: bytes, who: str) -> dict[str, Any]:
    if not line:
        msg = f"the lab's {who} has ended"
        raise WorldError(msg)
    row: dict[str, Any] = json.loads(line)
    if "problem" in row:
        msg = f"the lab's {who}: {row['problem']}"
        raise WorldError(msg)
    return row
