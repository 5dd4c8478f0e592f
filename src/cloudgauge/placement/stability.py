"""How far a choice hangs on the noise: chosen how often, and what it may cost.

The problem is solved again with times drawn anew (from rounds and vantages); Efron and
Tibshirani, An Introduction to the Bootstrap, 1993, for the percentiles.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from cloudgauge.placement.problem import Floats, Problem
from cloudgauge.placement.scoring import Chosen, score
from cloudgauge.placement.swap import search


@dataclass(frozen=True, slots=True, kw_only=True)
class Stability:
    """What became of a choice when its times were drawn anew.

    Attributes:
        chosen_share: Of the draws in which each region was chosen; one element a
            region.
        same_share: Of the draws in which just these regions were chosen.
        broken_share: Of the draws in which the choice did not keep its limits.
        regret: Value of the choice less that of the best set of the same draw, at
            `confidence`: by so much it may be worse than what would have been best.
        confidence: Of the regret.
        draws: How many had any set that kept the limits.
    """

    chosen_share: Floats
    same_share: float
    broken_share: float
    regret: float
    confidence: float
    draws: int


def stability(
    chosen: Chosen, draws: Iterable[Problem], *, confidence: float = 0.95
) -> Stability | None:
    """Solve each draw by search and hold the choice against it.

    Args:
        chosen: What is held against the draws.
        draws: The problem with other times; at least one.
        confidence: Level of the regret, in (0, 1).

    Returns:
        None where in no draw any set kept the limits.
    """
    counts: Floats | None = None
    regrets: list[float] = []
    same = broken = 0
    for problem in draws:
        best = search(problem)
        if best is None:
            continue
        if counts is None:
            counts = np.zeros(problem.shape[1])
        counts[list(best)] += 1
        same += best == chosen
        own = score(problem, chosen)
        broken += not own.holds()[0]
        value = own.value[0] - score(problem, best).value[0]
        regrets.append(max(0.0, float(value)))
    if counts is None:
        return None
    drawn = len(regrets)
    return Stability(
        chosen_share=counts / drawn,
        same_share=same / drawn,
        broken_share=broken / drawn,
        regret=float(np.quantile(regrets, confidence, method="higher")),
        confidence=confidence,
        draws=drawn,
    )
