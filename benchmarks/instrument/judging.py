"""Readings held against the truth of the private network; pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter

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
        lateness_ms: By how much visits began after they were due, by the prober's
            own account or that of who asked it.
        first_packet_ms: How long after they were due their first packet was on the
            line: lateness, waiting inside the prober, and the name's lookup.
        unmatched: Good readings whose truth was not found.
    """

    errors_ms: dict[str, tuple[float, ...]]
    lateness_ms: tuple[float, ...]
    first_packet_ms: tuple[float, ...]
    unmatched: int


def judge(readings: Sequence[Reading], table: TruthTable) -> Judged:
    """Hold every reading that has values against the truth of its exchange."""
    errors_ms: dict[str, list[float]] = defaultdict(list)
    first_packet_ms: list[float] = []
    unmatched = 0
    for reading, truth in _pairs(readings, table):
        if truth is None:
            unmatched += 1
            continue
        if reading.due_ns is not None and truth.exchange == 0:
            after_ns = truth.began_wall_ns - reading.due_ns
            first_packet_ms.append(after_ns / NS_PER_MS)
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
        first_packet_ms=tuple(first_packet_ms),
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

    An exchange may belong to a reading if it began and ended while that was under
    way. Exchanges are served in the order in which they began; each goes to that of
    the readings still free which ended first. No other way gives more readings their
    exchange. Where visits to one address overlap, two may be swapped; their true
    values then differ by jitter alone.
    """
    spans: dict[str, list[tuple[int, int, ExchangeTruth]]] = defaultdict(list)
    for truth in truths:
        total_ns = true_values_ns(truth).get("total")
        if total_ns is not None:
            span = (truth.began_wall_ns, truth.began_wall_ns + total_ns, truth)
            spans[truth.remote_address].append(span)
    by_address: dict[str, list[Reading]] = defaultdict(list)
    for reading in readings:
        by_address[reading.address].append(reading)
    for address, told in by_address.items():
        told.sort(key=lambda reading: reading.ended_ns)
        for began_ns, ended_ns, truth in sorted(spans[address], key=itemgetter(0)):
            for index, reading in enumerate(told):
                if _holds(reading, began_ns, ended_ns, truth.exchange):
                    yield told.pop(index), truth
                    break
        yield from ((reading, None) for reading in told)


def _holds(reading: Reading, began_ns: int, ended_ns: int, exchange: int) -> bool:
    return (
        reading.begun_ns - _CLOCK_SLACK_NS <= began_ns
        and ended_ns <= reading.ended_ns + _CLOCK_SLACK_NS
        and reading.exchange in {None, exchange}
    )
