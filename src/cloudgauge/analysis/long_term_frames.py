"""Frames of the long-term record: quantiles with intervals, visits, failures."""

import math
from collections.abc import Iterator, Sequence

import pandas as pd

from cloudgauge.analysis.frame import (
    FrameColumn,
    FrameRow,
    frame_column,
    framed,
    milliseconds,
    number,
)
from cloudgauge.analysis.long_term_figures import (
    Every,
    Figures,
    SeriesKey,
    figures_every,
)
from cloudgauge.stats.histogram import LogHistogram
from cloudgauge.store.long_term import LongTermFile

_NS_PER_MS = 1e6
QUANTILES = (0.5, 0.95, 0.99)
_SERIES = (
    frame_column("vantage", "category", "Name of the vantage."),
    frame_column("target_id", "category", "The target."),
    frame_column("family", "category", "IP version of the series."),
    frame_column("replica", "int32", "1 for the second series of an A/A control."),
    frame_column("begins", "datetime64[ns, UTC]", "When the period begins."),
    frame_column("ends", "datetime64[ns, UTC]", "When it ends."),
)


def _quantile(name: str) -> Iterator[FrameColumn]:
    yield milliseconds(
        f"{name}_ms", "Within 1 % of itself; infinite where timeouts reach it."
    )
    yield milliseconds(f"{name}_low_ms", "Lower end of its interval; 0 for none.")
    yield milliseconds(f"{name}_high_ms", "Upper end; infinite for none.")


LONG_TERM_COLUMNS = (
    *_SERIES,
    frame_column("metric", "category", "Which phase, of cold or of warm exchanges."),
    frame_column("n", "int64", "Values, those that timed out too."),
    frame_column(
        "timed_out", "int64", "Those only known to be longer than all others."
    ),
    *(column for p in QUANTILES for column in _quantile(f"p{p * 100:g}")),
)
LONG_TERM_VISITS_COLUMNS = (
    *_SERIES,
    frame_column("visits", "int64", "Visits and transfers, failed ones too."),
    frame_column("answered", "int64", "Those whose first exchange did not fail."),
    number("answered_share", "Their share; NaN without a visit."),
    frame_column("failed", "int64", "Exchanges that failed."),
)
LONG_TERM_FAILURES_COLUMNS = (
    *_SERIES,
    frame_column("failure", "category", "The kind of failure."),
    frame_column("count", "int64", "Exchanges that failed so."),
)


def latency_frame(
    files: Sequence[LongTermFile], every: Every, confidence: float
) -> pd.DataFrame:
    """One row a series, metric and period.

    Args:
        files: Of one monitor.
        every: How long a period is.
        confidence: Of the intervals, in (0, 1).

    Raises:
        StoreError: A file was changed.
        ValueError: *confidence* is out of its bounds.
    """
    rows = [
        (
            *_about(files, figures, phase.key),
            phase.metric.value,
            phase.histogram.count,
            phase.histogram.beyond,
            *_quantiles(phase.histogram, confidence),
        )
        for figures in figures_every(files, every)
        for phase in figures.phases
    ]
    return framed(LONG_TERM_COLUMNS, rows)


def visits_frame(files: Sequence[LongTermFile], every: Every) -> pd.DataFrame:
    """One row a series and period: visits, and how many were answered.

    Raises:
        StoreError: A file was changed.
    """
    rows = [
        (
            *_about(files, figures, one.key),
            one.visits,
            one.answered,
            one.answered / one.visits if one.visits else None,
            sum(one.failures.values()),
        )
        for figures in figures_every(files, every)
        for one in figures.tallies
    ]
    return framed(LONG_TERM_VISITS_COLUMNS, rows)


def failures_frame(files: Sequence[LongTermFile], every: Every) -> pd.DataFrame:
    """One row a series, period and kind of failure that was seen.

    Raises:
        StoreError: A file was changed.
    """
    rows = [
        (*_about(files, figures, one.key), kind, count)
        for figures in figures_every(files, every)
        for one in figures.tallies
        for kind, count in sorted(one.failures.items())
    ]
    return framed(LONG_TERM_FAILURES_COLUMNS, rows)


def _about(files: Sequence[LongTermFile], figures: Figures, key: SeriesKey) -> FrameRow:
    period = figures.period
    return (
        files[0].head.vantage.name,
        key.target_id,
        key.family,
        key.replica,
        pd.Timestamp(period.begins_wall_ns, tz="UTC"),
        pd.Timestamp(period.ends_wall_ns, tz="UTC"),
    )


def _quantiles(histogram: LogHistogram, confidence: float) -> Iterator[float]:
    for p in QUANTILES:
        found = histogram.quantile(p, confidence=confidence)
        yield found.point / _NS_PER_MS
        # No time is below 0: that is what an open end says here.
        yield 0.0 if math.isinf(found.low) else found.low / _NS_PER_MS
        yield found.high / _NS_PER_MS
