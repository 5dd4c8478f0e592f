"""The table of series: what is only known to be longer, and what it is marked with."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cloudgauge.model.sample import FailureKind, KernelView, Sample, Timings
from cloudgauge.report.document import Cell, Document
from cloudgauge.report.render import to_csv, to_json, to_markdown
from cloudgauge.workflow.keeping import show_sets
from cloudgauge.workflow.results import load
from tests.store.synthetic import keep_set, make_plan, make_samples

PLAN = make_plan(targets=2, rounds=40, controls=0)
SLOW = PLAN.targets[0].target_id
Change = Callable[[Sample], Sample]


def failed(kind: FailureKind) -> Change:
    return lambda sample: replace(
        sample, failure=kind, kernel=None, timings=Timings(resolve_ns=10**6)
    )


def shown(folder: Path, change: Change, rounds: int) -> Document:
    """A set of which one target is changed in *rounds* of its rounds, all over it."""

    def meant(sample: Sample) -> bool:
        slot = sample.slot
        return slot.target_id == SLOW and slot.round_index * 17 % 40 < rounds

    samples = [
        change(sample) if meant(sample) else sample
        for sample in make_samples(PLAN, failing=0)
        if sample.exchange == 0 or not meant(sample)
    ]
    return show_sets([keep_set(folder, PLAN, samples)])


def row_of(document: Document, target_id: str = SLOW) -> dict[str, Cell]:
    (table, *_) = document.tables
    names = [column.name for column in table.columns]
    (row,) = (row for row in table.rows if row[0] == target_id)
    return dict(zip(names, row, strict=True))


def test_a_quantile_that_timeouts_reach_is_read_as_beyond_what_was_waited(
    tmp_path: Path,
) -> None:
    document = shown(tmp_path, failed(FailureKind.CONNECT_TIMEOUT), 10)
    row = row_of(document)
    assert row["connect_p50_ms"] is not None
    assert row["connect_p50_beyond_ms"] is None
    assert (row["connect_p95_ms"], row["connect_p95_beyond_ms"]) == (None, 10_000.0)
    # Ten of 130 first bytes never came.
    assert row["first_byte_p50_ms"] is not None
    assert row["first_byte_p95_beyond_ms"] == 10_000.0
    assert row["availability"] == 0.75
    assert isinstance(row["availability_low"], float)
    assert row["availability_low"] < 0.75
    assert row["failures"] == "connect-timeout 10"
    line = next(x for x in to_markdown(document).splitlines() if f"| {SLOW} |" in x)
    assert line.count("\\> 10 s") == 2
    assert "beyond" not in to_markdown(document)
    assert any("> says how long was waited" in note for note in document.notes)


def test_programs_get_nothing_in_its_place_and_the_limit_beside_it(
    tmp_path: Path,
) -> None:
    document = shown(tmp_path, failed(FailureKind.CONNECT_TIMEOUT), 10)
    rows = json.loads(to_json(document))["tables"]["series"]
    (found,) = (row for row in rows if row["target"] == SLOW)
    assert found["connect_p95_ms"] is None
    assert found["connect_p95_beyond_ms"] == 10_000
    (line,) = (
        row
        for row in csv.DictReader(io.StringIO(to_csv(document)))
        if row["target"] == SLOW
    )
    assert (line["connect_p95_ms"], line["connect_p95_beyond_ms"]) == ("", "10000.0")


@pytest.mark.parametrize(
    ("kind", "connect"),
    [(FailureKind.RESPONSE_TIMEOUT, None), (FailureKind.CONNECT_TIMEOUT, 10_000.0)],
)
def test_a_series_that_always_timed_out_is_beyond_in_all_its_quantiles(
    tmp_path: Path, kind: FailureKind, connect: float | None
) -> None:
    row = row_of(shown(tmp_path, failed(kind), 40))
    for name in ("connect_p50", "connect_p50_low", "connect_p50_high", "connect_p95"):
        assert row[f"{name}_ms"] is None, name
        assert row[f"{name}_beyond_ms"] == connect, name
    assert row["first_byte_p50_beyond_ms"] == 10_000.0
    assert row["connect_min_ms"] is None


def test_another_failure_is_no_slow_answer(tmp_path: Path) -> None:
    row = row_of(shown(tmp_path, failed(FailureKind.REFUSED), 10))
    assert row["connect_p95_ms"] is not None
    assert row["connect_p95_beyond_ms"] is None
    assert row["availability"] == 0.75
    assert row["failed"] == 10


def test_the_frame_says_of_timeouts_what_show_says(tmp_path: Path) -> None:
    document = shown(tmp_path, failed(FailureKind.CONNECT_TIMEOUT), 17)
    (folder,) = tmp_path.iterdir()
    frame = load(folder).targets().set_index("target_id")
    for target in PLAN.targets:
        row = row_of(document, target.target_id)
        mine = frame.loc[target.target_id]
        names = [name for name in row if name in frame.columns and name.endswith("_ms")]
        assert len(names) >= 14
        for name in names:
            assert mine[name] == pytest.approx(row[name], nan_ok=True) or (
                row[name] is None and mine[name] != mine[name]
            ), name
        assert mine["answered_low"] == row["availability_low"]
        assert mine["burst"]
    slow = frame.loc[SLOW]
    assert (slow["connect_n"], slow["connect_timed_out"]) == (23, 17)
    assert slow["connect_p50_high_beyond_ms"] == 10_000
    assert slow["connect_p50_low_beyond_ms"] != slow["connect_p50_low_beyond_ms"]


def test_without_warm_requests_the_first_byte_is_that_of_the_first(
    tmp_path: Path,
) -> None:
    plan = replace(PLAN, probe=replace(PLAN.probe, warm_requests=0))
    samples = [s for s in make_samples(PLAN, failing=0) if s.exchange == 0]
    document = show_sets([keep_set(tmp_path, plan, samples)])
    row = row_of(document)
    assert row["first_byte_p50_ms"] is not None
    assert row["mark"] == "cold"
    assert any('mark "cold": there were no warm' in note for note in document.notes)


def test_a_series_that_stays_in_its_states_is_marked_dependent(tmp_path: Path) -> None:
    def stay(sample: Sample) -> Sample:
        late = 30_000 if sample.slot.round_index // 20 else 20_000
        seen = sample.kernel
        assert isinstance(seen, KernelView)
        slow_us = None if sample.exchange else late + sample.slot.round_index
        return replace(sample, kernel=replace(seen, connect_rtt_us=slow_us))

    samples = [stay(s) for s in make_samples(PLAN, failing=0)]
    document = show_sets([keep_set(tmp_path, PLAN, samples)])
    row = row_of(document)
    assert row["connect_n"] == 40
    assert isinstance(row["connect_n_eff"], int)
    assert row["connect_n_eff"] < 10
    assert row["mark"] == "dependent"
    assert any('mark "dependent"' in note for note in document.notes)
    assert any(note.startswith("burst: ") for note in document.notes)
