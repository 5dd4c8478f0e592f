import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudgauge.report.figures.extent import (
    Extent,
    estimate_text,
    number_text,
    short,
    thinned,
)
from tests.report.figures.drawings import ENDLESS, estimate

NUMBERS = st.floats(min_value=0.001, max_value=100_000)


def test_a_wide_range_is_logarithmic_and_a_narrow_one_is_not() -> None:
    wide, narrow = Extent.of([1.0, 300.0]), Extent.of([240.0, 260.0])
    assert wide is not None
    assert narrow is not None
    assert wide.is_log
    assert not narrow.is_log
    assert narrow.low > 200


def test_marks_have_an_axis_that_does_not_begin_at_zero_nor_below_it() -> None:
    far, near = Extent.of([28.0, 73.0]), Extent.of([0.0, 60.0])
    assert far is not None
    assert near is not None
    assert 20 < far.low < 28
    assert near.low == 0


def test_what_is_far_out_does_not_stretch_a_robust_axis() -> None:
    course = [20.0 + at % 5 for at in range(40)]
    found = Extent.robust([22.0], [[*course, 400.0], [*course, -90.0, math.inf]])
    assert found is not None
    assert 19 < found.low < 20
    assert 24 < found.high < 25
    assert found.is_beyond(400.0)
    assert found.is_beyond(-90.0)


def test_what_is_near_or_must_be_held_is_inside_a_robust_axis() -> None:
    course = [20.0 + at % 5 for at in range(40)]
    near, held = Extent.robust([], [[*course, 27.0]]), Extent.robust([90.0], [course])
    assert near is not None
    assert held is not None
    assert not near.is_beyond(27.0)
    assert not held.is_beyond(90.0)


@pytest.mark.parametrize("numbers", [[5.0], [5.0, 7.0], [5.0, 6.0, 7.0], [5.0] * 30])
def test_a_robust_axis_of_few_or_equal_numbers_holds_them(numbers: list[float]) -> None:
    found = Extent.robust([], [numbers, []])
    assert found is not None
    assert all(not found.is_beyond(one) for one in numbers)
    assert Extent.robust([math.inf], [[], [math.inf]]) is None


@given(st.lists(NUMBERS, min_size=1, max_size=9))
def test_sparse_ticks_stand_apart(numbers: list[float]) -> None:
    found = Extent.of(numbers)
    assert found is not None
    shares = [found.share(tick) for tick in found.sparse_ticks()]
    assert all(after - before > 0.12 for before, after in pairwise(shares))


def test_nothing_finite_has_no_extent() -> None:
    assert Extent.of([math.inf, -math.inf]) is None
    assert Extent.of([]) is None


@given(st.lists(NUMBERS, min_size=1, max_size=9))
def test_every_number_is_inside_and_ticks_are_few(numbers: list[float]) -> None:
    found = Extent.of([*numbers, math.inf])
    assert found is not None
    assert found.low < found.high
    assert all(found.low <= one <= found.high for one in numbers)
    ticks = found.ticks()
    assert len(ticks) <= 9
    assert ticks == sorted(ticks)
    assert all(found.low * 0.999 <= one <= found.high * 1.001 for one in ticks)


@given(st.lists(st.floats(-1_000, 1_000), max_size=9))
def test_zero_is_inside_where_it_must_be(numbers: list[float]) -> None:
    found = Extent.about_zero([*numbers, math.inf])
    assert found.low < 0 < found.high
    assert all(found.low <= one <= found.high for one in numbers)


def test_an_endless_end_is_clipped_to_the_axis() -> None:
    found = Extent(low=1.0, high=9.0)
    assert (found.clip(-math.inf), found.clip(math.inf), found.clip(4.0)) == (1, 9, 4)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0"),
        (0.1234, "0.123"),
        (12.34, "12.3"),
        (1234.5, "1,234"),
        (-2.5, "-2.50"),
    ],
)
def test_numbers_have_three_digits_and_no_exponent(number: float, text: str) -> None:
    assert number_text(number) == text


def test_an_estimate_says_its_ends_and_where_there_are_none() -> None:
    assert estimate_text(estimate(10.0), "ms") == "10.0 ms (9.50 to 10.5)"
    assert estimate_text(ENDLESS, "ms") == "30.0 ms (no bound to no bound)"
    assert estimate_text(None, "ms") == "no value"
    beyond = estimate(math.inf, 5.0, math.inf)
    assert estimate_text(beyond, "ms") == "timed out (5.00 to no bound ms)"


@given(st.integers(1, 500), st.integers(2, 60))
def test_thinning_keeps_both_ends(count: int, most: int) -> None:
    kept = thinned([0.0] * count, most)
    assert len(kept) <= most
    assert (kept[0], kept[-1]) == (0, count - 1)
    assert kept == sorted(set(kept))


def test_six_digits_are_kept() -> None:
    assert short(123.4567891) == 123.457
