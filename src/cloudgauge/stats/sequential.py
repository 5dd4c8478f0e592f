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
from numpy.typing import ArrayLike
from scipy import special

from cloudgauge.stats.dependence import dependence
from cloudgauge.stats.multiplicity import e_bh
from cloudgauge.stats.pairs import checked_cells
from cloudgauge.stats.values import Floats, bounded_below, check_level

# A median absolute deviation to a normal variable's standard deviation.
_DEVIATION_PER_MAD = 1.482602218505602


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
        return float(np.exp(_log_evidence(self.slower, self.faster)))

    @property
    def evidence_slower(self) -> float:
        """E-value against the candidate's being slower in at most half the rounds."""
        return float(np.exp(_log_slower(self.slower, self.faster)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ConfidenceSequence:
    """Intervals after each round that all hold at once.

    Attributes:
        point: Shape (n,): the location of the values up to there.
        low: Shape (n,); minus infinity before `from_round` rounds.
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
    more.

    Args:
        matrix: Shape (rounds, k), in order of time: NaN where a target was not seen,
            infinity where it timed out. Lower is better.
        alpha: In (0, 1).

    Raises:
        ValueError: As `all_pairs`.
    """
    cells = checked_cells(matrix)
    check_level(alpha)
    targets = cells.shape[1]
    evidence = np.zeros(targets)
    for at in range(targets):
        others = np.delete(cells, at, axis=1)
        found = [_evidence(other, cells[:, at]) for other in others.T]
        evidence[at] = np.mean(found)
    return StillIn(
        evidence=tuple(evidence.tolist()),
        still=tuple((~e_bh(evidence, alpha)).tolist()),
        rounds=len(cells),
        alpha=alpha,
    )


def confidence_sequence(
    values: ArrayLike, *, confidence: float = 0.95, tuned_for: int = 300
) -> ConfidenceSequence:
    """Bound where the values of rounds lie, after each round.

    Args:
        values: Shape (n,): one value a round, such as a round's median or a
            difference, in order of time.
        confidence: That no interval ever misses, in (0, 1).
        tuned_for: Round at which the intervals are to be narrowest.

    Raises:
        ValueError: If *values* is empty, not one-dimensional, NaN or minus infinity.
    """
    found = bounded_below(values)
    check_level(confidence)
    rows = [_located(found[: n + 1]) for n in range(len(found))]
    point = np.array([row[0] for row in rows])
    reach = np.array(
        [
            error * _reach(n + 1, freedom, 1 - confidence, tuned_for)
            for n, (_, error, freedom) in enumerate(rows)
        ]
    )
    return ConfidenceSequence(
        point=point, low=point - reach, high=point + reach, confidence=confidence
    )


def _evidence(baseline: Floats, candidate: Floats) -> float:
    """E-value against the candidate's being no slower than the baseline."""
    signs = SignProcess.of(baseline, candidate)
    return signs.evidence_slower


def _log_evidence(slower: int, faster: int) -> float:
    n = slower + faster
    return n * math.log(2) + float(special.betaln(1 + slower, 1 + faster))


def _log_slower(slower: int, faster: int) -> float:
    """Of the mixture over shares above a half alone: twice its part there."""
    above = float(special.betaincc(1 + slower, 1 + faster, 0.5))
    return _log_evidence(slower, faster) + math.log(2 * max(above, 1e-300))


def _located(values: Floats) -> tuple[float, float, float]:
    """Location, its standard error and the error's degrees of freedom."""
    middle = float(np.median(values))
    scale = _DEVIATION_PER_MAD * float(np.median(np.abs(values - middle)))
    if len(values) < 2 or not scale:
        return middle, math.inf, math.inf
    kept = np.clip(values, middle - 3 * scale, middle + 3 * scale)
    depends = dependence(kept)
    error = math.sqrt(float(kept.var()) * depends.inflation / len(kept))
    return float(kept.mean()), error, depends.freedom


def _reach(n: int, freedom: float, alpha: float, tuned_for: int) -> float:
    """How many standard errors the mixture's boundary lies away after *n* rounds."""
    share = n / tuned_for
    z = math.sqrt((1 + share) / share * (2 * math.log(1 / alpha) + math.log(1 + share)))
    return float(-special.stdtrit(freedom, special.ndtr(-z)))
