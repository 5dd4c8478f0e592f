"""Result sets as tables, notes and provenance."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from cloudgauge.analysis.controls import controls_of
from cloudgauge.analysis.summary import SeriesSummary
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.run import RunInfo
from cloudgauge.model.target import Confidence, Reach, Target
from cloudgauge.report.document import Cell, Column, Document, Scale, Table
from cloudgauge.stats.summary import Estimate
from cloudgauge.store.resultset import ResultSet
from cloudgauge.workflow.doubts import doubts_of, words_text
from cloudgauge.workflow.error_bounds import bound_notes, bounds_of
from cloudgauge.workflow.set_figures import SetFigures
from cloudgauge.workflow.standing_notes import burst_note, controls_note, open_end
from cloudgauge.workflow.throughput_view import THROUGHPUT_NOTES, throughput_tables

_QUANTILE_NOTE = (
    "quantiles interpolate between order statistics; failed exchanges are in none "
    "of them; no order of regions is claimed"
)
_INTERVAL_NOTE = (
    "p50 low and high: 95 % by rounds, so that rounds which depend on one another do "
    "not pass for many, - where too few bound an end; answered: the share of visits "
    "whose first request was, 95 % by Wilson"
)
_MARK_NOTES = {
    "pattern": (
        'mark "pattern": the host follows a documented rule; this very name was not '
        "seen in a source"
    ),
    "edge": 'mark "edge": connections end at an edge near the vantage',
    "user clock": (
        'mark "user clock": the kernel gave no round trip, so the connect phase '
        "holds the program's own delays"
    ),
}


def sets_document(opened: Sequence[SetFigures]) -> Document:
    """The figures of sets, series by series, fastest connect first."""
    has_visits = any(item.result.manifest.plan.targets for item in opened)
    return Document(
        kind="show",
        title=_title(opened),
        tables=(
            *((_series_table(opened),) if has_visits else ()),
            *throughput_tables(opened),
            _runs_table(opened),
        ),
        notes=_notes(opened),
        provenance=tuple(provenance_of(item.result) for item in opened),
    )


def _title(opened: Sequence[SetFigures]) -> str:
    series = sum(len(item.series) for item in opened)
    samples = sum(item.result.manifest.counts.samples for item in opened)
    tests = sum(one.tests for item in opened for one in item.transfers)
    transfers = f", {_count(tests, 'transfer')}" if tests else ""
    visited = f" in {series:,} series" if series else ""
    figures = f"{_count(samples, 'sample')}{visited}{transfers}"
    if len(opened) != 1:
        return f"{len(opened)} result sets: {figures}"
    info = opened[0].run
    plan = opened[0].result.manifest.plan
    return f"{plan.name} from {info.vantage.name}, {_utc(info)}: {figures}"


# What is most asked for comes first: where there is no room, the last are left out.
_SERIES_COLUMNS = (
    Column(name="target", label="target"),
    Column(name="series", label="series"),
    Column(name="mark", label="mark"),
    Column(name="samples", label="n", scale=Scale.COUNT),
    Column(name="failures", label="failures"),
    Column(name="connect_p50_ms", label="connect p50", scale=Scale.MILLISECONDS),
    Column(name="connect_bound_ms", label="connect ±", scale=Scale.MILLISECONDS),
    Column(name="connect_p50_low_ms", label="p50 low", scale=Scale.MILLISECONDS),
    Column(name="connect_p50_high_ms", label="p50 high", scale=Scale.MILLISECONDS),
    Column(name="connect_p95_ms", label="connect p95", scale=Scale.MILLISECONDS),
    Column(name="connect_min_ms", label="connect min", scale=Scale.MILLISECONDS),
    Column(name="kernel_min_rtt_ms", label="kernel min RTT", scale=Scale.MILLISECONDS),
    Column(name="first_byte_p50_ms", label="first byte p50", scale=Scale.MILLISECONDS),
    Column(name="first_byte_bound_ms", label="first byte ±", scale=Scale.MILLISECONDS),
    Column(name="first_byte_p95_ms", label="first byte p95", scale=Scale.MILLISECONDS),
    Column(name="availability", label="answered", scale=Scale.RATIO),
    Column(name="availability_low", label="answered low", scale=Scale.RATIO),
    Column(name="availability_high", label="answered high", scale=Scale.RATIO),
    Column(name="lateness_p99_ms", label="lateness p99", scale=Scale.MILLISECONDS),
    Column(name="city", label="city"),
    Column(name="vantage", label="vantage"),
    Column(name="visits", label="visits", scale=Scale.COUNT),
)


def _series_table(opened: Sequence[SetFigures]) -> Table:
    rows: list[tuple[float, tuple[Cell, ...]]] = []
    for item in opened:
        for series in item.series:
            at_ms = series.connect.p50_ms
            order = float("inf") if at_ms is None else at_ms
            rows.append((order, _series_row(item, series, item.target_of(series))))
    rows.sort(key=lambda row: (row[0], str(row[1][0]), str(row[1][1])))
    table = Table(
        name="series",
        title="",
        columns=_SERIES_COLUMNS,
        rows=tuple(row for _, row in rows),
    )
    return table if any(map(_is_calibrated, opened)) else _without_bounds(table)


def _without_bounds(table: Table) -> Table:
    kept = [
        place
        for place, column in enumerate(table.columns)
        if not column.name.endswith("_bound_ms")
    ]
    return replace(
        table,
        columns=tuple(table.columns[place] for place in kept),
        rows=tuple(tuple(row[place] for place in kept) for row in table.rows),
    )


def _is_calibrated(item: SetFigures) -> bool:
    return item.run.calibration is not None


def _series_row(
    item: SetFigures, series: SeriesSummary, target: Target
) -> tuple[Cell, ...]:
    bounds = bounds_of(item.run.calibration, item.result.manifest.plan, series)
    answered = item.availability_of(series)
    return (
        series.target_id,
        f"{series.family} control" if series.replica else series.family,
        ", ".join(_marks(series, target)) or None,
        series.samples,
        words_text(series.failures) or None,
        series.connect.p50_ms,
        bounds.connect_ms,
        *_ends(item.connect_p50_of(series)),
        series.connect.p95_ms,
        series.connect.min_ms,
        series.kernel_min_rtt_ms,
        series.first_byte_warm.p50_ms,
        bounds.first_byte_ms,
        series.first_byte_warm.p95_ms,
        answered.point if answered else None,
        *_ends(answered),
        # Without a schedule nothing was late, or in time.
        None if item.run.imported else series.lateness.p99_ms,
        target.region.city,
        item.run.vantage.name,
        series.visits,
    )


def _ends(estimate: Estimate | None) -> tuple[float | None, float | None]:
    if estimate is None:
        return (None, None)
    return (open_end(estimate.low), open_end(estimate.high))


def _marks(series: SeriesSummary, target: Target) -> list[str]:
    marks = []
    if target.endpoint.provenance.confidence is Confidence.PATTERN:
        marks.append("pattern")
    if target.endpoint.reach is Reach.EDGE:
        marks.append("edge")
    if series.connect.n and not series.connect_by_kernel:
        marks.append("user clock")
    return marks


_RUN_COLUMNS = (
    Column(name="folder", label="folder"),
    Column(name="run_id", label="run"),
    Column(name="vantage", label="vantage"),
    Column(name="started", label="started"),
    Column(name="plan", label="plan"),
    Column(name="rounds", label="rounds", scale=Scale.COUNT),
    Column(name="visits", label="visits", scale=Scale.COUNT),
    Column(name="planned_visits", label="planned", scale=Scale.COUNT),
    Column(name="samples", label="samples", scale=Scale.COUNT),
    Column(name="failed", label="failed", scale=Scale.COUNT),
    Column(name="complete", label="complete"),
    Column(name="simulated", label="simulated"),
)


def _runs_table(opened: Sequence[SetFigures]) -> Table:
    return Table(
        name="runs",
        title="Runs",
        columns=_RUN_COLUMNS,
        rows=tuple(_run_row(item) for item in opened),
    )


def _run_row(item: SetFigures) -> tuple[Cell, ...]:
    manifest = item.result.manifest
    outcome = manifest.outcome
    return (
        str(item.result.folder),
        item.run.run_id,
        item.run.vantage.name,
        _utc(item.run),
        manifest.plan.name,
        manifest.plan.pacing.rounds,
        manifest.counts.visits,
        manifest.plan.visit_count,
        manifest.counts.samples,
        sum(failure.count for failure in manifest.counts.failures),
        outcome is not None and outcome.complete,
        item.run.simulation is not None,
    )


def _notes(opened: Sequence[SetFigures]) -> tuple[str, ...]:
    """Doubts about each set, then how to read the table."""
    notes = []
    for item in opened:
        # With one set there is no question which one is meant.
        where = f"{item.result.folder.name}: " if len(opened) > 1 else ""
        notes += [f"{where}{doubt}" for doubt in doubts_of(item)]
    marks = {
        mark
        for item in opened
        for series in item.series
        for mark in _marks(series, item.target_of(series))
    }
    notes += [text for mark, text in _MARK_NOTES.items() if mark in marks]
    notes += bound_notes([item.result.manifest for item in opened])
    if throughput_tables(opened):
        notes += THROUGHPUT_NOTES
    rounds = [
        (item.run.vantage.name, item.connects)
        for item in opened
        if item.connects is not None and item.connects.lines
    ]
    if not rounds:
        return (*notes, _QUANTILE_NOTE)
    notes += burst_note(one.coverage().is_burst for _, one in rounds)
    return (
        *notes,
        _QUANTILE_NOTE,
        _INTERVAL_NOTE,
        controls_note(controls_of(rounds)),
    )


def provenance_of(result: ResultSet) -> str:
    """Where a set's figures come from, one line."""
    run, plan = result.manifest.run, result.manifest.plan
    return (
        f"{result.folder}: run {run.run_id}, plan {plan.name} {run.plan_hash[:8]}, "
        f"seed {plan.seed}, cloudgauge {run.tool_version}, {run.environment.python}, "
        f"{run.environment.event_loop}, {run.environment.system}"
    )


def _utc(run: RunInfo) -> str:
    started = datetime.fromtimestamp(run.started_wall_ns // NS_PER_S, tz=UTC)
    return f"{started:%Y-%m-%d %H:%M:%S} UTC"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
