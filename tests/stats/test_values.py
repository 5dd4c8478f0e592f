import numpy as np
import pytest

from cloudgauge.stats.values import (
    bounded_below,
    check_level,
    check_share,
    finite,
    series,
)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([], r"one-dimensional and not empty, got shape \(0,\)"),
        ([[1.0]], r"one-dimensional and not empty, got shape \(1, 1\)"),
        ([1.0, np.nan], "finite, got nan at place 1"),
        ([1.0, 2.0, np.inf], "finite, got inf at place 2"),
        ([np.inf, -np.inf], "finite, got -inf at place 1"),
    ],
)
def test_what_is_no_series_of_numbers_is_refused(
    values: list[float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        finite(values)


def test_infinity_may_stand_for_what_is_only_known_to_be_longer() -> None:
    assert bounded_below([1, np.inf]).tolist() == [1.0, np.inf]
    with pytest.raises(ValueError, match="finite or infinity, got nan at place 1"):
        bounded_below([np.inf, np.nan])
    with pytest.raises(ValueError, match="finite or infinity, got -inf at place 0"):
        bounded_below([-np.inf, 1.0])


def test_whole_numbers_become_floats() -> None:
    assert finite([1, 2]).dtype == np.float64
    assert np.isnan(series([np.nan])).all()


@pytest.mark.parametrize("value", [0.0, 1.0, -1.0, 95.0, np.nan])
def test_a_level_and_a_share_are_between_0_and_1(value: float) -> None:
    with pytest.raises(ValueError, match="confidence must be between 0 and 1, got"):
        check_level(value)
    with pytest.raises(ValueError, match="p must be between 0 and 1, got"):
        check_share(value)
    check_level(0.95)
    check_share(0.5)
