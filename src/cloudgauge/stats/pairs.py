"""Every target against every other, in one pass.

For each pair of targets the differences of the rounds in which both were seen give a
shift with its interval and p-value (`walsh`), which agree: p is at most 5 % exactly
where the interval at 95 % leaves 0 out. Holm holds all p-values together.

A cell is NaN where the target was not seen in that round and infinity where its answer
was waited for in vain. Such an answer is longer than any that came, so its difference
is beyond all others. Where both failed to come nothing is known of which is longer:
such rounds are left out and counted.

Of very many rounds, the medians of a few that follow one another can take their place,
pair by pair; what differs from round to round is then smoothed out, and what stays is
what an interval is made of. The result says so.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cloudgauge.stats.block_medians import block_medians, in_places
from cloudgauge.stats.caveat import Caveat, Weight
from cloudgauge.stats.directions import cosine_count, directions_of
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
        reduced_to: Of how many means of two rounds, or of two blocks, the longest
            pair's shift is made where not of all; None if of all.
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


def all_pairs(matrix: ArrayLike, *, confidence: float = 0.95, each: int = 1) -> Pairs:
    """Estimate the paired shift of every pair of targets.

    Args:
        matrix: Shape (rounds, k): one value of each target a round, in order of time;
            NaN where it was not seen, infinity where it timed out.
        confidence: Of each interval, in (0, 1).
        each: Of how many rounds that follow one another the median is taken, odd; 1
            takes every round. What does not fill a block at the end is in none.

    Raises:
        ValueError: If *matrix* has not two dimensions, no round, fewer than two
            columns, or minus infinity in it; or *each* is even, or more than the
            rounds.
    """
    cells = checked_cells(matrix)
    check_level(confidence)
    if each % 2 == 0 or not 1 <= each <= len(cells):
        msg = f"want blocks of an odd number of at most {len(cells)}, got {each}"
        raise ValueError(msg)
    found = _Found.empty(cells, each)
    if each > 1:
        found = found.in_blocks(each)
    counts = found.counts()
    for count in np.unique(counts[counts > 0]):
        some = np.flatnonzero(counts == count)
        for begin in range(0, len(some), _AT_ONCE):
            found.work(some[begin : begin + _AT_ONCE], confidence)
    return found.pairs(confidence)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Found:
    """What is known of the pairs so far; arrays are filled in place."""

    columns: Floats
    is_whole: bool
    first: Places
    second: Places
    n: Places
    both_beyond: Places
    ends: Floats
    directions: Floats
    each: int = 1
    blocks: Floats | None = None

    @classmethod
    def empty(cls, cells: Floats, each: int) -> "_Found":
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
            is_whole=bool(np.isfinite(columns).all()),
            first=first,
            second=second,
            n=both - both_beyond,
            both_beyond=both_beyond,
            ends=ends,
            directions=np.zeros((len(first), cosine_count(rounds // each))),
        )

    def counts(self) -> Places:
        """Shape (m,): of how many differences, or blocks of them, each pair is made."""
        if self.blocks is None:
            return self.n
        return np.asarray((~np.isnan(self.blocks)).sum(axis=1))

    def work(self, at: Places, confidence: float) -> None:
        """Fill in some pairs that have the same number of differences."""
        is_quick, there = self.blocks is not None, None
        differences = self._differences(at) if self.blocks is None else self.blocks[at]
        if not self.is_whole:
            there = ~np.isnan(differences)
            differences = differences[there].reshape(len(at), -1)
        found = middles_of(differences, confidence, is_quick=is_quick)
        self.ends[:, at] = (found.point, found.low, found.high, found.freedom, found.p)
        self.directions[at] = directions_of(found.scores, there)

    def _differences(self, at: Places) -> Floats:
        """Of some pairs, round by round; NaN where there is none."""
        # Two timeouts have no difference; nor has what was not seen.
        with np.errstate(invalid="ignore"):
            return np.asarray(
                self.columns[self.second[at]] - self.columns[self.first[at]]
            )

    def in_blocks(self, each: int) -> "_Found":
        """The same with medians of *each* rounds in the place of rounds."""
        columns = in_places(self.columns, each)
        targets, at = columns.shape[1], 0
        blocks = np.empty((len(self.first), columns.shape[2]))
        for first in range(targets - 1):
            for begin in range(first + 1, targets, _AT_ONCE):
                others = columns[:, begin : begin + _AT_ONCE]
                # Two timeouts have no difference; nor has what was not seen.
                with np.errstate(invalid="ignore"):
                    found = block_medians(others - columns[:, first, None])
                blocks[at : at + len(found)] = found
                at += len(found)
        is_whole = not np.isnan(blocks).any()
        return replace(self, each=each, blocks=blocks, is_whole=is_whole)

    def pairs(self, confidence: float) -> Pairs:
        shift, low, high, freedom, p = self.ends
        longest = int(self.counts().max())
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
            reduced_to=means_made(longest, is_quick=self.each > 1),
            caveats=_reduced(longest, self.each),
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


def _reduced(n: int, each: int) -> tuple[Caveat, ...]:
    made = means_made(n, is_quick=each > 1)
    of, text = "rounds", ""
    if each > 1:
        of = "blocks"
        text = f"rounds are taken as {n:,} blocks of {each}, by their medians"
    if made is not None:
        made_of = f"made of {made:,} of the {n * (n + 1) // 2:,} means of two {of}"
        text = f"{text}; shifts are {made_of}" if text else f"shifts are {made_of}"
    if not text:
        return ()
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
