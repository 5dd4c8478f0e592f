import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from cloudgauge.stats.multiplicity import benjamini_hochberg, e_bh, holm
from cloudgauge.stats.values import Floats

some = arrays(np.float64, st.integers(1, 30), elements=st.floats(0, 1))


def test_four_tests_adjusted_by_hand() -> None:
    p = [0.01, 0.04, 0.03, 0.005]
    # Rising: 4 * 0.005, 3 * 0.01, 2 * 0.03, and 1 * 0.04 not below the one before.
    assert holm(p) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    # Falling: 0.04, 4/3 * 0.03, 4/2 * 0.01, and 4 * 0.005 not above the one after.
    assert benjamini_hochberg(p) == pytest.approx([0.02, 0.04, 0.04, 0.02])


@given(p=some)
def test_false_discoveries_are_adjusted_as_scipy_does(p: Floats) -> None:
    assert benjamini_hochberg(p) == pytest.approx(stats.false_discovery_control(p))


@given(p=some, seed=st.integers(0, 9))
def test_adjusting_keeps_the_order_whatever_the_order_is(p: Floats, seed: int) -> None:
    moved = np.random.default_rng(seed).permutation(len(p))
    for adjust in (holm, benjamini_hochberg):
        found = adjust(p)
        assert adjust(p[moved]).tolist() == found[moved].tolist()
        assert (found >= p).all()
        assert (found <= 1).all()
        assert (np.diff(found[np.argsort(p, kind="stable")]) >= 0).all()
    assert (holm(p) >= benjamini_hochberg(p) - 1e-15).all()
    assert (holm(p) <= np.minimum(len(p) * p, 1) + 1e-15).all()


def test_e_values_are_rejected_together() -> None:
    # Of three, one needs 60 alone; two need 30 each.
    assert e_bh([50, 1, 50]).tolist() == [True, False, True]
    assert e_bh([50, 1, 29]).tolist() == [False, False, False]
    assert e_bh([60, 1, 1]).tolist() == [True, False, False]
    assert e_bh([np.inf, 0], alpha=0.01).tolist() == [True, False]


def test_of_no_test_nothing_follows() -> None:
    assert holm([]).tolist() == []
    assert benjamini_hochberg([]).tolist() == []
    assert e_bh([]).tolist() == []


@pytest.mark.parametrize("p", [[np.nan], [-0.1], [1.1], [[0.5]]])
def test_what_is_no_probability_is_refused(p: list[float]) -> None:
    for adjust in (holm, benjamini_hochberg):
        with pytest.raises(ValueError, match="p-values must be one-dimensional and"):
            adjust(p)


def test_what_is_no_e_value_is_refused() -> None:
    for e in ([np.nan], [-1.0], [[1.0]]):
        with pytest.raises(ValueError, match="e-values must be one-dimensional and at"):
            e_bh(e)
    with pytest.raises(ValueError, match="alpha must be between 0 and 1, got 0"):
        e_bh([1.0], alpha=0)
