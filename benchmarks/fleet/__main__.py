"""A campaign of many vantages whose machines and networks fail; prints what was lost.

Run it from the repository's top folder: ``python -m benchmarks.fleet``. Eight workers,
each with a private Internet of its own, 250 targets, five minutes; two workers are
killed, one of them with all that it started, and a third's network is cut for half a
minute. Nothing leaves this machine.
"""

import argparse
import json
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.fleet.campaign import (
    PORT,
    STORE_PORT,
    Campaign,
    start_store,
    store_environment,
)
from benchmarks.fleet.drill import Blow, Drill, Fault
from benchmarks.fleet.lab import Lab, wait_until
from benchmarks.fleet.scene import Scene
from benchmarks.fleet.switch import Carried
from benchmarks.fleet.tally import Tally, merged_in, tally
from benchmarks.instrument.figures import percentile
from benchmarks.instrument.machine import describe_machine
from benchmarks.instrument.processes import Cost
from cloudgauge.model.quantity import NS_PER_S

# A round of 250 targets takes eight probers of two processors half a minute: about 67
# visits a second all together, at 12 ms of prober, server and delay line each.
SCENE = Scene(vantages=8, targets=250, rounds=10, round_ns=30 * NS_PER_S)
PART_ROUNDS = 2
FAULTS = (
    Fault(at_s=75, vantage="tokyo", blow=Blow.KILL),
    Fault(at_s=95, vantage="tokyo", blow=Blow.START),
    Fault(at_s=120, vantage="denver", blow=Blow.CUT),
    Fault(at_s=150, vantage="denver", blow=Blow.RESTORE),
    Fault(at_s=170, vantage="berlin", blow=Blow.POWER),
    Fault(at_s=190, vantage="berlin", blow=Blow.START),
)
_ASKED_AT_S = 20
_BEGIN_S = 600.0
_END_S = 1800.0
_MIB = 1024**2
_HEAD = """# A campaign that loses no cell

`python -m benchmarks.fleet -o benchmarks/fleet/RESULTS.md` makes this anew. Eight
vantages on one machine, each in a network namespace and a private Internet of its own,
a scheduler over TLS, sealed parts through an S3-compatible store.

"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a campaign came to.

    Attributes:
        code: The scheduler's exit code.
        tallies: Of the merged set, counted by hand; of the parts where there is none.
        merged: How many merged sets there are.
        costs: What was seen of each process.
        carried: Between the places, once the campaign had ended.
        standing: What ``fleet status`` told half a minute into it.
        seconds: From the first sample to the scheduler's end.
    """

    code: int
    tallies: tuple[Tally, ...]
    merged: int
    costs: dict[str, tuple[Cost, ...]]
    carried: tuple[Carried, ...]
    standing: dict[str, dict[str, Any]]
    seconds: float

    @property
    def is_whole(self) -> bool:
        """Whether every cell of every vantage is in one set, exactly once."""
        return self.merged == 1 and all(one.is_whole for one in self.tallies)


def run(folder: Path, scene: Scene, faults: tuple[Fault, ...]) -> Outcome:
    """Run a campaign in an empty *folder* while *faults* come.

    Raises:
        WorldError: There can be no private network here.
        TimeoutError: It does not begin, or does not end.
    """
    campaign = Campaign(scene, folder / "campaign", part_rounds=PART_ROUNDS)
    with Lab(campaign.written.lab, folder / "lab") as lab:
        _say(f"{scene.vantages} vantages stand")
        campaign.found(lab.centre.address)
        start_store(lab, folder / "store")
        environment = store_environment(lab.centre.address)
        scheduler = campaign.start_scheduler(
            lab, "--store", campaign.store, environment=environment
        )
        drill = Drill(lab, campaign, scheduler, environment)
        for name in scene.names:
            drill.start_worker(name)
        begun_s = _wait_for_the_first_sample(campaign, drill)
        _say("all measure")
        drill.run([fault for fault in faults if fault.at_s < _ASKED_AT_S], begun_s)
        standing = _standing(campaign, lab)
        drill.run([fault for fault in faults if fault.at_s >= _ASKED_AT_S], begun_s)
        _say("every fault has come")
        code = drill.wait(_END_S)
        seconds = time.monotonic() - begun_s
        print(scheduler.text, file=sys.stderr)
        carried, costs = lab.carried(), drill.costs
        for worker in drill.workers.values():
            worker.wait()
    merged = merged_in(campaign.merged)
    paths = merged or tuple(campaign.results(name) for name in scene.names)
    return Outcome(
        code=code,
        tallies=tally(paths, scene.names, scene.cells),
        merged=len(merged),
        costs=costs,
        carried=carried,
        standing=standing,
        seconds=seconds,
    )


def _wait_for_the_first_sample(campaign: Campaign, drill: Drill) -> float:
    def all_measure() -> bool:
        drill.look()
        if drill.scheduler.code is not None:
            raise RuntimeError(drill.scheduler.text)
        return all(
            any(campaign.results(name).glob("*/journal.sqlite"))
            for name in campaign.scene.names
        )

    wait_until(all_measure, _BEGIN_S, "the first sample of each vantage")
    return time.monotonic()


def _standing(campaign: Campaign, lab: Lab) -> dict[str, dict[str, Any]]:
    asked = campaign.status(lab, "--format", "json", "--quiet")
    if asked.wait():
        raise RuntimeError(asked.text)
    table = json.loads(asked.text)["tables"]["vantages"]
    return {row["vantage"]: row for row in table}


def to_markdown(scene: Scene, outcome: Outcome, faults: tuple[Fault, ...]) -> str:
    """The tables, and the verdict."""
    rate = scene.vantages * scene.targets / (scene.round_ns / NS_PER_S)
    told = "; ".join(
        f"{fault.at_s:g} s {fault.vantage} {fault.blow}"
        for fault in sorted(faults, key=lambda fault: fault.at_s)
    )
    planned = sum(one.planned for one in outcome.tallies)
    held = sum(one.held for one in outcome.tallies)
    twice = sum(one.twice for one in outcome.tallies)
    verdict = "met" if outcome.is_whole else "**MISSED**"
    lines = [
        f"{scene.vantages} workers x {scene.targets} targets x {scene.rounds} rounds "
        f"of {scene.round_ns / NS_PER_S:g} s: {scene.seconds:g} s, {rate:.0f} visits/s "
        "all together, a length that this machine carries; "
        f"{describe_machine()}.",
        "",
        f"What happened, after the first sample: {told}.",
        "",
        "| cells | planned | held | twice | lacking | goal: none lost, none twice |",
        "| --- | ---: | ---: | ---: | ---: | --- |",
        f"| all vantages | {planned:,} | {held:,} | {twice:,} | {planned - held:,} "
        f"| {verdict} |",
        "",
        f"The scheduler ended with exit code {outcome.code} {outcome.seconds:.0f} s "
        f"after the first sample, and left {outcome.merged} merged set.",
        "",
        "| vantage | planned | held | twice | lacking | failed visits | parts "
        "| late p50 ms | late p99 ms | worker MiB | largest process MiB "
        "| to and from the scheduler kB | to and from the store kB "
        "| clock ahead ms | ± ms |",
        "| --- |" + " ---: |" * 14,
        *(_row(one, scene, outcome) for one in outcome.tallies),
        "",
        f"Scheduler: {_peak_mib(outcome.costs['scheduler']):.0f} MiB at most. Failed "
        "visits are data: their cells are held. Bytes are of whole packets, as the "
        "lab's own switch carried them; what goes to the scheduler are events, "
        "questions and answers, and no samples.",
        "",
    ]
    return "\n".join(lines)


def _row(one: Tally, scene: Scene, outcome: Outcome) -> str:
    address = f"192.0.2.{11 + scene.names.index(one.vantage)}"
    costs = outcome.costs[one.vantage]
    standing = outcome.standing.get(one.vantage, {})
    cells = [
        one.vantage,
        *(f"{count:,}" for count in (one.planned, one.held, one.twice, one.lacking)),
        f"{one.failed:,}",
        str(one.sets),
        *(
            f"{percentile(one.late_ms, share):.1f}" if one.late_ms else "-"
            for share in (0.5, 0.99)
        ),
        f"{_peak_mib(costs):.0f}",
        f"{max(cost.tree_peak_bytes for cost in costs) / _MIB:.0f}",
        f"{_carried_kb(outcome, address, PORT):,.0f}",
        f"{_carried_kb(outcome, address, STORE_PORT):,.0f}",
        *(
            "-" if standing.get(key) is None else f"{standing[key]:+.3f}"
            for key in ("clock_ahead_ms", "clock_uncertainty_ms")
        ),
    ]
    return f"| {' | '.join(cells)} |"


def _peak_mib(costs: tuple[Cost, ...]) -> float:
    return max(cost.peak_bytes for cost in costs) / _MIB


def _carried_kb(outcome: Outcome, address: str, port: int) -> float:
    return sum(
        row.total_bytes / 1e3
        for row in outcome.carried
        if row.port == port and address in (row.source, row.destination)
    )


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main(arguments: list[str]) -> int:
    """Print the tables; 1 if a cell was lost or is there twice."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.fleet",
        description=(__doc__ or "").partition("\n")[0],
    )
    parser.add_argument(
        "-o", "--output", type=Path, help="write the tables there instead of printing"
    )
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="keep logs, sets and truth there"
    )
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="cloudgauge-fleet-") as name:
        outcome = run(options.keep or Path(name), SCENE, FAULTS)
    markdown = to_markdown(SCENE, outcome, FAULTS)
    if options.output is None:
        print(markdown, end="")
    else:
        options.output.write_text(f"{_HEAD}{markdown}", encoding="utf-8")
    return int(not outcome.is_whole)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
