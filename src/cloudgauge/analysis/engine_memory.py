"""A set read column by column into numpy, as every other figure is read."""

import numpy as np

from cloudgauge.analysis.columns import Columns, columns_of
from cloudgauge.analysis.engine_query import Query, Source
from cloudgauge.analysis.engine_rows import (
    LONGER,
    MOST_NS,
    Integers,
    RawRows,
    counted,
    grouped,
    hours_in,
)
from cloudgauge.analysis.metric import Metric
from cloudgauge.analysis.series import Mask
from cloudgauge.analysis.summary import latency_rows
from cloudgauge.analysis.timeouts import longer_rows
from cloudgauge.errors import StoreError
from cloudgauge.model.sample import ClockKind

_NS_PER_US = 1_000
MOST_REPLICA = 255
_ALWAYS = (
    "target_id",
    "replica",
    "family",
    "round_index",
    "exchange",
    "syn_retransmits",
    "failure",
    "part",
    "first_byte_ns",
)
_OF_METRIC = {
    Metric.CONNECT: ("connect_ns", "connect_rtt_us"),
    Metric.TLS: ("tls_ns",),
    Metric.FIRST_BYTE: ("clock",),
}
_OF_TIMES = ("sent_ns", "wall_offset_ns")


def read_by_memory(source: Source, query: Query) -> RawRows:
    """Read what bears on a question.

    Raises:
        StoreError: The samples cannot be read, or one of them cannot be.
    """
    names = (*_ALWAYS, *_OF_METRIC[query.metric])
    if query.has_times:
        names += _OF_TIMES
    rows = latency_rows(columns_of(source.result, names))
    series, codes = _series(rows, source)
    hours, times = _hours(rows, source) if query.has_times else ((0,), None)
    places, groups = grouped(codes, times)
    found = _Found.of(rows, source, query.metric, codes, len(series))
    failure = rows.words["failure"]
    cold = np.equal(rows.numbers["exchange"].cells, 0)
    everything = np.ones(rows.count, dtype=np.bool_)
    counts = counted(
        groups,
        (
            cold,
            everything,
            ~failure.absent,
            cold & rows.numbers["syn_retransmits"].above(0),
            found.known,
            found.known & found.by_kernel,
        ),
        len(places),
    )
    kept = found.known | found.longer
    return RawRows(
        series=series,
        hours=hours,
        places=places,
        counts=counts,
        groups=groups[kept],
        rounds=rows.numbers["round_index"].cells[kept].astype(np.int64),
        values_ns=np.where(found.longer[kept], LONGER, found.values_ns[kept]),
    )


class _Found:
    """The metric's values, row by row: known, only known to be longer, or none."""

    __slots__ = ("by_kernel", "known", "longer", "values_ns")

    def __init__(
        self, values_ns: Integers, known: Mask, longer: Mask, by_kernel: Mask
    ) -> None:
        self.values_ns = values_ns
        self.known = known
        self.longer = longer
        self.by_kernel = by_kernel

    @classmethod
    def of(
        cls, rows: Columns, source: Source, metric: Metric, codes: Integers, many: int
    ) -> "_Found":
        cold = np.equal(rows.numbers["exchange"].cells, 0)
        good = rows.words["failure"].absent
        longer = _longer(rows, source, metric)
        if metric is Metric.FIRST_BYTE:
            column = rows.numbers["first_byte_ns"]
            asked = ~cold if source.has_warm else cold
            if not source.has_warm:
                longer = longer & cold
            user = rows.words["clock"].are(ClockKind.USER.value)
            by_kernel = ~user & ~rows.words["clock"].absent
            return cls(column.cells, good & asked & ~column.absent, longer, by_kernel)
        if metric is Metric.TLS:
            column = rows.numbers["tls_ns"]
            nowhere = np.zeros(rows.count, dtype=np.bool_)
            return cls(
                column.cells, good & cold & ~column.absent, longer & cold, nowhere
            )
        usable = good & cold & ~rows.numbers["syn_retransmits"].above(0)
        kernel, program = rows.numbers["connect_rtt_us"], rows.numbers["connect_ns"]
        seen = usable & ~kernel.absent
        by_kernel = (np.bincount(codes[seen], minlength=many) > 0)[codes]
        _check_us(kernel.cells[seen], source)
        values = np.where(
            by_kernel, np.where(seen, kernel.cells, 0) * _NS_PER_US, program.cells
        )
        known = np.where(by_kernel, seen, usable & ~program.absent)
        return cls(values, known, longer & cold, by_kernel)


def _check_us(values_us: Integers, source: Source) -> None:
    if len(values_us) and int(values_us.max()) > MOST_NS // _NS_PER_US:
        problem = f"a phase took {values_us.max()} us, want 0 to {MOST_NS // 1000}"
        raise StoreError(source.path, problem)


def _longer(rows: Columns, source: Source, metric: Metric) -> Mask:
    if source.is_imported:
        # The one phase that the source has; where nothing answered it is connect.
        silent = rows.numbers["first_byte_ns"].absent.all()
        if metric is not (Metric.CONNECT if silent else Metric.FIRST_BYTE):
            return np.zeros(rows.count, dtype=np.bool_)
    return longer_rows(rows, metric, imported=source.is_imported)


def _series(
    rows: Columns, source: Source
) -> tuple[tuple[tuple[str, str, int], ...], Integers]:
    """The series that there could be, and which of them each row is of."""
    targets, families = rows.words["target_id"], rows.words["family"]
    replicas = rows.numbers["replica"].cells
    most = int(replicas.max()) if rows.count else 0
    if rows.count and (replicas.min() < 0 or most > MOST_REPLICA):
        raise StoreError(source.path, f"replica: want 0 to {MOST_REPLICA}")
    if rows.count and rows.numbers["round_index"].cells.min() < 0:
        raise StoreError(source.path, "round_index: want at least 0")
    codes = targets.codes.astype(np.int64) * len(families.words) + families.codes
    series = tuple(
        (target, family, replica)
        for target in targets.words
        for family in families.words
        for replica in range(most + 1)
    )
    return series, codes * (most + 1) + replicas


def _hours(rows: Columns, source: Source) -> tuple[tuple[int, ...], Integers]:
    sent, offset = (rows.numbers[name].cells for name in _OF_TIMES)
    return hours_in(sent, offset, source)
