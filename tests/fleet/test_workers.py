"""Workers that should not be let in, or whose clock is wrong: by real processes."""

import json
import subprocess
import sys
from pathlib import Path

from tests.fleet.ahead import AHEAD_NS, ASKED
from tests.fleet.processes import BOUND_S, Fleet, by_vantage, small_pin

ROOT = Path(__file__).parents[2]


def test_only_the_right_workers_get_in_and_each_other_is_told_why(
    fleet: Fleet, tmp_path: Path
) -> None:
    run = fleet.run(small_pin("frankfurt", "tokyo"), "--wait", "2h")
    fleet.init("osaka")
    stranger = Fleet(folder=tmp_path / "stranger")
    stranger.folder.mkdir()
    stranger.init("frankfurt")
    first = fleet.worker("tokyo")
    first.until_said("joined")

    beside = fleet.worker("tokyo")
    second = fleet.worker("tokyo", "--results", str(tmp_path / "elsewhere"))
    osaka = fleet.worker("osaka")
    foreign = fleet.worker("frankfurt", tls=stranger.certificates)
    as_another = fleet.worker(
        "frankfurt", tls=fleet.certificates / "vantages" / "tokyo"
    )

    assert as_another.ended() == 2
    assert "is the certificate of vantage tokyo, not frankfurt" in as_another.said
    assert beside.ended() == 2
    assert 'has a worker of vantage "tokyo" already, on this machine' in beside.said
    assert osaka.ended() == 2
    assert 'the campaign names no vantage "osaka"' in osaka.said
    assert second.ended() == 2
    assert 'vantage "tokyo" has a worker that lives; a second' in second.said
    foreign.until_said("has another fleet's certificate, or does not take ours")
    rows = fleet.status()
    assert (rows["tokyo"]["state"], rows["frankfurt"]["state"]) == ("ready", "missing")
    assert rows["tokyo"]["clock_uncertainty_ms"] is not None
    assert "waiting for frankfurt" in run.said
    assert 'vantage "tokyo" has a worker that lives' in run.said
    first.popen.terminate()
    assert first.ended() == 0
    run.popen.terminate()
    assert run.ended() == 130


def test_who_does_not_come_is_named_and_nothing_is_left(fleet: Fleet) -> None:
    run = fleet.run(small_pin("frankfurt", "tokyo"), "--wait", "1s")

    assert run.ended() == 74
    assert "within 1s these did not come:" in run.said
    assert "  frankfurt: never heard of\n  tokyo: never heard of" in run.said
    assert list(fleet.results.iterdir()) == []


def test_a_clock_five_minutes_ahead_is_told_and_the_start_is_the_same_instant(
    fleet: Fleet,
) -> None:
    run = fleet.run(small_pin("tokyo"))
    with (fleet.folder / "ahead.log").open("wb") as log:
        worker = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.fleet.ahead",
                str(fleet.folder),
                fleet.address,
            ],
            cwd=ROOT,
            stderr=log,
        )
        try:
            assert run.ended() == 4, run.said
            assert worker.wait(BOUND_S) == 0
        finally:
            worker.kill()
            worker.wait()
    row = by_vantage(run)["tokyo"]
    ahead_ms, sure_ms = row["clock_ahead_ms"], row["clock_uncertainty_ms"]
    assert isinstance(ahead_ms, float)
    assert isinstance(sure_ms, float)
    assert abs(ahead_ms - AHEAD_NS / 1e6) <= sure_ms + 1
    assert "tokyo: its clock is +5m" in run.out.read_text()
    assert 'vantage "tokyo" is here, clock +5m' in run.said
    asked = json.loads((fleet.folder / ASKED).read_text())
    (orders,) = fleet.results.glob("campaign-*/orders.json")
    (order,) = json.loads(orders.read_text())["orders"]
    moved_ns = asked["start_wall_ns"] - order["order"]["start_wall_ns"]
    assert abs(moved_ns - AHEAD_NS) <= (sure_ms + 1) * 1e6
