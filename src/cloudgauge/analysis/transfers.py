"""Transfers, one by one: the settled rate of each, and the round trips beside it.

The unit is the transfer, never its bins: those of one transfer follow one another and
say nothing of the next one. What is said over several transfers is in `throughput`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from cloudgauge.analysis.columns import Columns
from cloudgauge.model.sample import ClockKind, Part
from cloudgauge.stats.settling import Settled, settle

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]

_NS_PER_S = 1e9
_NS_PER_MS = 1e6
_US_PER_S = 1e6
# What TLS encrypts in one go at most, and is read whole (RFC 8446 section 5.1).
_RECORD_BYTES = 16_384

TRANSFER_SAMPLES = (
    "target_id",
    "family",
    "streams",
    "part",
    "seq",
    "round_index",
    "connect_ns",
    "first_byte_ns",
    "connect_rtt_us",
    "syn_retransmits",
    "clock",
    "wall_stepped",
    "failure",
)
"""The columns of samples that transfers are made of."""

TRANSFER_BINS = (
    "seq",
    "bin",
    "length_ns",
    "body_bytes",
    "wire_bytes",
    "rtt_us",
    "window_bytes",
    "unread_bytes",
    "drain_ns",
    "cpu_ns",
)
"""The columns of bins that transfers are made of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundTrips:
    """Round trips of small requests, idle or loaded, of one transfer.

    Attributes:
        n: Requests that were answered, above 0 if there are quantiles.
        failed: Those that were not: in no quantile.
        unstamped: Of the `n`, those whose time the program read itself.
        p50_ms: Quantiles interpolate as in `series`.
    """

    n: int
    failed: int
    unstamped: int
    p50_ms: float | None
    p95_ms: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BinFigures:
    """Bins of one transfer, shape (n,) each, in order of time; NaN where unknown.

    Attributes:
        ends_s: After the transfer's first byte.
        body_bytes_per_s: Of answers' bodies.
        wire_bytes_per_s: That TCP delivered.
        window_bytes: Advertised, over all streams.
        unread_bytes: That waited in the sockets, over all streams.
        drain_share: Of the bin's time that our own reading took.
        cpu_share: Of the bin's time that the reading thread's processor took.
    """

    ends_s: Floats
    body_bytes_per_s: Floats
    wire_bytes_per_s: Floats
    rtt_s: Floats
    window_bytes: Floats
    unread_bytes: Floats
    drain_share: Floats
    cpu_share: Floats

    def part(self, kept: Mask) -> "BinFigures":
        """The bins where *kept* holds."""
        return BinFigures(
            **{item.name: getattr(self, item.name)[kept] for item in fields(self)}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """One download test.

    Attributes:
        seq: The slot it was.
        failure: None if it came to its end.
        body_bytes: Of bodies that were read, until a failure too.
        settled: Its rate, bytes of bodies a second; None if it failed or gave no
            bin.
        bins: None if there are none.
    """

    target_id: str
    family: str
    streams: int
    seq: int
    failure: str | None
    body_bytes: int
    settled: Settled | None
    bins: BinFigures | None
    idle: RoundTrips
    loaded: RoundTrips


def transfers_of(samples: Columns, bins: Columns) -> tuple[Transfer, ...]:
    """Every transfer of a set that has a sample of its own, in the order of slots.

    Args:
        samples: At least the columns of `TRANSFER_SAMPLES`; those of visits of
            latency are passed over.
        bins: At least the columns of `TRANSFER_BINS`.
    """
    rows, figures = _Rows(samples), _Bins(bins)
    return tuple(rows.transfer(at, figures) for at in rows.transfers())


class _Bins:
    """Bins by the slot of their transfer."""

    def __init__(self, bins: Columns) -> None:
        numbers = bins.numbers
        seqs, places = numbers["seq"].cells, numbers["bin"].cells
        # A run that is alive has its bins in the order in which they came.
        self._order = np.lexsort((places, seqs))
        self._seqs = seqs[self._order]
        self._floats = {
            name: numbers[name].floats()[self._order]
            for name in TRANSFER_BINS
            if name not in {"seq", "bin"}
        }

    def of(self, seq: int) -> BinFigures | None:
        begin, end = np.searchsorted(self._seqs, (seq, seq + 1))
        if begin == end:
            return None
        cut = {name: floats[begin:end] for name, floats in self._floats.items()}
        length_s = cut["length_ns"] / _NS_PER_S
        return BinFigures(
            ends_s=np.cumsum(length_s),
            body_bytes_per_s=cut["body_bytes"] / length_s,
            wire_bytes_per_s=cut["wire_bytes"] / length_s,
            rtt_s=cut["rtt_us"] / _US_PER_S,
            window_bytes=cut["window_bytes"],
            unread_bytes=cut["unread_bytes"],
            drain_share=cut["drain_ns"] / cut["length_ns"],
            cpu_share=cut["cpu_ns"] / cut["length_ns"],
        )

    def body_bytes(self, seq: int) -> int:
        begin, end = np.searchsorted(self._seqs, (seq, seq + 1))
        return int(self._floats["body_bytes"][begin:end].sum())


class _Rows:
    """Samples of downloads, found by the slot they belong to."""

    def __init__(self, samples: Columns) -> None:
        self._columns = samples
        self._parts = samples.words["part"]
        seqs = samples.numbers["seq"].cells
        self._order = np.argsort(seqs, kind="stable")
        self._seqs = seqs[self._order]
        numbers, failure = samples.numbers, samples.words["failure"]
        self._first_byte_ms = numbers["first_byte_ns"].floats() / _NS_PER_MS
        stepped = numbers["wall_stepped"].cells
        self._timed = failure.absent & ~stepped & ~np.isnan(self._first_byte_ms)
        self._failed = ~failure.absent
        self._unstamped = samples.words["clock"].are(ClockKind.USER.value)

    def transfers(self) -> Iterator[int]:
        """The rows of whole transfers, in the order of their slots."""
        here = self._parts.are(Part.TRANSFER.value)[self._order]
        return (int(at) for at in self._order[here])

    def transfer(self, at: int, bins: _Bins) -> Transfer:
        seq = self._number("seq", at)
        failure = self._word("failure", at)
        figures = bins.of(seq)
        settled = None
        if figures is not None and failure is None:
            rates, ends_s = figures.body_bytes_per_s, figures.ends_s
            rtt_s = self._base_rtt_s(at, figures)
            settled = settle(rates, ends_s, rtt_s, grain=_RECORD_BYTES)
        begin, end = np.searchsorted(self._seqs, (seq, seq + 1))
        rows = self._order[begin:end]
        return Transfer(
            target_id=self._word("target_id", at) or "",
            family=self._word("family", at) or "",
            streams=self._number("streams", at),
            seq=seq,
            failure=failure,
            body_bytes=bins.body_bytes(seq),
            settled=settled,
            bins=figures,
            idle=self._round_trips(rows, Part.IDLE),
            loaded=self._round_trips(rows, Part.LOADED),
        )

    def _base_rtt_s(self, at: int, bins: BinFigures) -> float:
        """The path's round trip without load, as well as it is known."""
        numbers = self._columns.numbers
        rtt_us = numbers["connect_rtt_us"].floats()[at]
        resent = numbers["syn_retransmits"].floats()[at] > 0
        if not np.isnan(rtt_us) and not resent:
            return float(rtt_us / _US_PER_S)
        if not np.isnan(bins.rtt_s).all():
            return float(np.nanmin(bins.rtt_s))
        connect_ns = numbers["connect_ns"].floats()[at]
        return 0.0 if np.isnan(connect_ns) or resent else float(connect_ns / _NS_PER_S)

    def _round_trips(self, rows: Codes, part: Part) -> RoundTrips:
        mine = rows[self._parts.are(part.value)[rows]]
        timed = mine[self._timed[mine]]
        values = self._first_byte_ms[timed]
        p50, p95 = np.quantile(values, (0.5, 0.95)) if len(values) else (None, None)
        return RoundTrips(
            n=len(values),
            failed=int(self._failed[mine].sum()),
            unstamped=int(self._unstamped[timed].sum()),
            p50_ms=None if p50 is None else float(p50),
            p95_ms=None if p95 is None else float(p95),
        )

    def _number(self, name: str, at: int) -> int:
        return int(self._columns.numbers[name].cells[at])

    def _word(self, name: str, at: int) -> str | None:
        column = self._columns.words[name]
        return None if column.codes[at] < 0 else column.words[column.codes[at]]
