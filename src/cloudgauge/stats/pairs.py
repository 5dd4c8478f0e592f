"""Every target against every other, in one pass.

For each pair of targets the differences of the rounds in which both were seen give the
shift of Hodges and Lehmann, the median of the means of two rounds (Estimates of
Location Based on Rank Tests, Annals of Mathematical Statistics 34, 1963). Its interval
and its p-value come from one statistic, the share of those means above a value, so
that the interval at 95 % leaves 0 out exactly where p is below 0.05. How far that
share may be off is told by the long-run variance (`longrun`) of what each round
contributes to it: neighbouring rounds may depend on each other and the differences
need not be symmetric.

Of n rounds there are n (n + 1) / 2 means. Beyond 128 rounds only the means of rounds
that are some fixed lags apart are made, at least 8 of each round, as Brown and Kildea
do (Reduced U-statistics and the Hodges-Lehmann Estimator, Annals of Statistics 6,
1978): with 8 the variance rises by 3 %.

A cell is NaN where the target was not seen in that round and infinity where its answer
was waited for in vain. Such an answer is longer than any that came, so its difference
is beyond all others; where both failed to come neither was faster, and the difference
is 0. No round is left out but those in which one of the two was not seen.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from cloudgauge.stats.caveat import Caveat
from cloudgauge.stats.longrun import cosine_count, cosines, projections
from cloudgauge.stats.multiplicity import holm
from cloudgauge.stats.summary import Estimate
from cloudgauge.stats.values import Floats, check_level

Places = NDArray[np.int64]

# Up to so many rounds all means of two are made: 8,256 of them.
COMPLETE_UP_TO = 128
LEAST_LAGS = 8
_GOLDEN = (math.sqrt(5) - 1) / 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pairs:
    """Shifts of all pairs of targets, m = k (k - 1) / 2 of them, in the unit given.

    Attributes:
        first: Shape (m,): column of the baseline, below `second`.
        second: Shape (m,): column of the candidate.
        n: Shape (m,): rounds in which both were seen.
        shift: Shape (m,): candidate minus baseline; NaN where no round has both,
            infinite where most rounds of one timed out.
        low: Shape (m,): lower end, each interval by itself; may be infinite.
        high: Shape (m,): upper end.
        error: Shape (m,): standard error of `shift`.
        freedom: Shape (m,): degrees of freedom of `error`.
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
    shift: Floats
    low: Floats
    high: Floats
    error: Floats
    freedom: Places
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
    width = cosine_count(rounds)
    figures = np.empty((len(first), 7))
    directions = np.empty((len(first), width))
    for at, (one, other) in enumerate(zip(first, second, strict=True)):
        found, directions[at] = _pair(columns[one], columns[other], confidence)
        figures[at] = found
    shift, low, high, error, p, n, freedom = figures.T
    return Pairs(
        first=first,
        second=second,
        n=n.astype(np.int64),
        shift=shift,
        low=low,
        high=high,
        error=error,
        freedom=freedom.astype(np.int64),
        p=p,
        p_adjusted=holm(p),
        directions=directions,
        targets=targets,
        rounds=rounds,
        confidence=confidence,
        reduced_to=reduced_size(int(n.max())),
        caveats=(),
    )


def reduced_size(n: int) -> int | None:
    """How many means of two of *n* rounds are made; None if all."""
    return None if n <= COMPLETE_UP_TO else n * len(_lags(n))


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


def _pair(
    baseline: Floats, candidate: Floats, confidence: float
) -> tuple[tuple[float, ...], Floats]:
    """Figures of one pair, and in which way noise moves its shift."""
    there = ~(np.isnan(baseline) | np.isnan(candidate))
    width = cosine_count(len(there))
    n = int(there.sum())
    if not n:
        nothing = (math.nan, -math.inf, math.inf, math.inf, 1.0, 0.0, 0.0)
        return nothing, np.zeros(width)
    differences, bound = _differences(baseline[there], candidate[there])
    means = _means(differences)
    middle = _middle(means)
    scores = _scores(differences, middle)
    freedom = cosine_count(n)
    spread = _spread(scores, len(means)) if freedom else math.inf
    t = float(special.stdtrit(max(freedom, 1), (1 + confidence) / 2))
    low, high = _ends(means, t * spread)
    above = (np.count_nonzero(means > 0) + np.count_nonzero(means >= 0)) / 2
    p = _p_value(above / len(means) - 0.5, spread, freedom, n)
    ends = [_opened(x, bound) for x in (middle, low, high)]
    error = (ends[2] - ends[1]) / (2 * t)
    figures = (*ends, error, p, float(n), float(freedom))
    return figures, _direction(scores, there, width)


def _differences(baseline: Floats, candidate: Floats) -> tuple[Floats, float]:
    """Differences with finite stand-ins, and what no finite one exceeds."""
    with np.errstate(invalid="ignore"):
        found = candidate - baseline
    found[np.isnan(found)] = 0.0
    endless = np.isinf(found)
    if not endless.any():
        return found, math.inf
    bound = float(np.abs(found[~endless]).max(initial=0.0))
    # Its mean with any finite difference is still beyond all of them.
    found[endless] = np.copysign(4 * bound + 1, found[endless])
    return found, bound


def _opened(value: float, bound: float) -> float:
    return math.copysign(math.inf, value) if abs(value) > bound else value


def _means(differences: Floats) -> Floats:
    n = len(differences)
    if n <= COMPLETE_UP_TO:
        rows, columns = np.triu_indices(n)
        return np.asarray((differences[rows] + differences[columns]) / 2)
    twice = np.concatenate((differences, differences))
    return np.concatenate(
        [(differences + twice[lag : lag + n]) / 2 for lag in _lags(n)]
    )


@lru_cache(maxsize=64)
def _lags(n: int) -> tuple[int, ...]:
    """How far apart the rounds of the means are: at most half the rounds.

    Steps of the golden ratio: no period of the day falls in with them.
    """
    wanted = max(LEAST_LAGS, math.ceil(COMPLETE_UP_TO * (COMPLETE_UP_TO + 1) / 2 / n))
    parts = np.arange(1, wanted + 1) * _GOLDEN % 1
    return tuple(np.unique(1 + np.floor(parts * ((n - 1) // 2))).astype(int).tolist())


def _middle(means: Floats) -> float:
    return float(np.median(means))


def _scores(differences: Floats, middle: float) -> Floats:
    """What share of all rounds makes a mean above the middle with each round."""
    ordered = np.sort(differences)
    opposite = 2 * middle - differences
    below = np.searchsorted(ordered, opposite) + np.searchsorted(
        ordered, opposite, "right"
    )
    return np.asarray(0.5 - below / (2 * len(ordered)))


def _spread(scores: Floats, count: int) -> float:
    """Standard error of the share of means above the true shift."""
    noise = projections(scores)
    n = len(scores)
    variance = 4 * float(np.mean(noise**2))
    # Of count means instead of all: Brown and Kildea, with 1/12 for any continuous
    # distribution that is symmetric.
    if n > COMPLETE_UP_TO:
        variance += 1 / (12 * count)
    return math.sqrt(variance)


def _ends(means: Floats, reach: float) -> tuple[float, float]:
    """The means whose share below and above is *reach* from a half."""
    count = len(means)
    rank = math.floor(count * (0.5 - reach))
    if rank < 1:
        return -math.inf, math.inf
    parted = np.partition(means, (rank - 1, count - rank))
    return float(parted[rank - 1]), float(parted[count - rank])


def _p_value(off: float, spread: float, freedom: int, n: int) -> float:
    if not off or math.isinf(spread):
        return 1.0
    tail = special.stdtr(freedom, -abs(off) / spread) if spread else 0.0
    # Signs alone: n rounds cannot say more against a shift of 0 than n coins.
    return min(max(2 * float(tail), 2.0 ** (1 - n)), 1.0)


def _direction(scores: Floats, there: NDArray[np.bool_], width: int) -> Floats:
    noise = (scores - scores.mean()) @ cosines(len(there), width)[there]
    length = float(np.linalg.norm(noise))
    return np.asarray(noise / length if length else noise)
