"""A monitor's counts against those of the sealed set that the samples end up in."""

from collections.abc import Iterable
from pathlib import Path

from cloudgauge.model.sample import Sample
from cloudgauge.report.openmetrics import to_openmetrics
from cloudgauge.store.folder import new_folder
from cloudgauge.store.journal import Journal
from cloudgauge.store.journal_tail import JournalTail
from cloudgauge.store.lock import FolderLock
from cloudgauge.store.resultset import ResultSet
from cloudgauge.store.seal import seal
from cloudgauge.workflow.exporting_metrics import families_of
from cloudgauge.workflow.monitor_counts import MonitorCounts
from cloudgauge.workflow.monitor_metrics import (
    MonitorFacts,
    MonitorState,
    health_problem,
    metrics_text,
)
from tests.fakes.monitored import BEGAN_NS, PLAN, part_info, part_samples
from tests.report.exposition import read_exposition

FACTS = MonitorFacts(vantage="lab", plan_hash="0" * 64, simulated=False, stale_ns=10**9)
_SHARED = (
    "cloudgauge_probe_visits",
    "cloudgauge_probe_failures",
    "cloudgauge_probe_duration_seconds",
)
_Numbers = dict[tuple[str, frozenset[tuple[str, str]]], float]


def _numbers(lines: Iterable[str]) -> _Numbers:
    text = "".join(f"{line}\n" for line in lines)
    found = {}
    for name, family in read_exposition(text).items():
        for (metric, labels), number in family.numbers.items():
            told = frozenset(pair for pair in labels if pair[0] != "run_id")
            said = dict(labels)
            left_out = said.get("phase") in {"resolve", "body"}
            program = said.get("phase") == "connect" and said.get("clock") == "user"
            if name in _SHARED and not left_out and not program:
                found[metric, told] = number
    return found


def test_a_monitor_counts_what_an_export_of_the_sealed_set_counts(
    tmp_path: Path,
) -> None:
    info = part_info(0)
    samples: list[Sample] = list(part_samples(info))
    folder = new_folder(tmp_path, info)
    tail, counts = JournalTail(folder), MonitorCounts("lab")
    assert tail.more() == []
    with FolderLock.take(folder) as lock:
        with Journal.create(lock, info, PLAN) as journal:
            for number, sample in enumerate(samples):
                journal.append(sample)
                if number % 20 == 0:
                    journal.flush()
                    counts.add(tail.more(), tail.started_wall_ns)
            journal.flush()
            counts.add(tail.more(), tail.started_wall_ns)
            assert tail.more() == []
        seal(lock)
    assert tail.more() == []
    assert tail.started_wall_ns == info.started_wall_ns
    assert counts.samples == len(samples)
    assert counts.newest_wall_ns == max(sample.wall_ns for sample in samples)
    now_ns = BEGAN_NS + 10**9
    state = MonitorState(started_wall_ns=BEGAN_NS)
    ours = _numbers(metrics_text(FACTS, state, counts, now_ns))
    theirs = _numbers(to_openmetrics(families_of([ResultSet.open(folder)])))
    assert len(theirs) > 200
    assert ours == theirs


def test_what_was_never_seen_has_no_time() -> None:
    counts = MonitorCounts("lab")
    assert not list(counts.answered())
    state = MonitorState(started_wall_ns=BEGAN_NS)
    text = "\n".join(metrics_text(FACTS, state, counts, BEGAN_NS))
    assert "last_success" not in text
    assert "last_sample" not in text


def test_a_monitor_says_what_is_wrong_with_it() -> None:
    counts, state = MonitorCounts("lab"), MonitorState(started_wall_ns=BEGAN_NS)
    assert health_problem(FACTS, state, counts, BEGAN_NS + 10**9) == ""
    late_ns = BEGAN_NS + 2 * 10**9
    assert health_problem(FACTS, state, counts, late_ns) == "no sample for 2 s"
    state.problems = 2
    wanted = "2 sets cannot be folded"
    assert health_problem(FACTS, state, counts, BEGAN_NS) == wanted
    state.failed = True
    assert "could not seal" in health_problem(FACTS, state, counts, BEGAN_NS)
    state.waiting = True
    assert "the disk is full" in health_problem(FACTS, state, counts, BEGAN_NS)
