import pytest

from benchmarks.instrument.figures import knee, percentile, slope, spread_of


def test_percentile_lies_between_two_values_in_proportion() -> None:
    # Place 0.99 * 3 = 2.97: 97 % of the way from the third value to the fourth.
    assert percentile([0.0, 1.0, 2.0, 12.0], 0.99) == pytest.approx(2 + 0.97 * 10)
    assert percentile([5.0], 0.99) == 5.0


def test_spread_of_nothing_is_nothing_and_not_zero() -> None:
    assert spread_of([]) is None


def test_spread_does_not_depend_on_the_order_of_values() -> None:
    spread = spread_of([3.0, 1.0, 2.0])
    assert spread is not None
    assert (spread.count, spread.p50, spread.most) == (3, 2.0, 3.0)


def test_slope_is_that_of_the_line_the_points_are_on() -> None:
    assert slope([(1, 2.5), (50, 27.0), (200, 102.0)]) == pytest.approx(0.5)


def test_slope_refuses_points_that_stand_above_one_another() -> None:
    with pytest.raises(ValueError, match="want two different x"):
        slope([(5, 1.0), (5, 2.0)])


def test_knee_lies_between_the_steps_that_enclose_the_bound() -> None:
    assert knee([(50, 1.0), (100, 2.0), (200, 4.0)], 3.0) == pytest.approx(150)


def test_knee_is_the_first_step_if_that_is_beyond_the_bound_already() -> None:
    assert knee([(50, 9.0), (100, 2.0)], 3.0) == 50


def test_no_knee_where_no_step_passes_the_bound() -> None:
    assert knee([(50, 1.0), (100, 3.0)], 3.0) is None
