"""The frames of figures, held against plain Python over the same samples."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cloudgauge.analysis.columns import columns_of
from cloudgauge.analysis.frame import FrameColumn
from cloudgauge.analysis.rounds_frame import ROUNDS_COLUMNS, rounds_frame_of
from cloudgauge.analysis.series_frames import (
    FAILURES_COLUMNS,
    TARGETS_COLUMNS,
    failures_frame_of,
    targets_frame_of,
)
from cloudgauge.analysis.summary import SUMMARISED, summarise
from cloudgauge.analysis.transfers_frame import TRANSFERS_COLUMNS, transfers_frame_of
from cloudgauge.model.run import Imported, RunInfo
from cloudgauge.model.sample import FailureKind, Sample
from cloudgauge.store.resultset import ResultSet
from tests.store.several import Run, keep_run
from tests.store.synthetic import keep_set, make_plan, make_samples
from tests.store.transfers import make_download_plan, make_transfers

PLAN = make_plan(rounds=6)
DOWNLOADS = make_download_plan(objects=2, rounds=2, bins=40)


def resent(sample: Sample) -> Sample:
    """Every seventh visit had its SYN sent again."""
    if sample.slot.seq % 7 or sample.kernel is None:
        return sample
    return replace(sample, kernel=replace(sample.kernel, syn_retransmits=1))


SAMPLES = tuple(resent(sample) for sample in make_samples(PLAN, failing=0.15))


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> ResultSet:
    return ResultSet.open(keep_set(tmp_path_factory.mktemp("set"), PLAN, SAMPLES))


@pytest.fixture(scope="module")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> ResultSet:
    records = [
        *make_samples(DOWNLOADS),
        *make_transfers(DOWNLOADS, bins=40, failing=0.3),
    ]
    parent = tmp_path_factory.mktemp("downloads")
    return ResultSet.open(keep_set(parent, DOWNLOADS, records))


def types_of(frame: pd.DataFrame) -> list[tuple[str, str]]:
    return [(str(name), str(dtype)) for name, dtype in frame.dtypes.items()]


def contract(columns: tuple[FrameColumn, ...]) -> list[tuple[str, str]]:
    return [(column.name, column.dtype) for column in columns]


def test_names_and_types_are_those_of_the_contracts(
    result: ResultSet, downloads: ResultSet
) -> None:
    for one in (result, downloads):
        assert types_of(targets_frame_of(one)) == contract(TARGETS_COLUMNS)
        assert types_of(rounds_frame_of(one)) == contract(ROUNDS_COLUMNS)
        assert types_of(transfers_frame_of(one)) == contract(TRANSFERS_COLUMNS)
        assert types_of(failures_frame_of(one)) == contract(FAILURES_COLUMNS)


def test_a_set_without_a_sample_has_frames_without_a_row(tmp_path: Path) -> None:
    empty = ResultSet.open(keep_set(tmp_path, PLAN, []))
    for frame_of, columns in (
        (targets_frame_of, TARGETS_COLUMNS),
        (rounds_frame_of, ROUNDS_COLUMNS),
        (transfers_frame_of, TRANSFERS_COLUMNS),
        (failures_frame_of, FAILURES_COLUMNS),
    ):
        frame = frame_of(empty)
        assert frame.empty
        assert types_of(frame) == contract(columns)


def test_the_frame_of_series_says_what_show_says(result: ResultSet) -> None:
    frame = targets_frame_of(result)
    wanted = summarise(columns_of(result, SUMMARISED), timeout_ns=10**10)
    assert frame["target_id"].tolist() == [one.target_id for one in wanted]
    assert frame["connect_p95_ms"].tolist() == [one.connect.p95_ms for one in wanted]
    assert frame["first_byte_n"].tolist() == [one.first_byte_warm.n for one in wanted]
    failed = [one.samples - one.answered for one in wanted]
    assert frame["failed"].tolist() == failed
    assert set(frame["connect_clock"]) == {"kernel"}
    assert frame["lateness_p99_ms"].notna().all()


def test_each_round_of_a_series_has_the_medians_of_what_was_answered(
    result: ResultSet,
) -> None:
    frame = rounds_frame_of(result)
    groups: dict[tuple[str, int, int], list[Sample]] = defaultdict(list)
    for sample in SAMPLES:
        slot = sample.slot
        groups[slot.target_id, slot.replica, slot.round_index].append(sample)
    assert len(frame) == len(groups)
    for row in rows_of(frame):
        group = groups[row.target_id, row.replica, row.round_index]
        good = [sample for sample in group if sample.failure is None]
        assert row.samples == len(group)
        assert row.failed == len(group) - len(good)
        assert row.wall_ns == min(sample.wall_ns for sample in group)
        cold = [sample for sample in good if sample.exchange == 0]
        kept = [s for s in cold if s.kernel and not s.kernel.syn_retransmits]
        rtts_us = [s.kernel.connect_rtt_us for s in kept if s.kernel]
        assert_same(row.connect_rtt_ms, rtts_us, 1e3)
        assert_same(row.connect_ms, [s.timings.connect_ns for s in kept], 1e6)
        assert_same(
            row.first_byte_ms,
            [s.timings.first_byte_ns for s in good if s.exchange],
            1e6,
        )


def rows_of(frame: pd.DataFrame) -> Iterator[Any]:
    yield from frame.itertuples()


def assert_same(found: float, values: Sequence[int | None], scale: float) -> None:
    there = [value for value in values if value is not None]
    assert len(there) == len(values)
    if there:
        assert found == pytest.approx(median(there) / scale, rel=1e-12)
    else:
        assert np.isnan(found)


def test_failures_are_counted_by_series_and_kind(result: ResultSet) -> None:
    frame = failures_frame_of(result)
    samples = Counter((s.slot.target_id, s.slot.replica) for s in SAMPLES)
    failed = Counter(
        (s.slot.target_id, s.slot.replica) for s in SAMPLES if s.failure is not None
    )
    found = {(row.target_id, row.replica): row for row in rows_of(frame)}
    assert {key: row.failed for key, row in found.items()} == failed
    assert {key: row.samples for key, row in found.items()} == {
        key: samples[key] for key in failed
    }
    assert set(frame["failure"]) == {FailureKind.RESPONSE_TIMEOUT.value}
    assert frame["streams"].isna().all()


def test_failures_of_downloads_name_their_streams(downloads: ResultSet) -> None:
    frame = failures_frame_of(downloads)
    kinds = frame[frame["kind"] == "download"]
    assert len(kinds)
    assert set(kinds["streams"]) <= {1, 8}
    assert (kinds["failed"] <= kinds["samples"]).all()


def test_each_transfer_is_a_row_and_failed_ones_have_no_rate(
    downloads: ResultSet,
) -> None:
    frame = transfers_frame_of(downloads)
    assert len(frame) == 8
    failed = frame[frame["failure"].notna()]
    assert len(failed)
    assert failed["rate_mbit_per_s"].isna().all()
    assert not failed["settled"].any()
    settled = frame[frame["settled"]]
    assert len(settled)
    assert (settled["rate_mbit_per_s"] > 0).all()
    assert (settled["lowest_mbit_per_s"] <= settled["highest_mbit_per_s"]).all()
    rate = settled["body_bytes"] * 8 / 1e6 / 4
    assert (settled["rate_mbit_per_s"] < rate * 3).all()


def imported(info: RunInfo) -> RunInfo:
    told = Imported(
        source="log", source_sha256="0" * 64, measured="pings", rounds_given=False
    )
    return replace(info, imported=told)


def test_what_was_imported_had_no_schedule_to_be_late_for(tmp_path: Path) -> None:
    one = ResultSet.open(keep_run(tmp_path, Run(info=imported)))
    assert targets_frame_of(one)["lateness_p99_ms"].isna().all()
