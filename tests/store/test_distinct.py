import shutil
from pathlib import Path

import pytest

from cloudgauge.errors import StoreError
from cloudgauge.store.distinct import distinct
from cloudgauge.store.resultset import ResultSet
from tests.store.several import Run, keep_run


def test_an_exact_copy_of_a_set_is_dropped(tmp_path: Path) -> None:
    first = keep_run(tmp_path, Run())
    other = keep_run(tmp_path, Run(vantage="berlin", digit="b"))
    copy = Path(shutil.copytree(first, tmp_path / "copy"))
    found = distinct(ResultSet.open(folder) for folder in (first, other, copy, first))
    assert [one.folder for one in found.kept] == [first, other]
    assert [one.folder for one in found.dropped] == [copy, first]


def test_two_sets_that_claim_one_run_and_differ_are_refused(tmp_path: Path) -> None:
    first = keep_run(tmp_path, Run())
    other = keep_run(tmp_path / "other", Run(seed=2))
    wanted = "claims to be run aaaaaaaa, as .* does, and is not the same"
    with pytest.raises(StoreError, match=wanted):
        distinct([ResultSet.open(first), ResultSet.open(other)])
