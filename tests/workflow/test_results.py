import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from cloudgauge.analysis.frames import FRAMES
from cloudgauge.errors import ConfigError, StoreError
from cloudgauge.store.folder import new_folder
from cloudgauge.store.journal import Journal
from cloudgauge.store.lock import FolderLock
from cloudgauge.workflow.results import Results, load
from tests.store.several import PLAN, Run, keep_run
from tests.store.synthetic import make_run_info, make_samples


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    parent = tmp_path_factory.mktemp("sets")
    keep_run(parent, Run())
    keep_run(parent, Run(vantage="berlin", digit="b", seed=2))
    return parent


def test_a_folder_a_list_and_a_pattern_open_the_same_sets(sets: Path) -> None:
    folders = sorted(sets.iterdir())
    for named in (sets, str(sets), folders, [str(sets / "*")], iter(folders)):
        assert [one.folder for one in load(named).sets] == folders
    assert len(load(folders[0]).sets) == 1


def test_a_run_that_is_named_twice_is_opened_once(sets: Path, tmp_path: Path) -> None:
    first = min(sets.iterdir())
    copy = Path(shutil.copytree(first, tmp_path / "copy"))
    assert len(load([sets, first, copy]).sets) == 2


@pytest.mark.parametrize("name", sorted(FRAMES))
def test_a_frame_of_several_sets_is_theirs_one_after_another(
    sets: Path, name: str
) -> None:
    method = {"samples": "frame"}.get(name, name)
    alone = [frame_of(load(folder), method) for folder in sorted(sets.iterdir())]
    both = frame_of(load(sets), method)
    assert len(both) == sum(map(len, alone))
    assert list(both.index) == list(range(len(both)))
    assert [str(d) for d in both.dtypes] == [str(d) for d in alone[0].dtypes]
    for column in both.columns:
        found = both[column].astype(object).where(both[column].notna(), None)
        wanted = [
            value
            for frame in alone
            for value in frame[column].astype(object).where(frame[column].notna(), None)
        ]
        assert found.tolist() == wanted, column


def frame_of(results: Results, method: str) -> pd.DataFrame:
    frame = getattr(results, method)()
    assert isinstance(frame, pd.DataFrame)
    return frame


def test_words_are_shared_and_sorted_over_all_sets(sets: Path) -> None:
    vantages = load(sets).frame()["vantage"]
    assert list(vantages.cat.categories) == ["berlin", "lab"]


def test_it_says_in_a_line_what_was_opened(sets: Path) -> None:
    results = load(sets)
    samples = sum(one.manifest.counts.samples for one in results.sets)
    assert (
        repr(results) == f"<Results: 2 result sets from 2 vantages, {samples} samples>"
    )
    html = results._repr_html_()
    assert "<table>" in html
    assert "berlin" in html
    assert "lab" in html


def test_sets_of_two_plans_are_noted(tmp_path: Path, sets: Path) -> None:
    other = keep_run(tmp_path, Run(digit="c", plan=replace(PLAN, seed=9)))
    assert any("2 plans" in note for note in load([sets, other]).document().notes)
    assert not load(sets).document().notes


def test_a_run_that_is_alive_can_be_looked_at(tmp_path: Path) -> None:
    info = make_run_info(PLAN)
    with (
        FolderLock.take(new_folder(tmp_path, info)) as lock,
        Journal.create(lock, info, PLAN) as journal,
    ):
        for sample in make_samples(PLAN):
            journal.append(sample)
        journal.flush()
        results = load([lock.folder, lock.folder])
        assert len(results.sets) == 1
        assert len(results.frame()) == sum(1 for _ in make_samples(PLAN))
        assert any("still being measured" in n for n in results.document().notes)


@pytest.mark.parametrize("nothing", [[], ()])
def test_nothing_is_no_result(nothing: list[Path]) -> None:
    with pytest.raises(ConfigError, match="want the path of at least one result set"):
        load(nothing)


def test_a_pattern_that_matches_nothing_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="matches no file or folder"):
        load(tmp_path / "2026*")


def test_a_path_that_is_no_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="nowhere: is no folder"):
        load(tmp_path / "nowhere")
    with pytest.raises(StoreError, match="is no result set"):
        load(tmp_path)


def test_a_name_with_a_wildcard_in_it_is_taken_as_it_is(tmp_path: Path) -> None:
    folder = keep_run(tmp_path, Run())
    odd = folder.rename(tmp_path / "set[1]")
    assert load(odd).sets[0].folder == odd


def test_a_set_that_is_cut_short_is_one_clear_sentence(
    tmp_path: Path, sets: Path
) -> None:
    folder = Path(shutil.copytree(min(sets.iterdir()), tmp_path / "cut"))
    (samples,) = (folder / "samples").iterdir()
    samples.write_bytes(samples.read_bytes()[:-100])
    with pytest.raises(StoreError, match=r"samples/.*\.parquet was changed"):
        load(folder)
