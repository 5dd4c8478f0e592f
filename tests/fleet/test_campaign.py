"""Whole campaigns on loopback, by the commands a user has."""

import signal
from pathlib import Path

import cloudgauge
from cloudgauge.store.merged import found_sets
from cloudgauge.store.resultset import ResultSet
from cloudgauge.store.verify import verify
from cloudgauge.workflow.cells import cells_of
from tests.fleet.processes import Fleet, by_vantage, small_pin, wait_for


def merged_in(folder: Path) -> Path:
    (merged,) = [path for path in folder.iterdir() if "-fleet-" in path.name]
    return merged


def parts_of(fleet: Fleet, vantage: str) -> list[Path]:
    """Parts of a vantage that have arrived."""
    return list(fleet.results.glob(f"campaign-*/parts/*-{vantage}-*"))


def test_two_vantages_end_as_one_merged_verified_set(fleet: Fleet) -> None:
    pin = small_pin("frankfurt", "tokyo", rounds=4, part_rounds=2)
    run = fleet.run(pin)
    workers = [fleet.worker("frankfurt"), fleet.worker("tokyo")]

    assert run.ended() == 0, run.said
    assert [worker.ended() for worker in workers] == [0, 0]
    rows = by_vantage(run)
    assert {name: row["fate"] for name, row in rows.items()} == {
        "frankfurt": "complete",
        "tokyo": "complete",
    }
    folders = found_sets((merged_in(fleet.results),))
    for folder in folders:
        verify(folder)
    sets = [ResultSet.open(folder) for folder in folders]
    assert [(one.lacking, one.twice) for one in cells_of(pin, sets)] == [(0, 0)] * 2
    # Nothing is left that is in the merged set.
    assert [path.name for path in fleet.results.iterdir()] == [
        merged_in(fleet.results).name
    ]
    assert len(cloudgauge.load(merged_in(fleet.results)).frame()) == 16


def test_a_killed_worker_goes_on_where_it_was_and_no_cell_is_twice(
    fleet: Fleet,
) -> None:
    pin = small_pin("frankfurt", "tokyo", rounds=16, part_rounds=4)
    run = fleet.run(pin)
    first = fleet.worker("tokyo")
    fleet.worker("frankfurt")
    wait_for(lambda: parts_of(fleet, "tokyo"), "a part of tokyo")
    first.send(signal.SIGKILL)
    first.ended()
    again = fleet.worker("tokyo")

    assert run.ended() == 0, run.said
    assert again.ended() == 0, again.said
    rows = by_vantage(run)
    assert [(row["cells_lacking"], row["cells_twice"]) for row in rows.values()] == [
        (0, 0),
        (0, 0),
    ]


def test_a_share_goes_on_while_its_scheduler_is_gone_and_is_taken_up_again(
    fleet: Fleet,
) -> None:
    run = fleet.run(small_pin("frankfurt", "tokyo", rounds=16, part_rounds=4))
    workers = [fleet.worker("frankfurt"), fleet.worker("tokyo")]
    wait_for(lambda: parts_of(fleet, "tokyo"), "a part of tokyo")
    run.send(signal.SIGKILL)
    run.ended()
    # All parts are sealed at the worker's, with nobody to send them to.
    wait_for(
        lambda: len(list((fleet.folder / "tokyo").glob("*-tokyo-*/SHA256SUMS"))) == 4,
        "all parts at the worker's",
    )
    (pin,) = fleet.results.glob("campaign-*/pin.json")
    again = fleet.run_file(pin)

    assert again.ended() == 0, again.said
    assert [worker.ended() for worker in workers] == [0, 0]
    assert {row["fate"] for row in by_vantage(again).values()} == {"complete"}
    assert {row["cells_twice"] for row in by_vantage(again).values()} == {0}


def test_a_vantage_that_does_not_return_is_lost_and_nothing_is_merged(
    fleet: Fleet,
) -> None:
    run = fleet.run(
        small_pin("frankfurt", "tokyo", rounds=8, part_rounds=2), "--patience", "3s"
    )
    gone = fleet.worker("tokyo")
    fleet.worker("frankfurt")
    wait_for(lambda: parts_of(fleet, "tokyo"), "a part of tokyo")
    gone.send(signal.SIGKILL)

    assert run.ended() == 3, run.said
    rows = by_vantage(run)
    assert rows["frankfurt"]["fate"] == "complete"
    assert rows["tokyo"]["fate"] == "lost"
    assert rows["tokyo"]["cells_lacking"] != 0
    assert [path.name[:9] for path in fleet.results.iterdir()] == ["campaign-"]
    assert parts_of(fleet, "tokyo")
    assert "nothing was merged" in run.out.read_text()


def test_a_worker_told_to_end_delivers_what_it_has_and_goes_on_later(
    fleet: Fleet,
) -> None:
    run = fleet.run(small_pin("frankfurt", "tokyo", rounds=16))
    first = fleet.worker("tokyo")
    fleet.worker("frankfurt")
    wait_for(lambda: list((fleet.folder / "tokyo").glob("*-tokyo-*")), "a journal")
    first.send(signal.SIGTERM)

    assert first.ended() == 0, first.said
    assert parts_of(fleet, "tokyo")
    fleet.worker("tokyo")
    assert run.ended() == 0, run.said
    assert {row["fate"] for row in by_vantage(run).values()} == {"complete"}
