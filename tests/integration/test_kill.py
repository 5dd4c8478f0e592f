"""A run that is killed loses at most its last second, and is never unreadable.

What was there to be lost is told by the private network itself: its log knows when
each answer reached the prober.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from cloudgauge.catalog.loader import load_catalog
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.run import StopReason
from cloudgauge.model.target import Selection, Target
from cloudgauge.store.resultset import ResultSet
from cloudgauge.store.verify import verify
from cloudgauge.world.scenario_file import parse_scenario
from cloudgauge.world.session import WorldSpec, run_in_world
from cloudgauge.world.truth import ExchangeTruth, read_truth

pytestmark = pytest.mark.private_network

_KILLS = 20
_SEED = 20261122
# Slow enough that a visit with its warm requests lasts longer than the second that
# may be lost: a sample must not wait for the end of its visit.
_SCENARIO = """
name = "far away"
[[region]]
match = "*"
rtt = "200ms"
jitter = "0s"
loss = 0.0
"""


@dataclass(frozen=True)
class Killed:
    """A run that was killed, and what had been answered before."""

    folder: Path
    killed_wall_ns: int
    stalled_ns: int
    answered: tuple[ExchangeTruth, ...]


@pytest.fixture(scope="module")
def killed_runs(tmp_path_factory: pytest.TempPathFactory) -> list[Killed]:
    root = tmp_path_factory.mktemp("killed")
    spec = WorldSpec(
        scenario=parse_scenario(_SCENARIO, where="far-away.toml"), targets=_targets()
    )
    regions = [target.region.region_id for target in spec.targets]
    log = root / "killed.jsonl"
    command = [
        sys.executable,
        "-m",
        "tests.integration.killing",
        str(log),
        str(root),
        str(_SEED),
        *regions,
    ]
    outcome = run_in_world(command, spec=spec, truth=root / "truth")
    assert outcome.exit_code == 0
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert len(lines) == _KILLS
    exchanges = read_truth(root / "truth").exchanges
    return [_killed(line, spec, exchanges) for line in lines]


def _targets() -> tuple[Target, ...]:
    catalog = load_catalog()
    on = [region for region in catalog.regions if region.on_by_default]
    chosen = on[:: len(on) // _KILLS][:_KILLS]
    assert len(chosen) == _KILLS
    return catalog.select(Selection(regions=tuple(one.region_id for one in chosen)))


def _killed(
    line: dict[str, str], spec: WorldSpec, exchanges: tuple[ExchangeTruth, ...]
) -> Killed:
    (folder,) = Path(line["results"]).iterdir()
    addresses = {
        address
        for site in spec.sites()
        if site.region_id == line["region_id"]
        for address in site.ipv4
    }
    return Killed(
        folder=folder,
        killed_wall_ns=int(line["killed_wall_ns"]),
        stalled_ns=int(line["stalled_ns"]),
        answered=tuple(one for one in exchanges if one.remote_address in addresses),
    )


def _ended_wall_ns(truth: ExchangeTruth) -> int | None:
    if truth.first_byte_ns is None:
        return None
    before_ns = (truth.connect_ns or 0) + (truth.tls_ns or 0)
    return truth.began_wall_ns + before_ns + truth.first_byte_ns


def test_every_killed_run_is_a_set_that_verifies_and_says_it_was_killed(
    killed_runs: list[Killed],
) -> None:
    for run in killed_runs:
        result = ResultSet.open(run.folder)
        outcome = result.manifest.outcome
        assert outcome is not None
        assert not outcome.complete
        assert outcome.stop_reason is StopReason.KILLED
        verify(run.folder)


def test_nothing_older_than_a_second_is_lost(killed_runs: list[Killed]) -> None:
    held_to_it = 0
    for run in killed_runs:
        safe_wall_ns = run.killed_wall_ns - NS_PER_S - run.stalled_ns
        columns = ("remote_address", "local_port", "exchange")
        rows = ResultSet.open(run.folder).table(columns).to_pylist()
        kept = {tuple(row[name] for name in columns) for row in rows}
        for truth in run.answered:
            ended_wall_ns = _ended_wall_ns(truth)
            if ended_wall_ns is None or ended_wall_ns > safe_wall_ns:
                continue
            path = (truth.remote_address, truth.local_port, truth.exchange)
            assert path in kept, f"{run.folder.name}: {path} was answered and is lost"
            held_to_it += 1
    # Visits last 1.4 s and runs up to 4 s: were there none, nothing was tested.
    assert held_to_it > 2 * _KILLS
