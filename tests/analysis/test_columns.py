from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from benchmarks.statistics.large_set import make_large_set
from cloudgauge.analysis.columns import Columns, bin_columns_of, columns_of
from cloudgauge.errors import StoreError
from cloudgauge.model.sample import Sample
from cloudgauge.model.transfer import Bin
from cloudgauge.store.folder import new_folder
from cloudgauge.store.journal import Journal
from cloudgauge.store.journal_format import series_order
from cloudgauge.store.lock import FolderLock
from cloudgauge.store.resultset import ResultSet
from cloudgauge.store.rows import bin_row_of, row_of
from cloudgauge.store.schema import BINS, SAMPLES, Cell, Kind, Layout
from tests.store.synthetic import (
    keep_set,
    make_plan,
    make_run_info,
    make_samples,
)
from tests.store.test_verify import seal_anew
from tests.store.transfers import make_download_plan, make_transfers

PLAN = make_plan(rounds=5)
INFO = make_run_info(PLAN)


def in_file_order(samples: list[Sample]) -> list[Sample]:
    order = series_order(PLAN)

    def place(sample: Sample) -> tuple[int, int, int]:
        slot = sample.slot
        key = (slot.target_id, slot.replica, slot.family, slot.streams)
        return (order[key], slot.seq, sample.exchange)

    return sorted(samples, key=place)


def rows_of(columns: Columns, layout: Layout = SAMPLES) -> list[tuple[Cell, ...]]:
    found: list[list[Cell]] = []
    for column in layout.columns:
        if column.kind is Kind.STRING:
            words = columns.words[column.name]
            found.append([words.words[c] if c >= 0 else None for c in words.codes])
        else:
            numbers = columns.numbers[column.name]
            cells: list[int | bool] = numbers.cells.tolist()
            absent = numbers.absent.tolist()
            found.append([None if a else c for c, a in zip(cells, absent, strict=True)])
    return list(zip(*found, strict=True))


def uneven_samples() -> list[Sample]:
    """Numbers that no float can hold, and words that begin and end anywhere."""
    samples = list(make_samples(PLAN, failing=0.1))
    for index, sample in enumerate(samples):
        if index % 3:
            connection = replace(sample.connection, local_port=None, tls_version=None)
            samples[index] = replace(
                sample,
                connection=connection,
                kernel=None,
                clock=None,
                wall_stepped=index % 7 == 0,
                loop_lag_ns=2**53 + index,
            )
    return samples


def test_every_value_comes_back_exactly_and_absent_ones_as_such(
    tmp_path: Path,
) -> None:
    samples = uneven_samples()
    columns = columns_of(ResultSet.open(keep_set(tmp_path, PLAN, samples)))
    assert rows_of(columns) == [row_of(s, INFO) for s in in_file_order(samples)]


def test_a_run_that_is_alive_gives_the_same_columns(tmp_path: Path) -> None:
    samples = uneven_samples()
    with (
        FolderLock.take(new_folder(tmp_path, INFO)) as lock,
        Journal.create(lock, INFO, PLAN) as journal,
    ):
        for sample in samples:
            journal.append(sample)
        journal.flush()
        columns = columns_of(ResultSet.open(lock.folder))
    assert rows_of(columns) == [row_of(s, INFO) for s in in_file_order(samples)]


def test_pieces_of_all_row_groups_are_joined(tmp_path: Path) -> None:
    samples = uneven_samples()
    folder = keep_set(tmp_path, PLAN, samples)
    (path,) = (folder / "samples").iterdir()
    pq.write_table(pq.read_table(path), path, row_group_size=13)
    seal_anew(folder)
    columns = columns_of(ResultSet.open(folder))
    assert rows_of(columns) == [row_of(s, INFO) for s in in_file_order(samples)]


def test_only_the_columns_asked_for_are_there(tmp_path: Path) -> None:
    result = ResultSet.open(keep_set(tmp_path, PLAN, make_samples(PLAN)))
    columns = columns_of(result, ("failure", "seq"))
    assert set(columns.words) == {"failure"}
    assert set(columns.numbers) == {"seq"}


def test_words_are_sorted_and_can_be_asked_for(tmp_path: Path) -> None:
    samples = uneven_samples()
    result = ResultSet.open(keep_set(tmp_path, PLAN, samples))
    columns = columns_of(result, ("target_id", "tls_version"))
    targets, versions = columns.words["target_id"], columns.words["tls_version"]
    assert list(targets.words) == sorted(t.target_id for t in PLAN.targets)
    wanted = [s.connection.tls_version is None for s in in_file_order(samples)]
    assert versions.absent.tolist() == wanted
    assert versions.are("TLSv1.3").tolist() == [not there for there in wanted]
    assert not versions.are("TLSv1.2").any()


def test_a_set_without_samples_has_empty_columns(tmp_path: Path) -> None:
    columns = columns_of(ResultSet.open(keep_set(tmp_path, PLAN, [])))
    assert columns.count == 0
    assert rows_of(columns) == []
    assert columns.words["target_id"].words == ()
    assert len(columns.numbers["seq"].floats()) == 0


def test_bins_come_back_exactly_and_what_the_kernel_did_not_say_is_absent(
    tmp_path: Path,
) -> None:
    plan = make_download_plan(objects=1, rounds=1, bins=30)
    records = [
        replace(record, rtt_us=None, unread_bytes=None)
        if isinstance(record, Bin) and record.index % 3
        else record
        for record in make_transfers(plan, bins=30)
    ]
    result = ResultSet.open(keep_set(tmp_path, plan, records))
    columns = bin_columns_of(result)
    # One object, one round: the file has them in the order of writing.
    run = make_run_info(plan)
    wanted = [bin_row_of(record, run) for record in records if isinstance(record, Bin)]
    assert rows_of(columns, BINS) == wanted
    assert columns.count == 60
    assert columns.words["ending"].words == ("time",)
    chosen = bin_columns_of(result, ("ending", "body_bytes"))
    assert set(chosen.words) == {"ending"}
    assert set(chosen.numbers) == {"body_bytes"}


def test_a_set_without_downloads_has_no_bins(tmp_path: Path) -> None:
    columns = bin_columns_of(ResultSet.open(keep_set(tmp_path, PLAN, [])))
    assert columns.count == 0
    assert rows_of(columns, BINS) == []


def test_rows_can_be_chosen_and_keep_their_values(tmp_path: Path) -> None:
    samples = uneven_samples()
    columns = columns_of(ResultSet.open(keep_set(tmp_path, PLAN, samples)))
    cold = columns.numbers["exchange"].cells == 0
    chosen = columns.where(cold)
    assert chosen.count == sum(sample.exchange == 0 for sample in samples)
    rows = rows_of(columns)
    assert rows_of(chosen) == [
        row for row, is_cold in zip(rows, cold, strict=True) if is_cold
    ]


def forged(record: Sample | Bin, name: str, value: int) -> Sample | Bin:
    """A record that no run of ours makes."""
    made = replace(record)
    object.__setattr__(made, name, value)
    return made


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("length_ns", 0, "length_ns: want at least 1, got 0"),
        ("body_bytes", -5, "body_bytes: want at least 0, got -5"),
        ("rtt_us", -1, "rtt_us: want at least 0, got -1"),
        ("length_ns", 10**17, "has 30 bins over 3,000,000,000 s, want at most 10,000"),
    ],
)
def test_bins_that_no_transfer_can_have_are_refused(
    tmp_path: Path, name: str, value: int, problem: str
) -> None:
    plan = make_download_plan(objects=1, rounds=1, bins=30)
    records = (
        forged(record, name, value) if isinstance(record, Bin) else record
        for record in make_transfers(plan, bins=30)
    )
    result = ResultSet.open(keep_set(tmp_path, plan, records))
    with pytest.raises(StoreError, match=problem):
        bin_columns_of(result)


def test_a_transfer_of_more_bins_than_its_time_can_have_is_refused(
    tmp_path: Path,
) -> None:
    plan = make_download_plan(objects=1, rounds=1, bins=6_000)
    records = list(make_transfers(plan, bins=6_000))
    assert bin_columns_of(ResultSet.open(keep_set(tmp_path / "1", plan, records))).count
    first = records[0].slot
    as_one = [
        replace(one, slot=first, index=at) if isinstance(one, Bin) else one
        for at, one in enumerate(records)
    ]
    result = ResultSet.open(keep_set(tmp_path / "2", plan, as_one))
    with pytest.raises(StoreError, match="has 12,000 bins over"):
        bin_columns_of(result)


def test_round_trips_below_nothing_are_refused(tmp_path: Path) -> None:
    samples = list(make_samples(PLAN, failing=0))
    kernel = samples[0].kernel
    assert kernel is not None
    samples[0] = replace(samples[0], kernel=replace(kernel, connect_rtt_us=-1))
    result = ResultSet.open(keep_set(tmp_path, PLAN, samples))
    with pytest.raises(StoreError, match="connect_rtt_us: want at least 0, got -1"):
        columns_of(result)


def test_a_million_samples_are_read_as_a_few_are(tmp_path: Path) -> None:
    folder = make_large_set(tmp_path, 1_000_000)
    result = ResultSet.open(folder)
    names = ("target_id", "failure", "seq", "connect_ns")
    columns = columns_of(result, names)
    table = result.table(names)
    assert columns.count == table.num_rows == 1_000_000
    seqs = table.column("seq").to_numpy()
    assert (columns.numbers["seq"].cells == seqs).all()
    absent = columns.numbers["connect_ns"].absent
    assert absent.sum() == table.column("connect_ns").null_count == 800_000
    failed = columns.words["failure"]
    assert (~failed.absent).sum() == result.manifest.counts.failures[0].count
    assert len(columns.words["target_id"].words) == 200
