"""How sure a quantile of values from several places is, from their rounds' shares.

The interval of `round_interval`, of values that need not be at hand: what is asked of
them is how many of each round lie below the quantile. Where they come from several
places, a fixed set of strata, a round's share is held against that of its own place,
and the variances of the places add (Woodruff, Confidence Intervals for Medians and
Other Position Measures, JASA 47, 1952, on stratified samples), with degrees of freedom
after Satterthwaite (An Approximate Distribution of Estimates of Variance Components,
Biometrics 2, 1946).

How far rounds depend on one another in a tail shows only in the few that reach it, and
comes out too small: with a correlation of 0.7 from round to round 95 % intervals of p95
held in 90 % of simulations of 300 rounds, with one of 0.9 in 83 %. So a tail is taken
to be at least as dependent as the middle, where all rounds tell: then they hold in 97
and 95 %, and are 6 % wider where rounds are independent.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cloudgauge.stats.beta import t_quantile
from cloudgauge.stats.dependence import dependences
from cloudgauge.stats.ranks import end_ranks
from cloudgauge.stats.summary import WHOLE_RANKS
from cloudgauge.stats.values import Floats, check_level


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """The rounds of one place, in order of time.

    Attributes:
        sizes: Shape (rounds,): how many values each has, at least 1.
        below: Shape (quantiles, rounds): how many of them lie below each quantile;
            of those that equal it such a part as makes all of them its share.
    """

    sizes: Floats
    below: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Surety:
    """What rounds say of a quantile.

    Attributes:
        count: How many values there are.
        effective: As many independent ones leave as much open.
        unlike: As many would, if rounds did not depend on one another.
        in_rounds: Rounds have several values.
        rounds: How many.
    """

    count: int
    effective: float
    unlike: float
    in_rounds: bool
    rounds: int

    def ranks(self, p: float, confidence: float = 0.95) -> tuple[int, int]:
        """Ranks from 1 of the two values between which the quantile lies.

        Args:
            p: Of the quantile, in (0, 1).
            confidence: In (0, 1).

        Returns:
            0 for an end that so few do not bound.
        """
        whole = self.in_rounds and self.effective < WHOLE_RANKS
        return end_ranks(self.count, p, self.effective, confidence, whole=whole)

    def loose_ranks(self, p: float, confidence: float = 0.95) -> tuple[int, int]:
        """The same if rounds did not depend on one another: ends to be stretched."""
        return end_ranks(self.count, p, self.unlike, confidence)

    @property
    def stretch(self) -> float:
        """By how much a loose end is farther from the point; 1 where it is none."""
        return math.sqrt(max(self.unlike / self.effective, 1.0))


def sureties(
    strata: Sequence[Stratum], levels: Sequence[float], confidence: float = 0.95
) -> tuple[Surety, ...]:
    """How sure each quantile is.

    Args:
        strata: At least one, each of at least one round.
        levels: The share of each quantile, in (0, 1); with one in the middle, which
            the dependence of the others is held against.
        confidence: In (0, 1).

    Raises:
        ValueError: If *confidence* is not in (0, 1).
    """
    check_level(confidence)
    count = int(sum(one.sizes.sum() for one in strata))
    rounds = sum(len(one.sizes) for one in strata)
    if rounds == 1 or not levels:
        alone = Surety(
            count=count, effective=count, unlike=count, in_rounds=False, rounds=1
        )
        return (alone,) * len(levels)
    in_rounds = count > rounds
    each = _errors(strata, levels, in_rounds=in_rounds)
    found = []
    for at, errors in enumerate(zip(*each, strict=True)):
        effective, unlike = _effective(errors, levels[at], count, confidence)
        found.append(
            Surety(
                count=count,
                effective=effective,
                unlike=unlike,
                in_rounds=in_rounds,
                rounds=rounds,
            )
        )
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Error:
    """What one stratum leaves open of one quantile's share.

    Attributes:
        squares: Of the rounds' excesses, their sum.
        inflation: By how much their dependence inflates it.
        freedom: How sure that is, in degrees of freedom.
    """

    squares: float
    inflation: float
    freedom: float

    @property
    def variance(self) -> float:
        return self.squares * self.inflation


def _errors(
    strata: Sequence[Stratum], levels: Sequence[float], *, in_rounds: bool
) -> list[list[_Error]]:
    """Of each stratum its errors, quantile by quantile."""
    shares = np.array(levels, dtype=np.float64)[:, None]
    parts, lone = [], []
    for one in strata:
        if len(one.sizes) == 1:
            # Of one round nothing follows; of such rounds of several places it does.
            lone.append(one.below - one.sizes * shares)
            continue
        # With one stratum that is what the quantile was chosen by.
        own = one.below.sum(axis=1, keepdims=True) / one.sizes.sum()
        parts.append(one.below - one.sizes * (shares if len(strata) == 1 else own))
    if lone:
        parts.append(np.concatenate(lone, axis=1))
    middle = int(np.argmin(np.abs(shares - 0.5)))
    return [_of_part(part, middle, in_rounds=in_rounds) for part in parts]


def _of_part(excess: Floats, middle: int, *, in_rounds: bool) -> list[_Error]:
    inflation, freedom = dependences(excess)
    more = inflation < inflation[middle]
    inflation = np.where(more, inflation[middle], inflation)
    freedom = np.where(more, freedom[middle], freedom)
    if in_rounds:
        freedom = np.minimum(freedom, max(excess.shape[1] - 1, 1))
    return [
        _Error(squares=float(s), inflation=float(i), freedom=float(f))
        for s, i, f in zip((excess**2).sum(axis=1), inflation, freedom, strict=True)
    ]


def _effective(
    errors: Sequence[_Error], level: float, count: int, confidence: float
) -> tuple[float, float]:
    """As many independent values leave as much open.

    Returns:
        How many, and how many if rounds did not depend on one another.
    """
    squares = sum(error.squares for error in errors)
    if not squares:
        return count, count
    inflation = sum(error.variance for error in errors) / squares
    share = (1 + confidence) / 2
    reach = math.sqrt(inflation) * t_quantile(share, _freedom(errors))
    # Rounds that are more alike than chance makes them are not credited for it.
    alone = min(level * (1 - level) * count**2 / squares, count)
    normal = t_quantile(share, math.inf)
    return max(alone * (normal / reach) ** 2, 1.0), alone


def _freedom(errors: Sequence[_Error]) -> float:
    """Degrees of freedom of the sum of their variances."""
    if len(errors) == 1:
        return errors[0].freedom
    unsure = sum(error.variance**2 / error.freedom for error in errors)
    total = sum(error.variance for error in errors)
    return total**2 / unsure if unsure else math.inf
