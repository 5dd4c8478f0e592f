"""A campaign of a few targets that are one server on loopback, and its cells."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from cloudgauge.measure.trust import TrustSettings
from cloudgauge.model.campaign import Pin
from cloudgauge.model.plan import Ceilings, Pacing, Plan, ProbeSpec
from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S
from cloudgauge.model.run import Part, RunOutcome, Vantage
from cloudgauge.model.sample import Sample
from cloudgauge.planning.pin import campaign_of, new_pin
from cloudgauge.store.resultset import ResultSet
from cloudgauge.workflow.ahead import Ahead
from cloudgauge.workflow.gauging import RunReport, RunRequest
from cloudgauge.workflow.progress import RoundSummary, Tally, TransferState, Watcher
from cloudgauge.workflow.rolling import (
    Rolling,
    RollingReport,
    measure_rolling,
    rolling_of,
)
from cloudgauge.workflow.share import ShareRequest, share_to_json
from tests.fakes.authority import Authority
from tests.fakes.plans import plan_of, target
from tests.fakes.server import FakeServer, Script, answer_bytes, answering

TARGETS = 4
ROUND_NS = 300 * NS_PER_MS
LAB = Vantage(name="lab", city="Springfield", country="US")
_HOST = "place-{}.aws.example"
_BOUND_S = 120.0
_ANSWERING = answering(answer_bytes(200))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A server that stands for all targets, and the files that lead there."""

    server: FakeServer
    ca_file: Path
    hosts_file: Path
    results: Path

    def plan(self, *, rounds: int, round_ns: int = ROUND_NS) -> Plan:
        """A plan of all targets, whose ceilings let short rounds pass."""
        port = self.server.port
        return plan_of(
            [
                target("aws", f"place-{n}", host=f"{_HOST.format(n)}:{port}")
                for n in range(TARGETS)
            ],
            probe=ProbeSpec(warm_requests=1, timeout_ns=20 * NS_PER_S),
            pacing=Pacing(rounds=rounds, round_ns=round_ns),
            ceilings=Ceilings(
                visits_per_s=200.0, visits_per_s_provider=200.0, visits_per_s_host=50.0
            ),
        )

    def pin(self, *, rounds: int, part_rounds: int, round_ns: int = ROUND_NS) -> Pin:
        """The same, pinned, in parts."""
        plan = self.plan(rounds=rounds, round_ns=round_ns)
        pin = new_pin(plan, tool_version="0.1.0", pinned_wall_ns=1)
        return replace(pin, part_rounds=part_rounds)

    def request(self, plan: Plan) -> RunRequest:
        """What a run of a plan needs to know here."""
        return RunRequest(
            plan=plan,
            vantage=LAB,
            results=self.results,
            trust=TrustSettings(ca_file=self.ca_file),
            hosts_file=self.hosts_file,
            private_allowed=True,
        )

    def roll(
        self,
        pin: Pin,
        rolling: Rolling | None = None,
        *,
        ended: Callable[[RunReport], None] = lambda _report: None,
        watcher: Watcher | None = None,
    ) -> RollingReport:
        """Measure a pin's parts in this process, as *rolling* or the pin says."""
        request, rolling = self.request(pin.plan), rolling or rolling_of(pin)
        return measure_rolling(request, rolling, watcher or Quiet(), ended)

    def share(self, pin: Pin) -> ShareRequest:
        """The share that a process is asked for."""
        return ShareRequest(
            pin=pin,
            vantage=LAB,
            results=self.results,
            ca_file=self.ca_file,
            hosts_file=self.hosts_file,
            private_allowed=True,
        )

    def parts(self, pin: Pin) -> list[ResultSet]:
        """The sets of a pin's parts by their number, sealed if need be."""
        found = [
            ResultSet.open(folder)
            for folder in sorted(self.results.iterdir())
            if not folder.name.startswith(".")
        ]
        assert all(part_of(one).campaign == campaign_of(pin) for one in found)
        return sorted(found, key=lambda one: part_of(one).number)


@contextmanager
def ground(folder: Path, script: Script = _ANSWERING) -> Iterator[Ground]:
    """Stand a server up for all targets, which does what *script* says."""
    authority = Authority(folder)
    names = [_HOST.format(n) for n in range(TARGETS)]
    context = authority.server_context(*names)
    hosts_file = folder / "hosts"
    hosts_file.write_text("".join(f"127.0.0.1 {name}\n" for name in names))
    with FakeServer(script, context) as server:
        yield Ground(
            server=server,
            ca_file=authority.ca_file,
            hosts_file=hosts_file,
            results=folder / "results",
        )


class Quiet:
    """A watcher that says nothing, and knows which folders were begun."""

    def __init__(self) -> None:
        self.folders: list[Path] = []
        self.ahead: list[Ahead] = []

    def looking_ahead(self, ahead: Ahead) -> None:
        self.ahead.append(ahead)

    def begun(self, folder: Path) -> None:
        self.folders.append(folder)

    def sampled(self, sample: Sample) -> None: ...

    def failed(self, sample: Sample) -> None: ...

    def visited(self, tally: Tally) -> None: ...

    def transferring(self, tally: Tally, state: TransferState) -> None: ...

    def transferred(self, state: TransferState) -> None: ...

    def round_done(self, summary: RoundSummary) -> None: ...


def part_of(one: ResultSet) -> Part:
    """Which part a set is."""
    part = one.manifest.run.part
    assert part is not None
    return part


def outcome_of(one: ResultSet) -> RunOutcome:
    """How it ended."""
    outcome = one.manifest.outcome
    assert outcome is not None
    return outcome


def cells_of(sets: Iterable[ResultSet]) -> Counter[int]:
    """How often each slot was carried out."""
    return Counter(
        row["seq"]
        for one in sets
        for row in one.table(("seq", "exchange")).to_pylist()
        if row["exchange"] == 0
    )


def all_cells_once(plan: Plan) -> Counter[int]:
    """What a campaign without loss and without duplicates has."""
    return Counter(range(plan.visit_count))


def start_share(request: ShareRequest) -> "subprocess.Popen[str]":
    """Start the process of a share; its events are on its stdout."""
    process = subprocess.Popen(
        [sys.executable, "-m", "cloudgauge.workflow.share_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    assert process.stdin is not None
    process.stdin.write(f"{share_to_json(request)}\n")
    process.stdin.close()
    return process


def until(what: Callable[[], bool]) -> None:
    """Wait until something is so, for as long as a busy machine may take."""
    limit_s = time.monotonic() + _BOUND_S
    while not what():
        assert time.monotonic() < limit_s
        time.sleep(0.02)
