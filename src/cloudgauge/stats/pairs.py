"""Every target against every other, in one pass.

For each pair of targets the differences of the rounds in which both were seen give a
shift with its interval and p-value (`walsh`). Holm holds all p-values together.

A cell is NaN where the target was not seen in that round and infinity where its answer
was waited for in vain. Such an answer is longer than any that came, so its difference
is beyond all others. Where both failed to come nothing is known of which is longer:
such rounds are left out and counted.

The directions in which noise moves each pair come from the first cosines of the span.
What a series with a short memory contributes to them are nearly independent draws of
the error of its mean: Mueller, A Theory of Robust Long-run Variance Estimation, Journal
of Econometrics 141 (2007); Lazarus, Lewis, Stock and Watson, HAR Inference:
Recommendations for Practice, Journal of Business and Economic Statistics 36 (2018),
whose number of cosines is taken. So correlations of pairs are those of their
directions.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cloudgauge.stats.caveat import Caveat, Weight
from cloudgauge.stats.multiplicity import holm
from cloudgauge.stats.summary import Estimate
from cloudgauge.stats.values import Floats, check_level
from cloudgauge.stats.walsh import Middle, means_made, middle_of

Places = NDArray[np.int64]
# Of a pair that no round has both of, in the order of `_figures`.
_UNSEEN = (np.nan, -np.inf, np.inf, np.inf, np.inf, 1.0, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pairs:
    """Shifts of all pairs of targets, m = k (k - 1) / 2 of them, in the unit given.

    Attributes:
        first: Shape (m,): column of the baseline, below `second`.
        second: Shape (m,): column of the candidate.
        n: Shape (m,): rounds of which the shift is made.
        both_beyond: Shape (m,): rounds left out since both timed out.
        shift: Shape (m,): candidate minus baseline; NaN where no round has both,
            infinite where most rounds of one timed out.
        low: Shape (m,): lower end, each interval by itself; may be infinite.
        high: Shape (m,): upper end.
        error: Shape (m,): standard error of `shift`, of one side where the other end
            is infinite.
        freedom: Shape (m,): degrees of freedom of `error`; may be infinite.
        p: Shape (m,): of the hypothesis that the shift is 0, two-sided.
        p_adjusted: Shape (m,): by Holm, over all pairs.
        directions: Shape (m, b), unit rows: in which way noise moves each shift.
        targets: How many columns the matrix has.
        rounds: How many rows it has.
        confidence: Level of each interval, in (0, 1).
        reduced_to: Of how many means of two rounds the longest pair's shift is made
            where not of all; None if of all.
        caveats: Why not to trust them.
    """

    first: Places
    second: Places
    n: Places
    both_beyond: Places
    shift: Floats
    low: Floats
    high: Floats
    error: Floats
    freedom: Floats
    p: Floats
    p_adjusted: Floats
    directions: Floats
    targets: int
    rounds: int
    confidence: float
    reduced_to: int | None
    caveats: tuple[Caveat, ...] = ()

    def place(self, one: int, other: int) -> int:
        """Where the pair of two columns stands.

        Raises:
            ValueError: If they are not two columns of the matrix.
        """
        low, high = min(one, other), max(one, other)
        if not 0 <= low < high < self.targets:
            msg = f"want two of {self.targets} columns, got {one} and {other}"
            raise ValueError(msg)
        return low * (2 * self.targets - low - 1) // 2 + high - low - 1

    def estimate(self, baseline: int, candidate: int) -> Estimate:
        """The shift of one column against another, candidate minus baseline.

        Raises:
            ValueError: If they are not two columns, or no round has both.
        """
        at = self.place(baseline, candidate)
        if not self.n[at]:
            msg = f"columns {baseline} and {candidate} have no round in common"
            raise ValueError(msg)
        ends = float(self.low[at]), float(self.shift[at]), float(self.high[at])
        if candidate < baseline:
            ends = -ends[2], -ends[1], -ends[0]
        return Estimate(
            point=ends[1],
            low=ends[0],
            high=ends[2],
            confidence=self.confidence,
            n=int(self.n[at]),
            caveats=self.caveats,
        )


def all_pairs(matrix: ArrayLike, *, confidence: float = 0.95) -> Pairs:
    """Estimate the paired shift of every pair of targets.

    Args:
        matrix: Shape (rounds, k): one value of each target a round, in order of time;
            NaN where it was not seen, infinity where it timed out.
        confidence: Of each interval, in (0, 1).

    Raises:
        ValueError: If *matrix* has not two dimensions, no round, fewer than two
            columns, or minus infinity in it.
    """
    cells = checked_cells(matrix)
    check_level(confidence)
    rounds, targets = cells.shape
    first, second = np.triu_indices(targets, k=1)
    # A column of its own in memory each: differences are made 19,900 times.
    columns = np.ascontiguousarray(cells.T)
    seen, known = ~np.isnan(columns), np.isfinite(columns)
    figures = np.tile(_UNSEEN, (len(first), 1))
    directions = np.zeros((len(first), _cosines(rounds).shape[1]))
    for at, (one, other) in enumerate(zip(first, second, strict=True)):
        there = seen[one] & seen[other] & (known[one] | known[other])
        if there.any():
            differences = columns[other][there] - columns[one][there]
            found = middle_of(differences, confidence)
            figures[at] = _figures(found)
            directions[at] = _direction(found.scores, there)
    shift, low, high, error, freedom, p, n = figures.T
    together = (seen.astype(np.float64) @ seen.T.astype(np.float64))[first, second]
    return Pairs(
        first=first,
        second=second,
        n=n.astype(np.int64),
        both_beyond=(together - n).astype(np.int64),
        shift=shift,
        low=low,
        high=high,
        error=error,
        freedom=freedom,
        p=p,
        p_adjusted=holm(p),
        directions=directions,
        targets=targets,
        rounds=rounds,
        confidence=confidence,
        reduced_to=means_made(int(n.max())),
        caveats=_reduced(int(n.max())),
    )


def _reduced(n: int) -> tuple[Caveat, ...]:
    made = means_made(n)
    if made is None:
        return ()
    text = (
        f"shifts are made of {made:,} of the {n * (n + 1) // 2:,} means of two rounds"
    )
    return (Caveat(name="reduced", text=text, weight=Weight.NOTE),)


def _figures(found: Middle) -> tuple[float, ...]:
    return (
        *(found.point, found.low, found.high, found.error),
        *(found.freedom, found.p, found.n),
    )


def checked_cells(matrix: ArrayLike) -> Floats:
    """Give a matrix of rounds and targets as floats.

    Raises:
        ValueError: If it has not two dimensions, no round, fewer than two columns, or
            minus infinity in it.
    """
    cells = np.asarray(matrix, dtype=np.float64)
    if cells.ndim != 2 or cells.shape[0] < 1 or cells.shape[1] < 2:
        msg = f"want rounds by at least two targets, got shape {cells.shape}"
        raise ValueError(msg)
    if np.isneginf(cells).any():
        msg = "a value is minus infinity; want numbers, NaN or infinity"
        raise ValueError(msg)
    return cells


def _direction(scores: Floats, there: NDArray[np.bool_]) -> Floats:
    """In which way noise moves a shift, as a unit vector."""
    base = _cosines(len(there))
    noise = scores @ base if there.all() else (scores - scores.mean()) @ base[there]
    length = float(np.linalg.norm(noise))
    return np.asarray(noise / length if length else noise)


@lru_cache(maxsize=64)
def _cosines(n: int) -> Floats:
    """The first 0.4 n^(2/3) cosines over *n* rounds, but at least 6, shape (n, b)."""
    count = min(max(n - 1, 1), max(6, int(0.4 * n ** (2 / 3))))
    places = (np.arange(n) + 0.5)[:, None] * np.arange(1, count + 1)
    return np.asarray(np.cos(np.pi * places / n))
