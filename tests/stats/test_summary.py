import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from cloudgauge.stats.summary import (
    Estimate,
    effective_size,
    quantile_interval,
    quantile_of,
    round_interval,
)
from cloudgauge.stats.values import Floats

some = arrays(
    np.float64,
    st.integers(1, 60),
    elements=st.one_of(st.integers(0, 5).map(float), st.floats(0, 1e6)),
)


def ends(found: Estimate) -> tuple[float, float]:
    return found.low, found.high


def test_the_median_of_ten_is_between_the_second_and_the_ninth() -> None:
    # At most one of ten is below the median with 11 / 1024, at most two with 56 / 1024.
    found = quantile_interval(np.arange(10.0, 0, -1))
    assert (found.point, found.low, found.high) == (5.5, 2, 9)
    assert (found.n, found.confidence, found.caveats) == (10, 0.95, ())
    assert ends(quantile_interval(np.arange(1.0, 11), confidence=0.85)) == (3, 8)


@given(values=some, p=st.sampled_from([0.1, 0.5, 0.9]))
def test_intervals_are_those_of_scipy_where_values_differ(
    values: Floats, p: float
) -> None:
    values = np.unique(values)
    found = quantile_interval(values, p)
    wanted = stats.quantile_test(values, q=0, p=p).confidence_interval(0.95)
    for ours, theirs in zip(ends(found), wanted, strict=True):
        assert ours == theirs or (math.isinf(ours) and math.isnan(theirs))


def test_too_few_values_give_an_open_end_and_say_how_many_are_wanted() -> None:
    found = quantile_interval(np.arange(5.0))
    assert ends(found) == (-math.inf, math.inf)
    assert not found.is_bounded
    (caveat,) = found.caveats
    assert caveat.name == "too few"
    assert caveat.text == (
        "5 independent values do not bound it on both sides: that takes 6"
    )
    tail = quantile_interval(np.arange(100.0), 0.99)
    assert (tail.point, tail.high) == (98.5, math.inf)
    assert tail.low > 90
    assert tail.caveats[0].text.endswith("that takes 368")
    assert quantile_interval(np.arange(368.0), 0.99).is_bounded
    one = quantile_interval([7.0])
    assert (one.point, *ends(one)) == (7, -math.inf, math.inf)


def test_timeouts_are_longer_than_all_else() -> None:
    found = quantile_interval([3.0, 1.0, np.inf, 2.0, 4.0, 5.0, np.inf, 6.0, 7.0, 8.0])
    assert (found.point, *ends(found)) == (5.5, 2, math.inf)
    # Of these the upper end is a timeout: known, and endless.
    assert found.caveats == ()
    assert quantile_interval([np.inf] * 8).low == math.inf


def test_equal_values_have_an_interval_without_width() -> None:
    found = quantile_interval(np.full(20, 5.0))
    assert (found.point, *ends(found)) == (5, 5, 5)
    assert round_interval(np.full(20, 5.0), np.arange(20)).low == 5


@settings(max_examples=40)
@given(values=some, by=st.integers(-100, 100), p=st.sampled_from([0.2, 0.5, 0.95]))
def test_a_shift_of_the_values_shifts_the_estimate(
    values: Floats, by: int, p: float
) -> None:
    # Whole numbers, so that no tie is made or broken by rounding.
    values, rounds = np.round(values), np.arange(len(values)) // 3
    for one, other in (
        (quantile_interval(values, p), quantile_interval(values + by, p)),
        (round_interval(values, rounds, p), round_interval(values + by, rounds, p)),
    ):
        assert other.point == pytest.approx(one.point + by)
        assert ends(other) == pytest.approx((one.low + by, one.high + by), abs=1e-6)


@settings(max_examples=40)
@given(values=some, p=st.floats(0.01, 0.99), confidence=st.floats(0.01, 0.999))
def test_the_point_is_in_its_interval_whatever_is_asked(
    values: Floats, p: float, confidence: float
) -> None:
    # An Estimate that is not in order cannot be made.
    quantile_interval(values, p, confidence=confidence)
    for each in (1, 3, 20):
        labels = np.arange(len(values)) // each
        round_interval(values, labels, p, confidence=confidence)


def test_with_one_value_a_round_and_no_dependence_it_is_the_plain_interval() -> None:
    # Above, below, above, ...: no round is like the one before.
    values = np.array([10.0, 1, 9, 2, 8, 3, 7, 4, 6, 5] * 3) + np.arange(30) / 100
    found = round_interval(values, np.arange(30))
    assert ends(found) == ends(quantile_interval(values))
    assert found.caveats == ()


def test_values_of_a_round_that_are_alike_count_once() -> None:
    rng = np.random.default_rng(6)
    of_rounds = rng.normal(size=40)
    values = np.repeat(of_rounds, 25) + rng.normal(scale=0.01, size=1_000)
    rounds = np.repeat(np.arange(40), 25)
    found, alone = round_interval(values, rounds), quantile_interval(of_rounds)
    assert found.n == 1_000
    assert found.high - found.low > 0.8 * (alone.high - alone.low)
    assert found.high - found.low < 1.6 * (alone.high - alone.low)
    plain = quantile_interval(values)
    assert found.high - found.low > 3 * (plain.high - plain.low)


@pytest.mark.parametrize(("rounds", "rank"), [(10, 1), (30, 9)])
def test_rounds_of_equal_values_have_the_ranks_of_fewer_rounds(
    rounds: int, rank: int
) -> None:
    # Student's t is 2.262 with 9 degrees of freedom and 2.045 with 29, against 1.960:
    # ten rounds count as 7.51, of which the first is the end (P(none below) is 0.6 %,
    # P(at most one) 4.7 %). Thirty count as 27.55, of which it is rank 9.2: of 300
    # values the 99th, which is of the tenth round; as thirty, it would be the 101st.
    smaller = np.arange(rounds // 2)
    values = np.column_stack((smaller, rounds - 1 - smaller)).ravel()
    found = round_interval(np.repeat(values, 10), np.repeat(np.arange(rounds), 10))
    assert ends(found) == (rank, rounds - 1 - rank)


def test_rounds_are_taken_in_their_order_however_values_are_given() -> None:
    rng = np.random.default_rng(7)
    values, rounds = rng.normal(size=60), np.repeat(np.arange(20), 3)
    moved = rng.permutation(60)
    assert round_interval(values[moved], rounds[moved]) == round_interval(
        values, rounds
    )
    named = np.array([f"round {number:02}" for number in rounds])
    assert round_interval(values, named) == round_interval(values, rounds)


def test_rounds_that_depend_on_each_other_widen_the_interval() -> None:
    drift = np.repeat(np.tile([0.0, 10.0], 10), 10) + np.arange(200) / 1_000
    mixed = np.random.default_rng(8).permutation(drift)
    rounds = np.arange(200)
    wide, narrow = round_interval(drift, rounds), round_interval(mixed, rounds)
    assert wide.high - wide.low >= narrow.high - narrow.low
    skew = np.repeat(np.random.default_rng(9).exponential(size=20), 10)
    skew += np.arange(200) / 1_000
    wide = round_interval(skew, rounds)
    narrow = quantile_interval(skew)
    assert wide.high - wide.low > 1.5 * (narrow.high - narrow.low)


def test_one_round_is_about_its_moment_alone() -> None:
    found = round_interval(np.arange(10.0), np.zeros(10))
    assert ends(found) == ends(quantile_interval(np.arange(10.0)))
    assert [caveat.name for caveat in found.caveats] == ["one round"]
    few = round_interval([1.0, 2.0], [3, 3])
    assert [caveat.name for caveat in few.caveats] == ["one round", "too few"]


def test_few_rounds_are_held_against_each_other() -> None:
    # Medians 2, 4 and 9: mean 5, standard deviation sqrt(13), error sqrt(13 / 3);
    # Student's t of 2 degrees of freedom is 4.3027.
    values = [1.0, 2, 3, 3, 4, 5, 8, 9, 10]
    found = round_interval(values, [0, 0, 0, 1, 1, 1, 2, 2, 2])
    reach = 4.302653 * math.sqrt(13 / 3)
    assert found.point == 4
    assert ends(found) == pytest.approx((5 - reach, 5 + reach))
    (caveat,) = found.caveats
    assert caveat.name == "few rounds"
    assert caveat.text == "3 rounds: the interval takes what they say for normal"


def test_few_rounds_whose_quantile_is_a_timeout_have_no_ends() -> None:
    found = round_interval([1.0, 2, np.inf, np.inf], [0, 0, 1, 1])
    assert ends(found) == (-math.inf, math.inf)


def test_few_rounds_of_few_values_have_no_tail_of_their_own() -> None:
    found = round_interval(np.arange(10.0), np.arange(10) // 2, 0.9)
    assert found.high == math.inf
    assert {caveat.name for caveat in found.caveats} == {"too few"}


def test_an_effective_size_is_less_where_values_depend_on_each_other() -> None:
    independent = np.random.default_rng(10).normal(size=1_000)
    assert effective_size(independent) > 700
    assert effective_size(np.repeat(independent[:100], 10)) < 150
    # A spike sets the mean's dependence, not the median's.
    spiked = independent.copy()
    spiked[500:510] += 1e6
    assert effective_size(spiked) == pytest.approx(effective_size(independent), rel=0.1)
    assert effective_size([1.0, np.inf]) == 2
    assert effective_size(np.full(9, 3.0)) == 9


@pytest.mark.parametrize(
    ("count", "p", "wanted"),
    [
        (1, 0.5, 0),
        (4, 0.5, 1.5),
        (5, 0.5, 2),
        (100, 0.07, 6.5),
        (10, 0.001, 0),
        (3, 0.999, 2),
    ],
)
def test_a_quantile_is_midway_where_two_values_would_do(
    count: int, p: float, wanted: float
) -> None:
    assert quantile_of(np.arange(float(count)), p) == wanted


def test_a_quantile_beside_infinity_is_not_known() -> None:
    assert quantile_of(np.array([1.0, np.inf]), 0.5) == math.inf


def test_an_estimate_that_is_not_in_order_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="must rise: 2, 1, 3"):
        Estimate(point=1, low=2, high=3, confidence=0.9, n=1)
    with pytest.raises(ValueError, match="must rise: nan"):
        Estimate(point=1, low=math.nan, high=3, confidence=0.9, n=1)
    with pytest.raises(ValueError, match="confidence must be between 0 and 1"):
        Estimate(point=1, low=1, high=1, confidence=95, n=1)


def test_what_cannot_be_estimated_is_refused() -> None:
    with pytest.raises(ValueError, match="not empty"):
        quantile_interval([])
    with pytest.raises(ValueError, match="got nan at place 1"):
        quantile_interval([1.0, np.nan])
    with pytest.raises(ValueError, match="p must be between"):
        quantile_interval([1.0], 1.0)
    with pytest.raises(ValueError, match="got nan at place 0"):
        round_interval([np.nan], [1])
    with pytest.raises(ValueError, match=r"of each value wanted, got \(2,\) for \(1,"):
        round_interval([1.0], [1, 2])
    with pytest.raises(ValueError, match="rounds must not be NaN, got one at place 1"):
        round_interval([1.0, 2.0], [1, np.nan])
    with pytest.raises(ValueError, match="got nan at place 0"):
        effective_size([np.nan])


def test_rounds_that_are_alike_lengthen_an_interval_but_do_not_open_it() -> None:
    # Rising all along: they say as much as one value or two, which have no interval.
    rising = np.arange(24.0)
    mixed = np.random.default_rng(3).permutation(rising)

    wide, narrow = (round_interval(each, np.arange(24)) for each in (rising, mixed))

    assert wide.point == narrow.point == 11.5
    assert wide.is_bounded
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)
    assert wide.caveats == ()


def test_an_end_that_independent_rounds_would_not_give_stays_open() -> None:
    # Of 24 values none bounds the 90th of a hundred from above, alike or not.
    found = round_interval(np.arange(24.0), np.arange(24), 0.9)

    assert math.isfinite(found.low)
    assert found.high == math.inf
    assert [caveat.name for caveat in found.caveats] == ["too few"]


def test_an_endless_quantile_is_given_no_ends() -> None:
    values = np.repeat([1.0, 2.0, math.inf], 8)
    late = round_interval(values, np.arange(24), 0.7)

    assert late.point == math.inf
    assert late.low == -math.inf
