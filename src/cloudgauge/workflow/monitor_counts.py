"""What a monitor's series came to since it was started, counted as samples come.

The counts are those that `analysis.export_metrics` makes of a sealed set, of
connecting, TLS and the first byte alone, but made row by row and without numpy: the
process that answers for them is small and stays so.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cloudgauge.model.buckets import BOUNDS_NS
from cloudgauge.model.quantity import NS_PER_US
from cloudgauge.model.sample import Part
from cloudgauge.report.openmetrics import Labels
from cloudgauge.report.probe_metrics import ProbeDuration, ProbeSeries
from cloudgauge.store.schema import NAMES, Cell

_AT: Mapping[str, int] = {name: place for place, name in enumerate(NAMES[1:])}
# Resolving and bodies are in the sets: with many targets each phase is some thousands
# of time series for whoever asks for the metrics.
_PHASES = ("connect_ns", "tls_ns", "first_byte_ns")
_PLACES = tuple((name.removesuffix("_ns"), _AT[name]) for name in _PHASES)

_SeriesKey = tuple[str, str, int]
_DurationKey = tuple[str, str, str]


@dataclass(slots=True)
class _Duration:
    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_NS) + 1))
    total_ns: int = 0


@dataclass(slots=True)
class _Series:
    visits: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    durations: dict[_DurationKey, _Duration] = field(default_factory=dict)
    answered_wall_ns: int | None = None


class MonitorCounts:
    """Counts of every series; their room is bounded by how many series there are.

    Attributes:
        vantage: Name of it.
        samples: How many were counted.
        newest_wall_ns: When the newest was sent, UTC since 1970; None before the first.
    """

    def __init__(self, vantage: str) -> None:
        self.vantage = vantage
        self.samples = 0
        self.newest_wall_ns: int | None = None
        self._series: dict[_SeriesKey, _Series] = {}

    def add(self, rows: Sequence[Sequence[Cell]], started_wall_ns: int) -> None:
        """Count samples.

        Args:
            rows: As a journal keeps them.
            started_wall_ns: When their run started, UTC since 1970.
        """
        for row in rows:
            self._add(row, started_wall_ns)

    def series(self) -> list[ProbeSeries]:
        """The counts, by target, family and replica."""
        return [
            ProbeSeries(
                labels=self._labels(key),
                visits=one.visits,
                failures=tuple(sorted(one.failures.items())),
                durations=tuple(
                    ProbeDuration(
                        phase=phase,
                        exchange=exchange,
                        clock=clock,
                        counts=tuple(duration.counts),
                        total_ns=duration.total_ns,
                    )
                    for (phase, exchange, clock), duration in _shown(one.durations)
                ),
            )
            for key, one in sorted(self._series.items())
        ]

    def answered(self) -> Iterator[tuple[Labels, int]]:
        """When the last visit of each series that was answered began, UTC since 1970.

        A series of which none was answered has none.
        """
        for key, one in sorted(self._series.items()):
            if one.answered_wall_ns is not None:
                yield self._labels(key), one.answered_wall_ns

    def _labels(self, key: _SeriesKey) -> Labels:
        target_id, family, replica = key
        region_id = target_id.partition(":")[0]
        return (
            ("provider", region_id.partition("/")[0]),
            ("region", region_id),
            ("target", target_id),
            ("vantage", self.vantage),
            ("family", family),
            ("replica", str(replica)),
        )

    def _add(self, row: Sequence[Cell], started_wall_ns: int) -> None:
        key = (
            str(row[_AT["target_id"]]),
            str(row[_AT["family"]]),
            _whole(row, "replica") or 0,
        )
        one = self._series.setdefault(key, _Series())
        failure, part = row[_AT["failure"]], row[_AT["part"]]
        is_first = row[_AT["exchange"]] == 0
        sent_ns = _whole(row, "sent_ns") or 0
        wall_ns = started_wall_ns + sent_ns + (_whole(row, "wall_offset_ns") or 0)
        self.samples += 1
        self.newest_wall_ns = max(wall_ns, self.newest_wall_ns or 0)
        one.visits += is_first
        if failure is not None:
            one.failures[str(failure)] += 1
            return
        if is_first:
            one.answered_wall_ns = max(wall_ns, one.answered_wall_ns or 0)
        if part != Part.TRANSFER:
            exchange = str(part or ("cold" if is_first else "warm"))
            for phase, clock, value_ns in _durations(row):
                here = one.durations.setdefault((phase, exchange, clock), _Duration())
                here.counts[bisect_left(BOUNDS_NS, value_ns)] += 1
                here.total_ns += value_ns


def _shown(
    durations: Mapping[_DurationKey, _Duration],
) -> Iterator[tuple[_DurationKey, _Duration]]:
    """All but the program's times of connecting where the kernel has them."""
    for key, duration in sorted(durations.items()):
        phase, exchange, clock = key
        kernels = (phase, exchange, "kernel")
        if phase != "connect" or clock == "kernel" or kernels not in durations:
            yield key, duration


def _durations(row: Sequence[Cell]) -> Iterator[tuple[str, str, int]]:
    resent = (_whole(row, "syn_retransmits") or 0) > 0
    rtt_us = _whole(row, "connect_rtt_us")
    if rtt_us is not None and not resent:
        yield "connect", "kernel", rtt_us * NS_PER_US
    for phase, place in _PLACES:
        value_ns = row[place]
        if not isinstance(value_ns, int) or (resent and phase == "connect"):
            continue
        clock = row[_AT["clock"]] if phase == "first_byte" else None
        yield phase, str(clock or "user"), value_ns


def _whole(row: Sequence[Cell], name: str) -> int | None:
    cell = row[_AT[name]]
    return cell if isinstance(cell, int) else None
