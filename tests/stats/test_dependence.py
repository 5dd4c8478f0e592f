import math

import numpy as np
import pytest
from scipy import signal

from cloudgauge.stats.dependence import (
    SHORT,
    Dependence,
    dependence,
    t_quantile,
    t_tail,
)
from cloudgauge.stats.values import Floats


def correlated(n: int, phi: float, seed: int = 1) -> Floats:
    noise = np.random.default_rng(seed).normal(size=n + 200)
    return np.asarray(signal.lfilter([1.0], [1.0, -phi], noise))[200:]


@pytest.mark.parametrize("phi", [0.0, 0.3, 0.7, 0.9])
def test_inflation_of_a_known_correlation_is_found(phi: float) -> None:
    # The correlations phi^k add up to phi / (1 - phi): tau is (1 + phi) / (1 - phi).
    found = [dependence(correlated(5_000, phi, seed)).inflation for seed in range(20)]
    assert np.mean(found) == pytest.approx((1 + phi) / (1 - phi), rel=0.1)


def test_a_series_that_swings_is_not_credited_for_it() -> None:
    assert dependence(np.tile([1.0, -1.0], 50)) == Dependence()
    assert dependence(correlated(1_000, -0.6)).inflation == 1


@pytest.mark.parametrize("scores", [[1.0], [1.0, 2.0, 4.0], [0.1 + 0.2] * 9, [0.0] * 9])
def test_of_few_or_equal_values_nothing_is_said(scores: list[float]) -> None:
    assert dependence(np.array(scores)) == Dependence()


def test_a_short_series_must_show_its_dependence_clearly() -> None:
    # Independent values pass the threshold of 1.28 standard errors in about a tenth.
    rng = np.random.default_rng(2)
    inflated = sum(dependence(rng.normal(size=SHORT)).inflation > 1 for _ in range(400))
    assert inflated <= 60
    assert dependence(np.arange(10.0)).inflation > 1


def test_a_trend_is_as_uncertain_as_can_be() -> None:
    found = dependence(np.arange(100.0))
    assert found.inflation > 20
    assert found.freedom < 2


def test_the_reach_grows_with_dependence_and_with_what_is_not_known_of_it() -> None:
    assert Dependence().reach(0.95) == pytest.approx(1.959964)
    assert Dependence(inflation=4).reach(0.95) == pytest.approx(2 * 1.959964)
    # Student's t of 5 degrees of freedom: 2.5706 in any table.
    some = Dependence(inflation=4, freedom=5)
    assert some.reach(0.95) == pytest.approx(2 * 2.570582)
    assert some.reach(0.95, freedom=1) == pytest.approx(2 * 12.706205)


def test_tails_belong_to_quantiles() -> None:
    for freedom in (3.0, math.inf):
        assert t_tail(t_quantile(0.975, freedom), freedom) == pytest.approx(0.05)
        assert t_tail(-t_quantile(0.9, freedom), freedom) == pytest.approx(0.2)
