import csv
import io
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from cloudgauge.analysis.export_rows import CONTRACTS
from cloudgauge.errors import ConfigError, StoreError
from cloudgauge.model.plan import Plan
from cloudgauge.model.sample import FailureKind, Sample
from cloudgauge.store.openmetrics import MetricNames, parse_metrics
from cloudgauge.workflow.exporting import Export, ExportFormat, ExportRequest
from cloudgauge.workflow.results import load
from tests.report.exposition import Seen, read_exposition
from tests.store.several import Run, keep_run
from tests.store.synthetic import keep_set, make_plan, make_samples
from tests.store.transfers import make_download_plan, make_transfers

PLAN = make_plan(rounds=4)
DOWNLOADS = make_download_plan()


def failing(plan: Plan, target_id: str | None = None) -> Iterator[Sample]:
    """First exchanges that fail, of one target or of all; the rest as it is."""
    for sample in make_samples(plan, failing=0):
        if sample.slot.target_id != (target_id or sample.slot.target_id):
            yield sample
        elif sample.exchange == 0:
            yield replace(
                sample,
                failure=FailureKind.REFUSED,
                failure_detail='=HYPERLINK("x"),\n\x1b[31m',
            )


def now_and_then(sample: Sample) -> Sample:
    """A failure of every fifth visit, and of the last request of others."""
    if sample.slot.seq % 5 and sample.exchange < 4:
        return sample
    return replace(sample, failure=FailureKind.RESET, failure_detail="reset by peer")


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    parent = tmp_path_factory.mktemp("sets")
    keep_run(parent, Run())
    keep_run(parent, Run(vantage="berlin", digit="b", seed=2, seen=now_and_then))
    keep_set(parent, DOWNLOADS, make_transfers(DOWNLOADS))
    return parent


def exported(path: Path, format_: ExportFormat, what: str | None = None) -> bytes:
    out = io.BytesIO()
    Export(ExportRequest(paths=(path,), format=format_, what=what)).write(out)
    return out.getvalue()


def metrics_of(path: Path) -> dict[str, Seen]:
    return read_exposition(exported(path, ExportFormat.OPENMETRICS).decode())


@pytest.mark.parametrize("what", sorted(CONTRACTS))
def test_every_format_says_the_same_of_several_sets(sets: Path, what: str) -> None:
    frame = {"samples": "frame"}.get(what, what)
    count = len(getattr(load(sets), frame)())
    lines = exported(sets, ExportFormat.JSONL, what).decode("ascii").splitlines()
    objects = [json.loads(line, parse_constant=pytest.fail) for line in lines]
    parquet = io.BytesIO(exported(sets, ExportFormat.PARQUET, what))
    assert objects == pq.read_table(parquet).to_pylist()
    text = exported(sets, ExportFormat.CSV, what).decode()
    rows = list(csv.DictReader(io.StringIO(text), strict=True))
    assert len(rows) == len(objects) == count > 0
    for row, found in zip(rows, objects, strict=True):
        assert row == {key: in_csv(value) for key, value in found.items()}


def in_csv(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return str(value)


def test_the_same_sets_give_the_same_bytes(sets: Path) -> None:
    for format_ in ExportFormat:
        assert exported(sets, format_) == exported(sets, format_)


def test_hostile_text_is_neither_formula_nor_line_nor_escape(tmp_path: Path) -> None:
    folder = keep_set(tmp_path, PLAN, failing(PLAN))
    text = exported(folder, ExportFormat.CSV).decode()
    rows = list(csv.DictReader(io.StringIO(text), strict=True))
    assert {row["failure_detail"] for row in rows} == {'\'=HYPERLINK("x"),\\n\\x1b[31m'}
    assert len(text.splitlines()) == len(rows) + 1
    raw = exported(folder, ExportFormat.JSONL)
    assert b"\x1b" not in raw
    assert {json.loads(line)["failure_detail"] for line in raw.splitlines()} == {
        '=HYPERLINK("x"),\n\x1b[31m'
    }


def test_of_a_set_without_samples_there_is_a_header_alone(tmp_path: Path) -> None:
    folder = keep_set(tmp_path, PLAN, [])
    header = exported(folder, ExportFormat.CSV).decode()
    assert header.endswith("lateness_ns,simulated,imported\n")
    assert header.count("\n") == 1
    assert exported(folder, ExportFormat.JSONL) == b""
    empty = pq.read_table(io.BytesIO(exported(folder, ExportFormat.PARQUET)))
    assert empty.num_rows == 0
    assert set(metrics_of(folder)) == {
        "cloudgauge_run",
        "cloudgauge_run_start_time_seconds",
    }


def test_a_parquet_file_says_its_units(sets: Path) -> None:
    read = pq.read_schema(io.BytesIO(exported(sets, ExportFormat.PARQUET, "rounds")))
    assert read.metadata[b"rows"] == b"rounds"
    assert read.field("connect_rtt_ms").metadata[b"unit"] == b"ms"


def test_metrics_count_what_the_samples_say(sets: Path) -> None:
    frame = load(sets).frame()
    metrics = metrics_of(sets)
    visits = metrics["cloudgauge_probe_visits"].numbers
    of_exchanges = frame[frame["exchange"] == 0]
    assert sum(visits.values()) == len(of_exchanges)
    failures: Counter[str] = Counter()
    for (_, labels), count in metrics["cloudgauge_probe_failures"].numbers.items():
        failures[dict(labels)["failure"]] += int(count)
    assert failures == frame["failure"].value_counts().loc[lambda n: n > 0].to_dict()
    received = metrics["cloudgauge_transfer_received_bytes"].numbers
    assert (
        sum(received.values()) == frame["body_bytes"][frame["part"] == "transfer"].sum()
    )


def test_histograms_hold_what_did_not_fail(sets: Path) -> None:
    frame = load(sets).frame()
    seen = metrics_of(sets)["cloudgauge_probe_duration_seconds"].numbers
    good = frame[frame["failure"].isna() & (frame["part"] != "transfer")]
    for phase, column in (("tls", "tls_ns"), ("first_byte", "first_byte_ns")):
        mine = {key: n for key, n in seen.items() if ("phase", phase) in key[1]}
        values = good[column].dropna()
        suffix = "cloudgauge_probe_duration_seconds"
        count = sum(n for (name, _), n in mine.items() if name == f"{suffix}_count")
        total = sum(n for (name, _), n in mine.items() if name == f"{suffix}_sum")
        below = sum(
            n
            for (name, labels), n in mine.items()
            if name == f"{suffix}_bucket" and dict(labels)["le"] == "0.1"
        )
        assert count == len(values)
        assert total == pytest.approx(values.sum() / 1e9)
        assert below == (values <= 100_000_000).sum()


def test_a_target_that_never_answered_has_no_latency(tmp_path: Path) -> None:
    silent = PLAN.targets[2].target_id
    metrics = metrics_of(keep_set(tmp_path, PLAN, failing(PLAN, silent)))
    success = metrics["cloudgauge_probe_success"].numbers
    for (_, labels), value in success.items():
        assert value == (dict(labels)["target"] != silent)
    for name in (
        "cloudgauge_probe_duration_seconds",
        "cloudgauge_probe_duration_median_seconds",
    ):
        named = {dict(labels)["target"] for _, labels in metrics[name].numbers}
        assert named == {t.target_id for t in PLAN.targets} - {silent}


def test_what_is_exported_can_be_imported(tmp_path: Path) -> None:
    silent = PLAN.targets[2].target_id
    folder = keep_set(tmp_path, PLAN, failing(PLAN, silent))
    text = exported(folder, ExportFormat.OPENMETRICS).decode()
    name = "cloudgauge_probe_duration_median_seconds"
    median = f'{name}{{phase="connect",exchange="cold",clock="kernel"}}'
    names = MetricNames(
        value=median, success="cloudgauge_probe_success", milliseconds=False
    )
    table = parse_metrics(text, "x.prom", names)
    at = {column: place for place, column in enumerate(table.columns)}
    frame = load(folder).targets().set_index(["target_id", "replica"])
    medians = frame["connect_p50_ms"].to_dict()
    for row in table.rows:
        target = row.cells[at["target"]]
        found = row.cells[at[median]]
        assert row.cells[at["cloudgauge_probe_success"]] == str(int(target != silent))
        if target == silent:
            assert found == ""
            continue
        wanted = medians[target, int(row.cells[at["replica"]])]
        assert float(found) == pytest.approx(wanted / 1e3)


def test_rows_are_no_matter_of_openmetrics_and_other_rows_are_refused() -> None:
    with pytest.raises(ConfigError, match="--what: is of rows; openmetrics has"):
        ExportRequest(paths=(), format=ExportFormat.OPENMETRICS, what="bins")
    with pytest.raises(ConfigError, match=r"--what: want one of samples, .*, got x"):
        ExportRequest(paths=(), format=ExportFormat.CSV, what="x")


def test_a_corrupt_set_is_not_exported(tmp_path: Path) -> None:
    folder = keep_set(tmp_path, PLAN, make_samples(PLAN))
    (folder / "targets.json").write_text("{}")
    with pytest.raises(StoreError, match=r"targets\.json"):
        exported(folder, ExportFormat.CSV)
