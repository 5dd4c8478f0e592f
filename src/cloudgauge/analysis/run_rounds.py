"""The rounds of one run, read off its samples.

A timeout is a value of infinity, the worst rank. Other failures (refused, reset, a
wrong answer) are no slow answers: they are counted, and are in no value. So are visits
whose SYN was sent again, of which the kernel has no round trip, and downloads that did
not settle.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from cloudgauge.analysis.columns import Columns, Words
from cloudgauge.analysis.metric import Metric
from cloudgauge.analysis.rounds import Attempts, Codes, Line, Rounds
from cloudgauge.analysis.series import Floats, Mask
from cloudgauge.analysis.summary import latency_rows
from cloudgauge.analysis.timeouts import longer_rows
from cloudgauge.analysis.transfers import Transfer
from cloudgauge.model.sample import ClockKind, FailureKind, Part

_NS_PER_MS = 1e6
_US_PER_MS = 1e3
_MEGABITS_PER_BYTE = 8 / 1e6
_KERNEL = ClockKind.KERNEL.value
_PROGRAM = ClockKind.USER.value

_OF_LINES = ("target_id", "family", "replica", "part", "round_index", "sent_ns")
_OF_VISITS = ("exchange", "syn_retransmits", "failure")
_PROTOCOLS = ("tls_version", "http_version")
_OF_METRIC = {
    Metric.CONNECT: ("connect_ns", "connect_rtt_us"),
    Metric.TLS: ("tls_ns", *_PROTOCOLS),
    Metric.FIRST_BYTE: ("first_byte_ns", "clock", *_PROTOCOLS),
    Metric.THROUGHPUT: ("seq",),
}
# Nothing was asked of the region, so it cannot have failed.
_OURS = (FailureKind.HELD_BACK, FailureKind.OWN_MACHINE)


def round_samples(metric: Metric) -> tuple[str, ...]:
    """The columns of samples that the rounds of a metric are made of."""
    return (*_OF_LINES, *_OF_VISITS, *_OF_METRIC[metric])


def rounds_of(
    columns: Columns, metric: Metric, started_wall_ns: int, *, imported: bool = False
) -> Rounds:
    """The rounds of one run's visits of latency.

    Args:
        columns: At least those of `round_samples`; downloads are passed over.
        metric: Not throughput, of which `transfer_rounds` are.
        started_wall_ns: UTC, of the instant that the run's times count from.
        imported: By others: a visit is one exchange with one phase, any timeout longer.
    """
    rows = _rows(columns, metric)
    series = _Series.of(rows)
    longer = longer_rows(rows, metric, imported=imported)
    is_first = np.equal(rows.numbers["exchange"].cells, 0)
    asked = ~is_first if metric is Metric.FIRST_BYTE and not imported else is_first
    values, clocks = _values(rows, metric, series, asked)
    values[longer] = np.inf
    blocks, places = _blocks(rows)
    cells = places * len(series.lines) + series.codes
    return Rounds(
        metric=metric,
        lines=series.lines,
        runs=np.zeros(len(blocks), dtype=np.int64),
        wall_ns=started_wall_ns + _firsts(rows, places, len(blocks)),
        values=_medians(values, cells, (len(blocks), len(series.lines))),
        attempts=_attempts(rows, longer, series, clocks),
    )


def transfer_rounds(
    columns: Columns, transfers: Sequence[Transfer], started_wall_ns: int
) -> Rounds:
    """The rounds of one run's downloads: settled rates, Mbit/s.

    Args:
        columns: At least those of `round_samples`.
        transfers: All of the same run.
        started_wall_ns: As for `rounds_of`.
    """
    rows = columns.where(columns.words["part"].are(Part.TRANSFER.value))
    blocks, places = _blocks(rows)
    block_of = dict(zip(rows.numbers["seq"].cells.tolist(), places, strict=True))
    made = {_line_of(one) for one in transfers}
    lines = tuple(sorted(made))
    values = np.full((len(blocks), len(lines)), np.nan)
    attempts = dict.fromkeys(lines, Attempts())
    for one in transfers:
        line, point = _line_of(one), one.settled.point if one.settled else None
        if point is not None:
            rate = point * _MEGABITS_PER_BYTE
            values[block_of[one.seq], lines.index(line)] = rate
        failed = one.failure is not None
        attempts[line] += Attempts(
            made=one.failure not in _OURS,
            answered=not failed,
            unsettled=point is None and not failed,
            clocks=frozenset({_PROGRAM}),
        )
    return Rounds(
        metric=Metric.THROUGHPUT,
        lines=lines,
        runs=np.zeros(len(blocks), dtype=np.int64),
        wall_ns=started_wall_ns + _firsts(rows, places, len(blocks)),
        values=values,
        attempts=tuple(attempts[line] for line in lines),
    )


def _rows(columns: Columns, metric: Metric) -> Columns:
    """The samples that bear on a metric, and no column that does not."""
    names = round_samples(metric)
    rows = latency_rows(
        Columns(
            count=columns.count,
            words={
                name: columns.words[name] for name in names if name in columns.words
            },
            numbers={
                name: columns.numbers[name] for name in names if name in columns.numbers
            },
        )
    )
    if metric is Metric.FIRST_BYTE:
        return rows
    # The first exchange alone connects: of ten million samples two million are left.
    return rows.where(np.equal(rows.numbers["exchange"].cells, 0))


def _line_of(one: Transfer) -> Line:
    return Line(target_id=one.target_id, family=one.family, streams=one.streams)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Series:
    """Which line each row belongs to: an index into `lines`."""

    lines: tuple[Line, ...]
    codes: Codes

    @classmethod
    def of(cls, columns: Columns) -> Self:
        if not columns.count:
            return cls(lines=(), codes=np.zeros(0, dtype=np.int64))
        targets, families = (columns.words[name] for name in ("target_id", "family"))
        replicas = columns.numbers["replica"].cells
        sizes = (len(targets.words), len(families.words), int(replicas.max()) + 1)
        cells = np.ravel_multi_index((targets.codes, families.codes, replicas), sizes)
        # Words are sorted, so cells are in the order of what they stand for.
        used, codes = np.unique(cells, return_inverse=True)
        found = zip(*np.unravel_index(used, sizes), strict=True)
        lines = tuple(
            Line(target_id=targets.words[t], family=families.words[f], replica=int(r))
            for t, f, r in found
        )
        return cls(lines=lines, codes=codes)

    def count(self, mask: Mask) -> list[int]:
        found = np.bincount(self.codes[mask], minlength=len(self.lines))
        return [int(number) for number in found]

    def words(self, column: Words, mask: Mask) -> list[frozenset[str]]:
        """Which words each line has where *mask* holds."""
        kept = mask & ~column.absent
        width = max(len(column.words), 1)
        cells = self.codes[kept] * width + column.codes[kept]
        seen = np.bincount(cells, minlength=len(self.lines) * width) > 0
        table = seen.reshape(len(self.lines), width)
        return [
            frozenset(column.words[place] for place in np.flatnonzero(row))
            for row in table
        ]


def _attempts(
    rows: Columns, longer: Mask, series: _Series, clocks: Sequence[frozenset[str]]
) -> tuple[Attempts, ...]:
    failure = rows.words["failure"]
    cold = np.equal(rows.numbers["exchange"].cells, 0)
    good = cold & failure.absent
    spoken = [
        series.words(rows.words[name], good)
        for name in _PROTOCOLS
        if name in rows.words
    ]
    nothing = [frozenset[str]()] * len(series.lines)
    found = zip(
        series.count(cold & ~_any_of(rows, _OURS)),
        series.count(good),
        series.count(longer),
        series.count(_resent(rows)),
        clocks,
        [frozenset[str]().union(*of) for of in zip(nothing, *spoken, strict=True)],
        strict=True,
    )
    return tuple(
        Attempts(
            made=made,
            answered=answered,
            timed_out=timed_out,
            resent=resent,
            clocks=clock,
            protocols=protocols,
        )
        for made, answered, timed_out, resent, clock, protocols in found
    )


def _any_of(columns: Columns, kinds: Sequence[FailureKind]) -> Mask:
    failure = columns.words["failure"]
    return np.asarray(np.any([failure.are(kind.value) for kind in kinds], axis=0))


def _resent(columns: Columns) -> Mask:
    """Visits whose SYN was sent again; what is not known is NaN, above nothing."""
    cold = np.equal(columns.numbers["exchange"].cells, 0)
    return np.asarray(cold & (columns.numbers["syn_retransmits"].floats() > 0))


def _values(
    columns: Columns, metric: Metric, series: _Series, asked: Mask
) -> tuple[Floats, list[frozenset[str]]]:
    """The metric of what was *asked*, ms, NaN elsewhere; and each line's clocks."""
    counts = asked & columns.words["failure"].absent
    if metric is Metric.CONNECT:
        found, by_kernel = _connects(columns, series)
        counts = counts & ~_resent(columns)
        clocks = [frozenset({_KERNEL if one else _PROGRAM}) for one in by_kernel]
    elif metric is Metric.TLS:
        found = columns.numbers["tls_ns"].floats() / _NS_PER_MS
        clocks = [frozenset({_PROGRAM})] * len(series.lines)
    else:
        found = columns.numbers["first_byte_ns"].floats() / _NS_PER_MS
        clocks = series.words(columns.words["clock"], counts)
    found[~counts] = np.nan
    return found, clocks


def _connects(columns: Columns, series: _Series) -> tuple[Floats, NDArray[np.bool_]]:
    """The connect phase, and of which lines it is the kernel's."""
    numbers = columns.numbers
    kernel_ms = numbers["connect_rtt_us"].floats() / _US_PER_MS
    counts = series.count(~np.isnan(kernel_ms) & ~_resent(columns))
    by_kernel = np.array(counts, dtype=np.int64) > 0
    program_ms = numbers["connect_ns"].floats() / _NS_PER_MS
    found: Floats = np.where(by_kernel[series.codes], kernel_ms, program_ms)
    return found, by_kernel


def _blocks(columns: Columns) -> tuple[Codes, Codes]:
    """The rounds that have a sample, and which of them each row is in."""
    indices = columns.numbers["round_index"].cells.astype(np.int64)
    blocks, places = np.unique(indices, return_inverse=True)
    return blocks, places


def _firsts(columns: Columns, places: Codes, count: int) -> Codes:
    """When each round's first send was, nanoseconds after the run's start."""
    found = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(found, places, columns.numbers["sent_ns"].cells)
    return found


def _medians(values: Floats, cells: Codes, shape: tuple[int, int]) -> Floats:
    """The median of the values in each cell; NaN where there is none."""
    kept = ~np.isnan(values)
    chosen, groups = values[kept], cells[kept]
    found = np.full(shape[0] * shape[1], np.nan)
    sizes = np.bincount(groups, minlength=len(found))
    if len(groups) == np.count_nonzero(sizes):
        # One value a cell, as a schedule of ours has it: nothing to be sorted.
        found[groups] = chosen
        return found.reshape(shape)
    ordered = chosen[np.lexsort((chosen, groups))]
    starts = np.cumsum(sizes) - sizes
    some = sizes > 0
    low = ordered[(starts + (sizes - 1) // 2)[some]]
    found[some] = (low + ordered[(starts + sizes // 2)[some]]) / 2
    return found.reshape(shape)
