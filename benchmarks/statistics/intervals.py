"""The questions that are asked of single series and of two."""

import math
from collections.abc import Callable

import numpy as np

from benchmarks.statistics import rivals
from benchmarks.statistics.asking import CONFIDENCE, Ends, Question, Way
from benchmarks.statistics.noise import LEVEL_MS, Floats
from benchmarks.statistics.series import (
    HEAVY,
    INDEPENDENT,
    SPREAD,
    TIMING_OUT,
    Series,
)
from cloudgauge.stats.censored import survival_quantile
from cloudgauge.stats.compare import paired_shift, shift, signed_rank_p
from cloudgauge.stats.order import stochastic_order
from cloudgauge.stats.summary import quantile_interval, round_interval

# What a user would want to find: 5 % of the level.
SHIFT_MS = 0.05 * LEVEL_MS
# Most pings wait no longer; a value beyond it is only known to be longer.
LIMIT_MS = 1_000.0


def false_alarms(
    series: Series, *, rounds: int, replicates: int, seed: int, shift_ms: float = 0.0
) -> dict[str, float]:
    """How often two series are told apart at 5 %: wrongly if *shift_ms* is 0."""
    rng = np.random.default_rng(seed)
    told: dict[str, list[bool]] = {"signed rank": [], "order": [], "paired": []}
    for _ in range(replicates):
        one = series.rounds_ms(rng, rounds)[:, 0]
        other = series.rounds_ms(rng, rounds)[:, 0] + shift_ms
        p_value = signed_rank_p(_differences(one, other))
        told["signed rank"].append(p_value < 1 - CONFIDENCE)
        told["order"].append(stochastic_order(one, other).p_value < 1 - CONFIDENCE)
        found = paired_shift(one, other)
        told["paired"].append(not found.low <= 0 <= found.high)
    return {name: float(np.mean(found)) for name, found in told.items()}


def _rounds(values: Floats, p: float) -> Ends:
    places = np.repeat(np.arange(len(values)), values.shape[1])
    found = round_interval(values.ravel(), places, p)
    return found.low, found.high


def _plain(values: Floats, p: float) -> Ends:
    found = quantile_interval(values, p)
    return found.low, found.high


def _survival(values: Floats, p: float) -> Ends:
    longer = values > LIMIT_MS
    found = survival_quantile(np.where(longer, LIMIT_MS, values), longer, p)
    return found.low, found.high


def _batched(values: Floats, p: float) -> Ends:
    """Student's interval of the quantiles of ten batches of rounds."""
    return rivals.batches(
        values, lambda batch: float(np.quantile(batch, p, method="inverted_cdf"))
    )


def _differences(one: Floats, other: Floats) -> Floats:
    both = np.isfinite(one) | np.isfinite(other)
    return np.asarray(other[both] - one[both])


def _paired(one: Floats, other: Floats) -> Ends:
    found = paired_shift(one[:, 0], other[:, 0])
    return found.low, found.high


def _unpaired(one: Floats, other: Floats) -> Ends:
    found = shift(one[:, 0], other[:, 0])
    return found.low, found.high


def _theta(one: Floats, other: Floats) -> Ends:
    found = stochastic_order(one[:, 0], other[:, 0])
    return found.low, found.high


def _quantile(p: float, each: int) -> Question:
    return Question(
        name=f"p{round(100 * p)}, {each} a round",
        truth=lambda series: series.quantile_ms(p),
        ours=lambda one, _: _rounds(one, p),
        others={
            "order statistics": lambda one, _: _plain(one.ravel(), p),
            "medians of rounds": lambda one, _: _plain(np.median(one, axis=1), p),
            "ten batches": lambda one, _: _batched(one, p),
        },
        each=each,
        # All of n values are below the quantile with a chance of p^n.
        least_rounds=math.ceil(math.log((1 - CONFIDENCE) / 2) / math.log(p) / each),
    )


def _of_differences(way: Callable[[Floats], Ends]) -> Way:
    return lambda one, other: way(_differences(one, other))


def _means(values: Floats) -> Ends:
    if not np.isfinite(values).all():
        return -math.inf, math.inf
    return rivals.batches(values, np.mean)


def _six_medians(values: Floats) -> Ends:
    return rivals.batches(values, count=6)


_OF_SHIFTS: dict[str, Way] = {
    "means of ten batches": _of_differences(_means),
    "medians of ten batches": _of_differences(rivals.batches),
    "medians of six batches": _of_differences(_six_medians),
}
QUESTIONS = (
    _quantile(0.5, 1),
    _quantile(0.5, 5),
    _quantile(0.9, 1),
    Question(
        name="p50 with a limit",
        truth=lambda series: series.quantile_ms(0.5),
        ours=lambda one, _: _survival(one.ravel(), 0.5),
        others={},
        # It takes values for independent, as it says.
        kinds=(INDEPENDENT, SPREAD, HEAVY, TIMING_OUT),
    ),
    Question(name="paired shift", truth=lambda _: 0.0, ours=_paired, others=_OF_SHIFTS),
    Question(name="shift", truth=lambda _: 0.0, ours=_unpaired, others=_OF_SHIFTS),
    Question(name="order", truth=lambda _: 0.5, ours=_theta, others={}),
)
