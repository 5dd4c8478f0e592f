"""Runs a campaign in a lab while machines and networks fail as a list says."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from benchmarks.fleet.campaign import Campaign
from benchmarks.fleet.lab import Lab, Running
from benchmarks.instrument.processes import Cost, Watch

_LOOK_EVERY_S = 0.25


class Blow(StrEnum):
    """What happens to a vantage.

    ``KILL``: its worker gets SIGKILL, what it started may live on. ``POWER``: worker
    and prober get it at once. ``START``: its worker is started again. ``CUT``: its
    link to scheduler and store loses everything. ``DARK``: so does its way to the
    targets. ``RESTORE``: both are there again.
    """

    KILL = "kill"
    POWER = "power"
    START = "start"
    CUT = "cut"
    DARK = "dark"
    RESTORE = "restore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong, or right again.

    Attributes:
        at_s: After the first sample of the vantage that was first to measure.
    """

    at_s: float
    vantage: str
    blow: Blow


class Drill:
    """A campaign with its workers, while faults come.

    Attributes:
        scheduler: ``fleet run``.
        workers: The newest worker of each vantage.
        costs: What was seen of each process, by its name; later workers of a vantage
            under the same name.
    """

    def __init__(
        self,
        lab: Lab,
        campaign: Campaign,
        scheduler: Running,
        environment: Mapping[str, str],
    ) -> None:
        self.scheduler = scheduler
        self.workers: dict[str, Running] = {}
        self._lab = lab
        self._campaign = campaign
        self._environment = environment
        self._watches: dict[str, list[Watch]] = {}
        self._watch("scheduler", scheduler)

    @property
    def processes(self) -> tuple[Running, ...]:
        """The scheduler, and the newest worker of each vantage."""
        return self.scheduler, *self.workers.values()

    def start_worker(self, name: str) -> None:
        """Start a vantage's worker, for the first time or again."""
        worker = self._campaign.start_worker(
            self._lab, name, environment=self._environment
        )
        self.workers[name] = worker
        self._watch(name, worker)

    def run(self, faults: Sequence[Fault], begun_s: float) -> None:
        """Let everything happen in its time, counted from *begun_s*, monotonic."""
        for fault in sorted(faults, key=lambda fault: fault.at_s):
            while time.monotonic() < begun_s + fault.at_s:
                self.look()
                time.sleep(_LOOK_EVERY_S)
            self._strike(fault)

    def wait(self, limit_s: float) -> int:
        """Wait for the end of the campaign; the scheduler's exit code.

        Raises:
            TimeoutError: It still runs after *limit_s*.
        """
        until_s = time.monotonic() + limit_s
        while (code := self.scheduler.code) is None:
            if time.monotonic() > until_s:
                msg = f"the campaign does not end: {self.scheduler.text}"
                raise TimeoutError(msg)
            self.look()
            time.sleep(_LOOK_EVERY_S)
        return code

    def look(self) -> None:
        """Look what every process uses."""
        for watches in self._watches.values():
            watches[-1].look()

    @property
    def costs(self) -> dict[str, tuple[Cost, ...]]:
        """What was seen of each process and what it started."""
        return {
            name: tuple(watch.cost() for watch in watches)
            for name, watches in self._watches.items()
        }

    def _strike(self, fault: Fault) -> None:
        name, lab = fault.vantage, self._lab
        match fault.blow:
            case Blow.KILL:
                self.workers[name].kill()
            case Blow.POWER:
                self.workers[name].kill_all()
            case Blow.START:
                self.start_worker(name)
            case Blow.CUT:
                lab.cut(name)
            case Blow.DARK:
                lab.cut(name)
                lab.cut_targets(name)
            case Blow.RESTORE:
                lab.restore(name)
                lab.restore_targets(name)

    def _watch(self, name: str, process: Running) -> None:
        watch = Watch(process.pid)
        watch.look()
        self._watches.setdefault(name, []).append(watch)
