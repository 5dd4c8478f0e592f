"""Figures of each series: counts, failures, quantiles. No judgement, no ranking.

A quantile is the linear interpolation between the two nearest order statistics
(type 7 of Hyndman and Fan, 1996): of n sorted values, p stands at (n - 1) p
counted from 0. Failed exchanges are in no quantile and counted beside it.

The connect phase leaves out visits whose SYN had to be sent again: the kernel
then has no round trip of that SYN, and the program's time holds a timer of one
second or more. They are counted as `SeriesSummary.syn_retransmitted`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cloudgauge.analysis.columns import Columns, Words
from cloudgauge.model.sample import FailureKind

_Floats = NDArray[np.float64]
_Codes = NDArray[np.int64]
_Mask = NDArray[np.bool_]

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
)
"""The columns that the figures are made of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Quantiles of one phase, milliseconds; None where there are no values.

    Attributes:
        n: Values they are made of.
    """

    n: int
    min_ms: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    max_ms: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WordCount:
    """How often a word stands in a column, at least once."""

    word: str
    count: int


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


def summarise(columns: Columns) -> tuple[SeriesSummary, ...]:
    """Figures of every series of a set.

    Series come in the order of target, family and replica.

    Args:
        columns: At least those of `SUMMARISED`.
    """
    if not columns.count:
        return ()
    numbers, words = columns.numbers, columns.words
    series, rows = _Series.of(columns), _Rows.of(columns)
    first_byte_ms = numbers["first_byte_ns"].floats() / _NS_PER_MS
    cold_bytes = series.spreads(first_byte_ms, rows.good & rows.cold)
    warm_bytes = series.spreads(first_byte_ms, rows.good & ~rows.cold)
    least = series.spreads(numbers["min_rtt_us"].floats() / _US_PER_MS, rows.good)
    late_ns = numbers["sent_ns"].cells - numbers["due_ns"].cells
    lateness = series.spreads(late_ns / _NS_PER_MS, rows.began)
    connects = _connects(series, columns, rows.good & rows.cold & ~rows.resent)
    samples, visits = series.count(rows.all), series.count(rows.cold)
    resends, steps = series.count(rows.resent), series.count(rows.stepped)
    failures, clocks = series.counts(words["failure"]), series.counts(words["clock"])
    return tuple(
        SeriesSummary(
            run_id=key.run_id,
            target_id=key.target_id,
            family=key.family,
            replica=key.replica,
            visits=visits[i],
            samples=samples[i],
            failures=failures[i],
            connect=connects[i][0],
            connect_by_kernel=connects[i][1],
            first_byte_cold=cold_bytes[i],
            first_byte_warm=warm_bytes[i],
            kernel_min_rtt_ms=least[i].min_ms,
            lateness=lateness[i],
            syn_retransmitted=resends[i],
            clocks=clocks[i],
            wall_stepped=steps[i],
        )
        for i, key in enumerate(series.keys)
    )


def _connects(
    series: "_Series", columns: Columns, usable: _Mask
) -> list[tuple[Spread, bool]]:
    """The connect phase of each series, and whether it is the kernel's."""
    rtt_us, connect_ns = (
        columns.numbers[name].floats() for name in ("connect_rtt_us", "connect_ns")
    )
    by_kernel = series.spreads(rtt_us / _US_PER_MS, usable)
    by_program = series.spreads(connect_ns / _NS_PER_MS, usable)
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

    all: _Mask
    good: _Mask
    cold: _Mask
    began: _Mask
    resent: _Mask
    stepped: _Mask

    @classmethod
    def of(cls, columns: Columns) -> "_Rows":
        numbers, failure = columns.numbers, columns.words["failure"]
        cold = np.equal(numbers["exchange"].cells, 0)
        return cls(
            all=np.ones(columns.count, dtype=np.bool_),
            good=failure.absent,
            cold=cold,
            began=cold & ~failure.are(FailureKind.HELD_BACK.value),
            # Where it is absent it is NaN, which is above nothing.
            resent=cold & (numbers["syn_retransmits"].floats() > 0),
            stepped=numbers["wall_stepped"].cells,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Key:
    run_id: str
    target_id: str
    family: str
    replica: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Series:
    """Which series each row belongs to: an index into `keys`."""

    keys: tuple[_Key, ...]
    codes: _Codes

    @classmethod
    def of(cls, columns: Columns) -> "_Series":
        named = [columns.words[name] for name in ("run_id", "target_id", "family")]
        replicas, places = np.unique(
            columns.numbers["replica"].cells, return_inverse=True
        )
        sizes = (*(len(column.words) for column in named), len(replicas))
        # Words are sorted, so cells are in the order of what they stand for.
        cells = np.ravel_multi_index(
            (*(column.codes for column in named), places), sizes
        )
        used, codes = np.unique(cells, return_inverse=True)
        runs, targets, families = (column.words for column in named)
        keys = tuple(
            _Key(
                run_id=runs[run],
                target_id=targets[target],
                family=families[family],
                replica=int(replicas[replica]),
            )
            for run, target, family, replica in zip(
                *np.unravel_index(used, sizes), strict=True
            )
        )
        return cls(keys=keys, codes=codes)

    def count(self, mask: _Mask) -> list[int]:
        """Rows of each series where *mask* holds."""
        found = np.bincount(self.codes[mask], minlength=len(self.keys))
        return [int(count) for count in found]

    def spreads(self, values: _Floats, mask: _Mask) -> list[Spread]:
        """Quantiles of each series over the rows where *mask* holds."""
        kept = mask & ~np.isnan(values)
        chosen, codes = values[kept], self.codes[kept]
        ordered = chosen[np.lexsort((chosen, codes))]
        counts = np.bincount(codes, minlength=len(self.keys))
        starts = np.concatenate(([0], np.cumsum(counts)[:-1]))
        figures = [
            _at(ordered, starts, counts, share) for share in (0, 0.5, 0.95, 0.99, 1)
        ]
        return [
            Spread(n=int(n), min_ms=a, p50_ms=b, p95_ms=c, p99_ms=d, max_ms=e)
            for n, a, b, c, d, e in zip(counts, *figures, strict=True)
        ]

    def counts(self, column: Words) -> list[tuple[WordCount, ...]]:
        """How often each word stands in each series, commonest first."""
        there = ~column.absent
        width = len(column.words)
        cells = self.codes[there] * width + column.codes[there]
        table = np.bincount(cells, minlength=len(self.keys) * width)
        found = table.reshape(len(self.keys), width)
        return [tuple(_commonest(row, column.words)) for row in found]


def _commonest(row: _Codes, words: Sequence[str]) -> Iterator[WordCount]:
    for place in np.argsort(-row, kind="stable"):
        if row[place]:
            yield WordCount(word=words[place], count=int(row[place]))


def _at(
    ordered: _Floats, starts: _Codes, counts: _Codes, share: float
) -> list[float | None]:
    """The quantile at *share* of each run of *ordered*; None for an empty run."""
    if not len(ordered):
        return [None] * len(counts)
    place = (np.maximum(counts, 1) - 1) * share
    below = np.floor(place).astype(np.int64)
    above = np.ceil(place).astype(np.int64)
    last = len(ordered) - 1
    low = ordered[np.minimum(starts + below, last)]
    high = ordered[np.minimum(starts + above, last)]
    values = low + (high - low) * (place - below)
    return [
        float(value) if n else None for value, n in zip(values, counts, strict=True)
    ]
