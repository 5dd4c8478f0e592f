from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from cloudgauge.stats.changepoint import change_points, noise_variance

Floats = NDArray[np.float64]


def cost(values: Floats, edges: list[int], penalty: float) -> float:
    """The sum of squares about each segment's mean, and a penalty for each change."""
    pieces = [values[a:b] for a, b in pairwise(edges)]
    squares = sum(float(((piece - piece.mean()) ** 2).sum()) for piece in pieces)
    return squares + penalty * (len(pieces) - 1)


def least_cost(values: Floats, penalty: float, least: int) -> float:
    """Of all segmentations, tried one after the other from each place on."""
    best = [0.0] + [np.inf] * len(values)
    for end in range(least, len(values) + 1):
        for start in range(end - least + 1):
            if start and start < least:
                continue
            piece = cost(values[start:end], [0, end - start], 0)
            best[end] = min(best[end], best[start] + piece + penalty * (start > 0))
    return best[-1]


small_series = arrays(
    np.float64,
    st.integers(2, 24),
    elements=st.one_of(
        st.floats(-100, 100, allow_subnormal=False), st.sampled_from([0.0, 1.0, 50.0])
    ),
)


@given(
    values=small_series,
    factor=st.sampled_from([0.01, 0.3, 1.0, 4.0]),
    variance=st.sampled_from([0.1, 1.0, 30.0]),
    least=st.integers(1, 5),
)
def test_no_segmentation_is_cheaper(
    values: Floats, factor: float, variance: float, least: int
) -> None:
    found = change_points(values, factor=factor, variance=variance, least=least)

    edges = [0, *found, len(values)]
    if len(values) < 2 * least:
        assert found == ()
        return
    assert min(np.diff(edges)) >= least
    penalty = factor * np.log(len(values)) * variance
    assert cost(values, edges, penalty) == pytest.approx(
        least_cost(values, penalty, least), rel=1e-9, abs=1e-7
    )


@given(
    values=small_series, shift=st.sampled_from([-30.0, 1e4]), least=st.integers(1, 3)
)
def test_a_shift_of_all_values_changes_no_place(
    values: Floats, shift: float, least: int
) -> None:
    # Whole numbers, whose sums are exact, so that no tie is decided by rounding.
    whole = np.round(values)
    wanted = change_points(whole, variance=2.0, least=least)
    assert change_points(whole + shift, variance=2.0, least=least) == wanted


def test_a_step_is_found_where_it_is() -> None:
    noise = np.random.default_rng(3).normal(size=300)
    steps = np.repeat([0.0, 5.0, -4.0], 100)
    found = change_points(noise + steps)
    assert len(found) == 2
    assert abs(found[0] - 100) <= 2
    assert abs(found[1] - 200) <= 2


def test_a_step_without_any_noise_is_found() -> None:
    # All but one difference are 0, so is their median: the mean square is not.
    assert change_points(np.repeat([1.0, 9.0], 20)) == (20,)


def test_equal_values_have_no_change() -> None:
    assert change_points(np.full(50, 7.0)) == ()
    assert change_points(np.array([7.0])) == ()
    assert change_points(np.array([])) == ()
    assert noise_variance(np.array([7.0])) == 0


def test_noise_alone_seldom_has_a_change() -> None:
    # Of 200 series of 200 values, at most 2 %: four times log n is far above what
    # one change of pure noise gains.
    rng = np.random.default_rng(5)
    found = [change_points(rng.normal(size=200)) for _ in range(200)]
    assert sum(bool(places) for places in found) <= 4


def test_ten_thousand_values_are_segmented() -> None:
    levels = np.repeat(np.tile([0.0, 8.0], 5), 1_000)
    noise = np.random.default_rng(7).normal(size=10_000)
    assert len(change_points(levels + noise)) == 9
    assert change_points(noise) == ()


def test_the_variance_of_noise_is_found_in_spite_of_changes_and_outliers() -> None:
    rng = np.random.default_rng(11)
    values = rng.normal(scale=3.0, size=4_000) + np.repeat([0.0, 500.0], 2_000)
    values[::100] += 1e6
    # The median absolute difference of 4,000 values has a relative standard error of
    # about 1.3 %; 2 % of the differences have an outlier in them.
    assert noise_variance(values) == pytest.approx(9.0, rel=0.12)


@pytest.mark.parametrize(
    ("values", "factor", "least", "message"),
    [
        (np.zeros((2, 2)), 1.0, 1, r"finite and one-dimensional, got shape \(2, 2\)"),
        (np.array([1.0, np.nan]), 1.0, 1, "values must be finite"),
        (
            np.zeros(3),
            0.0,
            1,
            "factor must be above 0 and least at least 1, got 0.0, 1",
        ),
        (np.zeros(3), 1.0, 0, "least at least 1, got 1.0, 0"),
    ],
)
def test_what_is_no_series_is_refused(
    values: Floats, factor: float, least: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        change_points(values, factor=factor, least=least)
