"""Whole campaigns on loopback, by the commands a user has."""

import signal
from functools import partial
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


def sealed_at(fleet: Fleet, vantage: str) -> list[Path]:
    """Sets that are sealed on a worker's machine."""
    return list((fleet.folder / vantage).glob(f"*-{vantage}-*/SHA256SUMS"))


def measured(fleet: Fleet, vantage: str) -> bool:
    """Whether a worker has noted that nothing of its share is left."""
    kept = (fleet.folder / vantage / f".fleet-{vantage}.json").read_text()
    return '"measured":true' in kept


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


def test_no_cell_is_lost_or_twice_whoever_is_killed_told_to_end_or_gone(
    fleet: Fleet,
) -> None:
    run = fleet.run(small_pin("frankfurt", "tokyo", rounds=24, part_rounds=4))
    killed, told = fleet.worker("tokyo"), fleet.worker("frankfurt")
    wait_for(lambda: parts_of(fleet, "tokyo"), "a part of tokyo")
    killed.send(signal.SIGKILL)
    told.send(signal.SIGTERM)
    assert told.ended() == 0, told.said
    # What it was about is sealed and delivered before it goes.
    arrived = parts_of(fleet, "frankfurt")
    assert len(arrived) == len(sealed_at(fleet, "frankfurt")) > 0
    killed.ended()
    again = [fleet.worker("tokyo"), fleet.worker("frankfurt")]
    for worker in again:
        worker.until_said("joined")
    run.send(signal.SIGKILL)
    run.ended()
    # The shares go on to their ends, with nobody to send anything to.
    for name in ("tokyo", "frankfurt"):
        wait_for(partial(measured, fleet, name), f"the end of {name}")
    (pin,) = fleet.results.glob("campaign-*/pin.json")
    taken_up = fleet.run_file(pin)

    assert taken_up.ended() == 0, taken_up.said
    assert [worker.ended() for worker in again] == [0, 0]
    counts = ("cells_held", "cells_lacking", "cells_twice")
    rows = by_vantage(taken_up).values()
    assert [[row[name] for name in counts] for row in rows] == [[48, 0, 0]] * 2


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
