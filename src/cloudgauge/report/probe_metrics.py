"""What probes came to as families of metrics: counts of visits, failures, durations.

The same names and buckets whether a run is exported or a monitor is asked, so that one
dashboard shows both.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cloudgauge.model.buckets import BOUNDS_NS
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.report.openmetrics import (
    Family,
    Histogram,
    Labels,
    MetricKind,
    Number,
    seconds_text,
)

_BOUNDS_S = tuple(bound / NS_PER_S for bound in BOUNDS_NS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeDuration:
    """How long a phase took.

    Attributes:
        exchange: ``cold`` or ``warm`` of visits, ``idle`` or ``loaded`` beside
            transfers.
        clock: Whose time it is.
        counts: In each bucket of `BOUNDS_NS` alone, and beyond the last.
        total_ns: The sum of all.
    """

    phase: str
    exchange: str
    clock: str
    counts: tuple[int, ...]
    total_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeSeries:
    """What a series came to.

    Attributes:
        visits: Visits or transfers, failed ones too.
        failures: Kinds and how many exchanges failed so.
    """

    labels: Labels
    visits: int
    failures: tuple[tuple[str, int], ...]
    durations: tuple[ProbeDuration, ...]


def probe_families(series: Sequence[ProbeSeries]) -> Iterator[Family]:
    """Counters and histograms of series, in the order in which they come."""
    yield Family(
        name="cloudgauge_probe_visits",
        kind=MetricKind.COUNTER,
        unit="",
        about="Visits and transfers, failed ones too.",
        numbers=tuple(
            Number(labels=one.labels, text=str(one.visits)) for one in series
        ),
    )
    yield Family(
        name="cloudgauge_probe_failures",
        kind=MetricKind.COUNTER,
        unit="",
        about="Exchanges that failed, by kind; in no duration.",
        numbers=tuple(
            Number(labels=(*one.labels, ("failure", kind)), text=str(count))
            for one in series
            for kind, count in one.failures
        ),
    )
    yield Family(
        name="cloudgauge_probe_duration_seconds",
        kind=MetricKind.HISTOGRAM,
        unit="seconds",
        about="Phases of exchanges that did not fail, by the clock that timed them.",
        histograms=tuple(
            _histogram(one, duration) for one in series for duration in one.durations
        ),
    )


def _histogram(series: ProbeSeries, duration: ProbeDuration) -> Histogram:
    return Histogram(
        labels=(
            *series.labels,
            ("phase", duration.phase),
            ("exchange", duration.exchange),
            ("clock", duration.clock),
        ),
        bounds=_BOUNDS_S,
        counts=duration.counts,
        total=seconds_text(duration.total_ns),
    )
