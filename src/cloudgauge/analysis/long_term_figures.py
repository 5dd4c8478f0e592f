"""The long-term record by series and period: histograms, and counts of visits.

A period's counts are put together one after the other, so that years of them need no
more memory than one.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cloudgauge.stats.histogram import LogHistogram
from cloudgauge.store.long_term import LongTermFile, counted, read_counts
from cloudgauge.store.long_term_layout import (
    ACCURACY,
    BEYOND,
    COUNTS,
    ZERO,
    Grain,
    Metric,
)
from cloudgauge.store.long_term_table import no_counts, summed

_CELL = ("target_id", "family", "replica", "metric")


class Every(StrEnum):
    """Over which time figures are made; hours that were folded come as their day."""

    HOUR = "hour"
    DAY = "day"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A time of which there are figures.

    Attributes:
        begins_wall_ns: UTC since 1970.
        ends_wall_ns: UTC since 1970; nothing needs to have been measured until then.
    """

    begins_wall_ns: int
    ends_wall_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesKey:
    """A target as one IP version and replica of it."""

    target_id: str
    family: str
    replica: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """How long a phase of a series took in a period.

    Attributes:
        histogram: Of nanoseconds; what timed out is beyond.
    """

    key: SeriesKey
    metric: Metric
    histogram: LogHistogram


@dataclass(slots=True, kw_only=True)
class Tally:
    """What came of a series' visits in a period.

    Attributes:
        visits: Visits and transfers, failed ones too.
        answered: Those whose first exchange did not fail.
        failures: Failed exchanges by kind.
    """

    key: SeriesKey
    visits: int
    answered: int
    failures: Counter[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the record holds of a period.

    Attributes:
        phases: By series and metric.
        tallies: By series.
    """

    period: Period
    phases: tuple[Phase, ...]
    tallies: tuple[Tally, ...]


def figures_every(files: Sequence[LongTermFile], every: Every) -> Iterator[Figures]:
    """Figures of each period, from the first on.

    Args:
        files: Of one monitor.
        every: How long a period is.

    Raises:
        StoreError: A file was changed.
    """
    wanted: dict[Period, list[tuple[LongTermFile, tuple[int, ...]]]] = {}
    for file, begins in counted(files):
        for period, its in _periods(file, begins, every, files):
            wanted.setdefault(period, []).append((file, its))
    for period in sorted(
        wanted, key=lambda one: (one.begins_wall_ns, one.ends_wall_ns)
    ):
        yield _figures(period, wanted[period])


def _periods(
    file: LongTermFile,
    begins: tuple[int, ...],
    every: Every,
    files: Sequence[LongTermFile],
) -> Iterator[tuple[Period, tuple[int, ...]]]:
    """The periods that some of a file's are in, and which."""
    if every is Every.ALL:
        yield _whole(files), begins
        return
    grain = Grain.DAY if every is Every.DAY else file.head.grain
    its: dict[int, list[int]] = {}
    for at in begins:
        its.setdefault(grain.begin_of(at), []).append(at)
    for begin, found in its.items():
        period = Period(begins_wall_ns=begin, ends_wall_ns=begin + grain.length_ns)
        yield period, tuple(found)


def _whole(files: Sequence[LongTermFile]) -> Period:
    return Period(
        begins_wall_ns=min(file.head.periods[0] for file in files),
        ends_wall_ns=max(
            file.head.periods[-1] + file.head.grain.length_ns for file in files
        ),
    )


def _figures(
    period: Period, its: Sequence[tuple[LongTermFile, tuple[int, ...]]]
) -> Figures:
    total = no_counts()
    for file, begins in its:
        counts = read_counts(file)
        mine = pc.is_in(counts.column("begins_wall_ns"), pa.array(begins, pa.int64()))
        total = summed(pa.concat_tables([total, _at(period, counts.filter(mine))]))
    phases, tallies = [], dict[SeriesKey, Tally]()
    for key, metric, rows in _cells(total):
        if metric.has_histogram:
            histogram = _histogram(rows)
            phases.append(Phase(key=key, metric=metric, histogram=histogram))
        else:
            none = Tally(key=key, visits=0, answered=0, failures=Counter())
            _count(tallies.setdefault(key, none), metric, rows)
    return Figures(period=period, phases=tuple(phases), tallies=tuple(tallies.values()))


def _at(period: Period, counts: pa.Table) -> pa.Table:
    """Counts as of one period, whatever its parts."""
    begins = pa.array(np.full(counts.num_rows, period.begins_wall_ns))
    place = COUNTS.names.index("begins_wall_ns")
    return counts.set_column(place, counts.schema.field(place), begins)


@dataclass(frozen=True, slots=True, kw_only=True)
class _CellRows:
    """The rows of one series and metric, in order: bins rising, then words."""

    words: Sequence[str | None]
    bins: Sequence[int | None]
    counts: Sequence[int]


def _cells(total: pa.Table) -> Iterator[tuple[SeriesKey, Metric, _CellRows]]:
    columns = {name: total.column(name).to_pylist() for name in COUNTS.names}
    keys = list(zip(*(columns[name] for name in _CELL), strict=True))
    begin = 0
    for at in range(1, len(keys) + 1):
        if at == len(keys) or keys[at] != keys[begin]:
            target_id, family, replica, metric = keys[begin]
            here = slice(begin, at)
            yield (
                SeriesKey(target_id=target_id, family=family, replica=replica),
                Metric(metric),
                _CellRows(
                    words=columns["word"][here],
                    bins=columns["bin"][here],
                    counts=columns["count"][here],
                ),
            )
            begin = at


def _histogram(rows: _CellRows) -> LogHistogram:
    both = zip(rows.bins, rows.counts, strict=True)
    words = Counter[str | None]()
    for word, count in zip(rows.words, rows.counts, strict=True):
        words[word] += count
    return LogHistogram(
        bins=tuple((number, count) for number, count in both if number is not None),
        zeros=words[ZERO],
        beyond=words[BEYOND],
        accuracy=ACCURACY,
    )


def _count(tally: Tally, metric: Metric, rows: _CellRows) -> None:
    if metric is Metric.VISITS:
        tally.visits += sum(rows.counts)
    elif metric is Metric.ANSWERED:
        tally.answered += sum(rows.counts)
    else:
        for word, count in zip(rows.words, rows.counts, strict=True):
            tally.failures[word or ""] += count
