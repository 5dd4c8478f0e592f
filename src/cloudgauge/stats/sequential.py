"""Tests that may be looked at after every round.

In each round the order of two targets is a fair coin of ours. If it makes no
difference which is which, then whatever the network does, the one that was faster is
as likely the one as the other, in each round anew: the number of wins is that of a fair
coin under any autocorrelation. The evidence is a betting process whose stake is a
beta mixture (Ville 1939; Howard, Ramdas, McAuliffe and Sekhon, Time-uniform
Nonparametric, Nonasymptotic Confidence Sequences, Annals of Statistics 49, 2021): it
ever exceeds 1 / alpha with a probability of at most alpha.

That is a statement about the rounds that were measured. Where one target is slow for
an hour by chance and the other is not, it was slower in that hour. For a statement
about the long run the shift must hold against its own long-run variance as well: the
mixture of Robbins for a mean that is normal in the limit (Waudby-Smith, Arbour, Sinha,
Kennedy and Ramdas, Time-uniform Central Limit Theory and Asymptotic Confidence
Sequences, Annals of Statistics 52, 2024). `still_in` takes the lesser of the two.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from cloudgauge.stats.bootstrap import medians
from cloudgauge.stats.dependence import dependence
from cloudgauge.stats.differences import Standing
from cloudgauge.stats.multiplicity import e_bh
from cloudgauge.stats.pairs import checked_cells
from cloudgauge.stats.student import as_far_out, normal_of
from cloudgauge.stats.values import Floats, bounded_below, check_level

Counts = NDArray[np.int64] | int

# With fewer rounds nothing is known of how they depend on each other.
LEAST_ROUNDS = 30
# A target is held against so many of the fastest others: all others count as no
# evidence, which errs on the side of keeping it.
RIVALS = 5
# For a level of 5 %, the boundary of Robbins is narrowest where the product of rounds
# and prior variance is this: 2 log(1 / alpha) + log(1 + 2 log(1 / alpha)).
_NARROWEST = 7.9
_TUNED_FOR = 300
# A median absolute deviation to a normal variable's standard deviation.
_DEVIATION_PER_MAD = 1.482602218505602
# Beyond so many deviations a value counts as being there.
_WINSOR = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SignProcess:
    """How often one of two targets was slower, and what that proves.

    Attributes:
        slower: Rounds in which the candidate was slower than the baseline.
        faster: Rounds in which it was faster.
        ties: Rounds in which neither was; they bear on nothing.
    """

    slower: int = 0
    faster: int = 0
    ties: int = 0

    @classmethod
    def of(cls, baseline: ArrayLike, candidate: ArrayLike) -> "SignProcess":
        """Count rounds, each array of shape (n,); NaN in either is no round.

        Infinity is a timeout, slower than all else; two of them are a tie.
        """
        first = np.asarray(baseline, dtype=np.float64)
        second = np.asarray(candidate, dtype=np.float64)
        return cls(
            slower=int((second > first).sum()),
            faster=int((second < first).sum()),
            ties=int((second == first).sum()),
        )

    def after(self, baseline: float, candidate: float) -> "SignProcess":
        """The process with one more round."""
        return SignProcess(
            slower=self.slower + (candidate > baseline),
            faster=self.faster + (candidate < baseline),
            ties=self.ties + (candidate == baseline),
        )

    @property
    def evidence(self) -> float:
        """E-value against its making no difference which is which."""
        return _e(_log_evidence(self.slower, self.faster))

    @property
    def evidence_slower(self) -> float:
        """E-value against the candidate's being slower in at most half the rounds."""
        return _e(_log_slower(self.slower, self.faster))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ConfidenceSequence:
    """Intervals after each round that all hold at once.

    Attributes:
        point: Shape (n,): the location of the values up to there.
        low: Shape (n,); minus infinity before `LEAST_ROUNDS` rounds.
        high: Shape (n,).
        confidence: That none ever misses, in (0, 1).
    """

    point: Floats
    low: Floats
    high: Floats
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StillIn:
    """Which targets may still be the best.

    Attributes:
        evidence: Of each, the e-value against its being the best.
        still: Of each, whether it may be.
        rounds: After how many rounds.
        alpha: Share of the wrongly excluded among the excluded, on average.
    """

    evidence: tuple[float, ...]
    still: tuple[bool, ...]
    rounds: int
    alpha: float


def still_in(matrix: ArrayLike, *, alpha: float = 0.05) -> StillIn:
    """Find which targets may still be the best, after any number of rounds.

    A target that is shown to be worse than some other leaves; the guarantee holds
    however often and whenever one looks, and if targets that left are measured no
    more. The evidence against a target is the mean of that against its being no
    slower than each other one; targets are excluded by e-BH.

    Args:
        matrix: Shape (rounds, k), in order of time: NaN where a target was not seen,
            infinity where it timed out. Lower is better.
        alpha: In (0, 1).

    Raises:
        ValueError: As `all_pairs`, or if *alpha* is not in (0, 1).
    """
    cells = checked_cells(matrix)
    check_level(alpha)
    signs = _signs(cells)
    # The other evidence only takes away: it is sought where this would exclude.
    evidence = _of_rivals(signs, cells)
    others = cells.shape[1] - 1
    for target in np.flatnonzero(e_bh(evidence.sum(axis=1) / others, alpha)):
        for rival in np.flatnonzero(evidence[target]):
            drift = evidence_of_drift(cells[:, target] - cells[:, rival])
            evidence[target, rival] = min(evidence[target, rival], drift)
    found = evidence.sum(axis=1) / others
    return StillIn(
        evidence=tuple(found.tolist()),
        still=tuple((~e_bh(found, alpha)).tolist()),
        rounds=len(cells),
        alpha=alpha,
    )


def evidence_of_drift(differences: ArrayLike) -> float:
    """E-value against differences' lying at or below 0 in the long run.

    In the limit of many rounds, and 0 before `LEAST_ROUNDS`.

    Args:
        differences: Shape (n,), in order of time; NaN is no round.
    """
    found = np.asarray(differences, dtype=np.float64)
    found = found[~np.isnan(found)]
    if len(found) < LEAST_ROUNDS:
        return 0.0
    point, error, freedom = _located(found)
    if not error:
        return math.inf if point > 0 else 0.0
    # Far below 0 there is no evidence; further out is none that is a number.
    z = max(float(normal_of(point / error, freedom)), -30.0)
    prior = len(found) * _NARROWEST / _TUNED_FOR
    share = prior / (1 + prior)
    # The mixture over shifts above 0 alone.
    above = math.log(2) + float(special.log_ndtr(z * math.sqrt(share)))
    return math.exp(min(share * z * z / 2 + above, 700)) / math.sqrt(1 + prior)


def confidence_sequence(
    values: ArrayLike, *, confidence: float = 0.95, tuned_for: int = _TUNED_FOR
) -> ConfidenceSequence:
    """Bound where the values of rounds lie, after each round.

    The location is their mean with what is beyond three deviations of the median
    drawn in to there; before `LEAST_ROUNDS`, and where most are infinite, it is the
    median and nothing is bounded. Holds in the limit of many rounds.

    Args:
        values: Shape (n,): one value a round, such as a round's median or a
            difference, in order of time; infinity counts as beyond.
        confidence: That no interval ever misses, in (0, 1).
        tuned_for: Round at which the intervals are to be narrowest, at least 1.

    Raises:
        ValueError: If *values* is empty, not one-dimensional, NaN or minus infinity,
            or an argument is out of its bounds.
    """
    found = bounded_below(values)
    check_level(confidence)
    if tuned_for < 1:
        msg = f"tuned_for must be at least 1, got {tuned_for}"
        raise ValueError(msg)
    point = np.array([np.median(found[: n + 1]) for n in range(len(found))])
    reach = np.full(len(found), np.inf)
    for n in range(LEAST_ROUNDS, len(found) + 1):
        if np.isinf(point[n - 1]):
            continue
        point[n - 1], error, freedom = _located(found[:n])
        z = _boundary(n * _NARROWEST / tuned_for, 1 - confidence)
        reach[n - 1] = error * float(as_far_out(z, freedom))
    is_open = np.isinf(reach)
    return ConfidenceSequence(
        point=point,
        low=np.where(is_open, -np.inf, point - np.where(is_open, 0, reach)),
        high=point + reach,
        confidence=confidence,
    )


def _e(logarithm: Floats) -> float:
    return math.exp(min(float(logarithm), 700))


def _signs(cells: Floats) -> Floats:
    """Shape (k, k): evidence against the row's being no slower than the column."""
    slower = np.array(
        [(cells.T[at, :, None] > cells).sum(axis=0) for at in range(cells.shape[1])]
    )
    return np.asarray(np.exp(np.minimum(_log_slower(slower, slower.T), 700)))


def _of_rivals(signs: Floats, cells: Floats) -> Floats:
    """The evidence from the fastest others alone; 0 from the rest and from itself."""
    fastest = np.argsort(medians(cells), kind="stable")
    kept = np.zeros_like(signs)
    for target in range(len(signs)):
        rivals = fastest[fastest != target][:RIVALS]
        kept[target, rivals] = signs[target, rivals]
    return kept


def _log_evidence(slower: Counts, faster: Counts) -> Floats:
    n = slower + faster
    return np.asarray(n * math.log(2) + special.betaln(1 + slower, 1 + faster))


def _log_slower(slower: Counts, faster: Counts) -> Floats:
    """Of the mixture over shares above a half alone: twice its part there."""
    above = special.betaincc(1 + slower, 1 + faster, 0.5)
    found = _log_evidence(slower, faster) + np.log(2 * np.maximum(above, 1e-300))
    # Where a half is the likeliest share of all above, the mixture falls off from
    # there at least as fast as an exponential: tighter than rounding is.
    fewer = np.maximum(np.asarray(faster) - slower, 1)
    bounded = np.minimum(found, -np.log(fewer))
    return np.asarray(np.where(np.less(slower, faster), bounded, found))


def _located(values: Floats) -> tuple[float, float, float]:
    """Location, its standard error and the error's degrees of freedom."""
    standing = values
    if not np.isfinite(values).all():
        standing = Standing.of(values)[0].values
    middle = float(np.median(standing))
    scale = _DEVIATION_PER_MAD * float(np.median(np.abs(standing - middle)))
    # Where most values are equal the rest is all that tells how they vary.
    reach = _WINSOR * scale or math.inf
    kept = np.clip(standing, middle - reach, middle + reach)
    depends = dependence(kept)
    error = math.sqrt(float(kept.var()) * depends.inflation / len(kept))
    # That values are independent is itself only seen so well.
    return float(kept.mean()), error, min(depends.freedom, len(kept) / 3)


def _boundary(prior: float, alpha: float) -> float:
    """How many errors the mixture's boundary is away (Robbins, 1970)."""
    return math.sqrt(
        (1 + prior) / prior * (2 * math.log(1 / alpha) + math.log1p(prior))
    )
