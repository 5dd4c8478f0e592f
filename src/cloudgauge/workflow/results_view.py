"""What was opened, run by run, and what to beware of."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.report.document import Cell, Column, Document, Scale, Table
from cloudgauge.store.resultset import ResultSet
from cloudgauge.workflow.doubts import ending_doubts, network_doubts

_COLUMNS = (
    Column(name="folder", label="folder"),
    Column(name="vantage", label="vantage"),
    Column(name="started", label="started"),
    Column(name="plan", label="plan"),
    Column(name="targets", label="targets", scale=Scale.COUNT),
    Column(name="samples", label="samples", scale=Scale.COUNT),
    Column(name="failed", label="failed", scale=Scale.COUNT),
    Column(name="bins", label="bins", scale=Scale.COUNT),
)


def results_document(sets: Sequence[ResultSet]) -> Document:
    """Describe opened sets; their figures are in the frames."""
    return Document(
        kind="results",
        title=_title(sets),
        tables=(
            Table(
                name="sets",
                title="",
                columns=_COLUMNS,
                rows=tuple(_row(result) for result in sets),
            ),
        ),
        notes=tuple(_notes(sets)),
    )


def _title(sets: Sequence[ResultSet]) -> str:
    vantages = {result.manifest.run.vantage.name for result in sets}
    samples = sum(result.manifest.counts.samples for result in sets)
    counted = ((len(sets), "result set"), (len(vantages), "vantage"))
    words = [f"{n} {noun}" if n == 1 else f"{n} {noun}s" for n, noun in counted]
    return f"{' from '.join(words)}, {samples:,} samples"


def _row(result: ResultSet) -> tuple[Cell, ...]:
    run, plan, counts = (
        result.manifest.run,
        result.manifest.plan,
        result.manifest.counts,
    )
    return (
        result.folder.name,
        run.vantage.name,
        utc_text(run.started_wall_ns),
        f"{plan.name} {run.plan_hash[:8]}",
        len(result.rows_used),
        counts.samples,
        sum(failure.count for failure in counts.failures),
        counts.bins,
    )


def _notes(sets: Sequence[ResultSet]) -> Iterator[str]:
    for result in sets:
        manifest = result.manifest
        for doubt in (
            *network_doubts(manifest.run),
            *ending_doubts(manifest.outcome),
        ):
            yield f"{result.folder.name}: {doubt}"
    hashes = {result.manifest.run.plan_hash for result in sets}
    if len(hashes) > 1:
        yield f"{len(hashes)} plans: what differs besides the regions may be the plan"


def utc_text(wall_ns: int) -> str:
    """An instant as people read it, to the second."""
    at = datetime.fromtimestamp(wall_ns // NS_PER_S, tz=UTC)
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
