"""Figures of each latency series: counts, failures, quantiles. No judgement.

What timed out is in the quantiles as longer than all else; what failed otherwise (was
refused, reset, a wrong answer) is no slow answer: it is counted, and in no quantile.
What a quantile is says `series`. A timeout of connecting is one of the first byte too:
whoever waited for that did not get it. So a visit's timeout, of which there is at most
one, is in the quantiles of `run_rounds` and in these alike. An answer whose body timed
out did have a first byte: it failed, but is not longer.

The connect phase leaves out visits whose SYN had to be sent again: the kernel
then has no round trip of that SYN, and the program's time holds a timer of one
second or more. They are counted as `SeriesSummary.syn_retransmitted`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cloudgauge.analysis.columns import Columns, Numbers
from cloudgauge.analysis.metric import Metric
from cloudgauge.analysis.series import Mask, Series, Spread, WordCount
from cloudgauge.analysis.timeouts import longer_rows
from cloudgauge.model.sample import FailureKind

_NS_PER_MS = 1e6
_US_PER_MS = 1e3

SUMMARISED = (
    "run_id",
    "target_id",
    "replica",
    "family",
    "exchange",
    "due_ns",
    "sent_ns",
    "connect_ns",
    "first_byte_ns",
    "connect_rtt_us",
    "min_rtt_us",
    "syn_retransmits",
    "clock",
    "wall_stepped",
    "failure",
    "part",
)
"""The columns that the figures are made of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesSummary:
    """One target as one IP version and replica saw it from one run.

    Attributes:
        visits: Visits with at least one sample.
        samples: Exchanges, failed ones too.
        failures: By kind, commonest first.
        connect: The kernel's round trip of the SYN; by the program's clock where
            the kernel gave none at all.
        connect_by_kernel: Which of the two it is.
        first_byte_cold: First byte of exchange 0.
        first_byte_warm: First byte of the exchanges after it.
        kernel_min_rtt_ms: Least round trip that the kernel saw on any connection.
        lateness: How much later than due visits began, failed ones too; not those
            that were held back and so never began.
        syn_retransmitted: Visits whose SYN was sent again.
        clocks: Whose time ended the first-byte phase, commonest first.
        wall_stepped: Exchanges during which the wall clock stepped.
    """

    run_id: str
    target_id: str
    family: str
    replica: int
    visits: int
    samples: int
    failures: tuple[WordCount, ...]
    connect: Spread
    connect_by_kernel: bool
    first_byte_cold: Spread
    first_byte_warm: Spread
    kernel_min_rtt_ms: float | None
    lateness: Spread
    syn_retransmitted: int
    clocks: tuple[WordCount, ...]
    wall_stepped: int

    @property
    def answered(self) -> int:
        """Exchanges that did not fail."""
        return self.samples - sum(failure.count for failure in self.failures)


def summarise(
    columns: Columns, *, timeout_ns: int, imported: bool = False
) -> tuple[SeriesSummary, ...]:
    """Figures of every series of a set; what belongs to downloads is left out.

    Series come in the order of target, family and replica.

    Args:
        columns: At least those of `SUMMARISED`.
        timeout_ns: How long was waited for each phase.
        imported: By others: of the phase that has no value nothing timed out.
    """
    columns = latency_rows(columns)
    if not columns.count:
        return ()
    series, rows = Series.of(columns), _Rows.of(columns)
    waits = _Waits(
        columns=columns, rows=rows, limit_ms=timeout_ns / _NS_PER_MS, imported=imported
    )
    connects = _connects(series, columns, rows, waits)
    timings = _timings(series, columns, rows, waits)
    tallies = _tallies(series, columns, rows)
    return tuple(
        SeriesSummary(
            run_id=key.run_id,
            target_id=key.target_id,
            family=key.family,
            replica=key.replica,
            visits=tallies.visits[i],
            samples=tallies.samples[i],
            failures=tallies.failures[i],
            connect=connects[i][0],
            connect_by_kernel=connects[i][1],
            first_byte_cold=timings.cold_bytes[i],
            first_byte_warm=timings.warm_bytes[i],
            kernel_min_rtt_ms=timings.least[i],
            lateness=timings.lateness[i],
            syn_retransmitted=tallies.resends[i],
            clocks=tallies.clocks[i],
            wall_stepped=tallies.steps[i],
        )
        for i, key in enumerate(series.keys)
    )


def latency_rows(columns: Columns) -> Columns:
    """The samples of visits of latency, without those of downloads.

    Args:
        columns: With ``part`` among them.
    """
    part = columns.words["part"]
    # Most sets have no download: nothing is copied for them.
    return columns.where(part.absent) if part.words else columns


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waits:
    """What was waited for in vain.

    Attributes:
        limit_ms: How long.
    """

    columns: Columns
    rows: "_Rows"
    limit_ms: float
    imported: bool

    def counts(self, series: Series, metric: Metric, mask: Mask) -> Sequence[int]:
        """How often in each series, where *mask* holds."""
        if self.imported and metric is not self._imported_metric():
            return [0] * len(series.keys)
        longer = longer_rows(self.columns, metric, imported=self.imported)
        return series.count(longer & mask)

    def _imported_metric(self) -> Metric:
        """The one phase that the source has; where nothing answered it is connect."""
        first_byte = self.columns.numbers["first_byte_ns"].absent
        return Metric.CONNECT if first_byte.all() else Metric.FIRST_BYTE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Timings:
    """Quantiles of each series but for those of the connect phase."""

    cold_bytes: list[Spread]
    warm_bytes: list[Spread]
    least: list[float | None]
    lateness: list[Spread]


def _timings(
    series: Series, columns: Columns, rows: "_Rows", waits: _Waits
) -> _Timings:
    numbers = columns.numbers
    first_byte = numbers["first_byte_ns"]
    late = Numbers(
        cells=numbers["sent_ns"].cells - numbers["due_ns"].cells,
        absent=numbers["sent_ns"].absent,
    )
    cold, warm = rows.good & rows.cold, rows.good & ~rows.cold
    cold_waits = waits.counts(series, Metric.FIRST_BYTE, rows.cold)
    # A visit that ended before its warm requests has none because it was slow.
    all_waits = waits.counts(series, Metric.FIRST_BYTE, rows.all)
    return _Timings(
        cold_bytes=series.numbers(first_byte, cold, _NS_PER_MS).spreads(
            cold_waits, waits.limit_ms
        ),
        warm_bytes=series.numbers(first_byte, warm, _NS_PER_MS).spreads(
            all_waits, waits.limit_ms
        ),
        least=series.least(numbers["min_rtt_us"], rows.good, _US_PER_MS),
        lateness=series.numbers(late, rows.began, _NS_PER_MS).spreads(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tallies:
    """What is counted in each series."""

    samples: list[int]
    visits: list[int]
    resends: list[int]
    steps: list[int]
    failures: list[tuple[WordCount, ...]]
    clocks: list[tuple[WordCount, ...]]


def _tallies(series: Series, columns: Columns, rows: "_Rows") -> _Tallies:
    return _Tallies(
        samples=series.count(rows.all),
        visits=series.count(rows.cold),
        resends=series.count(rows.resent),
        steps=series.count(rows.stepped),
        failures=series.counts(columns.words["failure"]),
        clocks=series.counts(columns.words["clock"]),
    )


def _connects(
    series: Series, columns: Columns, rows: "_Rows", waits: _Waits
) -> list[tuple[Spread, bool]]:
    """The connect phase of each series, and whether it is the kernel's."""
    numbers, usable = columns.numbers, rows.good & rows.cold & ~rows.resent
    longer = (waits.counts(series, Metric.CONNECT, rows.cold), waits.limit_ms)
    by_kernel = series.numbers(numbers["connect_rtt_us"], usable, _US_PER_MS).spreads(
        *longer
    )
    if all(kernel.n for kernel in by_kernel):
        return [(kernel, True) for kernel in by_kernel]
    by_program = series.numbers(numbers["connect_ns"], usable, _NS_PER_MS).spreads(
        *longer
    )
    return [
        (kernel, True) if kernel.n else (program, False)
        for kernel, program in zip(by_kernel, by_program, strict=True)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """What holds of each row.

    Attributes:
        began: A visit began with it, and was not held back: it may have been late.
        resent: It began a visit whose SYN was sent again.
    """

    all: Mask
    good: Mask
    cold: Mask
    began: Mask
    resent: Mask
    stepped: Mask

    @classmethod
    def of(cls, columns: Columns) -> "_Rows":
        numbers, failure = columns.numbers, columns.words["failure"]
        cold = np.equal(numbers["exchange"].cells, 0)
        return cls(
            all=np.ones(columns.count, dtype=np.bool_),
            good=failure.absent,
            cold=cold,
            began=cold & ~failure.are(FailureKind.HELD_BACK.value),
            resent=cold & numbers["syn_retransmits"].above(0),
            stepped=numbers["wall_stepped"].cells,
        )
