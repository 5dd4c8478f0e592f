"""How often intervals hold the truth, how wide they are, and what others would be.

Each question is asked of many drawn series in ours and in other ways. A way is valid
if its intervals hold the truth in at least 95 % less three standard errors of the
simulation; ours must be, and at most 1.3 times as wide as the best that is.

    python -m benchmarks.statistics.intervals [REPLICATES]
"""

import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy import special

from benchmarks.statistics.noise import LEVEL_MS, Floats
from benchmarks.statistics.series import (
    HEAVY,
    INDEPENDENT,
    KINDS,
    SPREAD,
    TIMING_OUT,
    Series,
)
from cloudgauge.stats.censored import survival_quantile
from cloudgauge.stats.compare import paired_shift, shift, signed_rank_p
from cloudgauge.stats.order import stochastic_order
from cloudgauge.stats.summary import quantile_interval, round_interval

CONFIDENCE = 0.95
WIDEST = 1.3
# What a user would want to find: 5 % of the level.
SHIFT_MS = 0.05 * LEVEL_MS
# Most pings wait no longer; a value beyond it is only known to be longer.
LIMIT_MS = 1_000.0
BATCHES = 10

Ends = tuple[float, float]
Way = Callable[[Floats, Floats], Ends]
REPLICATES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of two drawn series, and the ways to answer.

    Attributes:
        name: For tables.
        truth: The answer, of what the series are drawn from.
        ours: Ends of our interval for two series, each of shape (rounds, each).
        others: Ways that are held against it, by name.
        each: How many values a round has.
        kinds: Of which series it is asked.
    """

    name: str
    truth: Callable[[Series], float]
    ours: Way
    others: dict[str, Way]
    each: int = 1
    kinds: tuple[Series, ...] = KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one way to answer did.

    Attributes:
        question: Its name.
        series: Of what the series were drawn.
        way: Its name; ours is ``cloudgauge``.
        rounds: Of each series.
        replicates: How many series were drawn.
        coverage: Share of intervals that held the truth.
        width: Their median width.
    """

    question: str
    series: str
    way: str
    rounds: int
    replicates: int
    coverage: float
    width: float

    @property
    def is_valid(self) -> bool:
        """Whether it covers what it says, as far as so many replicates tell."""
        return self.coverage >= least_coverage(self.replicates)


def least_coverage(replicates: int) -> float:
    """95 % less three standard errors of a simulation."""
    return CONFIDENCE - 3 * math.sqrt(CONFIDENCE * (1 - CONFIDENCE) / replicates)


def simulate(
    question: Question, series: Series, *, rounds: int, replicates: int, seed: int
) -> tuple[Outcome, ...]:
    """Ask a question in all ways of the same drawn series; ours is the first."""
    ways = {"cloudgauge": question.ours, **question.others}
    ends: dict[str, list[Ends]] = {name: [] for name in ways}
    rng, truth = np.random.default_rng(seed), question.truth(series)
    for _ in range(replicates):
        one, other = (series.rounds_ms(rng, rounds, question.each) for _ in "ab")
        for name, way in ways.items():
            ends[name].append(way(one, other))
    return tuple(
        Outcome(
            question=question.name,
            series=series.name,
            way=name,
            rounds=rounds,
            replicates=replicates,
            coverage=float(np.mean([low <= truth <= high for low, high in found])),
            width=float(np.median([high - low for low, high in found])),
        )
        for name, found in ends.items()
    )


def best_width(outcomes: tuple[Outcome, ...]) -> float:
    """The least width of a valid way; ours is among them if it is valid."""
    return min((one.width for one in outcomes if one.is_valid), default=math.inf)


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
    return _student(
        np.array(
            [
                np.quantile(batch, p, method="inverted_cdf")
                for batch in np.array_split(values, BATCHES)
            ]
        )
    )


def _student(values: Floats) -> Ends:
    if not np.isfinite(values).all():
        return -math.inf, math.inf
    n, middle = len(values), float(np.mean(values))
    reach = float(special.stdtrit(n - 1, (1 + CONFIDENCE) / 2))
    error = reach * float(np.std(values, ddof=1)) / math.sqrt(n)
    return middle - error, middle + error


def _means_of_batches(one: Floats, other: Floats) -> Ends:
    differences = _differences(one, other)
    if not np.isfinite(differences).all():
        return -math.inf, math.inf
    batches = np.array_split(differences, BATCHES)
    return _student(np.array([np.mean(batch) for batch in batches]))


def _medians_of_batches(one: Floats, other: Floats) -> Ends:
    batches = np.array_split(_differences(one, other), BATCHES)
    return _student(np.array([np.median(batch) for batch in batches]))


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
    )


_OF_SHIFTS: dict[str, Way] = {
    "means of ten batches": _means_of_batches,
    "medians of ten batches": _medians_of_batches,
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


def outcomes(replicates: int = REPLICATES) -> Iterator[tuple[Outcome, ...]]:
    """Ask every question of every kind of series, for 60 and 300 rounds."""
    for question in QUESTIONS:
        for place, series in enumerate(question.kinds):
            for rounds in (60, 300):
                yield simulate(
                    question, series, rounds=rounds, replicates=replicates, seed=place
                )


def main(replicates: int) -> None:
    """Print the table of all outcomes."""
    print("| question | series | rounds | way | covers % | width | to best valid |")
    print("|---|---|---:|---|---:|---:|---:|")
    for found in outcomes(replicates):
        best = best_width(found)
        for one in found:
            print(
                f"| {one.question} | {one.series} | {one.rounds} | {one.way} "
                f"| {100 * one.coverage:.1f} | {one.width:.3f} "
                f"| {one.width / best:.2f} |"
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else REPLICATES)
