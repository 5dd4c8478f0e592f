"""Figures of each series: counts, failures, quantiles. No judgement, no ranking.

A quantile is the linear interpolation between the two nearest order statistics
(type 7 of Hyndman and Fan, 1996): of n sorted values, p stands at (n - 1) p
counted from 0. Failed exchanges are in no quantile and counted beside it.

The connect phase leaves out visits whose SYN had to be sent again: the kernel
then has no round trip of that SYN, and the program's time holds a timer of one
second or more. They are counted as `SeriesSummary.syn_retransmitted`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cloudgauge.model.sample import FailureKind

_Floats = NDArray[np.float64]
_Codes = NDArray[np.int64]
_Mask = NDArray[np.bool_]

_NS_PER_MS = 1e6
_US_PER_MS = 1e3


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


def summarise(frame: pd.DataFrame) -> tuple[SeriesSummary, ...]:
    """Figures of every series in a frame of `frame_of`, or of several joined.

    Series come in the order of run, target, family and replica.
    """
    if frame.empty:
        return ()
    series = _Series.of(frame)
    good = frame["failure"].isna().to_numpy()
    cold = (frame["exchange"] == 0).to_numpy()
    # A visit that was held back never began, so it was never late.
    began = cold & (frame["failure"] != FailureKind.HELD_BACK.value).to_numpy()
    resent = _over_zero(frame["syn_retransmits"])
    usable = good & cold & ~resent
    by_kernel = series.spreads(_ms(frame["connect_rtt_us"], _US_PER_MS), usable)
    by_program = series.spreads(_ms(frame["connect_ns"], _NS_PER_MS), usable)
    first_byte_ms = _ms(frame["first_byte_ns"], _NS_PER_MS)
    cold_bytes = series.spreads(first_byte_ms, good & cold)
    warm_bytes = series.spreads(first_byte_ms, good & ~cold)
    least = series.spreads(_ms(frame["min_rtt_us"], _US_PER_MS), good)
    lateness = series.spreads(_ms(frame["lateness_ns"], _NS_PER_MS), began)
    samples = series.count(np.ones(len(frame), dtype=np.bool_))
    visits, resends = series.count(cold), series.count(cold & resent)
    steps = series.count(frame["wall_stepped"].to_numpy())
    failures, clocks = series.words(frame["failure"]), series.words(frame["clock"])
    return tuple(
        SeriesSummary(
            run_id=str(key[0]),
            target_id=str(key[1]),
            family=str(key[2]),
            replica=int(key[3]),
            visits=visits[i],
            samples=samples[i],
            failures=failures[i],
            connect=by_kernel[i] if by_kernel[i].n else by_program[i],
            connect_by_kernel=by_kernel[i].n > 0,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Series:
    """Which series each row belongs to: an index into `keys`."""

    keys: tuple[tuple[Any, ...], ...]
    codes: _Codes

    @classmethod
    def of(cls, frame: pd.DataFrame) -> "_Series":
        names = ["run_id", "target_id", "family", "replica"]
        groups = frame.groupby(names, observed=True, sort=True)
        codes = groups.ngroup().to_numpy().astype(np.int64)
        firsts = frame[names].iloc[np.unique(codes, return_index=True)[1]]
        return cls(keys=tuple(firsts.itertuples(index=False, name=None)), codes=codes)

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

    def words(self, column: "pd.Series[str]") -> list[tuple[WordCount, ...]]:
        """How often each word stands in each series, commonest first."""
        words = column.cat.categories
        codes = column.cat.codes.to_numpy().astype(np.int64)
        there = codes >= 0
        cells = self.codes[there] * len(words) + codes[there]
        table = np.bincount(cells, minlength=len(self.keys) * len(words))
        found = table.reshape(len(self.keys), len(words))
        return [tuple(_commonest(row, words)) for row in found]


def _commonest(row: _Codes, words: "pd.Index[str]") -> Iterator[WordCount]:
    for place in np.argsort(-row, kind="stable"):
        if row[place]:
            yield WordCount(word=str(words[place]), count=int(row[place]))


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


def _ms(column: "pd.Series[int]", per_ms: float) -> _Floats:
    return column.to_numpy(dtype=np.float64, na_value=np.nan) / per_ms


def _over_zero(column: "pd.Series[int]") -> _Mask:
    return np.asarray(column.fillna(0).to_numpy(dtype=np.int64) > 0)
