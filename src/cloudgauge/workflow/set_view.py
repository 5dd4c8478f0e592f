"""Result sets as tables, notes and provenance."""

from collections.abc import Sequence
from datetime import UTC, datetime

from cloudgauge.analysis.controls import controls_of
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.run import RunInfo
from cloudgauge.report.document import Cell, Column, Document, Scale, Table
from cloudgauge.store.resultset import ResultSet
from cloudgauge.workflow.doubts import doubts_of
from cloudgauge.workflow.error_bounds import bound_notes
from cloudgauge.workflow.series_view import mark_notes, series_table
from cloudgauge.workflow.set_figures import SetFigures
from cloudgauge.workflow.standing_notes import burst_note, controls_note
from cloudgauge.workflow.throughput_view import THROUGHPUT_NOTES, throughput_tables

_QUANTILE_NOTE = (
    "quantiles interpolate between order statistics; timeouts are in them, as longer "
    "than all else: > says how long was waited where they reach one; other failures "
    "are in none; no order of regions is claimed"
)
_INTERVAL_NOTE = (
    "p50 low and high: 95 % by rounds, so that rounds which depend on one another do "
    "not pass for many, - where too few bound an end; answered: the share of visits "
    "whose first request was, 95 % by Wilson"
)


def sets_document(opened: Sequence[SetFigures]) -> Document:
    """The figures of sets, series by series, fastest connect first."""
    has_visits = any(item.result.manifest.plan.targets for item in opened)
    return Document(
        kind="show",
        title=_title(opened),
        tables=(
            *((series_table(opened),) if has_visits else ()),
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


_SETS_APART_NOTE = (
    "a row is of one set, and there are several of a vantage; show --by vantage,target "
    "takes their rounds together, as rank and compare do"
)
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
        manifest.planned_rounds,
        manifest.counts.visits,
        manifest.planned_visits,
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
    if len({item.run.vantage.name for item in opened}) < len(opened):
        notes.append(_SETS_APART_NOTE)
    notes += mark_notes(opened)
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
