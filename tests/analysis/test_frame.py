from pathlib import Path

import pandas as pd
import pytest

from cloudgauge.analysis.frame import (
    BIN_FRAME_COLUMNS,
    FRAME_COLUMNS,
    bins_frame_of,
    frame_of,
)
from cloudgauge.model.sample import Sample
from cloudgauge.model.transfer import Bin
from cloudgauge.store.folder import new_folder
from cloudgauge.store.journal import Journal
from cloudgauge.store.journal_format import series_order
from cloudgauge.store.lock import FolderLock
from cloudgauge.store.resultset import ResultSet
from tests.store.synthetic import keep_set, make_plan, make_run_info, make_samples
from tests.store.transfers import make_download_plan, make_transfers

PLAN = make_plan(rounds=5)
SAMPLES = tuple(make_samples(PLAN, failing=0.1))


@pytest.fixture(scope="module")
def frame(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    folder = keep_set(tmp_path_factory.mktemp("set"), PLAN, SAMPLES)
    return frame_of(ResultSet.open(folder))


def in_file_order() -> list[Sample]:
    order = series_order(PLAN)

    def place(sample: Sample) -> tuple[int, int, int]:
        slot = sample.slot
        key = (slot.target_id, slot.replica, slot.family, slot.streams)
        return (order[key], slot.seq, sample.exchange)

    return sorted(SAMPLES, key=place)


def test_names_and_types_are_those_of_the_contract(frame: pd.DataFrame) -> None:
    found = [(name, str(dtype)) for name, dtype in frame.dtypes.items()]
    assert found == [(column.name, column.dtype) for column in FRAME_COLUMNS]


def test_every_sample_is_a_row_and_failures_are_kept(frame: pd.DataFrame) -> None:
    samples = in_file_order()
    assert len(frame) == len(samples)
    failures = [s.failure.value if s.failure else None for s in samples]
    assert [None if pd.isna(f) else f for f in frame["failure"]] == failures


def test_nanoseconds_are_exact(frame: pd.DataFrame) -> None:
    samples = in_file_order()
    assert frame["wall_ns"].tolist() == [s.wall_ns for s in samples]
    first_bytes = [s.timings.first_byte_ns for s in samples]
    assert frame["first_byte_ns"].tolist() == first_bytes


def test_what_did_not_happen_is_absent_and_not_zero(frame: pd.DataFrame) -> None:
    warm = frame[frame["exchange"] > 0]
    for name in ("resolve_ns", "connect_ns", "tls_ns", "connect_rtt_us", "lateness_ns"):
        assert warm[name].isna().all(), name
    assert frame.loc[frame["exchange"] == 0, "connect_ns"].notna().all()


def test_lateness_is_sent_minus_due_of_the_cold_exchange(frame: pd.DataFrame) -> None:
    wanted = [s.lateness_ns for s in in_file_order()]
    assert [None if pd.isna(v) else v for v in frame["lateness_ns"]] == wanted


def test_what_the_catalogue_says_stands_beside_each_sample(
    frame: pd.DataFrame,
) -> None:
    row = frame.iloc[0]
    assert row["target_id"] == "alibaba/place-1:object-storage"
    assert row["provider"] == "alibaba"
    assert row["region"] == "alibaba/place-1"
    assert row["service"] == "object-storage"
    assert row["city"] == "Springfield"
    assert row["country"] == "US"
    assert row["reach"] == "in-region"
    assert row["vantage"] == "lab"
    assert not row["simulated"]
    for target_id, provider in zip(frame["target_id"], frame["provider"], strict=True):
        assert target_id.startswith(f"{provider}/")


def test_words_are_sorted_categories(frame: pd.DataFrame) -> None:
    for name in ("provider", "target_id", "remote_address"):
        words = list(frame[name].cat.categories)
        assert words == sorted(words), name
    assert frame["tls_version"].cat.categories.tolist() == ["TLSv1.3"]


def test_a_set_without_samples_is_an_empty_frame(tmp_path: Path) -> None:
    empty = frame_of(ResultSet.open(keep_set(tmp_path, PLAN, [])))
    assert empty.empty
    assert [str(d) for d in empty.dtypes] == [column.dtype for column in FRAME_COLUMNS]


def test_a_run_that_is_alive_gives_the_same_columns(tmp_path: Path) -> None:
    info = make_run_info(PLAN)
    with (
        FolderLock.take(new_folder(tmp_path, info)) as lock,
        Journal.create(lock, info, PLAN) as journal,
    ):
        for sample in SAMPLES[:30]:
            journal.append(sample)
        journal.flush()
        frame = frame_of(ResultSet.open(lock.folder))
    assert len(frame) == 30
    assert [str(d) for d in frame.dtypes] == [column.dtype for column in FRAME_COLUMNS]


def test_bins_are_a_frame_of_their_own_beside_what_the_catalogue_says(
    tmp_path: Path,
) -> None:
    plan = make_download_plan(objects=1, rounds=1, bins=30)
    records = list(make_transfers(plan, bins=30))
    result = ResultSet.open(keep_set(tmp_path, plan, records))
    bins = bins_frame_of(result)
    found = [(name, str(dtype)) for name, dtype in bins.dtypes.items()]
    assert found == [(column.name, column.dtype) for column in BIN_FRAME_COLUMNS]
    wanted = [record for record in records if isinstance(record, Bin)]
    assert bins["body_bytes"].tolist() == [made.body_bytes for made in wanted]
    assert bins["began_ns"].tolist() == [made.began_ns for made in wanted]
    assert bins["streams"].tolist() == [made.slot.streams for made in wanted]
    endings = [None if pd.isna(word) else word for word in bins["ending"]]
    assert endings == [made.ending for made in wanted]
    assert set(bins["region"]) == {"aws/place-1"}
    assert set(bins["service"]) == {"agent"}
    assert set(bins["vantage"]) == {"lab"}


def test_samples_of_downloads_say_of_what_they_are(tmp_path: Path) -> None:
    plan = make_download_plan(objects=1, rounds=1, bins=30)
    records = [*make_samples(plan), *make_transfers(plan, bins=30)]
    frame = frame_of(ResultSet.open(keep_set(tmp_path, plan, records)))
    visits = frame[frame["kind"] == "latency"]
    assert visits["part"].isna().all()
    assert visits["streams"].isna().all()
    downloads = frame[frame["kind"] == "download"]
    assert set(downloads["part"]) == {"transfer", "idle", "loaded"}
    assert set(downloads["streams"]) == {1, 8}
    assert set(downloads["service"]) == {"agent"}
    whole = downloads[downloads["part"] == "transfer"]
    assert whole["exchange"].tolist() == [0, 0]
    # Of every sample we know the target: latency first, downloads behind.
    assert frame["kind"].tolist() == ["latency"] * len(visits) + ["download"] * len(
        downloads
    )
