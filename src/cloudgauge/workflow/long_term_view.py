"""The long-term record as tables: latency and answers of each target."""

import math
from collections.abc import Iterator, Sequence

from cloudgauge.analysis.long_term_figures import (
    Every,
    Figures,
    Phase,
    SeriesKey,
    Tally,
    figures_every,
)
from cloudgauge.model.quantity import NS_PER_MS
from cloudgauge.report.document import Cell, Column, Document, Scale, Table
from cloudgauge.store.long_term import LongTermFile
from cloudgauge.store.long_term_layout import Grain, Metric
from cloudgauge.workflow.results_view import utc_text

_MS = Scale.MILLISECONDS
_COLUMNS = (
    Column(name="target_id", label="target"),
    Column(name="family", label="IP"),
    Column(name="replica", label="A/A", scale=Scale.COUNT),
    Column(name="visits", label="visits", scale=Scale.COUNT),
    Column(name="answered_share", label="answered", scale=Scale.RATIO),
    Column(name="connect_p50_ms", label="connect p50", scale=_MS),
    Column(name="connect_p50_low_ms", label="from", scale=_MS),
    Column(name="connect_p50_high_ms", label="to", scale=_MS),
    Column(name="connect_p95_ms", label="p95", scale=_MS),
    Column(name="connect_p99_ms", label="p99", scale=_MS),
    Column(name="first_byte_p50_ms", label="warm p50", scale=_MS),
    Column(name="first_byte_p95_ms", label="p95", scale=_MS),
    Column(name="first_byte_p99_ms", label="p99", scale=_MS),
)
_BEGINS = Column(name="begins", label="since")


def long_term_document(files: Sequence[LongTermFile], every: Every) -> Document:
    """Figures of each target, period after period.

    Raises:
        StoreError: A file was changed.
    """
    found = tuple(figures_every(files, every))
    split = every is not Every.ALL
    rows = tuple(row for one in found for row in _rows(one, split=split))
    columns = (_BEGINS, *_COLUMNS) if split else _COLUMNS
    return Document(
        kind="long-term",
        title=_title(files),
        tables=(Table(name="long_term", title="", columns=columns, rows=rows),),
        notes=tuple(_notes(files)),
        provenance=tuple(_provenance(files)),
    )


def _rows(figures: Figures, *, split: bool) -> Iterator[tuple[Cell, ...]]:
    phases = {(one.key, one.metric): one for one in figures.phases}
    begins = (utc_text(figures.period.begins_wall_ns),) if split else ()
    for tally in figures.tallies:
        yield (*begins, *_row(tally, phases))


def _row(tally: Tally, phases: dict[tuple[SeriesKey, Metric], Phase]) -> Iterator[Cell]:
    key = tally.key
    connect = phases.get((key, Metric.CONNECT)) or phases.get(
        (key, Metric.CONNECT_PROGRAM)
    )
    warm = phases.get((key, Metric.FIRST_BYTE_WARM))
    yield from (key.target_id, key.family, key.replica, tally.visits)
    yield tally.answered / tally.visits if tally.visits else None
    yield _quantile(connect, 0.5)
    low, high = _interval(connect)
    yield from (low, high)
    for phase, shares in ((connect, (0.95, 0.99)), (warm, (0.5, 0.95, 0.99))):
        for share in shares:
            yield _quantile(phase, share)


def _quantile(phase: Phase | None, p: float) -> float | None:
    if phase is None:
        return None
    return _finite(phase.histogram.quantile(p).point)


def _interval(phase: Phase | None) -> tuple[float | None, float | None]:
    if phase is None:
        return None, None
    found = phase.histogram.quantile(0.5)
    return _finite(found.low), _finite(found.high)


def _finite(value_ns: float) -> float | None:
    return None if math.isinf(value_ns) else value_ns / NS_PER_MS


def _title(files: Sequence[LongTermFile]) -> str:
    runs = {run.run_id: run for file in files for run in file.head.runs}
    began = min(run.started_wall_ns for run in runs.values())
    ended = max(run.ended_wall_ns for run in runs.values())
    return (
        f"{files[0].head.vantage.name}: {sum(r.samples for r in runs.values()):,} "
        f"samples of {len(runs):,} {'part' if len(runs) == 1 else 'parts'}, "
        f"{utc_text(began)} to {utc_text(ended)}"
    )


def _notes(files: Sequence[LongTermFile]) -> Iterator[str]:
    if files[0].head.simulated:
        yield "the network was a private one: no figure is of the Internet"
    yield (
        "from histograms: a quantile is within 1 % of itself, and absent where "
        "timeouts reach it; an interval counts every exchange as a draw of its own, "
        "and is narrower than one that goes by rounds"
    )
    plans = {run.plan_hash for file in files for run in file.head.runs}
    if len(plans) > 1:
        yield f"{len(plans)} plans one after the other: targets and times may differ"
    runs = {run.run_id: run for file in files for run in file.head.runs}
    cut = sum(not run.complete for run in runs.values())
    if cut:
        yield f"{cut} of {len(runs)} parts are incomplete"


def _provenance(files: Sequence[LongTermFile]) -> Iterator[str]:
    days = sum(file.head.grain is Grain.DAY for file in files)
    yield f"{days} files of days, {len(files) - days} of hours"
