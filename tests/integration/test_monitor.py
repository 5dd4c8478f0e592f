"""A monitor in the private network: asked, killed, started again, stopped."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cloudgauge.store.folder import JOURNAL
from cloudgauge.store.openmetrics import MetricNames, parse_metrics
from cloudgauge.store.resultset import ResultSet
from cloudgauge.workflow.long_term import LongTerm, load_long_term
from cloudgauge.workflow.monitor_bounds import is_of_monitor
from tests.report.exposition import read_exposition

pytestmark = pytest.mark.private_network

_PLAN = """
schema = 1
name = "small"
rounds = 2
round = "1s"
controls = false
[select]
regions = ["aws/ap-southeast-1", "huawei/ap-southeast-3"]
[[probe]]
kind = "latency"
timeout = "20s"
[ceilings]
visits_per_s_host = 10.0
"""
_OWN = "cloudgauge_monitor"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("monitored")


@pytest.fixture(scope="module")
def seen(folder: Path) -> dict[str, Any]:
    (folder / "small.toml").write_text(_PLAN, encoding="utf-8")
    world = [sys.executable, "-m", "cloudgauge", "world", "--"]
    driver = [sys.executable, "-m", "tests.integration.monitored_world", str(folder)]
    told = subprocess.run([*world, *driver], check=True, stdout=subprocess.PIPE)
    made: dict[str, Any] = json.loads(told.stdout)
    return made


@pytest.fixture(scope="module")
def record(folder: Path, seen: dict[str, Any]) -> LongTerm:
    assert seen
    return load_long_term(folder / "monitor")


def test_a_monitor_answers_with_metrics_that_can_be_read(seen: dict[str, Any]) -> None:
    status, text = seen["metrics"]
    assert status == 200
    families = read_exposition(text)
    visits = families["cloudgauge_probe_visits"].numbers.values()
    assert len(visits) == 2
    assert min(visits) >= 4
    (info,) = families[_OWN].numbers
    assert dict(info[1])["network"] == "simulated"
    (healthy,) = families[f"{_OWN}_healthy"].numbers.values()
    assert healthy == 1
    (last_seal,) = families[f"{_OWN}_last_seal_timestamp_seconds"].numbers.values()
    (last_sample,) = families[f"{_OWN}_last_sample_timestamp_seconds"].numbers.values()
    assert last_seal > 0
    assert last_sample > 0
    disk = families[f"{_OWN}_disk_bytes"].numbers
    assert {dict(labels)["of"] for _, labels in disk} == {"sets", "journals", "record"}
    names = MetricNames(
        value="cloudgauge_probe_visits_total", success=None, milliseconds=False
    )
    table = parse_metrics(text, "metrics.txt", names)
    assert len(table.rows) == 2


def test_it_says_that_it_is_well_and_refuses_all_else(seen: dict[str, Any]) -> None:
    status, text = seen["health"]
    assert (status, json.loads(text)) == (200, {"status": "ok", "problem": ""})
    assert seen["post"][0] == 405
    assert seen["elsewhere"][0] == 404


def test_a_second_monitor_of_a_folder_is_refused(seen: dict[str, Any]) -> None:
    code, said = seen["second"]
    assert code == 2
    assert "monitor: another monitor has it; give this one a --results" in said


def test_to_be_stopped_is_how_a_monitor_ends_well(seen: dict[str, Any]) -> None:
    assert seen["killed"][0] == -9
    code, said = seen["stopped"]
    assert code == 0, said
    assert "stopped after " in said


def test_nothing_that_was_measured_is_lost_or_counted_twice(
    folder: Path, record: LongTerm
) -> None:
    runs = [run for file in record.files for run in file.head.runs]
    runs.sort(key=lambda run: run.started_wall_ns)
    assert len({run.run_id for run in runs}) == len(runs)
    # The killed one too is in the record, and the second goes on after the first.
    starts = [run.first_round for run in runs]
    assert starts == sorted(set(starts))
    assert sum(run.complete for run in runs) >= 2
    visits = record.visits("all")
    sets = [path for path in (folder / "monitor").glob("*Z-*") if path.is_dir()]
    opened = [ResultSet.open(path) for path in sets if path.suffix != ".truth"]
    assert all(is_of_monitor(one.manifest.run) for one in opened)
    assert not list((folder / "monitor").glob(f"*/{JOURNAL}"))
    # Some sets went, and what they had is in the record.
    assert len(opened) < len(runs)
    kept = {one.manifest.run.run_id: one.manifest.counts.samples for one in opened}
    for run in runs:
        assert run.samples == kept.get(run.run_id, run.samples)
    exchanges = record.frame("all")
    counted = exchanges[exchanges["metric"].isin(["connect", "first_byte_warm"])]["n"]
    failures = record.failures("all")["count"].sum()
    total = sum(run.samples for run in runs)
    assert counted.sum() <= total
    assert visits["visits"].sum() <= total
    assert counted.sum() + 5 * failures >= total - visits["visits"].sum()
