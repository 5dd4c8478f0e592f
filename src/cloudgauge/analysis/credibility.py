"""What in a run cannot be true, or may not be what it seems: computed when it is read.

Columns, targets and a vantage in, caveats with their figures out, the weightiest first.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cloudgauge.analysis.columns import Columns
from cloudgauge.analysis.floor import Sighted, alike_caveats, floor_caveats
from cloudgauge.analysis.middles import Middles
from cloudgauge.analysis.series import Series, SeriesKey
from cloudgauge.model.run import Vantage
from cloudgauge.model.sample import ClockKind, Part
from cloudgauge.model.target import Reach, Target
from cloudgauge.stats.caveat import Caveat, Weight

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_NS_PER_MS = 1e6
_US_PER_MS = 1e3

# With fewer values of a phase a series is not judged by it.
LEAST_VALUES = 3
# Our own delay may be this share of a round trip before it is too much, and this much
# where the kernel took the times: no phase has it then, and any timer is that late,
BUSY_RTT_SHARE = 0.05
BUSY_KERNEL_MS = 2.0
# and in this share of the visits before it is said.
BUSY_SHARE = 0.05
# More SYNs lost than that make a path, not chance.
RESENT_SHARE = 0.01
# A handshake has a server's arithmetic in it; an answer its whole work.
TLS_SLACK_MS = 20.0
ANSWER_SLACK_MS = 50.0
# Round trips of one connection do not differ by more than this from below.
SOONER_MS = 1.0
SOONER_SHARE = 0.1

JUDGED = (
    "run_id",
    "target_id",
    "replica",
    "family",
    "exchange",
    "due_ns",
    "sent_ns",
    "connect_ns",
    "tls_ns",
    "first_byte_ns",
    "connect_rtt_us",
    "syn_retransmits",
    "tls_version",
    "clock",
    "wall_stepped",
    "loop_lag_ns",
    "failure",
    "part",
)
"""The columns that a run is judged by."""


def credibility_caveats(
    columns: Columns, targets: Mapping[str, Target], vantage: Vantage
) -> tuple[Caveat, ...]:
    """Judge one run: its visits of latency, and by light alone its transfers too.

    Args:
        columns: At least those of `JUDGED`.
        targets: Those of every sample, by id.
        vantage: As far as its place is known.
    """
    part, sighted = columns.words["part"], list[Sighted]()
    caveats: list[Caveat] = []
    rows = (part.absent, part.are(Part.TRANSFER.value)) if part.words else (None,)
    for is_of_downloads, mask in enumerate(rows):
        chosen = columns if mask is None else columns.where(mask)
        if not chosen.count:
            continue
        visits = _Visits(chosen)
        sighted.append(visits.sighted(targets))
        if not is_of_downloads:
            caveats += _of_visits(visits, targets)
    seen = Sighted.joined(sighted)
    caveats = [*floor_caveats(seen, vantage), *alike_caveats(seen), *caveats]
    return tuple(sorted(caveats, key=lambda caveat: -caveat.weight))


def _of_visits(visits: "_Visits", targets: Mapping[str, Target]) -> Iterator[Caveat]:
    edges = [targets[key.target_id].endpoint.reach is Reach.EDGE for key in visits.keys]
    yield from _of_phases(visits, np.array(edges, dtype=np.bool_))
    yield from _of_resends(visits)
    yield from _of_our_own(visits)


class _Visits:
    """What holds of each row, and the figures of each series."""

    def __init__(self, columns: Columns) -> None:
        self._series = Series.of(columns)
        self.keys = self._series.keys
        self._numbers = columns.numbers
        self.cold = np.equal(columns.numbers["exchange"].cells, 0)
        good = columns.words["failure"].absent
        resends = self._floats("syn_retransmits")
        # Where the kernel is silent, a wait of the SYN's timer cannot be told.
        self.resent = self.cold & (resends > 0)
        self.counted = self.cold & ~np.isnan(resends)
        self.connected = good & self.cold & ~self.resent
        self.rtt_ms = self._floats("connect_rtt_us") / _US_PER_MS
        steady = good & ~columns.numbers["wall_stepped"].cells
        self._shaken = steady & self.cold
        self._warm = steady & ~self.cold
        self.is_user_timed = columns.words["clock"].are(ClockKind.USER.value)
        self._two_trips = columns.words["tls_version"].are("TLSv1.2")
        connects = self._series.middles(self.rtt_ms, self.connected)
        self.least_ms, self.second_ms = connects.least, connects.second
        self.median_ms = _median(connects)

    def sighted(self, targets: Mapping[str, Target]) -> Sighted:
        """Each target with the least that any of its series is judged by."""
        found: dict[str, float] = {}
        for key, rtt_ms in zip(self.keys, self.second_ms, strict=True):
            if not np.isnan(rtt_ms):
                known = found.get(key.target_id, np.inf)
                found[key.target_id] = min(known, float(rtt_ms))
        return Sighted(
            targets=tuple(targets[target_id] for target_id in found),
            rtt_ms=np.array(list(found.values()), dtype=np.float64),
        )

    def shakes(self) -> "_Phase":
        """One round trip of the handshake of each series."""
        trips = np.where(self._two_trips, 2, 1)
        values_ms = self._floats("tls_ns") / _NS_PER_MS / trips
        return _phase(self._series.middles(values_ms, self._shaken))

    def answers(self) -> "_Phase":
        """The first byte of each series on a warm connection."""
        column = self._numbers["first_byte_ns"]
        return _phase(self._series.middles_of(column, self._warm, _NS_PER_MS))

    def own_delay_ms(self, mask: Mask) -> Floats:
        """The loop's lag or the lateness where *mask* holds, whichever is more."""
        sent_ns, due_ns, lag_ns = (
            self._numbers[name].cells[mask]
            for name in ("sent_ns", "due_ns", "loop_lag_ns")
        )
        return np.asarray(np.maximum(sent_ns - due_ns, lag_ns) / _NS_PER_MS)

    def _floats(self, name: str) -> Floats:
        return self._numbers[name].floats()


def _phase(found: Middles) -> "_Phase":
    median_ms = _median(found)
    second_ms = np.where(np.isnan(median_ms), np.nan, found.second)
    return _Phase(median_ms=median_ms, second_ms=second_ms)


def _median(found: Middles) -> Floats:
    """Of each series with values enough, else NaN."""
    return np.where(found.counts < LEAST_VALUES, np.nan, found.median)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Phase:
    """A phase of each series, shape (n,) each; NaN where there are too few values.

    Attributes:
        second_ms: The second smallest. Who stands in the way holds up every exchange;
            a busy server or machine of ours, some.
    """

    median_ms: Floats
    second_ms: Floats


def _of_phases(visits: _Visits, edges: Mask) -> Iterator[Caveat]:
    """Hold a handshake and an answer against the connect before them."""
    median_ms = visits.median_ms
    # Of fewer connects a single one that was held up says nothing of the others.
    least_ms = np.where(np.isnan(median_ms), np.nan, visits.least_ms)
    for name, noun, slack_ms, phase in (
        ("tls", "a round trip of the handshake", TLS_SLACK_MS, visits.shakes()),
        ("answer", "an answer", ANSWER_SLACK_MS, visits.answers()),
    ):
        # What is not known is NaN, which is above nothing and below nothing.
        longer = phase.second_ms - median_ms > np.maximum(slack_ms, median_ms)
        margin_ms = np.maximum(SOONER_MS, SOONER_SHARE * least_ms)
        sooner = phase.median_ms < least_ms - margin_ms
        told = _Told(
            keys=visits.keys,
            noun=noun,
            connect_ms=median_ms,
            values_ms=np.where(sooner, phase.median_ms, phase.second_ms),
        )
        if (here := longer & ~edges).any():
            yield _longer_caveat(f"{name} longer", told, here)
        if (here := longer & edges).any():
            yield Caveat(
                name=f"{name} behind edge",
                text=f"{told.of_those(here)}: the edge answers for a region behind it",
                weight=Weight.NOTE,
            )
        if sooner.any():
            yield Caveat(
                name=f"{name} sooner",
                text=(
                    f"{told.of_those(sooner)}, sooner than any of its connections "
                    "stood: connects are held up, or something between answers for it"
                ),
            )


def _longer_caveat(name: str, told: "_Told", here: Mask) -> Caveat:
    is_most = 2 * here.sum() > len(here) and here.sum() >= LEAST_VALUES
    reason = (
        "something before this vantage takes the connections"
        if is_most
        else "something nearer takes the connection, or the service is slow"
    )
    return Caveat(name=name, text=f"{told.of_those(here)}: {reason}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """Series with two figures each that do not fit together.

    Attributes:
        noun: What `values` are of.
        connect_ms: Shape (n,), as `values_ms`.
    """

    keys: tuple[SeriesKey, ...]
    noun: str
    connect_ms: Floats
    values_ms: Floats

    def of_those(self, here: Mask) -> str:
        """How many there are, and the worst of them with its figures."""
        places = np.flatnonzero(here)
        away = np.abs(self.values_ms - self.connect_ms)[places]
        worst = places[np.argmax(away)]
        return (
            f"in {len(places)} of {len(here)} series {self.noun} does not fit the "
            f"connect (worst: {self.keys[worst].target_id}, "
            f"{self.values_ms[worst]:.1f} ms after a connect of "
            f"{self.connect_ms[worst]:.1f} ms)"
        )


def _of_resends(visits: _Visits) -> Iterator[Caveat]:
    count, resent = int(visits.counted.sum()), int(visits.resent.sum())
    if not resent:
        return
    share = resent / count
    yield Caveat(
        name="syn sent again",
        text=(
            f"{resent:,} of {count:,} visits ({100 * share:.2g} %) had to send their "
            "SYN again: they are not in the connect figures"
        ),
        weight=Weight.DOUBT if share > RESENT_SHARE else Weight.NOTE,
    )


def _of_our_own(visits: _Visits) -> Iterator[Caveat]:
    """Say in how many visits our own delay was too large a part of the round trip."""
    judged = visits.connected & ~np.isnan(visits.rtt_ms)
    count = int(judged.sum())
    share_ms = BUSY_RTT_SHARE * visits.rtt_ms[judged]
    kernel_ms = np.maximum(share_ms, BUSY_KERNEL_MS)
    user_timed = visits.is_user_timed[judged]
    allowed_ms = np.where(user_timed, share_ms, kernel_ms)
    busy = visits.own_delay_ms(judged) > allowed_ms
    if not count or busy.sum() <= BUSY_SHARE * count:
        return
    is_in_it = bool(user_timed[busy].any())
    least = "" if is_in_it else f" and {BUSY_KERNEL_MS:g} ms"
    what = (
        "it is in the times that the program read"
        if is_in_it
        else "the kernel's times are not touched by it"
    )
    yield Caveat(
        name="busy machine",
        text=(
            f"{int(busy.sum()):,} of {count:,} visits began later, or saw the event "
            f"loop lag more, than {100 * BUSY_RTT_SHARE:g} % of their round trip"
            f"{least}: this machine was busy; {what}"
        ),
        weight=Weight.DOUBT if is_in_it else Weight.NOTE,
    )
