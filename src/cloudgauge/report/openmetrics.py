"""Metrics as OpenMetrics text, version 1.0.

https://prometheus.io/docs/specs/om/open_metrics_spec/: families one after another, the
numbers of one set of labels together, base units, ``# EOF`` as the last line. No number
has a time of its own: these are figures of whole runs.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from cloudgauge.report.escape import printable

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*", re.ASCII)
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*", re.ASCII)

Labels = tuple[tuple[str, str], ...]


class MetricKind(StrEnum):
    """What the numbers of a family are."""

    GAUGE = "gauge"
    COUNTER = "counter"
    HISTOGRAM = "histogram"
    INFO = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One number.

    Attributes:
        labels: Names and texts, each name once.
        text: The number, as it is written.
    """

    labels: Labels
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """Counts of values up to each bound.

    Attributes:
        bounds: Upper ends, which belong to their buckets, rising; the last is
            infinity and is not among them.
        counts: Values in each bucket alone; one more than there are bounds.
        total: The sum of the values, as it is written.
    """

    labels: Labels
    bounds: tuple[float, ...]
    counts: tuple[int, ...]
    total: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Numbers of one name.

    Attributes:
        name: Without ``_total``, ``_bucket`` and the like; ends with its unit.
        unit: Base unit, such as ``seconds``; "" for none.
        about: One sentence.
        numbers: Of gauges, counters and infos; a histogram's are `histograms`.
    """

    name: str
    kind: MetricKind
    unit: str
    about: str
    numbers: tuple[Number, ...] = ()
    histograms: tuple[Histogram, ...] = ()

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            msg = f"a metric cannot be called {self.name!r}"
            raise ValueError(msg)
        if self.unit and not self.name.endswith(f"_{self.unit}"):
            msg = f"{self.name} must end with its unit, {self.unit}"
            raise ValueError(msg)


_SUFFIXES = {MetricKind.COUNTER: "_total", MetricKind.INFO: "_info"}


def to_openmetrics(families: Iterable[Family]) -> Iterator[str]:
    """The lines of an exposition, without their newlines.

    A family without a number is left out: what was not measured has no metric.

    Raises:
        ValueError: A label cannot have its name.
    """
    for family in families:
        if family.numbers or family.histograms:
            yield f"# TYPE {family.name} {family.kind}"
            if family.unit:
                yield f"# UNIT {family.name} {family.unit}"
            yield f"# HELP {family.name} {escaped(family.about)}"
        suffix = _SUFFIXES.get(family.kind, "")
        for number in family.numbers:
            yield _line(f"{family.name}{suffix}", number.labels, number.text)
        for histogram in family.histograms:
            yield from _histogram_lines(family.name, histogram)
    yield "# EOF"


def escaped(text: str) -> str:
    """A text between quotation marks; what a terminal would obey is spelled out."""
    text = printable(text)
    return text.replace("\\", "\\\\").replace('"', '\\"')


def seconds_text(value_ns: int) -> str:
    """Nanoseconds as seconds, exact."""
    whole, rest = divmod(abs(value_ns), 10**9)
    digits = f"{rest:09}".rstrip("0") or "0"
    return f"{'-' if value_ns < 0 else ''}{whole}.{digits}"


def _histogram_lines(name: str, histogram: Histogram) -> Iterator[str]:
    below = 0
    bounds = (*(repr(bound) for bound in histogram.bounds), "+Inf")
    # Once: of thousands of lines these are most of the work.
    said = _pairs(histogram.labels)
    before = f"{said}," if said else ""
    for bound, count in zip(bounds, histogram.counts, strict=True):
        below += count
        yield f'{name}_bucket{{{before}le="{bound}"}} {below}'
    yield _line(f"{name}_count", histogram.labels, str(below))
    yield _line(f"{name}_sum", histogram.labels, histogram.total)


def _line(name: str, labels: Labels, text: str) -> str:
    pairs = _pairs(labels)
    return f"{name}{{{pairs}}} {text}" if pairs else f"{name} {text}"


def _pairs(labels: Labels) -> str:
    for label, _ in labels:
        if not _LABEL.fullmatch(label):
            msg = f"a label cannot be called {label!r}"
            raise ValueError(msg)
    return ",".join(f'{label}="{escaped(said)}"' for label, said in labels)
