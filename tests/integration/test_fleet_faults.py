"""A campaign of a minute whose machines and networks fail loses no cell.

Three vantages, each in a private Internet of its own, forty targets, a real scheduler
and real workers over TLS, a real S3-compatible store. The worker of one, behind NAT, is
killed, the machine of another loses its power, the third is cut off for half the
campaign. `make drills` has more of this kind.
"""

import time
from collections.abc import Iterator

import pytest

from benchmarks.fleet.campaign import (
    Campaign,
    cloudgauge,
    start_store,
    store_environment,
)
from benchmarks.fleet.drill import Blow, Drill, Fault
from benchmarks.fleet.lab import Lab
from benchmarks.fleet.scene import Scene
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.run import StopReason
from cloudgauge.store.merged import found_sets
from cloudgauge.store.resultset import read_manifest
from tests.integration.fleet_lab import (
    END_S,
    Ended,
    logs_of,
    report_in,
    wait_for_samples,
)

pytestmark = pytest.mark.private_network

_SCENE = Scene(vantages=3, targets=40, rounds=10, round_ns=6 * NS_PER_S)
_PART_ROUNDS = 2
_PARTS = _SCENE.rounds // _PART_ROUNDS
_FAULTS = (
    Fault(at_s=8, vantage="tokyo", blow=Blow.KILL),
    Fault(at_s=13, vantage="denver", blow=Blow.CUT),
    Fault(at_s=16, vantage="tokyo", blow=Blow.START),
    Fault(at_s=22, vantage="berlin", blow=Blow.POWER),
    Fault(at_s=30, vantage="berlin", blow=Blow.START),
    Fault(at_s=43, vantage="denver", blow=Blow.RESTORE),
)


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ended]:
    root = tmp_path_factory.mktemp("faults")
    campaign = Campaign(_SCENE, root / "campaign", part_rounds=_PART_ROUNDS)
    with Lab(campaign.written.lab, root / "lab") as lab:
        campaign.found(lab.centre.address)
        start_store(lab, root / "store")
        # Behind NAT: nobody can connect to it.
        lab.hide("tokyo")
        environment = store_environment(lab.centre.address)
        scheduler = campaign.start_scheduler(
            lab, "--store", campaign.store, "--format", "json", environment=environment
        )
        drill = Drill(lab, campaign, scheduler, environment)
        for name in _SCENE.names:
            drill.start_worker(name)
        wait_for_samples(drill, campaign, *_SCENE.names)
        drill.run(_FAULTS, time.monotonic())
        code = drill.wait(END_S)
        said = scheduler.text
        codes = {name: worker.wait() for name, worker in drill.workers.items()}
        yield Ended(
            code=code,
            report=report_in(said),
            said=said,
            workers={name: logs_of(place) for name, place in lab.vantages.items()},
            worker_codes=codes,
            campaign=campaign,
        )


def test_every_cell_is_there_exactly_once(ended: Ended) -> None:
    assert ended.code == 0, ended.said
    tallies = ended.tallies()
    assert set(tallies) == set(_SCENE.names)
    for one in tallies.values():
        assert (one.planned, one.held, one.twice, one.beyond) == (400, 400, 0, 0)


def test_the_merged_set_is_one_and_verifies(ended: Ended) -> None:
    (merged,) = ended.merged
    told = cloudgauge("verify", str(merged))
    assert merged.name in told
    assert str(merged) in ended.report["title"]


def test_nothing_half_merged_is_left(ended: Ended) -> None:
    (merged,) = ended.merged
    assert list(ended.campaign.merged.iterdir()) == [merged]
    names = [path.name for path in merged.rglob("*")]
    assert not [name for name in names if name.endswith((".new", ".part", ".sqlite"))]


def test_the_report_counts_every_vantages_cells(ended: Ended) -> None:
    for name, one in ended.tallies().items():
        row = ended.row(name)
        assert row["fate"] == "complete"
        assert row["cells_planned"] == row["cells_held"] == 400
        assert row["cells_lacking"] == row["cells_twice"] == 0
        assert row["sets"] >= one.sets
        assert row["clock_uncertainty_ms"] > 0


def test_those_that_died_went_on_where_they_were(ended: Ended) -> None:
    for name in ("tokyo", "berlin"):
        assert ended.workers[name].count("joined") >= 2
        assert ended.tallies()[name].sets >= _PARTS
    # Who was only cut off measured on as if nothing had been.
    (merged,) = ended.merged
    cut_off = [one for one in found_sets([merged]) if "-denver-" in one.name]
    assert len(cut_off) >= _PARTS
    for one in cut_off:
        outcome = read_manifest(one).outcome
        assert outcome is not None
        assert outcome.stop_reason is StopReason.FINISHED
    assert "cannot be reached" in ended.workers["denver"]
    assert set(ended.worker_codes.values()) == {0}


def test_the_store_holds_the_same_parts(ended: Ended) -> None:
    (merged,) = ended.merged
    parts = {path.name for path in (merged / "members").iterdir()}
    # localbucket keeps objects as files: the store can be looked at without asking it.
    bucket = ended.campaign.folder.parent / "store" / "campaign" / "parts"
    stored = {path.parent.name for path in bucket.rglob("manifest.json")}
    # A part without a sample, of who was killed before its first, is in no merged set.
    assert parts <= stored
