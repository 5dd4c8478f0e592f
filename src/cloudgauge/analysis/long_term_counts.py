"""A set's samples as counts for the long-term record: bins by series and hour.

What is a value, what failed, and what is longer than all else is as in `summary`. A bin
is that of `stats.histogram`, of nanoseconds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cloudgauge.analysis.columns import Columns, Numbers, columns_of
from cloudgauge.analysis.metric import Metric as Phase
from cloudgauge.analysis.series import Codes, Mask, Series
from cloudgauge.analysis.timeouts import longer_rows
from cloudgauge.errors import StoreError
from cloudgauge.stats.histogram import bin_numbers
from cloudgauge.store.long_term_layout import (
    BEYOND,
    COUNTS,
    ZERO,
    Grain,
    Metric,
)
from cloudgauge.store.long_term_table import no_counts
from cloudgauge.store.resultset import ResultSet
from cloudgauge.store.table import schema_of

_READ = (
    "run_id",
    "target_id",
    "replica",
    "family",
    "exchange",
    "sent_ns",
    "wall_offset_ns",
    "resolve_ns",
    "connect_ns",
    "tls_ns",
    "first_byte_ns",
    "connect_rtt_us",
    "syn_retransmits",
    "failure",
    "part",
)
_NS_PER_US = 1_000
_WALL_LIMIT_NS = 2**63 - Grain.DAY.length_ns
_Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """The rows and values that a histogram is made of.

    Attributes:
        values: In nanoseconds when multiplied by `scale`.
        rows: Where a value counts if it is there.
        beyond: Where it is only known to be longer.
    """

    metric: Metric
    values: Numbers
    rows: Mask
    beyond: Mask
    scale: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Places:
    """Which series and which hour each row belongs to.

    Attributes:
        hours: Shape (rows,): an index into `begins_ns`.
    """

    series: Series
    hours: Codes
    begins_ns: _Whole

    def counted(self, rows: Mask, extra: _Whole) -> tuple[_Whole, _Whole]:
        """How often each cell and each of *extra* occur together where *rows* hold.

        Args:
            rows: Shape (rows,).
            extra: Shape (those where *rows* holds,).

        Returns:
            Cells with series, hour and extra, shape (found, 3), and their counts.
        """
        least = int(extra.min(initial=0))
        sizes = (
            len(self.series.keys),
            len(self.begins_ns),
            int(extra.max(initial=0)) - least + 1,
        )
        parts = (self.series.codes[rows], self.hours[rows], extra - least)
        # One number each: many times as fast as rows of three.
        cells = np.ravel_multi_index(tuple(x.astype(np.int64) for x in parts), sizes)
        numbers, counts = np.unique(cells, return_counts=True)
        found = np.stack(np.unravel_index(numbers, sizes), axis=1)
        found[:, 2] += least
        return found, counts


def counts_for_long_term(result: ResultSet) -> pa.Table:
    """The counts of a set by hour; columns of `store.long_term_layout.COUNTS`.

    Raises:
        StoreError: The samples cannot be read, or were sent at no time of ours.
    """
    columns = columns_of(result, _READ)
    if not columns.count:
        return no_counts()
    places = _places_of(result, columns)
    tables = [
        *(_histogram(places, wanted) for wanted in _wanted(columns)),
        *_tallies(places, columns),
    ]
    return pa.concat_tables(tables)


def _places_of(result: ResultSet, columns: Columns) -> _Places:
    numbers, start_ns = columns.numbers, result.manifest.run.started_wall_ns
    ahead = numbers["sent_ns"].floats() + numbers["wall_offset_ns"].floats() + start_ns
    if not (ahead >= 0).all() or not (ahead < _WALL_LIMIT_NS).all():
        raise StoreError(str(result.folder), "holds a sample that was sent at no time")
    wall_ns = numbers["sent_ns"].cells + numbers["wall_offset_ns"].cells + start_ns
    hours = wall_ns // Grain.HOUR.length_ns * Grain.HOUR.length_ns
    begins_ns, codes = np.unique(hours, return_inverse=True)
    return _Places(
        series=Series.of(columns), hours=codes.astype(np.int32), begins_ns=begins_ns
    )


def _wanted(columns: Columns) -> Iterator[_Wanted]:
    numbers = columns.numbers
    visits = columns.words["part"].absent
    good = visits & columns.words["failure"].absent
    cold = np.equal(numbers["exchange"].cells, 0)
    never = np.zeros(columns.count, dtype=np.bool_)
    longer = {
        phase: visits & longer_rows(columns, phase, imported=False)
        for phase in (Phase.CONNECT, Phase.TLS, Phase.FIRST_BYTE)
    }
    first_sent = good & cold & ~numbers["syn_retransmits"].above(0)
    connect = longer[Phase.CONNECT] & cold
    by_kernel = numbers["connect_rtt_us"]
    first_byte = numbers["first_byte_ns"]
    late_byte = longer[Phase.FIRST_BYTE]
    yield _Wanted(
        metric=Metric.CONNECT,
        values=by_kernel,
        rows=first_sent,
        beyond=connect,
        scale=_NS_PER_US,
    )
    for metric, values, rows, beyond in (
        (Metric.CONNECT_PROGRAM, numbers["connect_ns"], first_sent, connect),
        (Metric.RESOLVE, numbers["resolve_ns"], good & cold, never),
        (Metric.TLS, numbers["tls_ns"], good & cold, longer[Phase.TLS] & cold),
        (Metric.FIRST_BYTE_COLD, first_byte, good & cold, late_byte & cold),
        # A visit that ended before its warm requests has none because it was slow.
        (Metric.FIRST_BYTE_WARM, first_byte, good & ~cold, late_byte),
    ):
        yield _Wanted(metric=metric, values=values, rows=rows, beyond=beyond)


def _histogram(places: _Places, wanted: _Wanted) -> pa.Table:
    there = wanted.rows & ~wanted.values.absent
    zeros = there & (wanted.values.cells == 0)
    binned = there & (wanted.values.cells > 0)
    values_ns = wanted.values.cells[binned].astype(np.float64) * wanted.scale
    found, counts = places.counted(binned, bin_numbers(values_ns))
    bins = pa.array(found[:, 2].astype(np.int32))
    made = [_table(places, wanted.metric, found, counts, (None, bins))]
    for word, rows in ((ZERO, zeros), (BEYOND, wanted.beyond)):
        made.append(_tally(places, wanted.metric, rows, word))
    return pa.concat_tables(made)


def _tallies(places: _Places, columns: Columns) -> Iterator[pa.Table]:
    failure, part = columns.words["failure"], columns.words["part"]
    first = np.equal(columns.numbers["exchange"].cells, 0)
    first &= part.absent | part.are("transfer")
    yield _tally(places, Metric.VISITS, first, None)
    yield _tally(places, Metric.ANSWERED, first & failure.absent, None)
    for kind in failure.words:
        yield _tally(places, Metric.FAILURES, failure.are(kind), kind)


def _tally(places: _Places, metric: Metric, rows: Mask, word: str | None) -> pa.Table:
    found, counts = places.counted(rows, np.zeros(int(rows.sum()), dtype=np.int64))
    return _table(places, metric, found, counts, (word, None))


def _table(
    places: _Places,
    metric: Metric,
    found: _Whole,
    counts: _Whole,
    word_and_bins: tuple[str | None, pa.Array | None],
) -> pa.Table:
    keys = [places.series.keys[at] for at in found[:, 0].tolist()]
    size, (word, bins) = len(keys), word_and_bins
    arrays: Sequence[pa.Array] = (
        pa.array([key.target_id for key in keys], pa.string()),
        pa.array([key.family for key in keys], pa.string()),
        pa.array([key.replica for key in keys], pa.int32()),
        pa.array([metric.value] * size, pa.string()),
        pa.array(places.begins_ns[found[:, 1]], pa.int64()),
        pa.array([word] * size, pa.string()),
        pa.nulls(size, pa.int32()) if bins is None else bins,
        pa.array(counts.astype(np.int64), pa.int64()),
    )
    return pa.Table.from_arrays(list(arrays), schema=schema_of(COUNTS.columns))
