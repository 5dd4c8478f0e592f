import numpy as np
import pytest

from cloudgauge.stats.stabilise import level_changes, stabilise


def test_six_values_by_hand() -> None:
    # Medians of five with the ends repeated: 1 1 1 2 3 9 -> 1, 1, 2, 3, 9, 9; the 1 %
    # quantile of the values is 1.
    found = stabilise([1.0, 1.0, 2.0, 3.0, 9.0, 9.0])
    assert found == pytest.approx(2 * np.sqrt(np.array([0, 0, 1, 2, 8, 8]) + 0.375))


def test_the_spread_is_about_one_on_every_level() -> None:
    # What a queue of single steps adds has the variance of its mean. A running median
    # of five takes off; so every fifth value stands for a series without one.
    rng = np.random.default_rng(3)
    for level in (4, 20, 100):
        values = np.repeat(rng.poisson(level, size=2_000), 5).astype(float)
        values[0] = 0.0
        shifted = np.concatenate((np.zeros(200), values))
        assert np.std(stabilise(shifted)[205:]) == pytest.approx(1, rel=0.08)


def test_a_level_that_lasts_is_found_and_a_spike_is_not() -> None:
    rng = np.random.default_rng(5)
    values = np.repeat([30.0, 55.0, 32.0], 100) + rng.exponential(0.5, size=300)
    values[50] = 900.0
    values[220:222] = 500.0
    found = level_changes(values)
    assert len(found) == 2
    assert abs(found[0] - 100) <= 1
    assert abs(found[1] - 200) <= 1


def test_jitter_alone_seldom_is_a_change() -> None:
    found = [
        level_changes(20 + np.random.default_rng(seed).exponential(2.0, size=300))
        for seed in range(100)
    ]
    assert sum(bool(places) for places in found) <= 5


def test_a_lower_price_finds_more() -> None:
    values = np.repeat([30.0, 31.5], 100)
    assert level_changes(values, factor=4) != ()
    assert level_changes(values, factor=50) == ()


def test_the_level_of_a_floor_is_no_matter() -> None:
    values = np.repeat([30.0, 35.0], 50)
    assert stabilise(values + 200) == pytest.approx(stabilise(values))


def test_short_series_have_no_change() -> None:
    assert level_changes([5.0]) == ()
    assert level_changes([5.0, 5.0, 5.0]) == ()


def test_what_is_no_series_is_refused() -> None:
    with pytest.raises(ValueError, match="not empty"):
        level_changes([])
    with pytest.raises(ValueError, match="finite, got nan at place 0"):
        stabilise([np.nan])
    with pytest.raises(ValueError, match="factor must be above 0"):
        level_changes([1.0, 2.0], factor=0)
