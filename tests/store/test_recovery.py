import random
import shutil
import sqlite3
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from cloudgauge.errors import StoreError
from cloudgauge.model.run import StopReason
from cloudgauge.model.sample import Sample
from cloudgauge.store.folder import JOURNAL, JOURNAL_LOG, new_folder
from cloudgauge.store.journal import Journal
from cloudgauge.store.journal_format import record_crc
from cloudgauge.store.lock import FolderLock
from cloudgauge.store.recovery import JournalReader
from cloudgauge.store.resultset import ResultSet
from tests.store.synthetic import (
    keep_journal,
    make_plan,
    make_run_info,
    make_samples,
)

PLAN = make_plan(targets=12, rounds=12)
SAMPLES = tuple(make_samples(PLAN))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return keep_journal(tmp_path, PLAN, SAMPLES)


def keys_of(samples: tuple[Sample, ...]) -> set[tuple[int, int]]:
    return {(sample.slot.seq, sample.exchange) for sample in samples}


def kept_in(folder: Path) -> set[tuple[int, int]]:
    table = ResultSet.open(folder).table(["seq", "exchange"])
    return {(row["seq"], row["exchange"]) for row in table.to_pylist()}


def tamper(folder: Path, statement: str, values: tuple[object, ...] = ()) -> None:
    connection = sqlite3.connect(folder / JOURNAL)
    with connection:
        connection.execute(statement, values)
    connection.close()


def test_a_garbled_record_ends_the_readable_part(folder: Path) -> None:
    tamper(
        folder,
        "UPDATE sample SET record = replace(record, '0', '1') WHERE rowid = 101",
    )
    result = ResultSet.open(folder)
    assert kept_in(folder) == keys_of(SAMPLES[:100])
    outcome = result.manifest.outcome
    assert outcome is not None
    assert not outcome.complete
    assert outcome.stop_reason is StopReason.MACHINE
    assert outcome.detail == (
        "the journal was damaged: sample 101 is damaged; what precedes is kept"
    )


def test_a_record_that_has_gone_ends_the_readable_part(folder: Path) -> None:
    tamper(folder, "DELETE FROM sample WHERE rowid = 51")
    assert kept_in(folder) == keys_of(SAMPLES[:50])


def test_records_that_have_gone_from_the_end_are_missed(folder: Path) -> None:
    tamper(folder, "DELETE FROM sample WHERE rowid > 51")
    outcome = ResultSet.open(folder).manifest.outcome
    assert outcome is not None
    assert f"{len(SAMPLES) - 51} samples are missing at its end" in outcome.detail


def test_any_byte_of_the_file_may_be_lost_and_the_rest_is_a_prefix(
    folder: Path, tmp_path: Path
) -> None:
    """Flip bytes all over the file: what opens holds the first samples, unchanged."""
    rng = random.Random(5)
    content = (folder / JOURNAL).read_bytes()
    opened = 0
    for trial in range(40):
        copy = tmp_path / f"trial-{trial}" / folder.name
        copy.mkdir(parents=True)
        garbled = bytearray(content)
        at = rng.randrange(len(garbled))
        garbled[at] ^= 1 << rng.randrange(8)
        (copy / JOURNAL).write_bytes(garbled)
        try:
            kept = kept_in(copy)
        except StoreError as exc:
            assert JOURNAL in exc.path  # noqa: PT017  a damaged head is said
            continue
        opened += 1
        assert kept == keys_of(SAMPLES[: len(kept)]), f"byte {at}"
    assert opened > 25


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_file_cut_short_keeps_what_precedes_the_cut(
    folder: Path, share: float
) -> None:
    path = folder / JOURNAL
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.truncate(int(size * share))
    kept = kept_in(folder)
    assert kept == keys_of(SAMPLES[: len(kept)])
    assert len(kept) < len(SAMPLES)


def torn_log(tmp_path: Path, tear: Callable[[bytearray], None]) -> Path:
    """A killed run's folder whose commits are all still in the log, which is torn."""
    info = make_run_info(PLAN)
    live = new_folder(tmp_path / "live", info)
    copy = tmp_path / "dead" / live.name
    with (
        FolderLock.take(live) as lock,
        Journal.create(lock, info, PLAN) as journal,
    ):
        for sample in SAMPLES:
            journal.append(sample)
            if sample.exchange == 0:
                journal.flush()
        journal.flush()
        shutil.copytree(live, copy, ignore=shutil.ignore_patterns("lock", "*-shm"))
    content = bytearray((copy / JOURNAL_LOG).read_bytes())
    assert len(content) > 100_000
    tear(content)
    (copy / JOURNAL_LOG).write_bytes(content)
    return copy


def test_a_log_that_was_being_written_gives_all_commits(tmp_path: Path) -> None:
    assert kept_in(torn_log(tmp_path, lambda _: None)) == keys_of(SAMPLES)


def test_a_torn_log_gives_the_commits_before_the_tear(tmp_path: Path) -> None:
    def cut(content: bytearray) -> None:
        del content[len(content) // 2 :]

    kept = kept_in(torn_log(tmp_path, cut))
    assert kept == keys_of(SAMPLES[: len(kept)])
    assert 0 < len(kept) < len(SAMPLES)


def test_a_garbled_log_gives_the_commits_before_the_damage(tmp_path: Path) -> None:
    def garble(content: bytearray) -> None:
        content[len(content) // 2] ^= 0x10

    kept = kept_in(torn_log(tmp_path, garble))
    assert kept == keys_of(SAMPLES[: len(kept)])
    assert 0 < len(kept) < len(SAMPLES)


def test_a_damaged_head_is_named(folder: Path) -> None:
    tamper(folder, "UPDATE header SET value = value || ' ' WHERE key = 'plan'")
    with pytest.raises(StoreError) as caught:
        ResultSet.open(folder)
    assert str(caught.value) == f"{folder / JOURNAL}: its head is damaged at 'plan'"


def test_a_journal_of_a_later_version_is_refused(folder: Path) -> None:
    tamper(
        folder,
        "UPDATE header SET value = '3', crc = ? WHERE key = 'schema_version'",
        (zlib.crc32(b"schema_version,3"),),
    )
    with pytest.raises(StoreError, match="is of schema version 3, and this"):
        ResultSet.open(folder)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER t AFTER INSERT ON sample BEGIN DELETE FROM header; END",
        "CREATE VIEW v AS SELECT 1",
        "CREATE TABLE other (x)",
        "PRAGMA application_id = 5",
        "DROP TABLE sample",
    ],
)
def test_another_database_is_no_journal(folder: Path, statement: str) -> None:
    tamper(folder, statement)
    with pytest.raises(StoreError, match="is not a journal of cloudgauge"):
        ResultSet.open(folder)


def test_a_run_killed_before_it_began_is_called_that(tmp_path: Path) -> None:
    (tmp_path / JOURNAL).touch()
    with pytest.raises(
        StoreError, match=r"holds nothing: its run was killed before it could measure$"
    ):
        ResultSet.open(tmp_path)


def test_a_file_that_is_no_database_is_no_journal(folder: Path) -> None:
    (folder / JOURNAL).write_text("samples, honestly\n" * 100)
    with pytest.raises(StoreError, match="cannot be read: file is not a database"):
        ResultSet.open(folder)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"ipv4"', '"ipv5"', 'family: "ipv5" is not one of its words'),
        ("null", '"x"', "resolve_ns: "),
        ("[", "{", "holds a record that is no JSON"),
        ("[", "[1,", "holds a record without 34 values"),
        ('"latency"', "null", "kind: a value is absent"),
    ],
)
def test_a_forged_record_is_refused(
    folder: Path, old: str, new: str, problem: str
) -> None:
    with JournalReader.open(folder) as reader:
        reader.readable_part()
    connection = sqlite3.connect(folder / JOURNAL)
    with connection:
        series, seq, exchange, record = connection.execute(
            "SELECT series, seq, exchange, record FROM sample WHERE exchange = 1"
        ).fetchone()
        forged = record.replace(old, new, 1)
        connection.execute(
            "UPDATE sample SET record = ?, crc = ? WHERE seq = ? AND exchange = ?",
            (forged, record_crc(series, seq, exchange, forged), seq, exchange),
        )
    connection.close()
    with pytest.raises(StoreError) as caught:
        ResultSet.open(folder)
    assert problem in str(caught.value)
    assert (folder / JOURNAL).exists()


def test_a_journal_that_is_a_link_is_not_followed(folder: Path) -> None:
    (folder / JOURNAL).rename(folder.parent / "elsewhere")
    (folder / JOURNAL).symlink_to(folder.parent / "elsewhere")
    with pytest.raises(StoreError, match="is a link or no plain file"):
        ResultSet.open(folder)
