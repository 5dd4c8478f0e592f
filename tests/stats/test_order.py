import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from cloudgauge.stats.order import Order, placements, stochastic_order
from cloudgauge.stats.values import Floats

# Pain on the third day after an operation under two treatments (Brunner and Munzel,
# 2000, their example); answers as in the paper and in R's lawstat.
TREATED = [1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 1, 1]
OTHERS = [3, 3, 4, 3, 1, 2, 3, 1, 1, 5, 4]

some = arrays(np.float64, st.integers(1, 40), elements=st.integers(0, 20).map(float))


def names(found: Order) -> list[str]:
    return [caveat.name for caveat in found.caveats]


def test_the_example_of_the_paper() -> None:
    found = stochastic_order(OTHERS, TREATED)
    assert found.theta == pytest.approx(0.788961)
    assert (found.low, found.high) == pytest.approx((0.5952169, 0.9827052), abs=1e-6)
    assert found.p_value == pytest.approx(0.005786209)
    assert (found.n_baseline, found.n_candidate) == (11, 14)
    assert (found.confidence, found.caveats) == (0.95, ())


@settings(max_examples=40)
@given(baseline=some, candidate=some)
def test_theta_is_the_share_of_all_pairs(baseline: Floats, candidate: Floats) -> None:
    found = stochastic_order(baseline, candidate)
    less = np.less.outer(candidate, baseline).mean()
    equal = np.equal.outer(candidate, baseline).mean()
    assert found.theta == pytest.approx(less + equal / 2)
    assert 0 <= found.low <= found.theta <= found.high <= 1
    assert 0 <= found.p_value <= 1


@settings(max_examples=40)
@given(baseline=some, candidate=some)
def test_an_order_turns_round_with_its_sides(
    baseline: Floats, candidate: Floats
) -> None:
    one = stochastic_order(baseline, candidate)
    other = stochastic_order(candidate, baseline)
    assert other.theta == pytest.approx(1 - one.theta)
    assert (other.low, other.high) == pytest.approx((1 - one.high, 1 - one.low))
    assert other.p_value == pytest.approx(one.p_value)


def test_p_is_that_of_scipy_where_nothing_depends() -> None:
    # Smaller and greater ones take turns, so that nothing is alike beside itself.
    first = np.array([5.0, 9, 4, 8, 3, 7, 2, 6, 1, 10, 0, 11])
    second = np.array([4.5, 15, 3.5, 14, 2.5, 13, 8.5, 12.5, 9.5, 11.5])
    wanted = stats.brunnermunzel(first, second).pvalue
    assert stochastic_order(first, second).p_value == pytest.approx(wanted)


def test_dependence_takes_from_what_an_order_says() -> None:
    rng = np.random.default_rng(21)
    slow = np.repeat(rng.normal(size=20), 10) + np.arange(200) / 10_000
    mixed = rng.permutation(slow)
    other = rng.normal(size=200) + 0.5
    wide, narrow = stochastic_order(slow, other), stochastic_order(mixed, other)
    assert wide.theta == pytest.approx(narrow.theta)
    assert wide.high - wide.low > 1.4 * (narrow.high - narrow.low)
    assert wide.p_value > narrow.p_value


def test_where_nothing_overlaps_all_ways_to_mix_are_counted() -> None:
    found = stochastic_order(np.arange(10.0) + 20, np.arange(10.0))
    # Two of 184,756 ways to draw ten of twenty.
    assert found.p_value == pytest.approx(2 / 184_756)
    # Ten pairs that none was the other way round in: 0.025 is the tenth power of this.
    assert (found.theta, found.high) == (1, 1)
    assert found.low == pytest.approx(0.025**0.1)
    assert stochastic_order([2.0, 3], [0.0, 1]).p_value == pytest.approx(2 / 6)


def test_of_equal_values_nothing_follows() -> None:
    found = stochastic_order(np.full(20, 3.0), np.full(20, 3.0))
    assert (found.theta, found.p_value) == (0.5, 1)
    assert found.low == pytest.approx(0.025**0.05 - 0.5)
    assert found.high == pytest.approx(1.5 - 0.025**0.05)


def test_one_value_on_a_side_never_differs() -> None:
    found = stochastic_order([5.0], np.arange(30.0))
    assert (found.p_value, found.low, found.high) == (1, 0, 1)
    assert names(found) == ["too few"]
    assert found.caveats[0].text == (
        "1 values on one side: at least 10 wanted for the order's test"
    )
    far = stochastic_order([500.0], np.arange(30.0))
    assert far.p_value == pytest.approx(2 / 31)


def test_timeouts_are_the_longest() -> None:
    values = np.arange(12.0)
    slow = np.where(values > 8, np.inf, values)
    assert stochastic_order(slow, values).theta > 0.5
    assert stochastic_order(slow, values) == stochastic_order(
        np.where(values > 8, 1e9, values), values
    )


def test_placements_count_ties_half() -> None:
    found = placements(np.array([0.0, 2.0, 5.0]), np.array([1.0, 2.0, 2.0, 3.0]))
    assert found.tolist() == [0, 0.5, 1]


def test_what_cannot_be_ordered_is_refused() -> None:
    with pytest.raises(ValueError, match="not empty"):
        stochastic_order([], [1.0])
    with pytest.raises(ValueError, match="got nan at place 0"):
        stochastic_order([1.0], [np.nan])
    with pytest.raises(ValueError, match="confidence must be"):
        stochastic_order([1.0], [1.0], confidence=2)
