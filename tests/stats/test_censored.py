import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cloudgauge.stats.censored import availability, survival_quantile
from cloudgauge.stats.summary import quantile_interval
from cloudgauge.stats.values import Floats

# Weeks of remission of 21 patients (Freireich et al., Blood 21, 1963), of whom 12
# had not relapsed when they were last seen: the example of most textbooks.
WEEKS = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
LONGER = [0, 0, 0, 1, 0, 1, 0, 1, 1, 0, 0, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1]


def test_the_median_of_the_textbooks_is_found() -> None:
    # The curve is at 0.538 from week 22 and 0.448 from week 23. At week 10 it is
    # 0.753 with an error of 0.0963, so that the band's lower side is 0.5034; at week
    # 13 it is 0.690 with 0.1068, so that it is 0.4317. The upper side stays above.
    found = survival_quantile(WEEKS, LONGER)
    assert (found.point, found.beyond) == (23, None)
    assert (found.low, found.high) == (13, math.inf)
    assert (found.n, found.censored, found.confidence) == (21, 12, 0.95)


def test_an_earlier_quantile_has_both_ends() -> None:
    # The curve crosses 0.75 from 0.753 to 0.690 at week 13.
    found = survival_quantile(WEEKS, LONGER, 0.25)
    assert (found.point, found.low, found.high) == (13, 6, 22)
    # At week 6 it is 0.857 with an error of 0.0764: the lower side is 0.620.
    assert survival_quantile(WEEKS, LONGER, 0.37).low == 6
    assert survival_quantile(WEEKS, LONGER, 0.39).low == 7


def test_a_quantile_beyond_what_was_waited_for_is_only_bounded() -> None:
    # The band's lower side is 0.538^2.12 = 0.27 at week 22 and 0.448^2.08 = 0.19 at 23.
    found = survival_quantile(WEEKS, LONGER, 0.75)
    assert (found.point, found.beyond) == (None, 35)
    assert (found.low, found.high) == (23, math.inf)


def test_a_curve_that_stays_at_the_level_has_its_quantile_midway() -> None:
    # Of four, two ended by 2 and the third at 6: the curve is at a half between.
    found = survival_quantile([1, 2, 6, 7, 1.5], [0, 0, 0, 0, 1])
    # 4/5, then 4/5 * 2/3 = 8/15, then half of that: the median is at 6.
    assert found.point == 6
    found = survival_quantile([1, 1, 5, 6, 2], [0, 0, 0, 0, 1], 0.4)
    assert found.point == 3


def test_where_all_that_were_left_ended_the_upper_side_stays() -> None:
    found = survival_quantile([1.0, 2, 3], [0, 1, 0], 0.9)
    assert (found.point, found.high) == (3, math.inf)


@given(
    values=arrays(np.float64, st.integers(1, 60), elements=st.integers(0, 30)),
    limit=st.integers(0, 31),
    p=st.sampled_from([0.5, 0.9]),
)
def test_one_timeout_for_all_is_an_exact_matter_of_ranks(
    values: Floats, limit: int, p: float
) -> None:
    longer = values > limit
    found = survival_quantile(np.where(longer, limit, values), longer, p)
    exact = quantile_interval(np.where(longer, math.inf, values), p)
    assert found.high == exact.high
    assert found.caveats == exact.caveats
    assert found.censored == longer.sum()
    last = min(limit, values.max())
    known = exact.point != math.inf
    assert found.point == (exact.point if known else None)
    assert found.beyond == (None if known else last)
    assert found.low == (last if exact.low == math.inf else exact.low)


def test_timeouts_that_are_left_out_would_make_a_tail_shorter() -> None:
    # 1.7 % take longer than a second: the 99th percentile is beyond it.
    values = np.append(np.linspace(10, 500, 983), np.full(17, 1_000.0))
    found = survival_quantile(values, values == 1_000, 0.99)
    assert (found.point, found.beyond) == (None, 1_000)
    # About Poisson(10) values are above the quantile: 18 and more with 1.4 %, so that
    # its lower end is the 983rd, the last that ended.
    assert (found.low, found.high) == (500, math.inf)
    assert np.quantile(values[:983], 0.99) < 500


def test_if_nothing_ended_all_that_is_known_is_the_longest_wait() -> None:
    found = survival_quantile([10.0, 12.0], [True, True])
    assert (found.point, found.beyond, found.low) == (None, 12, -math.inf)
    many = survival_quantile(np.full(9, 10.0), np.full(9, fill_value=True))
    assert (many.point, many.beyond, many.low) == (None, 10, 10)


def test_what_was_given_up_early_counts_as_long_as_it_was_waited_for() -> None:
    # Two of ten given up at 1: they say nothing of what is after it.
    values = np.array([1.0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    found = survival_quantile(values, values == 1)
    assert found.point == quantile_interval(values[2:]).point


@pytest.mark.parametrize(
    # Newcombe, Two-sided Confidence Intervals for the Single Proportion, Statistics
    # in Medicine 17 (1998), table I, the score method.
    ("successes", "attempts", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (20, 20, 1 - 0.1611, 1.0),
    ],
)
def test_shares_of_attempts_are_those_of_the_table(
    successes: int, attempts: int, low: float, high: float
) -> None:
    found = availability(successes, attempts)
    assert found.point == successes / attempts
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)
    assert found.n == attempts


@given(attempts=st.integers(1, 10**7), share=st.floats(0, 1))
def test_a_share_is_in_its_interval_and_that_between_0_and_1(
    attempts: int, share: float
) -> None:
    found = availability(round(share * attempts), attempts)
    assert 0 <= found.low <= found.point <= found.high <= 1


@pytest.mark.parametrize(("successes", "attempts"), [(0, 0), (-1, 5), (6, 5)])
def test_what_is_no_share_is_refused(successes: int, attempts: int) -> None:
    with pytest.raises(ValueError, match=f"got {successes} of {attempts}"):
        availability(successes, attempts)


def test_what_cannot_be_estimated_is_refused() -> None:
    with pytest.raises(ValueError, match="finite, got inf at place 0"):
        survival_quantile([np.inf], [True])
    with pytest.raises(ValueError, match=r"each value wanted, got \(2,\) for \(1,\)"):
        survival_quantile([1.0], [True, False])
    with pytest.raises(ValueError, match="p must be between"):
        survival_quantile([1.0], [True], 0.0)
    with pytest.raises(ValueError, match="confidence must be between"):
        survival_quantile([1.0], [True], confidence=1.0)
    with pytest.raises(ValueError, match="confidence must be between"):
        availability(1, 2, confidence=95)
