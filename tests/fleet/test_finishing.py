from pathlib import Path

import pytest

from cloudgauge.errors import StoreError
from cloudgauge.fleet.finishing import is_merged, merge_parts
from cloudgauge.store.resultset import ResultSet
from tests.store.synthetic import make_plan
from tests.workflow.parted import Piece, in_parts

PIECES = (Piece(first_round=0, rounds=1), Piece(first_round=1, rounds=1))


def test_who_ends_a_campaign_again_finds_it_merged(tmp_path: Path) -> None:
    plan = make_plan(targets=3, rounds=2)
    means_ms = {one.target_id: 50.0 for one in plan.targets}
    sets = [ResultSet.open(one) for one in in_parts(tmp_path, plan, means_ms, PIECES)]
    into = tmp_path / "merged"

    assert not is_merged(sets, into)
    merge_parts(sets, into)

    assert is_merged(sets, into)
    assert not is_merged(sets[:1], into)

    samples = next(into.rglob("*.parquet"))
    samples.write_bytes(samples.read_bytes()[:-1])
    with pytest.raises(StoreError):
        is_merged(sets, into)
