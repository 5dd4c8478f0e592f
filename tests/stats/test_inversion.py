"""A test and the interval that is its inversion must never disagree."""

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from cloudgauge.stats.compare import paired_shift, shift, shift_p, signed_rank_p
from cloudgauge.stats.pairs import all_pairs
from cloudgauge.stats.rankset import together

Floats = NDArray[np.float64]

LEVELS = (0.8, 0.9, 0.95, 0.99)
element = st.one_of(
    st.integers(-40, 60).map(lambda n: n / 8),
    st.sampled_from([0.0, 1.0, 30.0, math.inf]),
)
some = arrays(np.float64, st.integers(2, 70), elements=element)


@st.composite
def alike(draw: st.DrawFn) -> Floats:
    """Differences of which neighbours are alike, with outliers side by side."""
    n = draw(st.integers(6, 160))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    steps = rng.standard_normal(n)
    for at in range(1, n):
        steps[at] += draw(st.just(0.7)) * steps[at - 1]
    at, size = draw(st.integers(0, n)), draw(st.integers(0, 5))
    steps[at : at + size] += draw(st.sampled_from([0.0, 50.0, math.inf]))
    return np.asarray(steps + draw(st.sampled_from([0.0, 0.5, 1.5, 3.0])))


def differences_from(differences: Floats) -> tuple[Floats, Floats]:
    return np.zeros(len(differences)), differences


def excludes_0(low: float, high: float) -> bool:
    return low > 0 or high < 0


@settings(max_examples=60, deadline=None)
@example(differences=np.array([np.inf] * 5 + [-2.654]), level=0.8)
@example(differences=np.array([np.inf] * 3 + [-2.654]), level=0.5)
@given(differences=st.one_of(some, alike()), level=st.sampled_from(LEVELS))
def test_a_paired_interval_leaves_0_out_exactly_where_p_is_small(
    differences: Floats, level: float
) -> None:
    sides = differences_from(differences)

    found = all_pairs(np.column_stack(sides), confidence=level)
    by_two = paired_shift(*sides, confidence=level)

    # A p that is the level but for its last digit may be on either side.
    p = float(found.p[0])
    if not math.isclose(p, 1 - level, rel_tol=1e-9):
        assert excludes_0(float(found.low[0]), float(found.high[0])) == (p < 1 - level)
    p = signed_rank_p(differences)
    if not math.isclose(p, 1 - level, rel_tol=1e-9):
        assert excludes_0(by_two.low, by_two.high) == (p < 1 - level)


@settings(max_examples=60, deadline=None)
@given(
    first=st.one_of(some, alike()).filter(lambda x: bool(np.isfinite(x).any())),
    second=st.one_of(some, alike()),
    level=st.sampled_from(LEVELS),
)
def test_an_unpaired_interval_leaves_0_out_exactly_where_p_is_small(
    first: Floats, second: Floats, level: float
) -> None:
    found, p = shift(first, second, confidence=level), shift_p(first, second)

    if not math.isclose(p, 1 - level, rel_tol=1e-9):
        assert excludes_0(found.low, found.high) == (p < 1 - level)


@pytest.mark.parametrize("rounds", [12, 40, 200])
def test_intervals_that_hold_at_once_leave_0_out_only_where_it_is_shown(
    rounds: int,
) -> None:
    rng = np.random.default_rng(rounds)
    cells = rng.standard_normal((rounds, 8)) + np.linspace(0, 1, 8)

    sure = together(all_pairs(cells), rng=rng)

    outside = (sure.low > 0) | (sure.high < 0)
    assert not (outside & (sure.p_adjusted > 0.05)).any()
    assert outside.any() or rounds == 12


def test_outliers_side_by_side_do_not_set_p_and_interval_apart() -> None:
    # Twenty rounds that differ by 40 to 41, four of them in a row by far more. The
    # outliers are seen as dependence, so the interval is stretched; 0 is still many
    # errors away, and each difference is above it: of all signs 2 in 2^20 are as far
    # out. By the dependence of the outliers' ranks alone p would be 0.13.
    before = [0.4, 0.7, 0.1, 0.9, 0.3, 0.6, 0.2]
    after = [0.5, 0.8, 0.35, 0.65, 0.15, 0.85, 0.45, 0.25, 0.75]
    differences = 40 + np.array([*before, 30, 31, 29, 30.5, *after])
    sides = differences_from(differences)

    found = all_pairs(np.column_stack(sides))

    assert 38 < found.low[0] < 40.5 < found.high[0]
    assert found.p[0] == 2.0**-19
    assert paired_shift(*sides).low == found.low[0]
    assert signed_rank_p(differences) == found.p[0]


def test_dependent_rounds_still_bound_a_shift() -> None:
    # Rising without an end, as alike as can be: the interval is long and has ends.
    rising = np.arange(12.0)
    for found in (paired_shift(np.zeros(12), rising), shift(rising, rising + 1)):
        assert -math.inf < found.low < found.point < found.high < math.inf
        assert found.high - found.low > 20
        assert found.caveats == ()


def test_timeouts_on_both_sides_leave_a_shift_without_bounds() -> None:
    ends = np.array([math.inf, 0.0] * 4)

    found = paired_shift(ends, ends[::-1])

    assert (found.low, found.high) == (-math.inf, math.inf)
    assert found.caveats[0].text == "so many timed out that the shift has no bounds"
