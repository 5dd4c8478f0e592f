"""A store that refuses, is out of order or drops the line holds no campaign up."""

from functools import partial
from pathlib import Path

import pytest

from benchmarks.fleet.campaign import (
    STORE_PORT,
    Campaign,
    start_store,
    store_environment,
)
from benchmarks.fleet.drill import Drill
from benchmarks.fleet.lab import Lab, Running
from benchmarks.fleet.scene import Scene
from benchmarks.fleet.tally import merged_in, tally
from cloudgauge.model.quantity import NS_PER_S
from tests.fakes.store_gate import DROP, PASS, command
from tests.integration.fleet_lab import END_S, wait_for

pytestmark = pytest.mark.private_network

_SCENE = Scene(vantages=1, targets=10, rounds=3, round_ns=4 * NS_PER_S)
_GATE_PORT = STORE_PORT + 1


def test_parts_wait_until_the_store_takes_them(tmp_path: Path) -> None:
    campaign = Campaign(_SCENE, tmp_path / "campaign", part_rounds=1)
    mode = tmp_path / "mode"
    (name,) = _SCENE.names
    with Lab(campaign.written.lab, tmp_path / "lab") as lab:
        campaign.found(lab.centre.address)
        start_store(lab, tmp_path / "store")
        centre = lab.centre.address
        mode.write_text("403", encoding="ascii")
        gate = lab.centre.start(
            command((centre, _GATE_PORT), f"{centre}:{STORE_PORT}", mode)
        )
        environment = store_environment(centre, port=_GATE_PORT)
        scheduler = campaign.start_scheduler(
            lab, "--store", campaign.store, environment=environment
        )
        drill = Drill(lab, campaign, scheduler, environment)
        drill.start_worker(name)
        # Each trouble lasts until an upload has met it.
        for trouble, then in (("403", "503"), ("503", DROP), (DROP, PASS)):
            wait_for(drill, partial(_has_met, gate, trouble), f"a {trouble}")
            mode.write_text(then, encoding="ascii")
        code = drill.wait(END_S)
        worker = drill.workers[name]
        assert worker.wait() == 0, worker.text
        assert code == 0, scheduler.text
        # Why nothing was delivered is said where somebody can do something about it.
        assert "403" in worker.text
    (one,) = tally(merged_in(campaign.merged), _SCENE.names, _SCENE.cells)
    assert (one.held, one.twice, one.sets) == (_SCENE.cells, 0, 3)


def _has_met(gate: Running, trouble: str) -> bool:
    return f"{trouble} " in gate.text
