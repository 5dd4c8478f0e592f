import math
from dataclasses import replace

import pytest

from cloudgauge.analysis.across import Agreement, across_vantages, pooled, weighted
from cloudgauge.analysis.comparison import Comparison, Margin, compare_sides
from cloudgauge.analysis.sides import Side
from cloudgauge.stats.summary import Estimate
from cloudgauge.stats.verdict import Verdict
from tests.analysis.values import line, noise, rounds_with

ONE, OTHER = line("aws/place-1"), line("gcp/place-1")


def at(vantage: str, by: float, *, spread: float = 0.5) -> Comparison:
    base = noise(30, at=50, seed=1)
    own = noise(30, at=by, seed=2, spread=spread)
    rounds = rounds_with(
        {ONE: base, OTHER: [one + more for one, more in zip(base, own, strict=True)]}
    )
    return compare_sides(
        Side(rounds=rounds, line=ONE),
        Side(rounds=rounds, line=OTHER),
        margin=Margin(least=2.0, share=0.0),
        vantage=vantage,
        is_paired=True,
    )


@pytest.mark.parametrize(
    ("shifts", "agreement"),
    [
        ((5, 9), Agreement.EVERYWHERE),
        ((-5, -9, -3), Agreement.EVERYWHERE),
        ((0, 0.2), Agreement.EVERYWHERE),
        ((5, -9), Agreement.FLIPS),
        ((5, -9, 0), Agreement.FLIPS),
        ((5, 0), Agreement.PARTLY),
    ],
)
def test_what_vantages_say_together(
    shifts: tuple[float, ...], agreement: Agreement
) -> None:
    found = across_vantages([at(f"v{i}", by) for i, by in enumerate(shifts)])
    assert found.agreement is agreement
    assert found.worse == tuple(f"v{i}" for i, by in enumerate(shifts) if by > 2)
    assert found.better == tuple(f"v{i}" for i, by in enumerate(shifts) if by < -2)
    assert found.same == tuple(f"v{i}" for i, by in enumerate(shifts) if abs(by) < 2)


def test_one_undecided_vantage_keeps_a_conclusion_from_holding_everywhere() -> None:
    found = across_vantages([at("a", 5), at("b", 5, spread=60)])
    assert found.agreement is Agreement.PARTLY
    assert found.undecided == ("b",)


def test_what_is_undecided_at_each_vantage_is_undecided_everywhere() -> None:
    found = across_vantages([at("a", 5, spread=60), at("b", 5, spread=60)])
    assert found.agreement is Agreement.NOWHERE


def test_together_the_shift_is_the_weighted_mean_and_surer_than_any() -> None:
    parts = [at("a", 4), at("b", 8)]

    found = pooled(parts, {"a": 0.75, "b": 0.25})

    assert found is not None
    assert found.shift is not None
    assert parts[0].shift is not None
    assert parts[1].shift is not None
    wanted = 0.75 * parts[0].shift.point + 0.25 * parts[1].shift.point
    assert found.shift.point == pytest.approx(wanted)
    # Of two independent means the squares of the reaches add, weighted.
    reach = math.hypot(
        0.75 * (parts[0].shift.high - parts[0].shift.point),
        0.25 * (parts[1].shift.high - parts[1].shift.point),
    )
    assert found.shift.high == pytest.approx(wanted + reach)
    assert found.vantage == ""
    assert found.rounds == 60
    assert found.verdict is Verdict.DIFFERS
    assert found.p_value is not None
    assert found.p_value < 0.001
    assert found.failed_baseline.made == 60


def test_a_vantage_without_weight_has_no_say() -> None:
    alone = at("a", 4)
    found = pooled([alone, at("b", 99)], {"a": 1.0, "b": 0.0})
    assert found is not None
    assert found.shift is not None
    assert alone.shift is not None
    assert found.shift.point == pytest.approx(alone.shift.point)


def test_what_one_vantage_does_not_know_is_not_known_together() -> None:
    unknown = replace(at("b", 4), shift=None, narrow=None)
    assert pooled([at("a", 4), unknown], {"a": 0.5, "b": 0.5}) is None


def estimate(point: float, low: float, high: float) -> Estimate:
    return Estimate(point=point, low=low, high=high, confidence=0.95, n=9)


def test_an_infinite_point_is_no_part_of_a_mean() -> None:
    endless = estimate(math.inf, 1.0, math.inf)
    assert weighted([estimate(1, 0, 2), endless], [0.5, 0.5]) is None
    assert weighted([], []) is None


@pytest.mark.parametrize(
    ("low", "high", "p"),
    [
        # An end at 0 is what 95 % just leave out.
        (0.0, 8.0, 0.05),
        (-math.inf, math.inf, 1.0),
        (4.0, 4.0, 0.0),
    ],
)
def test_the_p_value_together_agrees_with_the_interval(
    low: float, high: float, p: float
) -> None:
    shift = estimate(4.0, low, high)
    part = replace(at("a", 4), shift=shift, narrow=shift)
    found = pooled([part], {"a": 1.0})
    assert found is not None
    assert found.p_value == pytest.approx(p)


def test_no_shift_has_a_p_value_of_one() -> None:
    shift = estimate(0.0, -1.0, 1.0)
    found = pooled([replace(at("a", 4), shift=shift, narrow=shift)], {"a": 1.0})
    assert found is not None
    assert found.p_value == 1.0
