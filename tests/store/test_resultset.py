import json
from pathlib import Path

import pytest

from cloudgauge.errors import StoreError
from cloudgauge.store.folder import JOURNAL, MANIFEST, TARGETS, new_folder
from cloudgauge.store.journal import Journal
from cloudgauge.store.lock import FolderBusy, FolderLock
from cloudgauge.store.resultset import ResultSet, read_manifest
from tests.store.synthetic import (
    keep_journal,
    keep_set,
    make_plan,
    make_run_info,
    make_samples,
)
from tests.store.test_verify import seal_anew

PLAN = make_plan()


def test_a_run_that_is_alive_can_be_read_and_is_left_alone(tmp_path: Path) -> None:
    info = make_run_info(PLAN)
    folder = new_folder(tmp_path, info)
    samples = list(make_samples(PLAN))
    with (
        FolderLock.take(folder) as lock,
        Journal.create(lock, info, PLAN) as journal,
    ):
        for sample in samples[:50]:
            journal.append(sample)
        journal.flush()
        result = ResultSet.open(folder)
        assert result.alive
        assert result.manifest.outcome is None
        assert result.manifest.counts.samples == 50
        assert result.table(["seq"]).num_rows == 50
        for sample in samples[50:]:
            journal.append(sample)
        journal.flush()
        assert ResultSet.open(folder).table(["seq"]).num_rows == len(samples)
    sealed = ResultSet.open(folder)
    assert not sealed.alive
    assert sealed.manifest.counts.samples == len(samples)
    assert not (folder / JOURNAL).exists()


def test_a_folder_in_which_another_is_at_work_is_busy(tmp_path: Path) -> None:
    with FolderLock.take(tmp_path), pytest.raises(FolderBusy, match="being written"):
        ResultSet.open(tmp_path)


def test_a_folder_without_a_set_is_none(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is no result set: it has no SHA256SUMS"):
        ResultSet.open(tmp_path)
    with pytest.raises(StoreError, match="is no folder"):
        ResultSet.open(tmp_path / "nowhere")


def test_targets_that_are_not_the_plans_are_refused(tmp_path: Path) -> None:
    folder = keep_set(tmp_path, PLAN, make_samples(PLAN))
    path = folder / TARGETS
    path.write_text(path.read_text().replace("Springfield", "Shelbyville"))
    seal_anew(folder)
    with pytest.raises(StoreError, match="holds other targets than the manifest"):
        ResultSet.open(folder)


def test_samples_of_another_run_are_refused(tmp_path: Path) -> None:
    folder = keep_set(tmp_path, PLAN, make_samples(PLAN))
    (path,) = (folder / "samples").iterdir()
    other = "f" * 32
    path.rename(path.with_name(f"{other}.parquet"))
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["run"]["run_id"] = other
    (folder / MANIFEST).write_text(json.dumps(manifest))
    seal_anew(folder)
    with pytest.raises(StoreError, match=r"run_id: .* is not one of its words"):
        ResultSet.open(folder).table()


def test_a_manifest_can_be_read_when_nothing_else_is_left(tmp_path: Path) -> None:
    folder = keep_set(tmp_path, PLAN, make_samples(PLAN))
    (folder / MANIFEST).rename(tmp_path / "alone.json")
    assert read_manifest(tmp_path / "alone.json").plan == PLAN


def test_a_killed_runs_manifest_is_made_first(tmp_path: Path) -> None:
    folder = keep_journal(tmp_path, PLAN, make_samples(PLAN), ended=False)
    assert read_manifest(folder).plan == PLAN
    assert (folder / MANIFEST).exists()
