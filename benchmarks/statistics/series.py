"""Round trips of one target, of known distribution and as alike as is asked.

Rounds of several targets that share a way are in `noise`; here every quantile is known,
a round may hold several values, and rounds may be spread over a series.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from benchmarks.statistics.noise import (
    APART,
    CORRELATION,
    LEVEL_MS,
    QUEUE_MS,
    TAIL,
    TIMED_OUT,
    Floats,
    autocorrelated,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A way for round trips to vary.

    A normal series whose neighbours have a correlation is bent, value by value, into
    the wanted distribution; so each quantile is known.

    Attributes:
        name: For tables.
        correlation: Of neighbours, in [0, 1).
        every: Of the series one value in so many begins a round, at least 1: more
            where rounds are spread.
        is_heavy: Whether it has a Pareto tail without a variance.
        lost: Share of values that time out, whatever they would have been.
    """

    name: str
    correlation: float = 0.0
    every: int = 1
    is_heavy: bool = False
    lost: float = 0.0

    def quantile_ms(self, p: float) -> float:
        """Give the quantile of all values, with those that time out."""
        return float(self._bent(np.asarray(p / (1 - self.lost))))

    def rounds_ms(self, rng: np.random.Generator, rounds: int, each: int = 1) -> Floats:
        """Draw shape (rounds, each); a round's values are neighbours.

        What timed out is infinity.
        """
        step = max(self.every, each)
        series = autocorrelated(rng, rounds * step, 1, self.correlation)[:, 0]
        drawn = self._bent(special.ndtr(series)).reshape(rounds, step)[:, :each]
        return np.where(rng.random(drawn.shape) < self.lost, np.inf, drawn)

    def _bent(self, p: Floats) -> Floats:
        if self.is_heavy:
            return np.asarray(LEVEL_MS + QUEUE_MS * ((1 - p) ** (-1 / TAIL) - 1))
        return np.asarray(LEVEL_MS + QUEUE_MS * special.ndtri(p))


INDEPENDENT = Series(name="independent")
CORRELATED = Series(name="AR(1) 0.7", correlation=CORRELATION)
SPREAD = Series(name="AR(1) 0.7, rounds spread", correlation=CORRELATION, every=APART)
HEAVY = Series(name="heavy tail", is_heavy=True)
HEAVY_CORRELATED = Series(
    name="heavy tail, AR(1) 0.7", is_heavy=True, correlation=CORRELATION
)
TIMING_OUT = Series(name="2 % timeouts", lost=TIMED_OUT)
KINDS = (INDEPENDENT, CORRELATED, SPREAD, HEAVY, HEAVY_CORRELATED, TIMING_OUT)
