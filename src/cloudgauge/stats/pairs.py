"""Every target against every other, in one pass.

For each pair of targets the differences of the rounds in which both were seen give a
shift with its interval and p-value (`walsh`), which agree: p is at most 5 % exactly
where the interval at 95 % leaves 0 out. Holm holds all p-values together.

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

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import fft

from cloudgauge.stats.caveat import Caveat, Weight
from cloudgauge.stats.multiplicity import holm
from cloudgauge.stats.student import t_quantiles
from cloudgauge.stats.summary import Estimate
from cloudgauge.stats.values import Floats, check_level
from cloudgauge.stats.walsh import means_made, middles_of

Places = NDArray[np.int64]
# Pairs that are worked on at once: what they need stays near the processor.
_AT_ONCE = 48
# Of a pair that no round has both of: shift, low, high, freedom, p.
_UNSEEN = (np.nan, -np.inf, np.inf, np.inf, 1.0)


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
        error: Shape (m,): standard error of `shift`, of the side that faces 0; of the
            other where that one's end is infinite.
        freedom: Shape (m,): degrees of freedom of `error`; may be infinite.
        p: Shape (m,): of the hypothesis that the shift is 0, two-sided, by the test
            whose inversion the interval is.
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
    found = _Found.empty(cells)
    for count in np.unique(found.n[found.n > 0]):
        some = np.flatnonzero(found.n == count)
        for begin in range(0, len(some), _AT_ONCE):
            found.work(some[begin : begin + _AT_ONCE], confidence)
    return found.pairs(confidence)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Found:
    """What is known of the pairs so far; arrays are filled in place."""

    columns: Floats
    known: NDArray[np.bool_]
    is_whole: bool
    first: Places
    second: Places
    n: Places
    both_beyond: Places
    ends: Floats
    directions: Floats

    @classmethod
    def empty(cls, cells: Floats) -> "_Found":
        rounds, targets = cells.shape
        first, second = np.triu_indices(targets, k=1)
        # A column of its own in memory each: differences are made 19,900 times.
        columns = np.ascontiguousarray(cells.T)
        endless = np.isinf(columns)
        both = _together(~np.isnan(columns))[first, second]
        both_beyond = _together(endless)[first, second]
        ends = np.tile(_UNSEEN, (len(first), 1)).T.copy()
        return cls(
            columns=columns,
            known=np.isfinite(columns),
            is_whole=bool(np.isfinite(columns).all()),
            first=first,
            second=second,
            n=both - both_beyond,
            both_beyond=both_beyond,
            ends=ends,
            directions=np.zeros((len(first), _count(rounds))),
        )

    def work(self, at: Places, confidence: float) -> None:
        """Fill in some pairs that have the same number of rounds."""
        one, other = self.first[at], self.second[at]
        there = None
        if self.is_whole:
            differences = self.columns[other] - self.columns[one]
        else:
            baseline, candidate = self.columns[one], self.columns[other]
            there = ~(np.isnan(baseline) | np.isnan(candidate))
            there &= self.known[one] | self.known[other]
            # Both endless are not there; their difference is no number.
            taken = candidate[there] - baseline[there]
            differences = taken.reshape(len(at), -1)
        found = middles_of(differences, confidence)
        self.ends[:, at] = (found.point, found.low, found.high, found.freedom, found.p)
        self.directions[at] = _directions(found.scores, there)

    def pairs(self, confidence: float) -> Pairs:
        shift, low, high, freedom, p = self.ends
        longest = int(self.n.max())
        return Pairs(
            first=self.first,
            second=self.second,
            n=self.n,
            both_beyond=self.both_beyond,
            shift=shift,
            low=low,
            high=high,
            error=_errors(shift, low, high, t_quantiles((1 + confidence) / 2, freedom)),
            freedom=freedom,
            p=p,
            p_adjusted=holm(p),
            directions=self.directions,
            targets=len(self.columns),
            rounds=self.columns.shape[1],
            confidence=confidence,
            reduced_to=means_made(longest),
            caveats=_reduced(longest),
        )


def _together(cells: NDArray[np.bool_]) -> Places:
    """In how many rounds each two targets are both so, shape (k, k)."""
    counted = cells.astype(np.float32)
    return np.asarray(np.rint(counted @ counted.T), dtype=np.int64)


def _errors(shift: Floats, low: Floats, high: Floats, reach: Floats) -> Floats:
    with np.errstate(invalid="ignore"):
        below, above = shift - low, high - shift
        facing, other = (
            np.where(shift > 0, below, above),
            np.where(shift > 0, above, below),
        )
        sides = np.where(np.isfinite(facing), facing, other)
    # Of an endless shift no side is a number.
    return np.asarray(np.where(np.isfinite(sides), sides, np.inf) / reach)


def _reduced(n: int) -> tuple[Caveat, ...]:
    made = means_made(n)
    if made is None:
        return ()
    text = (
        f"shifts are made of {made:,} of the {n * (n + 1) // 2:,} means of two rounds"
    )
    return (Caveat(name="reduced", text=text, weight=Weight.NOTE),)


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


def _directions(scores: Floats, there: NDArray[np.bool_] | None) -> Floats:
    """In which way noise moves each shift, as unit vectors."""
    if there is not None:
        spread = np.zeros(there.shape)
        spread[there] = (scores - scores.mean(axis=1, keepdims=True)).ravel()
        scores = spread
    count = _count(scores.shape[1])
    # No product of matrices: small as it is, it would be shared out among threads.
    # A round more, of nothing, where one alone has no cosine.
    noise = fft.dct(scores, n=max(scores.shape[1], 2), axis=1)[:, 1 : 1 + count]
    lengths = np.sqrt(np.einsum("ij,ij->i", noise, noise))[:, None]
    return np.asarray(noise / np.where(lengths > 0, lengths, 1.0))


def _count(n: int) -> int:
    """Of how many cosines over *n* rounds: 0.4 n^(2/3), but at least 6."""
    return min(max(n - 1, 1), max(6, int(0.4 * n ** (2 / 3))))
