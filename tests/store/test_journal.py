import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from cloudgauge.model.sample import Sample
from cloudgauge.store.folder import JOURNAL, new_folder
from cloudgauge.store.journal import Journal
from cloudgauge.store.journal_format import SAMPLE_TABLE, series_order
from cloudgauge.store.lock import FolderLock
from cloudgauge.store.recovery import JournalReader
from tests.store.patience import wait_until
from tests.store.synthetic import (
    keep_journal,
    make_outcome,
    make_plan,
    make_run_info,
    make_samples,
    make_target,
)


def committed(folder: Path) -> int:
    path = folder / JOURNAL
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        (count,) = connection.execute("SELECT count(*) FROM sample").fetchone()
    finally:
        connection.close()
    return int(count)


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    return new_folder(tmp_path, make_run_info(make_plan()))


def test_an_idle_journal_commits_what_it_has_without_being_asked(empty: Path) -> None:
    plan = make_plan()
    sample = next(make_samples(plan))
    with (
        FolderLock.take(empty) as lock,
        Journal.create(lock, make_run_info(plan), plan) as journal,
    ):
        journal.append(sample)
        wait_until(lambda: committed(empty) == 1, timeout_s=60)


def test_a_flush_waits_until_everything_is_committed(empty: Path) -> None:
    plan = make_plan(rounds=10)
    samples = list(make_samples(plan))
    with (
        FolderLock.take(empty) as lock,
        Journal.create(lock, make_run_info(plan), plan) as journal,
    ):
        for sample in samples:
            journal.append(sample)
        journal.flush()
        assert committed(empty) == len(samples)
        journal.flush()


def test_a_journal_that_is_closed_keeps_what_came_before(tmp_path: Path) -> None:
    plan = make_plan()
    samples = list(make_samples(plan))
    folder = keep_journal(tmp_path, plan, samples, ended=False)
    assert committed(folder) == len(samples)


def test_an_exchange_can_be_kept_once_only(empty: Path) -> None:
    plan = make_plan()
    sample = next(make_samples(plan))
    with (
        FolderLock.take(empty) as lock,
        Journal.create(lock, make_run_info(plan), plan) as journal,
    ):
        journal.append(sample)
        journal.flush()
        journal.append(sample)
        with pytest.raises(
            ValueError, match=r"came twice: .* sample\.seq, sample\.exchange"
        ):
            journal.flush()


def test_a_sample_of_another_plan_is_refused(empty: Path) -> None:
    plan = make_plan()
    sample = next(make_samples(plan))
    strange = replace(sample, slot=replace(sample.slot, target_id="aws/x:y"))
    with (
        FolderLock.take(empty) as lock,
        Journal.create(lock, make_run_info(plan), plan) as journal,
        pytest.raises(ValueError, match="aws/x:y, 0, ipv4, None is no series of"),
    ):
        journal.append(strange)


def test_a_folder_takes_one_run_only(tmp_path: Path) -> None:
    plan = make_plan()
    folder = keep_journal(tmp_path, plan, [])
    with (
        FolderLock.take(folder) as lock,
        pytest.raises(ValueError, match="holds a run already"),
    ):
        Journal.create(lock, make_run_info(plan), plan)


def test_nothing_is_taken_after_the_end(empty: Path) -> None:
    plan = make_plan()
    sample = next(make_samples(plan))
    with (
        FolderLock.take(empty) as lock,
        Journal.create(lock, make_run_info(plan), plan) as journal,
    ):
        journal.finish(make_outcome(plan))
        with pytest.raises(ValueError, match="the journal is closed"):
            journal.append(sample)


def test_a_clock_that_steps_backwards_breaks_nothing(tmp_path: Path) -> None:
    plan = make_plan()
    samples: list[Sample] = []
    for index, sample in enumerate(make_samples(plan)):
        step_ns = -3_600 * 10**9 if index > 10 else 0
        samples.append(replace(sample, wall_ns=sample.wall_ns + step_ns))
    folder = keep_journal(tmp_path, plan, samples, ended=False)
    with JournalReader.open(folder) as reader:
        part = reader.readable_part()
    assert part.counts[SAMPLE_TABLE] == len(samples)
    assert part.last_wall_ns == samples[-1].wall_ns


def test_series_are_ordered_by_provider_region_and_service() -> None:
    plan = make_plan(controls=0)
    # By id alone "aws/us-2:" would stand before "aws/us:", since - sorts before :.
    targets = [make_target("aws", "us"), make_target("aws", "us-2")]
    targets.sort(key=lambda target: target.target_id)
    order = series_order(replace(plan, targets=tuple(targets)))
    places = {key[0]: place for key, place in order.items()}
    assert places == {"aws/us:object-storage": 0, "aws/us-2:object-storage": 1}
