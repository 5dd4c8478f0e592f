"""One comparison at several vantages: what holds everywhere, and what flips.

The vantages are taken as a fixed set: they are those that the user has, or weighs by
users, not a draw from all there could be. The shift over all of them is the weighted
mean of theirs; its interval by the method of variance estimates recovery: Zou and
Donner, Construction of Confidence Limits about Effect Measures: A General Approach,
Statistics in Medicine 27 (2008), as the vantages measured independently of one another.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import reduce
from operator import add

from cloudgauge.analysis.comparison import Comparison
from cloudgauge.analysis.rounds import Attempts
from cloudgauge.stats.summary import Estimate
from cloudgauge.stats.verdict import Verdict, verdict_of

_BETTER, _WORSE, _SAME, _UNDECIDED = _WORDS = ("better", "worse", "same", "undecided")

# Of a normal variable, what 95 % are within.
_Z = 1.959963984540054


class Agreement(StrEnum):
    """What vantages say together of one comparison.

    ``EVERYWHERE``: the same verdict, in the same direction, at each. ``FLIPS``: the
    candidate is surely better at one and surely worse at another. ``NOWHERE``: neither
    is shown at any. ``PARTLY``: none of these.
    """

    EVERYWHERE = "holds at every vantage"
    FLIPS = "flips"
    PARTLY = "not at every vantage"
    NOWHERE = "undecided everywhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Across:
    """One comparison at all vantages.

    Attributes:
        better: Vantages at which the candidate is surely better.
        worse: At which it is surely worse.
        same: At which the two are equivalent.
        undecided: At which neither is shown.
    """

    baseline: str
    candidate: str
    series: str
    agreement: Agreement
    better: tuple[str, ...]
    worse: tuple[str, ...]
    same: tuple[str, ...]
    undecided: tuple[str, ...]


def across_vantages(found: Sequence[Comparison]) -> Across:
    """Say what comparisons of the same two sides, one a vantage, have in common."""
    by_word: dict[str, list[str]] = {word: [] for word in _WORDS}
    for one in found:
        by_word[_word(one)].append(one.vantage)
    if by_word[_BETTER] and by_word[_WORSE]:
        agreement = Agreement.FLIPS
    elif len(by_word[_UNDECIDED]) == len(found):
        agreement = Agreement.NOWHERE
    elif not by_word[_UNDECIDED] and sum(map(bool, by_word.values())) == 1:
        agreement = Agreement.EVERYWHERE
    else:
        agreement = Agreement.PARTLY
    return Across(
        baseline=found[0].baseline,
        candidate=found[0].candidate,
        series=found[0].series,
        agreement=agreement,
        better=tuple(by_word[_BETTER]),
        worse=tuple(by_word[_WORSE]),
        same=tuple(by_word[_SAME]),
        undecided=tuple(by_word[_UNDECIDED]),
    )


def pooled(
    found: Sequence[Comparison], weights: Mapping[str, float]
) -> Comparison | None:
    """The comparison over all vantages together.

    Args:
        found: Of the same two sides, one a vantage.
        weights: By vantage, at least 0, of any sum above 0.

    Returns:
        With vantage "", to be corrected with the others; None unless each vantage of
        weight has a shift that is known.
    """
    parts = [(one, weights[one.vantage]) for one in found if weights[one.vantage] > 0]
    total = sum(weight for _, weight in parts)
    shares = [weight / total for _, weight in parts]
    wide = weighted([one.shift for one, _ in parts], shares)
    narrow = weighted([one.narrow for one, _ in parts], shares)
    if wide is None or narrow is None:
        return None
    first, p_value = parts[0][0], _p_value(wide)
    margin = sum(
        share * one.margin for (one, _), share in zip(parts, shares, strict=True)
    )
    return replace(
        first,
        vantage="",
        rounds=sum(one.rounds for one, _ in parts),
        baseline_p50=weighted([one.baseline_p50 for one, _ in parts], shares),
        candidate_p50=weighted([one.candidate_p50 for one, _ in parts], shares),
        shift=wide,
        narrow=narrow,
        faster=sum(
            share * (one.faster or 0.0)
            for (one, _), share in zip(parts, shares, strict=True)
        ),
        p_value=p_value,
        p_adjusted=p_value,
        verdict=verdict_of(narrow, wide, margin),
        margin=margin,
        failed_baseline=_total([one.failed_baseline for one, _ in parts]),
        failed_candidate=_total([one.failed_candidate for one, _ in parts]),
        also_differs=tuple(
            dict.fromkeys(x for one, _ in parts for x in one.also_differs)
        ),
        is_burst=any(one.is_burst for one, _ in parts),
        caveats=(),
    )


def _word(one: Comparison) -> str:
    ends = one.slower_by
    if one.verdict is Verdict.EQUIVALENT:
        return _SAME
    if one.verdict is Verdict.UNDECIDED or ends is None:
        return _UNDECIDED
    return _WORSE if ends[0] > 0 else _BETTER


def weighted(
    estimates: Sequence[Estimate | None], shares: Sequence[float]
) -> Estimate | None:
    """The weighted mean of independent estimates; None unless all are finite.

    Args:
        estimates: One a vantage, all at one level.
        shares: Their weights, with the sum 1.
    """
    parts = [(one, share) for one, share in zip(estimates, shares, strict=True) if one]
    if len(parts) < len(estimates) or not parts:
        return None
    if not all(math.isfinite(one.point) for one, _ in parts):
        return None
    point = math.fsum(share * one.point for one, share in parts)
    below = math.hypot(*(share * (one.point - one.low) for one, share in parts))
    above = math.hypot(*(share * (one.high - one.point) for one, share in parts))
    return Estimate(
        point=point,
        low=point - below,
        high=point + above,
        confidence=parts[0][0].confidence,
        n=sum(one.n for one, _ in parts),
    )


def _p_value(estimate: Estimate) -> float:
    """Of no shift: below 0.05 exactly where the interval at 95 % leaves 0 out."""
    point = estimate.point
    reach = point - estimate.low if point > 0 else estimate.high - point
    if not point or math.isinf(reach):
        return 1.0
    if not reach:
        return 0.0
    return math.erfc(abs(point) / reach * _Z / math.sqrt(2))


def _total(attempts: Sequence[Attempts]) -> Attempts:
    return reduce(add, attempts)
