"""Readings held against the truth of the private network; pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.instrument.readings import Reading
from cloudgauge.model.quantity import NS_PER_MS
from cloudgauge.world.truth import ExchangeTruth, TruthTable

# httping writes its times with six digits after the second.
_CLOCK_SLACK_NS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """How far the readings of a stage are from the truth.

    Attributes:
        errors_ms: For each quantity, reported minus true.
        lateness_ms: Of each visit that was due at a known time.
        unmatched: Good readings whose truth was not found.
    """

    errors_ms: dict[str, tuple[float, ...]]
    lateness_ms: tuple[float, ...]
    unmatched: int


def judge(readings: Sequence[Reading], table: TruthTable) -> Judged:
    """Hold every reading that has values against the truth of its exchange."""
    errors_ms: dict[str, list[float]] = defaultdict(list)
    unmatched = 0
    for reading, truth in _pairs(readings, table):
        if truth is None:
            unmatched += 1
            continue
        true_ns = true_values_ns(truth)
        for name, reported_ns in reading.values_ns.items():
            if name in true_ns:
                errors_ms[name].append((reported_ns - true_ns[name]) / NS_PER_MS)
    return Judged(
        errors_ms={name: tuple(values) for name, values in errors_ms.items()},
        lateness_ms=tuple(
            (reading.begun_ns - reading.due_ns) / NS_PER_MS
            for reading in readings
            if reading.due_ns is not None and not reading.exchange  # not of a warm one
        ),
        unmatched=unmatched,
    )


def true_values_ns(truth: ExchangeTruth) -> dict[str, int]:
    """The truth of each quantity that a prober can report.

    ``total`` is the sum of the phases: what the network and the server took. What a
    prober spends between them is its own, and so an error.
    """
    phases = [truth.first_byte_ns]
    if truth.exchange == 0:
        phases += [truth.connect_ns, truth.tls_ns]
    known = {
        "connect": truth.syn_rtt_ns,
        "tls": truth.tls_ns,
        "first_byte": truth.first_byte_ns,
    }
    values_ns = {name: value for name, value in known.items() if value is not None}
    if all(phase is not None for phase in phases):
        values_ns["total"] = sum(phase or 0 for phase in phases)
    return values_ns


def _pairs(
    readings: Sequence[Reading], table: TruthTable
) -> Iterable[tuple[Reading, ExchangeTruth | None]]:
    good = [reading for reading in readings if reading.values_ns]
    for reading in good:
        if reading.local_port is not None and reading.exchange is not None:
            yield (
                reading,
                table.find(
                    reading.address,
                    reading.local_port,
                    reading.exchange,
                    reading.begun_ns,
                ),
            )
    told = [reading for reading in good if reading.local_port is None]
    yield from match_by_time(told, table.exchanges)


def match_by_time(
    readings: Sequence[Reading], truths: Iterable[ExchangeTruth]
) -> Iterable[tuple[Reading, ExchangeTruth | None]]:
    """Find the exchange of each reading by its address and its span of time.

    An exchange belongs to a reading if it began and ended while that was under way.
    Readings are served in the order in which they ended; each takes the last such
    exchange that ended before it and that none has taken. Where two visits to one
    address overlap this may swap them; their true values differ by jitter alone.
    """
    free: dict[str, list[tuple[int, ExchangeTruth]]] = defaultdict(list)
    for truth in truths:
        total_ns = true_values_ns(truth).get("total")
        if total_ns is not None:
            ended_ns = truth.began_wall_ns + total_ns
            free[truth.remote_address].append((ended_ns, truth))
    for exchanges in free.values():
        exchanges.sort(key=lambda pair: pair[0])
    for reading in sorted(readings, key=lambda reading: reading.ended_ns):
        yield reading, _take(reading, free[reading.address])


def _take(
    reading: Reading, exchanges: list[tuple[int, ExchangeTruth]]
) -> ExchangeTruth | None:
    for index in range(len(exchanges) - 1, -1, -1):
        ended_ns, truth = exchanges[index]
        if ended_ns > reading.ended_ns + _CLOCK_SLACK_NS:
            continue
        if truth.began_wall_ns < reading.begun_ns - _CLOCK_SLACK_NS:
            # Began too early, and so may others that ended before it; but one on
            # another connection may have begun later and ended sooner.
            if ended_ns < reading.begun_ns:
                return None
            continue
        if reading.exchange is None or truth.exchange == reading.exchange:
            del exchanges[index]
            return truth
    return None
