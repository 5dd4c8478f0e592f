"""Counts and histograms of a set's series, read batch by batch.

Failed exchanges are counted by kind and are in no histogram, nor is a connect phase
whose SYN was sent again, as in `summary`.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cloudgauge.analysis.columns import bin_columns_of, columns_of
from cloudgauge.analysis.export_rows import stored_batches
from cloudgauge.analysis.frames import FRAMES
from cloudgauge.analysis.transfers import (
    TRANSFER_BINS,
    TRANSFER_SAMPLES,
    Transfer,
    transfers_of,
)
from cloudgauge.model.buckets import BOUNDS_NS
from cloudgauge.model.sample import Part
from cloudgauge.store.resultset import ResultSet

Cells = NDArray[np.int64]

_WORDS = ("target_id", "family", "part", "clock", "failure")
_PHASES = ("resolve_ns", "connect_ns", "tls_ns", "first_byte_ns", "body_ns")
_NUMBERS = ("replica", "exchange", "connect_rtt_us", "syn_retransmits", *_PHASES)
_NS_PER_US = 1_000
_MS_PER_S = 1_000


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class SeriesName:
    """A series of latency, or all transfers of an object by one IP version."""

    target_id: str
    family: str
    replica: int


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class DurationName:
    """What a histogram is of.

    Attributes:
        exchange: ``cold`` or ``warm`` of visits, ``idle`` or ``loaded`` beside
            transfers.
        clock: Whose time it is.
    """

    phase: str
    exchange: str
    clock: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Median:
    """The median of a phase over a run.

    Attributes:
        clock: Whose time it is; None where it is of several.
    """

    phase: str
    exchange: str
    clock: str | None
    seconds: float


@dataclass(slots=True)
class Duration:
    """A histogram that grows.

    Attributes:
        counts: Shape (bounds + 1,), in each bucket alone.
    """

    counts: Cells
    total_ns: int = 0


@dataclass(slots=True)
class SeriesCounts:
    """What a series came to so far.

    Attributes:
        visits: Visits or transfers, failed ones too: first exchanges.
        answered: Those whose first exchange did not fail.
        failures: Failed exchanges by kind.
    """

    visits: int = 0
    answered: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    durations: dict[DurationName, Duration] = field(default_factory=dict)


def counts_of(result: ResultSet) -> Mapping[SeriesName, SeriesCounts]:
    """Counts and histograms of each series of a set.

    Raises:
        StoreError: The samples cannot be read.
    """
    found: dict[SeriesName, SeriesCounts] = {}
    for _, columns in stored_batches(result.pieces, (*_WORDS, *_NUMBERS)):
        for rows in _alike(columns):
            rows.count_into(found)
    return found


def medians_of(result: ResultSet) -> tuple[tuple[SeriesName, Median], ...]:
    """Medians of each series of latency, as every other table has them.

    Raises:
        StoreError: The samples cannot be read.
    """
    rows = FRAMES["targets"](result).to_dict("records")
    return tuple(
        (_name_of(row), median)
        for row in rows
        for median in _medians(row)
        # None at all, or longer than anybody waited: no gauge can say so.
        if math.isfinite(median.seconds)
    )


def _name_of(row: Mapping[Any, Any]) -> SeriesName:
    return SeriesName(
        target_id=row["target_id"], family=row["family"], replica=int(row["replica"])
    )


def _medians(row: Mapping[Any, Any]) -> Iterator[Median]:
    for phase, exchange, column, clock in (
        ("connect", "cold", "connect_p50_ms", row["connect_clock"]),
        ("first_byte", "cold", "first_byte_cold_p50_ms", None),
        ("first_byte", "warm", "first_byte_p50_ms", None),
    ):
        seconds = float(row[column]) / _MS_PER_S
        yield Median(phase=phase, exchange=exchange, clock=clock, seconds=seconds)


def all_transfers_of(result: ResultSet) -> tuple[Transfer, ...]:
    """The transfers of a set, none where nothing was downloaded.

    Raises:
        StoreError: Samples or bins cannot be read.
    """
    if not result.objects:
        return ()
    samples = columns_of(result, TRANSFER_SAMPLES)
    return tuple(transfers_of(samples, bin_columns_of(result, TRANSFER_BINS)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """Rows of a batch that are alike in every word that tells figures apart."""

    words: Mapping[str, str | None]
    replica: int
    first: bool
    numbers: Mapping[str, Cells]

    def count_into(self, found: dict[SeriesName, SeriesCounts]) -> None:
        words, rows = self.words, len(self.numbers["exchange"])
        name = SeriesName(
            target_id=str(words["target_id"]),
            family=str(words["family"]),
            replica=self.replica,
        )
        series = found.setdefault(name, SeriesCounts())
        failure, part = words["failure"], words["part"]
        if self.first:
            series.visits += rows
            series.answered += rows if failure is None else 0
        if failure is not None:
            series.failures[failure] += rows
        elif part != Part.TRANSFER:
            exchange = part or ("cold" if self.first else "warm")
            for phase, clock, values_ns in self._durations():
                key = DurationName(phase=phase, exchange=exchange, clock=clock)
                _add(series.durations, key, values_ns)

    def _durations(self) -> Iterator[tuple[str, str, Cells]]:
        # Absent numbers are -1 here: see `_filled`.
        resent = self.numbers["syn_retransmits"] > 0
        rtt_us = self.numbers["connect_rtt_us"][~resent]
        yield "connect", "kernel", rtt_us[rtt_us >= 0] * _NS_PER_US
        for column in _PHASES:
            values = self.numbers[column]
            if column == "connect_ns":
                values = values[~resent]
            clock = self.words["clock"] if column == "first_byte_ns" else None
            yield column.removesuffix("_ns"), clock or "user", values[values >= 0]


def _add(
    durations: dict[DurationName, Duration], name: DurationName, values_ns: Cells
) -> None:
    if not len(values_ns):
        return
    if name not in durations:
        durations[name] = Duration(np.zeros(len(BOUNDS_NS) + 1, dtype=np.int64))
    places = np.searchsorted(BOUNDS_NS, values_ns, side="left")
    here = durations[name]
    here.counts += np.bincount(places, minlength=len(BOUNDS_NS) + 1)
    # Python's own: a stranger's numbers may be too large to be added up in 64 bits.
    here.total_ns += sum(values_ns.tolist())


def _alike(columns: Mapping[str, pa.Array]) -> Iterator[_Rows]:
    """The rows of a batch by their words, replica, and whether they are a first."""
    words = {name: columns[name].dictionary.to_pylist() for name in _WORDS}
    codes = [_filled(columns[name].indices) for name in _WORDS]
    numbers = {name: _filled(columns[name]) for name in _NUMBERS}
    keys = np.stack([*codes, numbers["replica"], numbers["exchange"] == 0])
    order = np.lexsort(keys)
    keys = keys[:, order]
    changes = np.flatnonzero((keys[:, 1:] != keys[:, :-1]).any(axis=0)) + 1
    for rows in np.split(np.arange(len(order)), changes):
        *places, replica, first = (int(key) for key in keys[:, rows[0]])
        found = zip(_WORDS, places, strict=True)
        yield _Rows(
            words={name: None if at < 0 else words[name][at] for name, at in found},
            replica=replica,
            first=bool(first),
            numbers={name: cells[order[rows]] for name, cells in numbers.items()},
        )


def _filled(column: pa.Array) -> Cells:
    """Whole numbers, -1 where one is absent."""
    made: Cells = column.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return made
