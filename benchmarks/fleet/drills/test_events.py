"""A campaign whose parts come to the scheduler itself, by lines that workers opened.

One vantage is behind a translator of addresses, where nobody can connect to it; one
loses its whole network for a while; the machine of the third dies and never returns.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.fleet.campaign import Campaign, cloudgauge
from benchmarks.fleet.drill import Blow, Drill, Fault
from benchmarks.fleet.lab import Lab
from benchmarks.fleet.scene import Scene
from cloudgauge.model.quantity import NS_PER_S
from tests.integration.fleet_lab import (
    END_S,
    Ended,
    logs_of,
    report_in,
    wait_for_samples,
)

pytestmark = pytest.mark.private_network

_SCENE = Scene(vantages=3, targets=20, rounds=6, round_ns=5 * NS_PER_S)
_HIDDEN, _DARK, _DEAD = _SCENE.names
_EXIT_PARTIAL = 3
_FAULTS = (
    Fault(at_s=8, vantage=_DARK, blow=Blow.DARK),
    # When its first part is sealed and sent, or never.
    Fault(at_s=14, vantage=_DEAD, blow=Blow.POWER),
    Fault(at_s=20, vantage=_DARK, blow=Blow.RESTORE),
)


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ended]:
    root = tmp_path_factory.mktemp("events")
    campaign = Campaign(_SCENE, root / "campaign", part_rounds=2)
    with Lab(campaign.written.lab, root / "lab") as lab:
        campaign.found(lab.centre.address)
        lab.hide(_HIDDEN)
        # Longer than a worker takes to be back after its network is.
        words = ("--patience", "25s", "--format", "json")
        scheduler = campaign.start_scheduler(lab, *words)
        drill = Drill(lab, campaign, scheduler, {})
        for name in _SCENE.names:
            drill.start_worker(name)
        wait_for_samples(drill, campaign, *_SCENE.names)
        drill.run(_FAULTS, time.monotonic())
        code = drill.wait(END_S)
        codes = {name: worker.wait() for name, worker in drill.workers.items()}
        yield Ended(
            code=code,
            report=report_in(scheduler.text),
            said=scheduler.text,
            workers={name: logs_of(place) for name, place in lab.vantages.items()},
            worker_codes=codes,
            campaign=campaign,
        )


def _parts(ended: Ended) -> tuple[Path, ...]:
    (staging,) = ended.campaign.merged.glob("campaign-*")
    return tuple(sorted((staging / "parts").iterdir()))


def test_who_cannot_be_connected_to_delivers_everything(ended: Ended) -> None:
    one = ended.tallies(*_parts(ended))[_HIDDEN]
    assert (one.held, one.twice, one.beyond) == (_SCENE.cells, 0, 0)
    assert ended.row(_HIDDEN)["fate"] == "complete"
    assert ended.worker_codes[_HIDDEN] == 0


def test_what_failed_while_the_network_was_away_is_data(ended: Ended) -> None:
    one = ended.tallies(*_parts(ended))[_DARK]
    assert (one.held, one.twice, one.beyond) == (_SCENE.cells, 0, 0)
    assert one.failed > 0
    assert ended.row(_DARK)["fate"] == "complete"
    assert ended.worker_codes[_DARK] == 0


def test_who_never_returns_is_named_with_the_cells_that_are_lacking(
    ended: Ended,
) -> None:
    assert ended.code == _EXIT_PARTIAL, ended.said
    row = ended.row(_DEAD)
    one = ended.tallies(*_parts(ended))[_DEAD]
    assert row["fate"] == "lost"
    assert "last heard of" in row["why"]
    assert (row["cells_planned"], row["cells_held"]) == (_SCENE.cells, one.held)
    assert row["cells_lacking"] == one.lacking > 0
    assert (one.twice, one.beyond) == (0, 0)


def test_nothing_is_merged_and_what_came_is_whole(ended: Ended) -> None:
    assert ended.merged == ()
    assert any("nothing was merged" in note for note in ended.report["notes"])
    (staging,) = ended.campaign.merged.iterdir()
    # Of who never returned there may be half a part, which is kept apart.
    halves = [path.name for path in (staging / "incoming").iterdir()]
    assert not [name for name in halves if f"-{_DEAD}-" not in name]
    cloudgauge("verify", *map(str, _parts(ended)))
    told = cloudgauge(
        "campaign", "status", str(staging / "parts"), str(ended.campaign.pin)
    )
    assert _DEAD in told
