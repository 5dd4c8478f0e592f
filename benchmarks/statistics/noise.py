"""Rounds of round-trip times whose truth is known.

A target's value in a round is its level of 50 ms, times what all targets share in that
round (the way out of the vantage), plus what is its own. Targets differ by what is
added to them, so that the shift of a pair is exactly that.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, signal, special

Floats = NDArray[np.float64]
Draw = Callable[[np.random.Generator, int, int], Floats]

LEVEL_MS = 50.0
# Of the logarithm, round by round: what is shared, and what is a target's own.
SHARED = 0.1
OWN = 0.05
CORRELATION = 0.7
# Where rounds are spread, one step of the series in so many begins a round.
APART = 8
TIMED_OUT = 0.02
# A Pareto tail of which not even the variance is finite.
TAIL = 1.2
QUEUE_MS = 2.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """A way in which round trips vary.

    Attributes:
        name: For the table.
        own_ms: What is a target's own, shape (rounds, targets); infinity is a timeout.
        median_ms: Of what is a target's own.
        correlation: Of what is shared, from round to round.
    """

    name: str
    own_ms: Draw
    median_ms: float
    correlation: float = 0.0

    def rounds_ms(
        self, rng: np.random.Generator, rounds: int, shifts_ms: Floats
    ) -> Floats:
        """Values of targets that are slower than the level by *shifts_ms*."""
        shared = autocorrelated(rng, rounds, 1, self.correlation)
        away_ms = LEVEL_MS * (np.exp(SHARED * shared) - 1)
        return self.own_ms(rng, rounds, len(shifts_ms)) + away_ms + shifts_ms

    def alone_ms(self, rng: np.random.Generator, rounds: int) -> Floats:
        """Values of one target without what targets share; their median is known."""
        return self.own_ms(rng, rounds, 1)[:, 0]


def autocorrelated(
    rng: np.random.Generator, rounds: int, targets: int, correlation: float
) -> Floats:
    """Normal noise of deviation 1, shape (rounds, targets), of the first order."""
    steps = rng.standard_normal((rounds, targets))
    steps[1:] *= np.sqrt(1 - correlation**2)
    return np.asarray(signal.lfilter([1.0], [1.0, -correlation], steps, axis=0))


def _independent(rng: np.random.Generator, rounds: int, targets: int) -> Floats:
    return np.asarray(LEVEL_MS * np.exp(OWN * rng.standard_normal((rounds, targets))))


def _correlated(rng: np.random.Generator, rounds: int, targets: int) -> Floats:
    noise = autocorrelated(rng, rounds, targets, CORRELATION)
    return np.asarray(LEVEL_MS * np.exp(OWN * noise))


def _spread(rng: np.random.Generator, rounds: int, targets: int) -> Floats:
    noise = autocorrelated(rng, rounds, targets, CORRELATION**APART)
    return np.asarray(LEVEL_MS * np.exp(OWN * noise))


def _heavy(rng: np.random.Generator, rounds: int, targets: int) -> Floats:
    queue_ms = QUEUE_MS * rng.pareto(TAIL, (rounds, targets))
    return _independent(rng, rounds, targets) + queue_ms


def _timing_out(rng: np.random.Generator, rounds: int, targets: int) -> Floats:
    values = _independent(rng, rounds, targets)
    values[rng.random(values.shape) < TIMED_OUT] = np.inf
    return values


def _median_of_sum_ms() -> float:
    """Of queue and the rest: the queue averaged over quantiles of the rest."""
    parts = (np.arange(4000) + 0.5) / 4000
    below_ms = LEVEL_MS * np.exp(OWN * special.ndtri(parts))

    def excess(at_ms: float) -> float:
        queue = np.maximum(at_ms - below_ms, 0) / QUEUE_MS
        return float(np.mean(1 - (1 + queue) ** -TAIL)) - 0.5

    return float(optimize.brentq(excess, LEVEL_MS, 2 * LEVEL_MS))


INDEPENDENT = Noise(name="independent", own_ms=_independent, median_ms=LEVEL_MS)
CORRELATED = Noise(
    name="AR(1) 0.7 from round to round",
    own_ms=_correlated,
    median_ms=LEVEL_MS,
    correlation=CORRELATION,
)
SPREAD = Noise(
    name="AR(1) 0.7, rounds spread",
    own_ms=_spread,
    median_ms=LEVEL_MS,
    correlation=CORRELATION**APART,
)
HEAVY = Noise(name="heavy tails", own_ms=_heavy, median_ms=_median_of_sum_ms())
# Half of all answers, timeouts among them, are below this.
TIMING_OUT = Noise(
    name="2 % timeouts",
    own_ms=_timing_out,
    median_ms=LEVEL_MS * float(np.exp(OWN * special.ndtri(0.5 / (1 - TIMED_OUT)))),
)
# How a run is meant to be planned, but for `CORRELATED`.
PLANNED = (INDEPENDENT, SPREAD, HEAVY, TIMING_OUT)
NOISES = (INDEPENDENT, CORRELATED, HEAVY, TIMING_OUT)
