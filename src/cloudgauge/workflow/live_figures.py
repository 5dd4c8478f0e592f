"""What a run has seen so far, in figures that are renewed twice a second.

Made in a process of its own from short messages of the one that probes, so that nobody
who looks on is part of what is measured. It must start quickly, so it loads no numpy.
Its room is bounded: values are counted in bins of 0.2 %, laid out
as those of `stats.histogram`.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from cloudgauge.stats.ranks import rank_below

CONNECT_TIMEOUT = "connect-timeout"
_ACCURACY = 0.001
_WIDTH = math.log1p(_ACCURACY) - math.log1p(-_ACCURACY)
_TAIL = 0.025
_US_PER_MS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Median:
    """A median so far, with its interval of 95 %; milliseconds.

    Attributes:
        point: Infinite where it is only known to be longer than was waited.
        low: None while there are too few values.
        high: None while there are too few values; may be infinite.
        n: Values, those that are only known to be longer with them.
    """

    point: float
    low: float | None
    high: float | None
    n: int


class RunningMedian:
    """Counts values in bins of one relative width, and never forgets one."""

    def __init__(self) -> None:
        # Most targets are not visited between two frames.
        self._known: Median | None = None
        self._bins: Counter[int] = Counter()
        self._n = 0

    def add(self, value_us: int) -> None:
        """Count a value of at least 1 us."""
        self._bins[math.ceil(math.log(max(value_us, 1)) / _WIDTH)] += 1
        self._n, self._known = self._n + 1, None

    def add_longer(self) -> None:
        """Count one that is only known to be longer than all others."""
        self._n, self._known = self._n + 1, None

    def median(self) -> Median | None:
        """The order statistics around the middle; None without a value."""
        if self._known is None and self._n:
            self._known = self._median(self._n)
        return self._known

    def _median(self, n: int) -> Median:
        low = math.floor(rank_below(n, 0.5, _TAIL))
        middle, high = (n + 1) // 2, n + 1 - low
        found = self._at((low, middle, high) if low else (middle,))
        return Median(
            point=found[middle], low=found.get(low), high=found.get(high), n=n
        )

    def _at(self, ranks: Iterable[int]) -> dict[int, float]:
        found: dict[int, float] = {}
        wanted, passed = sorted(set(ranks)), 0
        for number, count in sorted(self._bins.items()):
            passed += count
            while wanted and wanted[0] <= passed:
                # The middle of the bin, as far from its lower end as from its upper.
                middle_us = 2 * math.exp(number * _WIDTH) / (math.exp(_WIDTH) + 1)
                found[wanted.pop(0)] = middle_us / _US_PER_MS
        return found | dict.fromkeys(wanted, math.inf)


@dataclass(slots=True)
class _Count:
    """What a target, or a provider, came to."""

    visits: int = 0
    failed: int = 0
    last_failure: str = ""
    connect: RunningMedian = field(default_factory=RunningMedian)

    def take(self, rtt_us: int | None, failure: str) -> None:
        self.visits += 1
        if failure:
            self.failed += 1
            self.last_failure = failure
            if failure == CONNECT_TIMEOUT:
                self.connect.add_longer()
        elif rtt_us is not None:
            self.connect.add(rtt_us)


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePlan:
    """What must be known of a plan.

    Attributes:
        target_ids: Targets, then objects; messages name one by its place.
        rounds: That are to be made: all, or those that are left.
        visits: Of all these rounds.
        transfers: Likewise.
        prices: Of a byte from an object's region, as text, and the currency, by the
            object's place; those that are known.
        held: Visits and transfers that were there before and are not made again.
    """

    name: str
    rounds: int
    visits: int
    transfers: int
    duration_s: float
    transfer_s: float
    target_ids: tuple[str, ...]
    prices: Mapping[int, tuple[str, str]]
    held: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A provider, or a target."""

    name: str
    visits: int
    failed: int
    median: Median | None
    last_failure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pouring:
    """The transfer that is under way."""

    name: str
    streams: int
    body_bytes: int
    poured_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How a run stands.

    Attributes:
        skipped: Visits of targets that have left.
        spent: Sums by currency, at list prices; "" where nothing was transferred.
        unpriced_bytes: Received from where no price is known.
        providers: In the order of their names.
        slowest: Targets that have answered by their medians, the slowest first.
        failing: Targets of which a visit failed, the worst first.
    """

    plan: LivePlan
    rounds_done: int
    visits: int
    transfers: int
    skipped: int
    failed: int
    received_bytes: int
    spent: tuple[tuple[str, Decimal], ...]
    unpriced_bytes: int
    pouring: Pouring | None
    providers: tuple[Row, ...]
    slowest: tuple[Row, ...]
    failing: tuple[Row, ...]


class LiveRun:
    """Takes messages, gives figures."""

    def __init__(self, plan: LivePlan) -> None:
        self._plan = plan
        self._targets: dict[int, _Count] = {}
        self._providers: dict[str, _Count] = {}
        self._transferred: Counter[int] = Counter()
        self._pouring: Pouring | None = None
        self._poured: tuple[int, int] = (0, 0)
        self._body_bytes = 0
        self._rounds_done = self._skipped = self._transfers = 0

    def visited(self, place: int, rtt_us: int | None, failure: str) -> None:
        """The first exchange of a visit has ended; *failure* is "" for none."""
        name = self._plan.target_ids[place].partition("/")[0]
        self._targets.setdefault(place, _Count()).take(rtt_us, failure)
        self._providers.setdefault(name, _Count()).take(rtt_us, failure)

    def received(self, body_bytes: int) -> None:
        """An answer's body has been read, of a visit."""
        self._body_bytes += body_bytes

    def pouring(
        self, place: int, streams: int, body_bytes: int, poured_ns: int
    ) -> None:
        """A transfer has come so far, all in all."""
        self._poured = (place, body_bytes)
        self._pouring = Pouring(
            name=self._plan.target_ids[place],
            streams=streams,
            body_bytes=body_bytes,
            poured_s=poured_ns / 1e9,
        )

    def transferred(self, place: int, body_bytes: int, failure: str) -> None:
        """A transfer has ended."""
        self._transfers += 1
        self._transferred[place] += body_bytes
        self._pouring, self._poured = None, (0, 0)
        count = self._targets.setdefault(place, _Count())
        count.visits += 1
        if failure:
            count.failed += 1
            count.last_failure = failure

    def round_done(self) -> None:
        """A round is complete."""
        self._rounds_done += 1

    def skipped(self, visits: int) -> None:
        """So many visits, all in all, are of targets that have left."""
        self._skipped = visits

    def figures(self) -> Figures:
        """Everything, as it stands."""
        rows = [
            _row(self._plan.target_ids[place], count)
            for place, count in sorted(self._targets.items())
        ]
        # Who never answers is not slow, but failing.
        timed = [row for row in rows if row.median and row.failed < row.visits]
        spent, unpriced = self._bill()
        return Figures(
            plan=self._plan,
            rounds_done=self._rounds_done,
            visits=sum(count.visits for count in self._providers.values()),
            transfers=self._transfers,
            skipped=self._skipped,
            failed=sum(count.failed for count in self._targets.values()),
            received_bytes=self._body_bytes
            + self._poured[1]
            + sum(self._transferred.values()),
            spent=spent,
            unpriced_bytes=unpriced,
            pouring=self._pouring,
            providers=tuple(
                _row(name, count) for name, count in sorted(self._providers.items())
            ),
            slowest=tuple(sorted(timed, key=_slowness, reverse=True)),
            failing=tuple(
                sorted((row for row in rows if row.failed), key=_badness, reverse=True)
            ),
        )

    def _bill(self) -> tuple[tuple[tuple[str, Decimal], ...], int]:
        place, body_bytes = self._poured
        received = self._transferred + Counter({place: body_bytes})
        sums: dict[str, Decimal] = {}
        unpriced = 0
        for one, count in received.items():
            if one not in self._plan.prices:
                unpriced += count
                continue
            price, currency = self._plan.prices[one]
            sums[currency] = sums.get(currency, Decimal(0)) + count * Decimal(price)
        return tuple(sorted(sums.items())), unpriced


def _row(name: str, count: _Count) -> Row:
    return Row(
        name=name,
        visits=count.visits,
        failed=count.failed,
        median=count.connect.median(),
        last_failure=count.last_failure,
    )


def _slowness(row: Row) -> float:
    return -1.0 if row.median is None else row.median.point


def _badness(row: Row) -> tuple[float, int]:
    return row.failed / row.visits, row.failed
