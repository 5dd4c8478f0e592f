import math

import pytest

from cloudgauge.stats.summary import Estimate
from cloudgauge.stats.verdict import Verdict, margin_of, verdict_of


def between(low: float, high: float, confidence: float = 0.95) -> Estimate:
    point = low if math.isinf(high) else high
    return Estimate(point=point, low=low, high=high, confidence=confidence, n=9)


@pytest.mark.parametrize(
    ("of_90", "of_95", "verdict"),
    [
        ((-1.0, 1.0), (-1.2, 1.2), Verdict.EQUIVALENT),
        # Surely not 0, and just as surely nothing that matters.
        ((0.5, 1.0), (0.4, 1.1), Verdict.EQUIVALENT),
        ((-1.9, 1.9), (-2.2, 2.2), Verdict.EQUIVALENT),
        ((1.0, 3.0), (0.8, 3.2), Verdict.DIFFERS),
        ((-9.0, -5.0), (-9.5, -4.5), Verdict.DIFFERS),
        ((0.1, 3.0), (-0.1, 3.2), Verdict.UNDECIDED),
        ((-2.0, 1.0), (-2.2, 1.2), Verdict.UNDECIDED),
        ((-math.inf, math.inf), (-math.inf, math.inf), Verdict.UNDECIDED),
        ((3.0, math.inf), (2.0, math.inf), Verdict.DIFFERS),
    ],
)
def test_three_verdicts(
    of_90: tuple[float, float], of_95: tuple[float, float], verdict: Verdict
) -> None:
    found = verdict_of(between(*of_90, confidence=0.9), between(*of_95), 2.0)
    assert found is verdict


def test_with_no_margin_nothing_is_equivalent() -> None:
    assert verdict_of(between(0, 0, 0.9), between(0, 0), 0.0) is Verdict.UNDECIDED


def test_a_margin_is_a_share_but_at_least_so_much() -> None:
    assert margin_of(20.0) == 2.0
    assert margin_of(250.0) == 5.0
    assert margin_of(250.0, least=1.0, share=0.01) == 2.5
    assert margin_of(0.0, least=0.0) == 0.0


def test_what_is_no_margin_is_refused() -> None:
    with pytest.raises(ValueError, match="baseline must be finite and at least 0"):
        margin_of(math.inf)
    with pytest.raises(ValueError, match="least must be finite and at least 0, got -1"):
        margin_of(1.0, least=-1.0)
    with pytest.raises(ValueError, match="share must be finite and at least 0"):
        margin_of(1.0, share=math.nan)
    with pytest.raises(ValueError, match="margin must be at least 0, got nan"):
        verdict_of(between(0, 1, 0.9), between(0, 1), math.nan)
    with pytest.raises(ValueError, match=r"higher confidence, got 0\.95 and 0\.9"):
        verdict_of(between(0, 1), between(0, 1, 0.9), 1.0)
