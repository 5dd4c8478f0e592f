import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from cloudgauge.stats.caveat import Weight
from cloudgauge.stats.compare import (
    paired_shift,
    round_differences,
    shift,
    signed_rank_p,
)
from cloudgauge.stats.null_ranks import FEW
from cloudgauge.stats.summary import Estimate
from cloudgauge.stats.values import Floats

# Hollander and Wolfe, Nonparametric Statistical Methods (1973): depression before and
# after a drug, and permeability of membranes at term and earlier. Answers as in the
# book and in the manual of R's wilcox.test.
BEFORE = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
AFTER = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
AT_TERM = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
EARLIER = [1.15, 0.88, 0.90, 0.74, 1.21]

some = arrays(np.float64, st.integers(1, 40), elements=st.integers(-50, 50).map(float))


def ends(found: Estimate) -> tuple[float, float]:
    return found.low, found.high


def swinging(values: Floats) -> Floats:
    """Put the smallest first, then the greatest, and so on: nothing is alike."""
    ordered = np.sort(values)
    found = np.empty_like(ordered)
    found[::2] = ordered[: len(found[::2])]
    found[1::2] = ordered[::-1][: len(found[1::2])]
    return found


def names(found: Estimate) -> list[str]:
    return [caveat.name for caveat in found.caveats]


def test_the_paired_example_of_the_book() -> None:
    found = paired_shift(BEFORE, AFTER)
    assert found.point == pytest.approx(-0.46)
    assert ends(found) == pytest.approx((-0.786, -0.010))
    assert (found.n, found.confidence, found.caveats) == (9, 0.95, ())
    assert signed_rank_p(np.subtract(AFTER, BEFORE)) == pytest.approx(0.0390625)


def test_the_unpaired_example_of_the_book() -> None:
    found = shift(EARLIER, AT_TERM)
    assert found.point == pytest.approx(0.305)
    assert ends(found) == pytest.approx((-0.15, 0.76))
    assert (found.n, found.caveats) == (15, ())


@settings(max_examples=40)
@given(baseline=some, candidate=some)
def test_a_shift_turns_round_with_its_sides(
    baseline: Floats, candidate: Floats
) -> None:
    one, other = shift(baseline, candidate), shift(candidate, baseline)
    assert other.point == pytest.approx(-one.point)
    assert ends(other) == pytest.approx((-one.high, -one.low))


@settings(max_examples=40)
@given(differences=some, by=st.integers(-20, 20), factor=st.sampled_from([0.5, 4.0]))
def test_a_shift_moves_and_scales_with_the_candidate(
    differences: Floats, by: int, factor: float
) -> None:
    # Half numbers and whole ones, so that no tie is made or broken by rounding.
    nothing = np.zeros(len(differences))
    for of in (paired_shift, shift):
        one, other = of(nothing, differences), of(nothing, factor * differences + by)
        assert other.point == pytest.approx(factor * one.point + by)
        assert ends(other) == pytest.approx(
            (factor * one.low + by, factor * one.high + by)
        )


@given(differences=some)
def test_the_point_is_the_median_of_all_pair_means(differences: Floats) -> None:
    means = (
        np.add.outer(differences, differences)[np.triu_indices(len(differences))] / 2
    )
    found = paired_shift(np.zeros(len(differences)), differences)
    assert found.point == pytest.approx(np.median(means))


@given(baseline=some, candidate=some)
def test_the_point_is_the_median_of_all_differences(
    baseline: Floats, candidate: Floats
) -> None:
    found = shift(baseline, candidate)
    assert found.point == pytest.approx(
        np.median(np.subtract.outer(candidate, baseline))
    )


def test_many_rounds_have_the_ranks_of_the_normal_approximation() -> None:
    # Of 400 symmetric differences the pair means' ranks are n (n + 1) / 4 less and
    # plus 1.96 sqrt(n (n + 1) (2 n + 1) / 24), but for the estimate of the variance.
    differences = swinging(stats.norm.ppf((np.arange(400) + 0.5) / 400))
    found = paired_shift(np.zeros(400), differences)
    means = np.sort(np.add.outer(differences, differences)[np.triu_indices(400)]) / 2
    below = float(np.searchsorted(means, found.low))
    wanted = 40_100 - 1.96 * math.sqrt(400 * 401 * 801 / 24)
    assert below == pytest.approx(wanted, rel=0.001)
    assert found.point == pytest.approx(0, abs=1e-9)


def test_many_values_have_the_ranks_of_the_normal_approximation() -> None:
    quantiles = stats.norm.ppf((np.arange(300) + 0.5) / 300)
    first, second = swinging(quantiles), swinging(quantiles + 5)
    found = shift(first, second)
    assert found.point == pytest.approx(5)
    differences = np.sort(np.subtract.outer(second, first).ravel())
    wanted = 45_000 - 1.96 * math.sqrt(300 * 300 * 601 / 12)
    below = float(np.searchsorted(differences, found.low))
    assert below == pytest.approx(wanted, rel=0.001)


def test_four_hundred_million_differences_never_exist_at_once() -> None:
    rng = np.random.default_rng(20)
    baseline, candidate = rng.lognormal(size=(2, 20_000))
    tracemalloc.start()
    found = shift(baseline, candidate + 0.1)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # All of them would take 3.2 GB.
    assert peak_bytes < 50e6
    assert found.low < 0.1 < found.high
    assert found.high - found.low < 0.05


def test_dependent_rounds_widen_an_interval() -> None:
    slow = np.repeat(np.random.default_rng(14).normal(size=30), 10)
    slow += np.arange(300) / 1_000
    mixed = np.random.default_rng(15).permutation(slow)
    for of in (paired_shift, shift):
        wide, narrow = of(np.zeros(300), slow), of(np.zeros(300), mixed)
        assert wide.point == narrow.point
        assert wide.high - wide.low > 2 * (narrow.high - narrow.low)
    assert signed_rank_p(slow + 0.3) > 5 * signed_rank_p(mixed + 0.3)


def test_few_rounds_that_clearly_depend_on_each_other_do_so_too() -> None:
    slow = np.repeat([1.0, 5.0, 2.0], 5) + np.arange(15) / 100
    mixed = slow.reshape(3, 5).T.ravel()
    for of in (paired_shift, shift):
        wide, narrow = of(np.zeros(15), slow), of(np.zeros(15), mixed)
        assert wide.high - wide.low > narrow.high - narrow.low
    assert signed_rank_p(slow - 1.5) > signed_rank_p(mixed - 1.5)


def test_a_handful_against_many_is_not_surer_than_chance_allows() -> None:
    # One value may be of any rank among a hundred.
    many = np.random.default_rng(16).normal(size=100)
    assert ends(shift(many, [0.0])) == (-math.inf, math.inf)
    # Three equal values do not vary, and may still be anywhere.
    found = shift(many, [0.0, 0.0, 0.0])
    assert found.high - found.low > 1


def test_too_few_to_bound_a_shift_is_said_with_how_many_are_wanted() -> None:
    found = paired_shift(np.zeros(5), np.arange(5.0))
    assert (found.point, *ends(found)) == (2, -math.inf, math.inf)
    assert found.caveats[0].text == (
        "so few values do not bound the shift: that takes 6 rounds"
    )
    assert paired_shift(np.zeros(6), np.arange(6.0)).caveats == ()
    found = shift([1.0, 2, 3], [4.0, 5, 6])
    assert (found.point, *ends(found)) == (3, -math.inf, math.inf)
    # 2 / 20 ways to draw three of six are as far out, and 2 / 70 to draw four of eight.
    assert found.caveats[0].text == (
        "so few values do not bound the shift: that takes 4 values on each side"
    )
    assert shift([1.0, 2, 3, 4], [4.0, 5, 6, 7]).caveats == ()
    assert (
        names(shift([1.0], [2.0])) == names(paired_shift([1.0], [2.0])) == ["too few"]
    )


@pytest.mark.parametrize("n", [6, FEW, 50])
def test_equal_values_have_an_interval_without_width_and_a_note(n: int) -> None:
    for found in (
        paired_shift(np.full(n, 20.0), np.full(n, 20.5)),
        shift(np.full(n, 20.0), np.full(n, 20.5)),
    ):
        assert (found.point, *ends(found)) == (0.5, 0.5, 0.5)
        (caveat,) = found.caveats
        assert (caveat.name, caveat.weight) == ("no spread", Weight.NOTE)
        assert caveat.text == (
            "the interval has no width: so many differences are equal"
        )


def test_rounds_that_make_no_pair_are_counted() -> None:
    nan, inf = np.nan, np.inf
    baseline = [1.0, nan, 3.0, 4.0, 5.0, inf, 7.0, 8.0, 9.0]
    candidate = [2.0, 3.0, nan, 5.0, 6.0, inf, 8.0, 9.0, 10.0]
    found = paired_shift(baseline, candidate)
    assert (found.point, found.n) == (1, 6)
    assert [caveat.text for caveat in found.caveats[:2]] == [
        "2 of 9 rounds have no value of both sides",
        "in 1 of 9 rounds neither side ended in time",
    ]
    pairs = round_differences(baseline, candidate)
    assert pairs.values.tolist() == [1.0] * 6
    assert (pairs.missing, pairs.both_beyond) == (2, 1)


def test_a_timeout_counts_as_longer_than_anything() -> None:
    baseline = np.arange(20.0)
    candidate = baseline + np.tile([1.0, 1.5, 2.0, 0.5], 5)
    candidate[7] = np.inf
    once = paired_shift(baseline, candidate)
    # As if it had taken a year: no figure of it is left.
    candidate[7] = 3e10
    assert once == paired_shift(baseline, candidate)
    candidate[:11] = np.inf
    most = paired_shift(baseline, candidate)
    assert (most.point, most.high) == (math.inf, math.inf)
    candidate[:] = np.inf
    endless = paired_shift(baseline, candidate)
    assert endless.low == math.inf
    assert [caveat.text for caveat in endless.caveats] == [
        "so many timed out that the shift is no number: it is beyond all others"
    ]
    mixed = np.random.default_rng(19).permutation(baseline)
    assert shift(mixed, candidate).low == math.inf
    assert shift(candidate, mixed).high == -math.inf


def test_as_many_timeouts_on_either_side_shift_nothing() -> None:
    rng = np.random.default_rng(17)
    values = np.append(rng.normal(50, 1, size=98), [np.inf, np.inf])
    found = shift(rng.permutation(values), rng.permutation(values))
    assert found.point == pytest.approx(0, abs=1e-9)
    assert -1 < found.low < found.high < 1
    found = paired_shift(values, values[::-1])
    assert found.point == pytest.approx(0, abs=1e-9)
    assert found.n == 100


@given(differences=arrays(np.float64, st.integers(1, FEW), elements=st.integers(-9, 9)))
def test_few_signed_ranks_are_tested_by_all_signs(differences: Floats) -> None:
    p = signed_rank_p(differences)
    assert 0 < p <= 1
    assert signed_rank_p(-differences) == pytest.approx(p)
    if not differences.any():
        assert p == 1


def test_signed_ranks_agree_with_scipy() -> None:
    many = swinging(np.random.default_rng(18).normal(size=200) + 0.15)
    wanted = stats.wilcoxon(many, method="approx").pvalue
    # The variance is that of the values' own contributions, not of all signs.
    assert signed_rank_p(many) == pytest.approx(wanted, rel=0.1)
    few = np.array([1.1, -0.4, 2.0, -1.7, 0.3, 0.9, -2.2, 1.3, 1.9, -0.1])
    assert signed_rank_p(few) == pytest.approx(stats.wilcoxon(few).pvalue)
    # With a 0 and ties: of 21 means -1 alone and with 0 is below 0, 0 and -1 with 1
    # equal it. Four against, and of 64 choices of the ranks 1 to 6 come to at most 4:
    # nothing, 1, 2, 3, 4, 1 + 2 and 1 + 3.
    tied = np.array([0.0, 1.0, -1.0, 2.0, 2.0, 3.0])
    assert signed_rank_p(tied) == pytest.approx(2 * 7 / 64)


def test_endless_differences_have_the_greatest_ranks() -> None:
    assert signed_rank_p([np.inf] * 6) == 2 / 64
    assert signed_rank_p([np.inf, -np.inf, 1.0, -1.0]) == 1


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(ValueError, match="of each a round wanted, got 2 and 1"):
        paired_shift([1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match="none of 2 rounds has a value of both sides"):
        paired_shift([1.0, np.nan], [np.nan, 2.0])
    with pytest.raises(ValueError, match="none of 1 rounds has a value"):
        paired_shift([np.inf], [np.inf])
    with pytest.raises(ValueError, match="must not be minus infinity"):
        paired_shift([-np.inf], [1.0])
    with pytest.raises(ValueError, match="must not be minus infinity"):
        paired_shift([1.0], [-np.inf])
    with pytest.raises(ValueError, match="not empty"):
        paired_shift([], [])
    with pytest.raises(ValueError, match="confidence must be"):
        paired_shift([1.0], [1.0], confidence=0)
    with pytest.raises(ValueError, match="got nan at place 0"):
        shift([np.nan], [1.0])
    with pytest.raises(ValueError, match="not empty"):
        shift([1.0], [])
    with pytest.raises(ValueError, match="no value of either side is known"):
        shift([np.inf], [np.inf])
    with pytest.raises(ValueError, match="confidence must be"):
        shift([1.0], [1.0], confidence=1)
    with pytest.raises(ValueError, match="differences must not be NaN"):
        signed_rank_p([np.nan])
