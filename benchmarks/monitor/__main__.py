"""A day of a monitor in minutes.

``python -m benchmarks.monitor -o benchmarks/monitor/RESULTS.md``
"""

import argparse
import os
import pickle
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pandas as pd

from benchmarks.monitor.inside import KEEP_SIZE, PART_ROUNDS, ROUND_S, WARM
from benchmarks.monitor.watching import KEEPER, PASS, PROBER, Look, Watched
from cloudgauge import __version__
from cloudgauge.model.run import Part
from cloudgauge.store.folder import new_folder
from cloudgauge.store.journal import Journal
from cloudgauge.store.lock import FolderLock
from cloudgauge.store.long_term_layout import FoldedRun
from cloudgauge.workflow.long_term import LongTerm, load_long_term
from cloudgauge.workflow.monitor_bounds import Bounds, monitor_campaign
from cloudgauge.workflow.monitor_metrics import MonitorFacts
from cloudgauge.workflow.monitor_orders import Orders, pass_report_from, to_line
from tests.store.synthetic import (
    make_outcome,
    make_plan,
    make_run_info,
    make_samples,
)

_PARTS_OF_A_DAY = 24
# An hour of the default plan: 178 series, a round of 18 s, five exchanges a visit.
_HOUR_SAMPLES = 178 * 200 * 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=480.0)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="monitor-"))
    try:
        code, seen = _day(folder, asked.seconds)
        lines = [*_head(), *_lines(folder / "monitor", code, seen, asked.seconds)]
        lines += _hour_lines(folder / "hour")
        asked.output.write_text("\n".join(lines) + "\n")
    finally:
        shutil.rmtree(folder)


def _day(folder: Path, for_s: float) -> tuple[int, Watched]:
    output = folder / "seen"
    inside = [sys.executable, "-m", "benchmarks.monitor.inside"]
    inside += [str(folder / "monitor"), str(for_s), str(output)]
    command = [sys.executable, "-m", "cloudgauge", "world", "--", *inside]
    subprocess.run(command, check=True)
    code, seen = pickle.loads(output.read_bytes())  # noqa: S301  our own, of just now
    return code, seen


def _head() -> Iterator[str]:
    yield "# A day of a monitor in minutes"
    yield ""
    yield "Written by `python -m benchmarks.monitor -o benchmarks/monitor/RESULTS.md`,"
    yield f"{datetime.now(tz=UTC):%Y-%m-%d}, cloudgauge {__version__},"
    yield (
        f"CPython {platform.python_version()}, {os.cpu_count()} processors; the load "
        f"average of fifteen minutes was {os.getloadavg()[2]:.0f} at the end of it."
    )
    yield ""


def _lines(folder: Path, code: int, seen: Watched, for_s: float) -> Iterator[str]:
    record = load_long_term(folder)
    runs = [run for file in record.files for run in file.head.runs]
    runs.sort(key=lambda run: run.started_wall_ns)
    samples = sum(run.samples for run in runs)
    yield (
        f"`run --forever` over every default region in the private network for "
        f"{for_s:.0f} s: rounds of {ROUND_S} s, {WARM} warm requests, parts of "
        f"{PART_ROUNDS} rounds in place of hours, `--keep-size {KEEP_SIZE}`."
    )
    yield ""
    day = _PARTS_OF_A_DAY * _HOUR_SAMPLES
    yield (
        f"* {len(runs)} parts sealed, folded and, but for the newest, let go "
        f"({_PARTS_OF_A_DAY} are a day's); {samples:,} samples, "
        f"{samples / day:.1%} of the {day:,} of a day of the default plan."
    )
    yield f"* It ended with {code} when it was stopped by SIGTERM."
    yield f"* {_cells(record)}"
    yield f"* `/health` was not ok {len(seen.unhealthy)} times of {len(seen.scrapes)}."
    yield ""
    yield from _memory(seen)
    yield ""
    yield from _disk(seen)
    yield ""
    yield from _scrapes(seen)
    yield ""


def _cells(record: LongTerm) -> str:
    runs = [run for file in record.files for run in file.head.runs]
    runs.sort(key=lambda run: run.started_wall_ns)
    gaps = sum(
        after.first_round != before.first_round + before.rounds
        for before, after in pairwise(runs)
    )
    whole = sum(run.complete for run in runs)
    visits = record.visits("all")
    per_series = visits["visits"]
    return (
        f"{whole} of {len(runs)} parts are complete (those that were under way when it "
        f"was stopped are not), {gaps} gaps between the rounds of one and the next; "
        f"each of {len(visits)} series has {per_series.min()} to {per_series.max()} "
        f"visits, {_whole_cells(runs, visits)}, "
        f"{visits['answered'].sum() / per_series.sum():.2%} answered."
    )


def _whole_cells(runs: Sequence[FoldedRun], visits: pd.DataFrame) -> str:
    """How many cells of the parts that came to their end have their visit."""
    planned = sum(run.rounds for run in runs if run.complete) * len(visits)
    return f"{visits['visits'].sum():,} in all, {planned:,} of them of complete parts"


def _memory(seen: Watched) -> Iterator[str]:
    yield (
        "| process | after 1 min, MiB | at the end, MiB | most, MiB | slope of the "
        "second half, KiB/min | descriptors at most, by half | processor |"
    )
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    end_s = max(look.at_s for look in seen.looks)
    for role in (PROBER, KEEPER):
        its = [look for look in seen.looks if look.role == role]
        early = [look for look in its if look.at_s >= 60] or its
        halves = [
            [look for look in its if (look.at_s >= end_s / 2) is late]
            for late in (False, True)
        ]
        most = [max(look.descriptors for look in half) for half in halves]
        cpu = (its[-1].cpu_s - its[0].cpu_s) / (its[-1].at_s - its[0].at_s)
        mib = [x / 1024 for x in (early[0].rss_kib, its[-1].rss_kib, its[-1].peak_kib)]
        yield (
            f"| {role} | {mib[0]:.1f} | {mib[1]:.1f} | {mib[2]:.1f} | "
            f"{_slope(halves[1]):+.1f} | {most[0]}, {most[1]} | {cpu:.0%} |"
        )
    passes = [look for look in seen.looks if look.role == PASS]
    peaks = {look.pid: look.peak_kib for look in passes}
    yield (
        f"| passes, one after the other ({len(peaks)} were seen) | - | - | "
        f"{max(peaks.values(), default=0) / 1024:.1f} | - | "
        f"{max((look.descriptors for look in passes), default=0)} | - |"
    )


def _slope(looks: Sequence[Look]) -> float:
    """Kibibytes a minute, by least squares."""
    n = len(looks)
    mean_s = sum(look.at_s for look in looks) / n
    mean_kib = sum(look.rss_kib for look in looks) / n
    up = sum((look.at_s - mean_s) * (look.rss_kib - mean_kib) for look in looks)
    return 60 * up / sum((look.at_s - mean_s) ** 2 for look in looks)


def _disk(seen: Watched) -> Iterator[str]:
    yield "| folder | files | MB |"
    yield "| --- | --- | --- |"
    folders, end_s = seen.folders, seen.folders[-1].at_s
    for share in (0.125, 0.25, 0.5, 0.75, 1.0):
        at = min(folders, key=lambda look: abs(look.at_s - share * end_s))
        yield f"| after {at.at_s:.0f} s | {at.files} | {at.size_bytes / 1e6:.2f} |"
    most = max(folders, key=lambda look: look.size_bytes)
    files = max(look.files for look in folders)
    yield f"| at most | {files} | {most.size_bytes / 1e6:.2f} |"


def _scrapes(seen: Watched) -> Iterator[str]:
    took = sorted(scrape.took_ms for scrape in seen.scrapes)
    last = seen.scrapes[-1]
    yield (
        f"{len(took)} GETs of the metrics took {took[len(took) // 2]:.0f} ms at the "
        f"median and {took[-1]:.0f} ms at most; the last one was "
        f"{last.text_bytes / 1e6:.2f} MB, {last.packed_bytes / 1e3:.0f} kB by gzip."
    )


def _hour_lines(folder: Path) -> Iterator[str]:
    """What one pass costs where a part is an hour of the default plan."""
    yield "## A part of an hour"
    yield ""
    yield from _hour(folder)


def _hour(folder: Path) -> Iterator[str]:
    plan = make_plan(targets=177, rounds=200)
    info = make_run_info(plan)
    campaign = monitor_campaign(info.plan_hash)
    part = Part(
        campaign=campaign, number=0, first_round=0, rounds=200, slots=plan.visit_count
    )
    info = replace(info, part=part)
    made = new_folder(folder, info)
    with FolderLock.take(made) as lock, Journal.create(lock, info, plan) as journal:
        for sample in make_samples(plan):
            journal.append(sample)
        journal.finish(make_outcome(plan))
    journal_bytes = sum(path.stat().st_size for path in made.iterdir())
    orders = Orders(
        results=str(folder),
        facts=MonitorFacts(
            vantage="lab", plan_hash=info.plan_hash, simulated=False, stale_ns=1
        ),
        bounds=Bounds(keep_ns=10**18, keep_bytes=10**12),
        metrics=None,
    )
    began_s = time.monotonic()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = subprocess.run(
        [sys.executable, "-m", "cloudgauge.cli.monitor_pass"],
        input=to_line(orders),
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    took_s = time.monotonic() - began_s
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    kept = pass_report_from(told).kept
    assert kept is not None
    assert kept.newest is not None
    room = kept.room
    yield (
        f"{kept.newest.samples:,} samples of 178 series, made up: the journal is "
        f"{journal_bytes / 1e6:.1f} MB, the sealed set {room.sets_bytes / 1e6:.1f} MB, "
        f"its hour in the long-term record {room.record_bytes / 1e3:.0f} kB. The pass "
        f"took {took_s:.1f} s, {after.ru_utime - before.ru_utime:.1f} s of a processor."
    )


if __name__ == "__main__":
    main()
