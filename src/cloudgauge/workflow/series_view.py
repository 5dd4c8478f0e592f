"""The series of result sets as a table: latency, failures, and how sure it is."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from cloudgauge.analysis.series import Spread
from cloudgauge.analysis.summary import SeriesSummary
from cloudgauge.model.target import Confidence, Reach, Target
from cloudgauge.report.document import Cell, Column, Scale, Table
from cloudgauge.workflow.doubts import words_text
from cloudgauge.workflow.error_bounds import bounds_of
from cloudgauge.workflow.set_figures import SetFigures

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
    "cold": (
        'mark "cold": there were no warm requests, so the first byte is that of the '
        "first request of each connection"
    ),
    "one exchange": (
        'mark "one exchange": the source has one value a visit, shown as the phase '
        "that the import named"
    ),
    "dependent": (
        'mark "dependent": values depend on those before them, so that all of n say as '
        "much about the p50 as n eff independent ones, less than a quarter of them; "
        "its interval allows for that, and rounds over more hours, not more visits, "
        "would narrow it"
    ),
}


def _ms(name: str, label: str) -> Column:
    return Column(name=f"{name}_ms", label=label, scale=Scale.MILLISECONDS)


def _bounded(name: str, label: str) -> tuple[Column, Column]:
    """A figure that timeouts may leave unknown, and what it is beyond if they do."""
    return (
        _ms(name, label),
        Column(
            name=f"{name}_beyond_ms",
            label=f"{label} beyond",
            scale=Scale.MILLISECONDS,
            beyond=f"{name}_ms",
        ),
    )


# What is most asked for comes first: where there is no room, the last are left out.
_SERIES_COLUMNS = (
    Column(name="target", label="target"),
    Column(name="series", label="series"),
    *_bounded("connect_p50", "connect p50"),
    _ms("connect_bound", "connect ±"),
    # Even where there is no room for their kinds.
    Column(name="failed", label="failed", scale=Scale.COUNT),
    *_bounded("connect_p50_low", "p50 low"),
    *_bounded("connect_p50_high", "p50 high"),
    *_bounded("connect_p95", "connect p95"),
    Column(name="failures", label="failures"),
    Column(name="mark", label="mark"),
    Column(name="samples", label="n", scale=Scale.COUNT),
    _ms("connect_min", "connect min"),
    _ms("kernel_min_rtt", "kernel min RTT"),
    *_bounded("first_byte_p50", "first byte p50"),
    _ms("first_byte_bound", "first byte ±"),
    *_bounded("first_byte_p95", "first byte p95"),
    Column(name="availability", label="answered", scale=Scale.RATIO),
    Column(name="availability_low", label="answered low", scale=Scale.RATIO),
    Column(name="availability_high", label="answered high", scale=Scale.RATIO),
    Column(name="connect_n", label="connect n", scale=Scale.COUNT),
    Column(name="connect_n_eff", label="n eff", scale=Scale.COUNT),
    _ms("lateness_p99", "lateness p99"),
    Column(name="city", label="city"),
    Column(name="vantage", label="vantage"),
    Column(name="visits", label="visits", scale=Scale.COUNT),
)


def series_table(opened: Sequence[SetFigures]) -> Table:
    """Every series of the sets, fastest connect first."""
    rows: list[tuple[float, tuple[Cell, ...]]] = []
    for item in opened:
        for series in item.series:
            at_ms = series.connect.p50_ms
            order = float("inf") if at_ms is None else at_ms
            rows.append((order, _row(item, series, item.target_of(series))))
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


def _row(item: SetFigures, series: SeriesSummary, target: Target) -> tuple[Cell, ...]:
    bounds = bounds_of(item.run.calibration, item.result.manifest.plan, series)
    standing, connect = item.standing_of(series), series.connect
    first_byte = item.first_byte_of(series)
    low_ms, high_ms = standing.ends_ms()
    low_endless, high_endless = standing.endless()
    answered = standing.answered
    return (
        series.target_id,
        f"{series.family} control" if series.replica else series.family,
        *_with_bound(connect, connect.p50_ms),
        bounds.connect_ms,
        series.samples - series.answered,
        low_ms,
        connect.limit_ms if low_endless else None,
        high_ms,
        connect.limit_ms if high_endless else None,
        *_with_bound(connect, connect.p95_ms),
        words_text(series.failures) or None,
        ", ".join(_marks(item, series, target)) or None,
        series.samples,
        connect.min_ms,
        series.kernel_min_rtt_ms,
        *_with_bound(first_byte, first_byte.p50_ms),
        bounds.first_byte_ms if item.has_warm() else None,
        *_with_bound(first_byte, first_byte.p95_ms),
        answered.point if answered else None,
        answered.low if answered else None,
        answered.high if answered else None,
        standing.connect_n,
        None if standing.effective_n is None else round(standing.effective_n),
        # Without a schedule nothing was late, or in time.
        None if item.run.imported else series.lateness.p99_ms,
        target.region.city,
        item.run.vantage.name,
        series.visits,
    )


def _with_bound(
    spread: Spread, quantile_ms: float | None
) -> tuple[float | None, float | None]:
    return (quantile_ms, spread.beyond_ms(quantile_ms))


def _marks(item: SetFigures, series: SeriesSummary, target: Target) -> list[str]:
    marks = []
    if target.endpoint.provenance.confidence is Confidence.PATTERN:
        marks.append("pattern")
    if target.endpoint.reach is Reach.EDGE:
        marks.append("edge")
    if series.connect.n and not series.connect_by_kernel:
        marks.append("user clock")
    if item.standing_of(series).is_dependent:
        marks.append("dependent")
    if item.run.imported:
        marks.append("one exchange")
    elif series.first_byte_cold.n and not item.has_warm():
        marks.append("cold")
    return marks


def mark_notes(opened: Sequence[SetFigures]) -> Iterator[str]:
    """What the marks in the table mean, of those that are there."""
    marks = {
        mark
        for item in opened
        for series in item.series
        for mark in _marks(item, series, item.target_of(series))
    }
    yield from (text for mark, text in _MARK_NOTES.items() if mark in marks)
