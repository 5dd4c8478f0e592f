"""Bins, from the journal to a sealed set and back."""

import json
import random
import sqlite3
from itertools import chain
from pathlib import Path

import pytest

from cloudgauge.errors import StoreError
from cloudgauge.model.run import StopReason
from cloudgauge.model.sample import Sample
from cloudgauge.model.transfer import Bin
from cloudgauge.store.folder import JOURNAL, TARGETS, bins_name, names_in, new_folder
from cloudgauge.store.journal import Journal
from cloudgauge.store.journal_format import series_order
from cloudgauge.store.lock import FolderLock
from cloudgauge.store.resultset import ResultSet
from cloudgauge.store.rows import bin_row_of
from cloudgauge.store.schema import BIN_NAMES, Cell
from cloudgauge.store.verify import verify
from tests.store.synthetic import (
    keep_journal,
    keep_set,
    make_plan,
    make_run_info,
    make_samples,
)
from tests.store.test_manifest import make_priced_plan
from tests.store.test_verify import seal_anew
from tests.store.transfers import make_download_plan, make_transfers

PLAN = make_download_plan(bins=30)
RECORDS = tuple(chain(make_samples(PLAN), make_transfers(PLAN, bins=30, failing=0.3)))
BINS_KEPT = tuple(record for record in RECORDS if isinstance(record, Bin))
SAMPLES_KEPT = tuple(record for record in RECORDS if isinstance(record, Sample))


def rows_in(result: ResultSet) -> list[tuple[Cell, ...]]:
    rows = result.bin_table().to_pylist()
    return [tuple(row[name] for name in BIN_NAMES) for row in rows]


def wanted_rows() -> list[tuple[Cell, ...]]:
    order = series_order(PLAN)

    def place(found: Bin) -> tuple[int, int, int]:
        slot = found.slot
        key = (slot.target_id, slot.replica, slot.family, slot.streams)
        return (order[key], slot.seq, found.index)

    run = make_run_info(PLAN)
    return [bin_row_of(found, run) for found in sorted(BINS_KEPT, key=place)]


def test_every_value_of_every_bin_comes_back(tmp_path: Path) -> None:
    result = ResultSet.open(keep_set(tmp_path, PLAN, RECORDS))
    assert rows_in(result) == wanted_rows()
    assert result.manifest.counts.bins == len(BINS_KEPT)
    assert result.manifest.counts.samples == len(SAMPLES_KEPT)
    assert result.objects == PLAN.objects


def test_a_set_with_downloads_is_verified_with_one_file_more(tmp_path: Path) -> None:
    folder = keep_set(tmp_path, PLAN, RECORDS)
    assert bins_name(make_run_info(PLAN)) in names_in(folder)
    assert verify(folder).files == 7


def test_objects_and_prices_that_are_not_the_plans_are_refused(
    tmp_path: Path,
) -> None:
    plan = make_priced_plan()
    folder = keep_set(tmp_path, plan, [])
    path = folder / TARGETS
    text = path.read_text()
    assert [row["endpoint"]["service"] for row in json.loads(text)["objects"]] == [
        "agent",
        "agent",
    ]
    for ours, theirs in (("agent.bin", "agent.exe"), ('"0.09"', '"0.08"')):
        assert ours in text
        path.write_text(text.replace(ours, theirs))
        seal_anew(folder)
        with pytest.raises(StoreError, match="holds other targets than the manifest"):
            ResultSet.open(folder)


def test_a_run_that_is_alive_gives_the_same_bins(tmp_path: Path) -> None:
    info = make_run_info(PLAN)
    folder = new_folder(tmp_path, info)
    with FolderLock.take(folder) as lock, Journal.create(lock, info, PLAN) as journal:
        for record in RECORDS:
            journal.append(record)
        journal.flush()
        assert rows_in(ResultSet.open(folder)) == wanted_rows()


def test_a_killed_run_keeps_its_bins(tmp_path: Path) -> None:
    folder = keep_journal(tmp_path, PLAN, RECORDS, ended=False)
    assert rows_in(ResultSet.open(folder)) == wanted_rows()


def tamper(folder: Path, statement: str) -> None:
    connection = sqlite3.connect(folder / JOURNAL)
    with connection:
        connection.execute(statement)
    connection.close()


@pytest.mark.parametrize(
    ("statement", "bins", "damage"),
    [
        (
            "UPDATE bin SET record = replace(record, '0', '1') WHERE rowid = 41",
            40,
            "bin 41 is damaged",
        ),
        ("DELETE FROM bin WHERE rowid = 11", 10, "bin 11 is damaged"),
        (
            "DELETE FROM bin WHERE rowid > 20",
            20,
            f"{len(BINS_KEPT) - 20} bins are missing at its end",
        ),
    ],
)
def test_damage_to_bins_ends_their_readable_part_and_not_that_of_samples(
    tmp_path: Path, statement: str, bins: int, damage: str
) -> None:
    folder = keep_journal(tmp_path, PLAN, RECORDS)
    tamper(folder, statement)
    manifest = verify(folder).manifest
    assert manifest.counts.bins == bins
    assert manifest.counts.samples == len(SAMPLES_KEPT)
    outcome = manifest.outcome
    assert outcome is not None
    assert not outcome.complete
    assert outcome.stop_reason is StopReason.MACHINE
    assert outcome.detail == (
        f"the journal was damaged: {damage}; what precedes is kept"
    )


def test_damage_to_samples_ends_their_readable_part_and_not_that_of_bins(
    tmp_path: Path,
) -> None:
    folder = keep_journal(tmp_path, PLAN, RECORDS)
    tamper(folder, "DELETE FROM sample WHERE rowid = 31")
    counts = verify(folder).manifest.counts
    assert counts.samples == 30
    assert counts.bins == len(BINS_KEPT)


def test_any_byte_of_the_file_may_be_lost_and_the_rest_of_the_bins_is_a_prefix(
    tmp_path: Path,
) -> None:
    rng = random.Random(6)
    folder = keep_journal(tmp_path, PLAN, RECORDS)
    content = (folder / JOURNAL).read_bytes()
    written = [(made.slot.seq, made.index) for made in BINS_KEPT]
    opened = 0
    for trial in range(20):
        copy = tmp_path / f"trial-{trial}"
        copy.mkdir()
        garbled = bytearray(content)
        garbled[rng.randrange(len(garbled))] ^= 1 << rng.randrange(8)
        (copy / JOURNAL).write_bytes(garbled)
        try:
            rows = ResultSet.open(copy).bin_table(["seq", "bin"]).to_pylist()
        except StoreError as exc:
            assert JOURNAL in exc.path  # noqa: PT017  a damaged head is said
            continue
        opened += 1
        assert {(row["seq"], row["bin"]) for row in rows} == set(written[: len(rows)])
    assert opened > 10


def test_a_set_without_downloads_has_no_file_of_bins(tmp_path: Path) -> None:
    plan = make_plan()
    folder = keep_set(tmp_path, plan, make_samples(plan))
    assert not (folder / "throughput").exists()
    result = ResultSet.open(folder)
    assert result.bin_table().num_rows == 0
    assert result.bin_table().column_names == list(BIN_NAMES)
    assert not list(result.bin_pieces())


def test_a_plan_of_downloads_whose_run_saw_none_has_an_empty_file(
    tmp_path: Path,
) -> None:
    folder = keep_set(tmp_path, PLAN, make_samples(PLAN))
    assert (folder / bins_name(make_run_info(PLAN))).exists()
    assert verify(folder).manifest.counts.bins == 0


def test_a_bin_can_be_kept_once_only(tmp_path: Path) -> None:
    info = make_run_info(PLAN)
    folder = new_folder(tmp_path, info)
    with FolderLock.take(folder) as lock, Journal.create(lock, info, PLAN) as journal:
        journal.append(BINS_KEPT[0])
        journal.append(BINS_KEPT[0])
        with pytest.raises(ValueError, match=r"came twice: .* bin\.seq, bin\.bin"):
            journal.flush()
