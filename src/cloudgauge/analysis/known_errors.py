"""Reported minus true: samples of a private network held against its own log.

The truth of an exchange is what the delay line wrote down of its packets, never the
delay that it was asked for. Left out are failed exchanges, those during which the
wall clock stepped, and connects whose SYN was sent again: they say nothing of the
instrument.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from cloudgauge.analysis.columns import columns_of
from cloudgauge.model.calibration import (
    CONNECT,
    FIRST_BYTE,
    FIRST_BYTE_COLD,
    PHASES,
    TLS,
    PhaseError,
)
from cloudgauge.model.sample import ClockKind
from cloudgauge.store.resultset import ResultSet
from cloudgauge.world.truth import ExchangeTruth, TruthTable

# An error is beyond these once in twenty times.
_LOW_SHARE, _HIGH_SHARE = 0.025, 0.975
_NS_PER_US = 1_000
_NUMBERS = (
    "exchange",
    "sent_ns",
    "wall_offset_ns",
    "connect_ns",
    "tls_ns",
    "first_byte_ns",
    "connect_rtt_us",
    "syn_retransmits",
    "local_port",
    "wall_stepped",
)
_WORDS = ("target_id", "remote_address", "clock", "failure")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One phase of one exchange, as it was reported and as it was.

    Attributes:
        phase: One of `PHASES`.
        clock: Whose time was reported.
    """

    target_id: str
    phase: str
    clock: ClockKind
    reported_ns: int
    true_ns: int

    @property
    def error_ns(self) -> int:
        """Reported minus true."""
        return self.reported_ns - self.true_ns


def readings_of(result: ResultSet, truth: TruthTable) -> tuple[Reading, ...]:
    """Every reported phase of a set whose truth is in the log.

    Raises:
        StoreError: The samples cannot be read.
    """
    return tuple(
        reading
        for row in _rows(result)
        if (found := _truth_of(row, truth)) is not None
        for reading in _readings(row, found)
    )


def phase_errors(
    readings: Iterable[Reading], *, targets: int, delay_of: Callable[[str], int]
) -> tuple[PhaseError, ...]:
    """The errors of each phase and clock: each delay, then all of them together.

    Quantiles interpolate between order statistics, as everywhere.

    Args:
        readings: Of one load.
        targets: That load.
        delay_of: The delay that was played for a target, nanoseconds.
    """
    errors_ns: dict[tuple[str, ClockKind, int | None], list[int]] = defaultdict(list)
    for reading in readings:
        for delay_ns in (delay_of(reading.target_id), None):
            key = (reading.phase, reading.clock, delay_ns)
            errors_ns[key].append(reading.error_ns)
    return tuple(
        _phase_error(phase, clock, targets, delay_ns, errors_ns[phase, clock, delay_ns])
        for phase, clock, delay_ns in sorted(errors_ns, key=_order)
    )


def _order(key: tuple[str, ClockKind, int | None]) -> tuple[int, int, float]:
    phase, clock, delay_ns = key
    last = float("inf") if delay_ns is None else delay_ns
    return PHASES.index(phase), list(ClockKind).index(clock), last


def _phase_error(
    phase: str,
    clock: ClockKind,
    targets: int,
    delay_ns: int | None,
    errors_ns: Sequence[int],
) -> PhaseError:
    low_ns, median_ns, high_ns = np.quantile(errors_ns, (_LOW_SHARE, 0.5, _HIGH_SHARE))
    return PhaseError(
        phase=phase,
        clock=clock,
        targets=targets,
        delay_ns=delay_ns,
        count=len(errors_ns),
        low_ns=round(low_ns),
        median_ns=round(median_ns),
        high_ns=round(high_ns),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One exchange that was answered; what is absent is not in `numbers`."""

    words: dict[str, str]
    numbers: dict[str, int]


def _rows(result: ResultSet) -> Iterator[_Row]:
    columns = columns_of(result, (*_NUMBERS, *_WORDS))
    good = columns.words["failure"].absent & ~columns.numbers["wall_stepped"].cells
    words = [(name, columns.words[name]) for name in _WORDS]
    numbers = [(name, columns.numbers[name]) for name in _NUMBERS]
    for at in np.flatnonzero(good):
        yield _Row(
            words={
                name: column.words[column.codes[at]]
                for name, column in words
                if not column.absent[at]
            },
            numbers={
                name: int(column.cells[at])
                for name, column in numbers
                if not column.absent[at]
            }
            | {"started_wall_ns": result.manifest.run.started_wall_ns},
        )


def _truth_of(row: _Row, truth: TruthTable) -> ExchangeTruth | None:
    numbers = row.numbers
    if "remote_address" not in row.words or "local_port" not in numbers:
        return None
    wall_ns = (
        numbers["started_wall_ns"] + numbers["sent_ns"] + numbers["wall_offset_ns"]
    )
    return truth.find(
        row.words["remote_address"],
        numbers["local_port"],
        numbers["exchange"],
        wall_ns,
    )


def _readings(row: _Row, truth: ExchangeTruth) -> Iterator[Reading]:
    for phase, clock, reported_ns, true_ns in _pairs(row, truth):
        if reported_ns is not None and true_ns is not None:
            yield Reading(
                target_id=row.words["target_id"],
                phase=phase,
                clock=clock,
                reported_ns=reported_ns,
                true_ns=true_ns,
            )


def _pairs(
    row: _Row, truth: ExchangeTruth
) -> Iterator[tuple[str, ClockKind, int | None, int | None]]:
    numbers = row.numbers
    clock = ClockKind(row.words["clock"]) if "clock" in row.words else ClockKind.USER
    if numbers["exchange"] == 0:
        # The handshake has the stamps that the answer has.
        handshake = clock if clock is ClockKind.USER else ClockKind.KERNEL
        rtt_us = numbers.get("connect_rtt_us")
        rtt_ns = None if rtt_us is None else rtt_us * _NS_PER_US
        # Where nobody counts them, the truth tells whether a SYN was sent again.
        if not numbers.get("syn_retransmits") and truth.connect_ns == truth.syn_rtt_ns:
            connect_ns = numbers.get("connect_ns")
            yield CONNECT, ClockKind.KERNEL, rtt_ns, truth.syn_rtt_ns
            yield CONNECT, ClockKind.USER, connect_ns, truth.connect_ns
        yield TLS, handshake, numbers.get("tls_ns"), truth.tls_ns
    phase = FIRST_BYTE if numbers["exchange"] else FIRST_BYTE_COLD
    yield phase, clock, numbers.get("first_byte_ns"), truth.first_byte_ns
