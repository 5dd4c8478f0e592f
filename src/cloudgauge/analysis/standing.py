"""How sure the figures of a series are: its rounds, its attempts, what they amount to.

A path that is slow now is slow a minute later, so values that follow one another
say less than as many from all over the day (`stats.dependence`). Of n values the
effective number says the same about the median.
"""

import math
from dataclasses import dataclass

import numpy as np

from cloudgauge.analysis.rounds import Line, Rounds
from cloudgauge.analysis.sides import median_of
from cloudgauge.analysis.summary import SeriesSummary
from cloudgauge.stats.censored import availability
from cloudgauge.stats.summary import Estimate, effective_size

# Below this share of the values, who reads n would be misled.
_FAR_BELOW = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What stands behind the figures of one series; None where nothing can be said.

    Attributes:
        connect_p50: With an interval by rounds, ms; infinite where timeouts reach it.
        connect_n: Values of connect, with those that are only known to be longer.
        effective_n: As many independent values would say as much about their median.
        answered: The share of its visits that were, with an interval.
    """

    connect_p50: Estimate | None = None
    connect_n: int = 0
    effective_n: float | None = None
    answered: Estimate | None = None

    @property
    def is_dependent(self) -> bool:
        """Whether its values say far less than their number."""
        effective = self.effective_n
        return effective is not None and effective < _FAR_BELOW * self.connect_n

    def ends_ms(self) -> tuple[float | None, float | None]:
        """The ends of the interval of the p50; None where there is none."""
        if self.connect_p50 is None:
            return (None, None)
        low, high = self.connect_p50.low, self.connect_p50.high
        return (_known(low), _known(high))

    def endless(self) -> tuple[bool, bool]:
        """Which ends are beyond what was waited, not open for want of values."""
        estimate = self.connect_p50
        if estimate is None or estimate.caveats:
            return (False, False)
        return (estimate.low == math.inf, estimate.high == math.inf)


def standing_of(rounds: Rounds | None, series: SeriesSummary) -> Standing:
    """What stands behind the figures of one of a set's series.

    Args:
        rounds: Of connect; None where no latency was measured.
        series: Of the same set.
    """
    line = line_of(series)
    if rounds is None or line not in rounds:
        return Standing()
    attempts = rounds.attempts_of(line)
    answered = availability(attempts.answered, attempts.made) if attempts.made else None
    count = series.connect.n + series.connect.timed_out
    # Of an import's other phase the rounds have its timeouts.
    if not count:
        return Standing(answered=answered)
    values = rounds.of(line)
    values = values[~np.isnan(values)]
    return Standing(
        connect_p50=median_of(rounds, line),
        connect_n=count,
        effective_n=effective_size(values) if len(values) else None,
        answered=answered,
    )


def line_of(series: SeriesSummary) -> Line:
    """The line of rounds that is of the same target, IP version and replica."""
    return Line(
        target_id=series.target_id, family=series.family, replica=series.replica
    )


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
