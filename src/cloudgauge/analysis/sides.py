"""One of two that are compared: its values, what was recorded of it, its doubts."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cloudgauge.analysis.medians import median_at
from cloudgauge.analysis.metric import Metric
from cloudgauge.analysis.rounds import Attempts, Line, Rounds
from cloudgauge.analysis.series import Floats
from cloudgauge.stats.caveat import Caveat, Weight
from cloudgauge.stats.summary import Estimate

# What is called sure.
ALPHA = 0.05
CONFIDENCE = 1 - ALPHA

# A share of timeouts that a reader must know of.
_MANY_TIMEOUTS = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of two that are compared.

    Attributes:
        rounds: Of one vantage.
        line: Which of its lines.
        settings: What else could differ, by name, such as ``service``.
    """

    rounds: Rounds
    line: Line
    settings: tuple[tuple[str, str], ...] = ()

    @property
    def values(self) -> Floats:
        """One a round; NaN and infinity as in `Rounds`."""
        return self.rounds.of(self.line)

    @property
    def attempts(self) -> Attempts:
        """What became of its visits."""
        return self.rounds.attempts_of(self.line)

    @property
    def seen(self) -> int:
        """In how many rounds it has a value."""
        return int((~np.isnan(self.values)).sum())

    def median(self) -> Estimate | None:
        """Its p50 with an interval by rounds; None without a value."""
        return median_of(self.rounds, self.line)


def series_text(line: Line) -> str:
    """The IP version, and of a download its streams."""
    if not line.streams:
        return line.family
    noun = "stream" if line.streams == 1 else "streams"
    return f"{line.family}, {line.streams} {noun}"


def median_of(rounds: Rounds, line: Line) -> Estimate | None:
    """The p50 of a line with an interval by rounds; None without a value."""
    return median_at(rounds.of(line), CONFIDENCE)


def endless(estimate: Estimate | None) -> tuple[bool, bool, bool]:
    """Which of point, low and high are beyond what was waited.

    An upper end that is open for want of values may lie before that.
    """
    if estimate is None:
        return (False, False, False)
    point, low = estimate.point == math.inf, estimate.low == math.inf
    return (point, low, estimate.high == math.inf and not estimate.caveats)


def differing(baseline: Side, candidate: Side) -> Iterator[str]:
    """Every recorded setting that is not the same on both sides, with both values."""
    mine, its = dict(_settings(baseline)), dict(_settings(candidate))
    for name in (*mine, *(name for name in its if name not in mine)):
        one, other = mine.get(name, "not known"), its.get(name, "not known")
        if one != other:
            yield f"{name}: {one} / {other}"


def _settings(side: Side) -> Iterator[tuple[str, str]]:
    yield from side.settings
    attempts = side.attempts
    yield "clock", _words(clocks_of(attempts))
    if side.rounds.metric is not Metric.CONNECT:
        yield "protocols", _words(attempts.protocols)
    quarters = side.rounds.coverage().quarters
    hours = ", ".join(f"{6 * one:02}-{6 * one + 6:02}" for one in quarters)
    yield "hours (UTC)", hours or "less than two rounds"


def clocks_of(attempts: Attempts) -> frozenset[str]:
    """Whose clocks read the values of a line: ``kernel``, ``user`` or both."""
    # A bound by the kernel is a little late, never early: it is still the kernel's.
    return frozenset(one.removesuffix("-bound") for one in attempts.clocks)


def _words(words: frozenset[str]) -> str:
    return " and ".join(sorted(words)) or "none"


def side_caveats(baseline: Side, candidate: Side) -> Iterator[Caveat]:
    """What in either side a reader must know of."""
    for role, side in (("baseline", baseline), ("candidate", candidate)):
        attempts = side.attempts
        values = side.values[~np.isnan(side.values)]
        endless = int(np.isinf(values).sum())
        if endless > _MANY_TIMEOUTS * len(values):
            yield Caveat(
                name=f"timeouts of the {role}",
                text=f"{endless} of {len(values)} rounds of the {role} timed out: "
                "they rank as longer than all others",
            )
        if attempts.unsettled:
            yield Caveat(
                name=f"unsettled {role}",
                text=f"{attempts.unsettled} of {attempts.made} transfers of the {role} "
                "did not settle and are in no figure",
            )
        if attempts.resent:
            yield Caveat(
                name=f"sent again to the {role}",
                text=f"of {attempts.resent} of {attempts.made} visits to the {role} "
                "the SYN was sent again; they have no round trip",
                weight=Weight.NOTE,
            )
