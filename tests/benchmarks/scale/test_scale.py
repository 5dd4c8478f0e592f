"""The benchmark on next to nothing: that it measures what it says."""

from pathlib import Path

import pytest

from benchmarks.scale.__main__ import main
from benchmarks.scale.many_sets import TARGETS, VANTAGES, make_sets
from benchmarks.scale.pandas_alone import quantiles
from benchmarks.scale.readings import Way, read
from cloudgauge.workflow.results import load


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    parent = tmp_path_factory.mktemp("scale") / "sets"
    make_sets(parent, 20_000)
    return parent


def test_pandas_alone_gives_the_same_quantiles(sets: Path) -> None:
    ours = load(sets).quantiles().frame()
    theirs = quantiles(sets)
    assert len(ours) == len(theirs) == TARGETS * VANTAGES
    keys = ["vantage", "target_id", "family"]
    joined = ours.merge(theirs.reset_index(), on=keys, validate="1:1")
    assert len(joined) == len(ours)
    for name in ("p50", "p95", "p99"):
        assert joined[f"{name}_ms"].to_numpy() == pytest.approx(joined[name].to_numpy())


def test_a_reading_is_a_process_that_says_how_many_cells_it_found(sets: Path) -> None:
    way = Way(name="none", arguments=("-c", "print(7)"))
    found = read(way, sets, 1)
    assert found.cells == 7
    assert found.wall_s >= 0
    assert found.peak_bytes > 2**20
    with pytest.raises(RuntimeError, match="none ended with 3"):
        read(Way(name="none", arguments=("-c", "raise SystemExit(3)")), sets, 1)


def test_what_it_takes_is_told_in_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    assert "--pandas-most" in capsys.readouterr().out
