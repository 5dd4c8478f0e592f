"""What a shift's intervals say about a margin that was set beforehand."""

import math
from enum import StrEnum

from cloudgauge.stats.summary import Estimate

# What hardly anybody feels, in milliseconds, and the share of the baseline.
LEAST_MARGIN = 2.0
MARGIN_SHARE = 0.02


class Verdict(StrEnum):
    """Whether two places differ, are as good as equal, or neither is shown.

    ``EQUIVALENT``: the shift is surely within the margin, even if it surely is not 0.
    ``DIFFERS``: it surely is not 0, and may matter. ``UNDECIDED``: neither is shown.
    """

    DIFFERS = "differs"
    EQUIVALENT = "equivalent"
    UNDECIDED = "undecided"


def margin_of(
    baseline_point: float, *, least: float = LEAST_MARGIN, share: float = MARGIN_SHARE
) -> float:
    """Give the margin within which a shift does not matter.

    To be set before looking at the candidate (Lakens, Equivalence Tests, Social
    Psychological and Personality Science 8, 2017).

    Args:
        baseline_point: Estimate of the baseline, at least 0.
        least: The margin is at least this, in the same unit.
        share: And at least this share of the baseline.

    Raises:
        ValueError: If an argument is negative or not finite.
    """
    for name, value in (
        ("baseline", baseline_point),
        ("least", least),
        ("share", share),
    ):
        if not (math.isfinite(value) and value >= 0):
            msg = f"{name} must be finite and at least 0, got {value}"
            raise ValueError(msg)
    return max(least, share * baseline_point)


def verdict_of(estimate_90: Estimate, estimate_95: Estimate, margin: float) -> Verdict:
    """Judge a shift by two intervals and a margin set before looking.

    Two one-sided tests (Schuirmann, A Comparison of the Two One-Sided Tests Procedure
    and the Power Approach, Journal of Pharmacokinetics and Biopharmaceutics 15, 1987):
    at 5 %, a shift is within the margin if its 90 % interval is. A p-value above 5 %
    is no sign of that.

    Args:
        estimate_90: The shift with an interval of twice the test's error.
        estimate_95: The same shift with an interval of the test's error.
        margin: In their unit, at least 0; with 0 nothing is equivalent.

    Raises:
        ValueError: If the margin is negative or NaN, or the first interval's
            confidence is above the second's.
    """
    if not margin >= 0:
        msg = f"margin must be at least 0, got {margin}"
        raise ValueError(msg)
    if estimate_90.confidence > estimate_95.confidence:
        msg = (
            "the first interval must not be of a higher confidence, "
            f"got {estimate_90.confidence} and {estimate_95.confidence}"
        )
        raise ValueError(msg)
    if -margin < estimate_90.low and estimate_90.high < margin:
        return Verdict.EQUIVALENT
    if estimate_95.low > 0 or estimate_95.high < 0:
        return Verdict.DIFFERS
    return Verdict.UNDECIDED
