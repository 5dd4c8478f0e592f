import shutil
import subprocess
import sys
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from cloudgauge.errors import StoreError
from cloudgauge.model.run import StopReason
from cloudgauge.model.sample import Sample
from cloudgauge.store.folder import JOURNAL, LEFTOVERS, names_in, samples_name
from cloudgauge.store.journal_format import series_order
from cloudgauge.store.lock import FolderLock
from cloudgauge.store.resultset import ResultSet
from cloudgauge.store.rows import row_of
from cloudgauge.store.schema import NAMES, Cell
from cloudgauge.store.seal import seal
from tests.store.synthetic import (
    keep_journal,
    keep_set,
    make_outcome,
    make_plan,
    make_run_info,
    make_samples,
)
from tests.store.transfers import make_download_plan, make_transfers


def contents(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in names_in(folder)}


def rows_in(result: ResultSet) -> list[tuple[Cell, ...]]:
    return [tuple(row[name] for name in NAMES) for row in result.table().to_pylist()]


def test_every_value_of_every_sample_comes_back(tmp_path: Path) -> None:
    plan = make_plan(rounds=5)
    samples = list(make_samples(plan, failing=0.1))
    run = make_run_info(plan)
    order = series_order(plan)

    def place(sample: Sample) -> tuple[int, int, int]:
        slot = sample.slot
        series = order[(slot.target_id, slot.replica, slot.family, slot.streams)]
        return (series, slot.seq, sample.exchange)

    result = ResultSet.open(keep_set(tmp_path, plan, samples))
    wanted = [row_of(sample, run) for sample in sorted(samples, key=place)]
    assert rows_in(result) == wanted
    walls = [sample.wall_ns for sample in sorted(samples, key=place)]
    assert result.table(["wall_ns"]).column(0).to_pylist() == walls
    assert result.manifest.plan == plan
    assert result.manifest.run == make_run_info(plan)
    assert result.manifest.outcome == make_outcome(plan)
    assert result.targets == plan.targets


def test_counts_are_those_of_the_samples(tmp_path: Path) -> None:
    plan = make_plan(rounds=5)
    samples = list(make_samples(plan, failing=0.1))
    counts = ResultSet.open(keep_set(tmp_path, plan, samples)).manifest.counts
    assert counts.samples == len(samples)
    assert counts.visits == len({sample.slot.seq for sample in samples})
    (failures,) = counts.failures
    assert failures.count == sum(sample.failure is not None for sample in samples)


def test_sealing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    plan = make_plan()
    folder = keep_journal(tmp_path / "one", plan, make_samples(plan))
    copy = tmp_path / "two" / folder.name
    shutil.copytree(folder, copy)
    for path in (folder, copy):
        with FolderLock.take(path) as lock:
            seal(lock)
    assert contents(folder) == contents(copy)


def test_nothing_of_the_workings_is_left(tmp_path: Path) -> None:
    plan = make_plan()
    folder = keep_set(tmp_path, plan, make_samples(plan))
    assert not [name for name in LEFTOVERS if (folder / name).exists()]
    assert names_in(folder) == (
        "CITATION.cff",
        "SHA256SUMS",
        "datapackage.json",
        "manifest.json",
        samples_name(make_run_info(plan)),
        "targets.json",
    )


def test_a_sealed_set_is_left_as_it_is(tmp_path: Path) -> None:
    plan = make_plan()
    folder = keep_set(tmp_path, plan, make_samples(plan))
    before = contents(folder)
    with FolderLock.take(folder) as lock:
        seal(lock)
    assert contents(folder) == before


def test_a_run_that_saw_nothing_is_a_set_too(tmp_path: Path) -> None:
    plan = make_plan()
    result = ResultSet.open(keep_set(tmp_path, plan, []))
    assert result.table().num_rows == 0
    assert result.manifest.counts.samples == 0


def test_a_run_that_ended_early_says_so(tmp_path: Path) -> None:
    plan = make_plan()
    samples = list(make_samples(plan))[:20]
    folder = keep_journal(tmp_path, plan, samples, ended=False)
    result = ResultSet.open(folder)
    outcome = result.manifest.outcome
    assert outcome is not None
    assert not outcome.complete
    assert outcome.stop_reason is StopReason.KILLED
    assert outcome.ended_wall_ns == samples[-1].wall_ns
    assert result.manifest.counts.samples == 20


def test_files_of_others_become_part_of_the_set(tmp_path: Path) -> None:
    plan = make_plan()
    folder = keep_journal(tmp_path, plan, make_samples(plan))
    (folder / "truth").mkdir()
    (folder / "truth" / "delays.csv").write_text("a,b\n1,2\n")
    ResultSet.open(folder)
    package = (folder / "datapackage.json").read_text()
    assert '"path": "truth/delays.csv"' in package
    (folder / "truth" / "delays.csv").write_text("a,b\n1,3\n")
    with pytest.raises(StoreError, match=r"truth/delays\.csv was changed"):
        ResultSet.open(folder)


def test_a_file_that_leads_out_of_the_folder_stops_the_seal(tmp_path: Path) -> None:
    plan = make_plan()
    folder = keep_journal(tmp_path, plan, make_samples(plan))
    (folder / "notes.txt").symlink_to("/etc/hostname")
    with pytest.raises(StoreError, match=r"notes\.txt: is a link or no plain file"):
        ResultSet.open(folder)
    assert (folder / JOURNAL).exists()


def test_other_tools_can_check_the_hashes(tmp_path: Path) -> None:
    plan = make_plan()
    folder = keep_set(tmp_path, plan, make_samples(plan))
    program = shutil.which("sha256sum")
    if program is None:
        pytest.skip("no sha256sum on this machine")
    subprocess.run(
        [program, "--check", "--strict", "SHA256SUMS"],
        cwd=folder,
        check=True,
        capture_output=True,
    )


def test_row_groups_and_checksums_are_as_specified(tmp_path: Path) -> None:
    plan = make_plan(targets=40, rounds=650)
    samples = make_samples(plan, failing=0)
    folder = keep_set(tmp_path, plan, samples)
    path = folder / samples_name(make_run_info(plan))
    found = pq.read_metadata(path)
    sizes = [found.row_group(i).num_rows for i in range(found.num_row_groups)]
    assert sizes == [131_072, 41 * 650 * 5 - 131_072]
    assert found.metadata[b"schema_version"] == b"2"
    assert found.metadata[b"run_id"] == make_run_info(plan).run_id.encode()
    for index in range(found.num_columns):
        chunk = found.row_group(0).column(index)
        assert chunk.compression == "ZSTD"
        assert chunk.has_offset_index
        assert chunk.has_column_index
    everything = sum((folder / name).stat().st_size for name in names_in(folder))
    assert everything / found.num_rows < 32


def test_an_interrupted_seal_can_be_redone_at_any_step(tmp_path: Path) -> None:
    plan = make_download_plan(objects=1, targets=2, rounds=1, bins=30)
    records = chain(make_samples(plan), make_transfers(plan, bins=30))
    folder = keep_journal(tmp_path / "whole", plan, records)
    broken = tmp_path / "broken"
    broken.mkdir()
    subprocess.run(
        [sys.executable, "-m", "tests.store.interrupted_seal", folder, broken],
        check=True,
    )
    ResultSet.open(folder)
    wanted = contents(folder)
    results = sorted(broken.iterdir())
    assert len(results) > 60
    for result in results:
        ResultSet.open(result / folder.name)
        assert contents(result / folder.name) == wanted, result.name
        assert not [
            name for name in LEFTOVERS if (result / folder.name / name).exists()
        ]


def test_a_detail_without_end_is_cut(tmp_path: Path) -> None:
    plan = make_plan(rounds=20)
    failed = next(s for s in make_samples(plan, failing=0.5) if s.failure is not None)
    samples = [replace(failed, failure_detail="x" * 1_000 + "\udcff")]
    table = ResultSet.open(keep_set(tmp_path, plan, samples)).table()
    assert table.column("failure_detail").to_pylist() == ["x" * 300]
