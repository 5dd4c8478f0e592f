"""Held against scipy, which has the same functions."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from cloudgauge.stats.beta import crossing, incomplete_beta, t_quantile, t_tail

sizes = st.floats(0.5, 2_000)
freedoms = st.floats(1, 5_000) | st.just(math.inf)


@given(a=sizes, b=sizes, x=st.floats(0, 1))
def test_the_incomplete_beta_function_is_scipy_s(a: float, b: float, x: float) -> None:
    wanted = float(special.betainc(a, b, x))
    assert incomplete_beta(a, b, x) == pytest.approx(wanted, rel=1e-9, abs=1e-12)


@given(statistic=st.floats(-50, 50), freedom=freedoms)
def test_the_tail_of_student_s_t_is_scipy_s(statistic: float, freedom: float) -> None:
    if math.isinf(freedom):
        wanted = 2 * float(special.ndtr(-abs(statistic)))
    else:
        wanted = 2 * float(special.stdtr(freedom, -abs(statistic)))
    assert t_tail(statistic, freedom) == pytest.approx(wanted, rel=1e-8, abs=1e-12)


@given(p=st.floats(0.001, 0.999), freedom=freedoms)
def test_the_quantile_of_student_s_t_is_scipy_s(p: float, freedom: float) -> None:
    if math.isinf(freedom):
        wanted = float(special.ndtri(p))
    else:
        wanted = float(special.stdtrit(freedom, p))
    assert t_quantile(p, freedom) == pytest.approx(wanted, rel=1e-6, abs=1e-6)


def test_student_s_t_is_that_of_any_table() -> None:
    assert t_quantile(0.975, 1) == pytest.approx(12.7062, abs=1e-4)
    assert t_quantile(0.975, 5) == pytest.approx(2.5706, abs=1e-4)
    assert t_quantile(0.975, math.inf) == pytest.approx(1.959964)
    for freedom in (3.0, math.inf):
        assert t_tail(t_quantile(0.975, freedom), freedom) == pytest.approx(0.05)
        assert t_tail(-t_quantile(0.9, freedom), freedom) == pytest.approx(0.2)


@given(root=st.floats(0.1, 0.9))
def test_a_crossing_is_found_to_the_last_bit(root: float) -> None:
    found = crossing(lambda x: x - root, 0, 1)
    assert found == pytest.approx(root, abs=1e-15)


@given(root=st.floats(0, 1), power=st.integers(1, 9))
def test_a_crossing_takes_far_fewer_steps_than_halving(root: float, power: int) -> None:
    asked = []

    def rising(x: float) -> float:
        asked.append(x)
        return x**power - root**power

    found = crossing(rising, 0, 1, error=1e-12)
    # Where a power is next to flat, and below what a number tells, they are halved.
    if root > 0.1:
        assert found == pytest.approx(root, rel=1e-11)
        assert len(asked) < 30


def test_what_never_passes_0_crosses_it_at_the_end() -> None:
    assert crossing(lambda x: x - 2, 0, 1) == 1
    assert t_quantile(0.5, 3) == 0


def test_the_ends_of_the_beta_function_are_exact() -> None:
    assert incomplete_beta(2, 3, 0) == 0
    assert incomplete_beta(2, 3, 1) == 1
    # I_x(1, 1) is x.
    assert incomplete_beta(1, 1, 0.3) == pytest.approx(0.3)
