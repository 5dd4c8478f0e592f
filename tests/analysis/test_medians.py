import math

import numpy as np

from cloudgauge.analysis.medians import median_at
from cloudgauge.stats.summary import round_interval


def test_equal_values_have_one_median_at_each_level() -> None:
    values = np.array([3.0, math.nan, 1.0, 2.0, math.inf, 5.0, 4.0, 8.0])

    first, again = median_at(values, 0.95), median_at(values.copy(), 0.95)
    wide = median_at(values, 0.99)

    places = np.flatnonzero(~np.isnan(values))
    assert first == round_interval(values[places], places)
    assert again is first
    assert wide == round_interval(values[places], places, confidence=0.99)


def test_the_same_values_in_another_order_of_rounds_are_judged_anew() -> None:
    rising = np.arange(40.0)
    mixed = np.random.default_rng(1).permutation(rising)

    wide, narrow = median_at(rising, 0.95), median_at(mixed, 0.95)

    assert wide is not None
    assert narrow is not None
    assert wide.point == narrow.point
    assert wide.high - wide.low > narrow.high - narrow.low


def test_many_series_one_after_the_other_keep_their_own() -> None:
    found = [median_at(np.full(3, float(at)), 0.5) for at in range(9_000)]

    assert [one.point for one in found if one] == list(range(9_000))
    assert median_at(np.zeros(3), 0.5) == found[0]


def test_without_a_value_there_is_no_median() -> None:
    assert median_at(np.full(4, math.nan), 0.95) is None
