"""How a question is asked of drawn series, in our way and in others, and judged.

Each question is asked of many drawn series in ours and in other ways. A way is valid
if its intervals hold the truth in at least 95 % less three standard errors of the
simulation; ours must be, and at most 1.3 times as wide as the best that is.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.statistics.noise import Floats
from benchmarks.statistics.series import KINDS, Series

CONFIDENCE = 0.95
WIDEST = 1.3
OURS = "cloudgauge"

Ends = tuple[float, float]
Way = Callable[[Floats, Floats], Ends]


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
        least_rounds: With fewer no way can bound the answer at 95 %.
    """

    name: str
    truth: Callable[[Series], float]
    ours: Way
    others: dict[str, Way]
    each: int = 1
    kinds: tuple[Series, ...] = KINDS
    least_rounds: int = 0


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
        endless: Share of them that have not both ends.
    """

    question: str
    series: str
    way: str
    rounds: int
    replicates: int
    coverage: float
    width: float
    endless: float = 0.0

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
    ways = {OURS: question.ours, **question.others}
    rng, answers = np.random.default_rng(seed), []
    for _ in range(replicates):
        one, other = (series.rounds_ms(rng, rounds, question.each) for _ in "ab")
        answers.append({name: way(one, other) for name, way in ways.items()})
    asked = question.name, series.name, question.truth(series)
    return outcomes_of(asked, answers, rounds=rounds)


def outcomes_of(
    asked: tuple[str, str, float], answers: Sequence[dict[str, Ends]], *, rounds: int
) -> tuple[Outcome, ...]:
    """Hold the answers of each way against the truth.

    Args:
        asked: The question's name, what was drawn, and the truth.
        answers: Of each replicate, the ends by the name of the way.
        rounds: Of each series.
    """
    name, drawn, truth = asked
    found = []
    for way in answers[0]:
        low, high = np.array([answer[way] for answer in answers]).T
        # Where all is endless on one side no width is a number.
        width = np.where(np.isfinite(low) & np.isfinite(high), high - low, np.inf)
        found.append(
            Outcome(
                question=name,
                series=drawn,
                way=way,
                rounds=rounds,
                replicates=len(answers),
                coverage=float(np.mean((low <= truth) & (truth <= high))),
                width=float(np.median(width)),
                endless=float(np.mean(np.isinf(width))),
            )
        )
    return tuple(found)


def best_width(outcomes: tuple[Outcome, ...]) -> float:
    """The least width of a valid way; ours is among them if it is valid."""
    return min((one.width for one in outcomes if one.is_valid), default=math.inf)
