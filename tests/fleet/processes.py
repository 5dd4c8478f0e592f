"""A fleet on loopback: real processes over TLS, and targets where nobody listens.

A target that refuses is measured as any other, so that no server is needed: every cell
has its sample, a failure.
"""

import contextlib
import datetime as dt
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from cloudgauge import __version__
from cloudgauge.fleet.authority import Wanted, found_authority, issue
from cloudgauge.fleet.identity import Role
from cloudgauge.model.campaign import Pin
from cloudgauge.model.plan import Ceilings, Pacing, ProbeSpec
from cloudgauge.model.quantity import NS_PER_MS
from cloudgauge.model.run import Vantage
from cloudgauge.planning.pin import new_pin
from cloudgauge.workflow.pinning import save_pin
from tests.fakes.plans import plan_of, targets_of

# Nothing here depends on how fast the machine is: this only ends what hangs.
BOUND_S = 240.0
_LOOK_EVERY_S = 0.05
_T = TypeVar("_T")
_GENEROUS = Ceilings(
    visits_per_s=1_000.0, visits_per_s_provider=1_000.0, visits_per_s_host=1_000.0
)


def small_pin(
    *names: str, rounds: int = 3, round_ms: int = 500, part_rounds: int | None = None
) -> Pin:
    """Two targets that refuse, for these vantages."""
    plan = plan_of(
        targets_of(aws=2),
        pacing=Pacing(rounds=rounds, round_ns=round_ms * NS_PER_MS),
        probe=ProbeSpec(warm_requests=0),
        ceilings=_GENEROUS,
    )
    pin = new_pin(plan, tool_version=__version__, pinned_wall_ns=time.time_ns())
    return replace(
        pin,
        vantages=tuple(Vantage(name=name) for name in sorted(names)),
        part_rounds=part_rounds,
    )


@dataclass(kw_only=True)
class Process:
    """One command that runs, and what it says."""

    popen: subprocess.Popen[bytes]
    log: Path
    out: Path

    @property
    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def until_said(self, pattern: str) -> re.Match[str]:
        """Wait until it says so."""

        def found() -> re.Match[str] | None:
            match = re.search(pattern, self.said)
            if match is None and self.popen.poll() is not None:
                msg = f"ended with {self.popen.returncode}:\n{self.said}"
                raise AssertionError(msg)
            return match

        match = wait_for(found, f"{pattern!r} in:\n{self.log}")
        assert match is not None
        return match

    def ended(self) -> int:
        """Wait until it ends; its exit code."""
        try:
            return self.popen.wait(BOUND_S)
        except subprocess.TimeoutExpired as exc:
            msg = f"still runs:\n{self.said}"
            raise AssertionError(msg) from exc

    def send(self, number: signal.Signals) -> None:
        self.popen.send_signal(number)


def wait_for(look: Callable[[], _T], what: str) -> _T:
    """Look until there is something to see."""
    end_s = time.monotonic() + BOUND_S
    while not (seen := look()):
        assert time.monotonic() < end_s, f"not in time: {what}"
        time.sleep(_LOOK_EVERY_S)
    return seen


@dataclass(kw_only=True)
class Fleet:
    """A fleet's folder and what runs of it; `end` leaves nothing behind.

    Attributes:
        folder: Certificates are in ``certificates``, each worker's sets in a folder
            of its vantage's name.
        address: Of the scheduler, once it runs.
    """

    folder: Path
    address: str = ""
    processes: list[Process] = field(default_factory=list)

    @property
    def certificates(self) -> Path:
        return self.folder / "certificates"

    @property
    def results(self) -> Path:
        return self.folder / "results"

    def init(self, *names: str) -> None:
        """Make certificates, and a file of addresses where nobody listens."""
        now = dt.datetime.now(dt.UTC)
        if found_authority(self.certificates, now):
            scheduler = Wanted(role=Role.SCHEDULER, name="scheduler")
            issue(self.certificates, scheduler, now)
        for name in names:
            issue(self.certificates, Wanted(role=Role.VANTAGE, name=name), now)
        hosts = "127.0.0.1 place-0.aws.example place-1.aws.example\n"
        (self.folder / "hosts").write_text(hosts)

    def start(self, name: str, *arguments: str) -> Process:
        """Start a ``cloudgauge fleet`` command; *name* names its log."""
        number = len(self.processes)
        log = self.folder / f"{number}-{name}.log"
        out = self.folder / f"{number}-{name}.out"
        with log.open("wb") as told, out.open("wb") as answer:
            popen = subprocess.Popen(
                [sys.executable, "-m", "cloudgauge", "fleet", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=answer,
                stderr=told,
                cwd=self.folder,
                start_new_session=True,
            )
        process = Process(popen=popen, log=log, out=out)
        self.processes.append(process)
        return process

    def run(self, pin: Pin, *more: str) -> Process:
        """Host a campaign at a port of its own; returns when it listens."""
        path = self.folder / f"pin-{len(self.processes)}.json"
        save_pin(pin, path)
        return self.run_file(path, *more)

    def run_file(self, path: Path, *more: str) -> Process:
        """As `run`, of a pin that lies there."""
        process = self.start(
            "run",
            *("run", str(path), "--format", "json", "--tls", str(self.certificates)),
            *("--scheduler", self.address or "tls://127.0.0.1:0"),
            *("-o", str(self.results), "--wait", "5m", "--lead", "2s", *more),
        )
        said = process.until_said(r"scheduler at (tls://\S+?),")
        self.address = said[1]
        return process

    def worker(self, name: str, *more: str, tls: Path | None = None) -> Process:
        """Start a vantage's worker."""
        return self.start(
            f"worker-{name}",
            *("worker", "--vantage", name, "--scheduler", self.address),
            *("--tls", str(tls or self.certificates)),
            *("--results", str(self.folder / name), "--allow-private"),
            *("--hosts", str(self.folder / "hosts"), *more),
        )

    def status(self) -> dict[str, dict[str, object]]:
        """What ``fleet status`` says of each vantage."""
        asked = self.start(
            "status",
            *("status", "--scheduler", self.address, "--format", "json"),
            *("--tls", str(self.certificates)),
        )
        assert asked.ended() == 0, asked.said
        return by_vantage(asked)

    def end(self) -> None:
        """End everything that still runs."""
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.popen.pid, signal.SIGKILL)
            process.popen.wait(BOUND_S)


def by_vantage(process: Process) -> dict[str, dict[str, object]]:
    """The rows of a command's table by their vantages."""
    answer = json.loads(process.out.read_text())
    rows: list[dict[str, object]] = answer["tables"]["vantages"]
    return {str(row["vantage"]): row for row in rows}
