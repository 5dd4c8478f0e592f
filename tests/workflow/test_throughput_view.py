from collections.abc import Callable
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pytest

from cloudgauge.model.plan import Plan
from cloudgauge.model.sample import Sample
from cloudgauge.model.transfer import Bin
from cloudgauge.report.document import Cell, Document, Table
from cloudgauge.report.render import to_csv
from cloudgauge.workflow.keeping import show_sets
from tests.store.synthetic import keep_journal, keep_set, make_plan, make_samples
from tests.store.transfers import make_download_plan, make_transfers

PLAN = make_download_plan(objects=1, rounds=3, bins=60)
Record = Sample | Bin
# 100 Mbit/s, for bins of exactly a tenth of a second.
BIN_BYTES = 1_250_000


def steady(record: Record) -> Record:
    """Every bin alike, and a small request of 20 ms before, 50 ms during a transfer."""
    if isinstance(record, Bin):
        return replace(
            record,
            length_ns=10**8,
            body_bytes=BIN_BYTES,
            wire_bytes=None,
            rtt_us=20_000,
        )
    if record.exchange == 0 or record.part is None:
        return record
    took_ns = 20_000_000 if record.part == "idle" else 50_000_000
    return replace(record, timings=replace(record.timings, first_byte_ns=took_ns))


def shown(
    parent: Path, change: Callable[[Record], Record] = steady, plan: Plan = PLAN
) -> Document:
    transfers = [change(record) for record in make_transfers(plan, bins=60)]
    visits = make_samples(plan, failing=0) if plan.targets else iter(())
    return show_sets([keep_set(parent, plan, chain(visits, transfers))])


def throughput(document: Document) -> Table:
    (found,) = (table for table in document.tables if table.name == "throughput")
    return found


def cells(table: Table, name: str) -> list[Cell]:
    place = [column.name for column in table.columns].index(name)
    return [row[place] for row in table.rows]


def test_without_latency_nothing_is_said_of_its_bounds(tmp_path: Path) -> None:
    alone = replace(PLAN, targets=(), controls=())
    notes = shown(tmp_path, plan=alone).notes
    assert not [note for note in notes if "calibrat" in note]


def test_rates_stand_beside_what_they_do_to_round_trips(tmp_path: Path) -> None:
    table = throughput(shown(tmp_path))
    assert cells(table, "target") == ["aws/place-1:agent"] * 2 + ["gcp/place-1"]
    assert cells(table, "streams") == [1, 8, None]
    assert cells(table, "rate_mbit_per_s") == [pytest.approx(100)] * 2 + [None]
    assert cells(table, "rate_low_mbit_per_s")[0] == pytest.approx(100)
    assert cells(table, "settled") == ["3 of 3", "3 of 3", "no throughput target"]
    assert cells(table, "idle_p50_ms") == [20, 20, None]
    assert cells(table, "added_p50_ms") == [30, 30, None]
    assert cells(table, "added_p95_ms") == [30, 30, None]
    assert cells(table, "round_trips_per_minute") == [1_200, 1_200, None]
    assert cells(table, "tests") == [3, 3, None]
    assert cells(table, "body_bytes") == [3 * 60 * BIN_BYTES] * 2 + [None]
    assert cells(table, "vantage") == ["lab"] * 3


def test_downloads_are_in_no_latency(tmp_path: Path) -> None:
    document = shown(tmp_path)
    series = document.tables[0]
    assert series.name == "series"
    assert "aws/place-1:agent" not in cells(series, "target")
    assert document.title.endswith("in 3 series, 6 transfers")


def test_what_did_not_settle_is_no_rate_and_says_why(tmp_path: Path) -> None:
    def burst(record: Record) -> Record:
        made = steady(record)
        if isinstance(made, Bin) and made.index >= 45:
            return replace(made, body_bytes=BIN_BYTES // 10)
        return made

    document = shown(tmp_path, burst)
    table = throughput(document)
    assert cells(table, "rate_mbit_per_s")[:2] == [None, None]
    assert cells(table, "rate_low_mbit_per_s")[0] == pytest.approx(10)
    assert cells(table, "rate_high_mbit_per_s")[0] == pytest.approx(100)
    assert cells(table, "settled")[0] == "not settled"
    assert cells(table, "caveats")[0] == "not settled"
    (note,) = (note for note in document.notes if note.startswith("not settled: "))
    assert note.startswith(
        "not settled: aws/place-1:agent over 1 stream (and 1 more): 3 of 3 tests did "
        "not settle: the last level held only from 4.5 s"
    )


def test_transfers_that_all_failed_say_so(tmp_path: Path) -> None:
    transfers = make_transfers(PLAN, failing=1.1)
    records = chain(make_samples(PLAN), transfers)
    document = show_sets([keep_set(tmp_path, PLAN, records)])
    table = throughput(document)
    assert cells(table, "settled")[:2] == ["failed", "failed"]
    assert cells(table, "failures")[:2] == ["tls-timeout 3"] * 2
    assert cells(table, "rate_mbit_per_s") == [None] * 3


def test_the_fastest_stands_first_and_regions_without_a_rate_last(
    tmp_path: Path,
) -> None:
    def uneven(record: Record) -> Record:
        made = steady(record)
        if isinstance(made, Bin) and made.slot.streams == 8:
            return replace(made, body_bytes=2 * BIN_BYTES)
        return made

    table = throughput(shown(tmp_path, uneven))
    assert cells(table, "streams") == [8, 1, None]


def test_one_or_two_tests_are_said_to_be_few(tmp_path: Path) -> None:
    few = make_download_plan(objects=1, rounds=2, bins=60)
    note = "2 of 2 rates are of one or two tests"
    assert any(one.startswith(note) for one in shown(tmp_path, plan=few).notes)
    assert not any("one or two tests" in one for one in shown(tmp_path).notes)


def test_a_run_that_is_not_over_says_which_transfers_are_missing(
    tmp_path: Path,
) -> None:
    transfers = (one for one in make_transfers(PLAN, bins=60) if one.slot.streams == 1)
    records = chain(make_samples(PLAN), transfers)
    document = show_sets([keep_journal(tmp_path, PLAN, records, ended=False)])
    assert "3 of 6 transfers have no sample" in document.notes
    document = show_sets([keep_journal(tmp_path, PLAN, [], ended=False)])
    assert "6 of 6 transfers have no sample: aws/place-1:agent" in document.notes
    # That there is no target is known without any sample.
    assert cells(throughput(document), "settled") == ["no throughput target"]


def test_a_plan_of_downloads_alone_has_no_table_of_latency(tmp_path: Path) -> None:
    alone = replace(PLAN, targets=(), controls=())
    document = shown(tmp_path, plan=alone)
    assert [table.name for table in document.tables] == ["throughput", "runs"]
    assert to_csv(document).startswith("target,streams,rate_mbit_per_s,")


def test_a_set_without_downloads_has_no_table_of_throughput(tmp_path: Path) -> None:
    plan = make_plan()
    document = show_sets([keep_set(tmp_path, plan, make_samples(plan))])
    assert [table.name for table in document.tables] == ["series", "runs"]
    assert not any(note.startswith("rate: ") for note in document.notes)
    assert "transfer" not in document.title
