import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from cloudgauge.stats.compare import paired_shift
from cloudgauge.stats.null_ranks import FEW, signed_rank_bound
from cloudgauge.stats.pairs import all_pairs
from cloudgauge.stats.walsh import (
    COMPLETE_UP_TO,
    LEAST_LAGS,
    means_made,
    middles_of,
)

Floats = NDArray[np.float64]

# Without rounding: whether two sums are equal decides over half a rank.
some = arrays(
    np.float64,
    st.integers(2, COMPLETE_UP_TO),
    elements=st.one_of(
        st.integers(-1600, 1600).map(lambda n: n / 16),
        st.sampled_from([0.0, 1.0, 5.0, math.inf, -math.inf]),
    ),
)


@dataclass(frozen=True)
class Middle:
    point: float
    low: float
    high: float
    p: float
    is_exact: bool


def middle_of(differences: Floats, confidence: float) -> Middle:
    """The middle of one series alone."""
    found = middles_of(differences[None, :], confidence)
    point, low, high, p = (
        float(one[0]) for one in (found.point, found.low, found.high, found.p)
    )
    # Up to 20 values that do not depend on each other.
    is_exact = len(differences) <= FEW and bool(np.isinf(found.freedom[0]))
    return Middle(point=point, low=low, high=high, p=p, is_exact=is_exact)


@settings(deadline=None)
@given(some)
def test_the_answer_is_that_of_all_means_found_one_by_one(differences: Floats) -> None:
    found = middle_of(differences, 0.95)

    # Two endless ones on either side cancel to a mean at the centre of the known.
    finite = differences[np.isfinite(differences)]
    centre = float(np.median(finite)) if len(finite) else 0.0
    far = centre + np.copysign(1e6, differences)
    known = np.where(np.isinf(differences), far, differences)
    means = np.sort([(a + b) / 2 for at, a in enumerate(known) for b in known[at:]])
    point = float(np.median(means))
    assert found.point == pytest.approx(point) or abs(point) > 1e4
    if found.is_exact:
        rank = signed_rank_bound(len(differences), 0.025)
        low, high = (means[rank - 1], means[-rank]) if rank else (-math.inf, math.inf)
        assert found.low == pytest.approx(low) or abs(low) > 1e4
        assert found.high == pytest.approx(high) or abs(high) > 1e4


def test_the_point_is_the_median_of_all_means_of_two() -> None:
    # 1, 2, 6: means 1, 1.5, 2, 3.5, 4, 6, so the median is (2 + 3.5) / 2.
    assert middle_of(np.array([1.0, 2.0, 6.0]), 0.95).point == 2.75


@pytest.mark.parametrize("n", [COMPLETE_UP_TO + 1, 300, 1000, 5000])
def test_some_means_of_many_rounds_say_nearly_what_all_do(n: int) -> None:
    rng = np.random.default_rng(n)
    off, widths = [], []
    for _ in range(20):
        differences = rng.standard_t(3, n) + 0.3
        found = middle_of(differences, 0.95)
        wanted = paired_shift(np.zeros(n), differences)
        off.append((found.point - wanted.point) / (wanted.high - wanted.low))
        widths.append((found.high - found.low) / (wanted.high - wanted.low))

    # The variance rises by a sixteenth at most: an eighth of the deviation, so a
    # fourth of that is a sixteenth of the interval's width, which is four of them.
    assert np.std(off) < 2 / 16
    assert np.mean(widths) == pytest.approx(1.03, abs=0.04)


def test_no_fewer_means_are_made_than_it_says() -> None:
    assert means_made(COMPLETE_UP_TO) is None
    for n in (COMPLETE_UP_TO + 1, 300, 1000, 20_000):
        made = means_made(n)
        assert made is not None
        assert made >= LEAST_LAGS * n
        assert made >= 3_500


def test_the_interval_leaves_0_out_exactly_where_p_is_below_5_percent() -> None:
    rng = np.random.default_rng(3)
    seen = set()
    for _ in range(300):
        n = int(rng.integers(30, 200))
        found = middle_of(rng.standard_normal(n) + 0.2, 0.95)
        outside = not found.low <= 0 <= found.high
        # Between two means p is what it is at either.
        if abs(found.p - 0.05) > 0.005:
            assert outside == (found.p < 0.05)
        seen.add(outside)

    assert seen == {False, True}


@given(st.integers(-50, 50), st.sampled_from([0.25, 2.0, 8.0]), st.integers(2, 150))
def test_a_moved_and_stretched_series_has_a_moved_and_stretched_interval(
    by: float, factor: float, n: int
) -> None:
    differences = np.random.default_rng(n).integers(-1000, 1000, n) / 256

    before = middle_of(differences, 0.95)
    after = middle_of(differences * factor + by, 0.95)

    for name in ("point", "low", "high"):
        wanted = getattr(before, name) * factor + by
        assert getattr(after, name) == pytest.approx(wanted)


def test_turning_a_series_over_turns_its_interval_over() -> None:
    differences = np.random.default_rng(8).exponential(size=400)

    one, other = middle_of(differences, 0.95), middle_of(-differences, 0.95)

    assert (one.low, one.point, one.high) == (-other.high, -other.point, -other.low)
    assert one.p == pytest.approx(other.p)


def test_one_round_bounds_nothing() -> None:
    found = middle_of(np.array([3.0]), 0.95)

    assert (found.low, found.point, found.high) == (-math.inf, 3.0, math.inf)
    assert found.p == 1.0


def test_equal_differences_are_no_surer_than_so_many_coins() -> None:
    found = middle_of(np.full(30, 2.0), 0.95)

    assert (found.low, found.point, found.high) == (2.0, 2.0, 2.0)
    assert found.p == 2.0**-29


def test_differences_of_0_are_no_difference() -> None:
    assert middle_of(np.zeros(30), 0.95).p == 1.0


def with_timeouts(known: int, endless: int) -> Floats:
    rounds = np.concatenate((np.linspace(-1, 1, known), np.full(endless, np.inf)))
    return np.random.default_rng(1).permutation(rounds)


def test_timeouts_are_beyond_all_others_but_no_number() -> None:
    differences = with_timeouts(96, 4)

    found = middle_of(differences, 0.95)

    assert -1 < found.low < found.point < found.high < 1
    assert found.point > 0


def test_mostly_timeouts_are_an_endless_shift() -> None:
    differences = with_timeouts(20, 80)

    found = middle_of(differences, 0.95)

    assert found.point == math.inf
    assert found.p < 1e-4


def test_the_other_end_tells_the_error_where_one_is_endless() -> None:
    differences = with_timeouts(70, 25)

    found = all_pairs(np.column_stack((np.zeros(95), differences)))

    assert found.high[0] == math.inf
    assert 0 < found.error[0] < 1


def test_rounds_that_depend_on_each_other_say_less() -> None:
    rng = np.random.default_rng(5)
    steps = rng.standard_normal(300)
    for at in range(1, 300):
        steps[at] += 0.7 * steps[at - 1]

    inorder = middle_of(steps, 0.95)
    shuffled = middle_of(rng.permutation(steps), 0.95)

    assert inorder.high - inorder.low > 1.6 * (shuffled.high - shuffled.low)


def test_many_rounds_of_which_most_are_equal_keep_the_spread_of_the_others() -> None:
    # Nine of ten are 2, as clocks with coarse ticks have it.
    rng = np.random.default_rng(6)
    differences = np.where(rng.random(160) < 0.9, 2.0, rng.integers(0, 9, 160))

    found = middle_of(differences, 0.95)
    wanted = paired_shift(np.zeros(160), differences)

    assert (found.point, wanted.point) == (2.0, 2.0)
    assert found.low <= 2.0 <= found.high
    assert found.p < 1e-6
