"""Two regions held against each other at one vantage, or one region before and after.

Two series of the same rounds are pairs: by how much they differ is asked round by round
(`stats.pairs`), so that what moved both of them is in neither. Two runs have no rounds
in common, and neither have imports without rounds: their values are taken as two heaps
(`stats.compare`), which is weaker, and a caveat says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cloudgauge.analysis.metric import Metric
from cloudgauge.analysis.rounds import Attempts
from cloudgauge.analysis.series import Floats
from cloudgauge.analysis.sides import (
    ALPHA,
    CONFIDENCE,
    Side,
    differing,
    series_text,
    side_caveats,
)
from cloudgauge.stats.caveat import Caveat, Weight
from cloudgauge.stats.compare import round_differences, shift, shift_caveats, shift_p
from cloudgauge.stats.multiplicity import holm
from cloudgauge.stats.order import stochastic_order
from cloudgauge.stats.pairs import all_pairs
from cloudgauge.stats.summary import Estimate
from cloudgauge.stats.verdict import Verdict, margin_of, verdict_of

# Equivalence is tested from both sides at ALPHA each (Schuirmann 1987).
_OF_EQUIVALENCE = 1 - 2 * ALPHA


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """Within which a shift does not matter; the greater of the two holds.

    Attributes:
        least: In the metric's unit.
        share: Of the baseline's median, 0 to 1.
    """

    least: float
    share: float

    def of(self, baseline_p50: float) -> float:
        """The margin beside such a baseline, in the metric's unit."""
        return margin_of(baseline_p50, least=self.least, share=self.share)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What is known of the difference between two sides, candidate minus baseline.

    Attributes:
        baseline: Target id, as it is shown.
        candidate: Likewise.
        series: What the sides have in common: IP version, streams of a download.
        vantage: Name; "" for all vantages together.
        is_paired: Whether round was held against round.
        rounds: In which both have a value; of unpaired ones those of the smaller side.
        baseline_p50: In the metric's unit; None without a value.
        candidate_p50: Likewise.
        shift: In the metric's unit, at 95 %; None if nothing could be compared.
        narrow: The same at 90 %, by which equivalence is judged.
        faster: Probability that the candidate is better in a round, ties half; None as
            above.
        p_value: Of no difference; None where none is computed.
        p_adjusted: By Holm, over everything that was asked at once.
        verdict: By the interval, the margin and `p_adjusted`.
        margin: In the metric's unit.
        limits: How long was waited on either side, of which an infinite p50 is beyond.
        failed_baseline: Visits that failed, of those that were made.
        also_differs: Every recorded setting that is not the same on both sides and was
            not what was compared, with both values.
        is_burst: The rounds were too close together to say anything of other hours.
    """

    metric: Metric
    baseline: str
    candidate: str
    series: str
    vantage: str
    is_paired: bool
    rounds: int
    baseline_p50: Estimate | None
    candidate_p50: Estimate | None
    shift: Estimate | None
    narrow: Estimate | None
    faster: float | None
    p_value: float | None
    p_adjusted: float | None
    verdict: Verdict
    margin: float
    failed_baseline: Attempts
    failed_candidate: Attempts
    also_differs: tuple[str, ...]
    is_burst: bool
    caveats: tuple[Caveat, ...]
    limits: tuple[float | None, float | None] = (None, None)

    @property
    def is_known(self) -> bool:
        """Whether its shift is a number, if one of wide bounds."""
        return self.shift is not None and bool(np.isfinite(self.shift.point))

    @property
    def slower_by(self) -> tuple[float, float] | None:
        """The interval of by how much the candidate is worse, whatever the metric."""
        if self.shift is None:
            return None
        ends = self.shift.low, self.shift.high
        return (-ends[1], -ends[0]) if self.metric.is_rate else ends

    def share(self, amount: float) -> float | None:
        """An amount as a share of the baseline's median."""
        base = self.baseline_p50
        if base is None or not np.isfinite(base.point) or base.point <= 0:
            return None
        return amount / base.point


def compare_sides(
    baseline: Side, candidate: Side, *, margin: Margin, vantage: str, is_paired: bool
) -> Comparison:
    """Compare two sides; the adjusted p is that of one comparison alone.

    Args:
        baseline: What is subtracted.
        candidate: What is judged.
        margin: Set before looking.
        vantage: From where both were measured.
        is_paired: The two are lines of the same rounds.
    """
    base_p50 = baseline.median()
    point = base_p50.point if base_p50 else 0.0
    known = point if np.isfinite(point) else 0.0
    found = _paired if is_paired else _unpaired
    figures = found(baseline, candidate, margin.of(known))
    burst = any(side.rounds.coverage().is_burst for side in (baseline, candidate))
    return Comparison(
        metric=baseline.rounds.metric,
        baseline=baseline.line.target_id,
        candidate=candidate.line.target_id,
        series=series_text(candidate.line),
        vantage=vantage,
        is_paired=is_paired,
        rounds=figures.rounds,
        baseline_p50=base_p50,
        candidate_p50=candidate.median(),
        shift=figures.shift,
        narrow=figures.narrow,
        faster=figures.faster,
        p_value=figures.p_value,
        p_adjusted=figures.p_value,
        verdict=figures.verdict,
        margin=margin.of(known),
        failed_baseline=baseline.attempts,
        failed_candidate=candidate.attempts,
        also_differs=tuple(differing(baseline, candidate)),
        is_burst=burst,
        caveats=(*figures.caveats, *side_caveats(baseline, candidate)),
        limits=(baseline.rounds.limit, candidate.rounds.limit),
    )


def adjusted(comparisons: Sequence[Comparison]) -> tuple[Comparison, ...]:
    """Correct comparisons that were asked at once for their number, by Holm.

    What differs by its own interval alone, but not after the correction, is undecided.
    """
    p_values = [1.0 if one.p_value is None else one.p_value for one in comparisons]
    found = holm(p_values)
    return tuple(
        _after_correction(one, float(p), len(comparisons))
        for one, p in zip(comparisons, found, strict=True)
    )


def _after_correction(one: Comparison, p: float, count: int) -> Comparison:
    if one.p_value is None:
        return one
    corrected = replace(one, p_adjusted=p)
    if one.verdict is not Verdict.DIFFERS or p < ALPHA:
        return corrected
    text = f"by itself it differs, not after the correction for {count} comparisons"
    caveat = Caveat(name="corrected", text=text, weight=Weight.NOTE)
    return replace(corrected, verdict=Verdict.UNDECIDED, caveats=(*one.caveats, caveat))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figures:
    """What a method makes of two sides."""

    rounds: int
    shift: Estimate | None
    narrow: Estimate | None
    faster: float | None
    p_value: float | None
    verdict: Verdict
    caveats: tuple[Caveat, ...]


def _nothing(text: str) -> _Figures:
    return _Figures(
        rounds=0,
        shift=None,
        narrow=None,
        faster=None,
        p_value=None,
        verdict=Verdict.UNDECIDED,
        caveats=(Caveat(name="no value", text=text),),
    )


def _paired(baseline: Side, candidate: Side, margin: float) -> _Figures:
    first, second = baseline.values, candidate.values
    both = ~(np.isnan(first) | np.isnan(second))
    if not both.any():
        return _nothing("no round has a value of both")
    if not (np.isfinite(first) | np.isfinite(second))[both].any():
        return _nothing("both timed out in every round that has both")
    matrix = np.column_stack((first, second))
    pairs = all_pairs(matrix, confidence=CONFIDENCE)
    wide = pairs.estimate(0, 1)
    narrow = all_pairs(matrix, confidence=_OF_EQUIVALENCE).estimate(0, 1)
    return _Figures(
        rounds=wide.n,
        shift=wide,
        narrow=narrow,
        faster=_share_better(first[both], second[both], baseline.rounds.metric),
        p_value=float(pairs.p[0]),
        verdict=verdict_of(narrow, wide, margin),
        caveats=(
            *round_differences(first, second).caveats,
            *shift_caveats(wide.low, wide.high, wide.n, CONFIDENCE),
        ),
    )


def _unpaired(baseline: Side, candidate: Side, margin: float) -> _Figures:
    first, second = (
        side.values[~np.isnan(side.values)] for side in (baseline, candidate)
    )
    if not len(first) or not len(second):
        return _nothing("one of the two has no value")
    if not (np.isfinite(first).any() or np.isfinite(second).any()):
        return _nothing("everything timed out on both sides")
    wide = shift(first, second, confidence=CONFIDENCE)
    narrow = shift(first, second, confidence=_OF_EQUIVALENCE)
    theta = stochastic_order(first, second).theta
    is_rate = baseline.rounds.metric.is_rate
    text = (
        "no rounds in common: whatever else changed between the two is in the "
        "difference"
    )
    return _Figures(
        rounds=min(len(first), len(second)),
        shift=wide,
        narrow=narrow,
        faster=1 - theta if is_rate else theta,
        p_value=shift_p(first, second),
        verdict=verdict_of(narrow, wide, margin),
        caveats=(Caveat(name="unpaired", text=text), *wide.caveats),
    )


def _share_better(first: Floats, second: Floats, metric: Metric) -> float:
    better = second > first if metric.is_rate else second < first
    return float(better.mean() + np.equal(first, second).mean() / 2)
