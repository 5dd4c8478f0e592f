"""Cells are counted from rows alone, and a set that was changed is not counted."""

from pathlib import Path

import pytest

from benchmarks.fleet.tally import Tally, tally
from cloudgauge.errors import StoreError
from cloudgauge.store.folder import MANIFEST
from tests.workflow.campaigns import PER_ROUND, Kept, keep

PLANNED = PER_ROUND * 6


def counted(parent: Path, *kept: Kept) -> Tally:
    sets = [keep(parent, one) for one in kept]
    lab, nobody = tally(sets, ("lab", "nobody"), PLANNED)
    assert (nobody.held, nobody.lacking, nobody.sets) == (0, PLANNED, 0)
    return lab


def test_parts_of_all_rounds_are_whole(tmp_path: Path) -> None:
    lab = counted(tmp_path, *(Kept(number=k, first_round=2 * k) for k in range(3)))
    assert (lab.held, lab.twice, lab.lacking, lab.beyond) == (PLANNED, 0, 0, 0)
    assert lab.is_whole
    assert lab.sets == 3
    assert len(lab.late_ms) == PLANNED


def test_a_lost_cell_and_one_held_twice_are_seen(tmp_path: Path) -> None:
    lost = frozenset({PER_ROUND + 1, PER_ROUND + 2})
    lab = counted(
        tmp_path,
        Kept(number=0, lacking=lost),
        Kept(number=1, first_round=2, rounds=4),
        Kept(number=2, first_round=5, rounds=1, digit="b"),
    )
    assert (lab.lacking, lab.twice) == (2, PER_ROUND)
    assert not lab.is_whole


def test_a_set_that_was_changed_is_not_counted(tmp_path: Path) -> None:
    folder = keep(tmp_path, Kept())
    path = folder / MANIFEST
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(StoreError, match="manifest"):
        tally([folder], ("lab",), PLANNED)
