import numpy as np
import pytest
from scipy import signal

from cloudgauge.stats.dependence import SHORT, Dependence, dependence, dependences
from cloudgauge.stats.values import Floats


def correlated(n: int, phi: float, seed: int = 1) -> Floats:
    noise = np.random.default_rng(seed).normal(size=n + 200)
    return np.asarray(signal.lfilter([1.0], [1.0, -phi], noise))[200:]


@pytest.mark.parametrize("phi", [0.0, 0.3, 0.7, 0.9])
def test_inflation_of_a_known_correlation_is_found(phi: float) -> None:
    # The correlations phi^k add up to phi / (1 - phi): tau is (1 + phi) / (1 - phi).
    found = [dependence(correlated(5_000, phi, seed)).inflation for seed in range(20)]
    assert np.mean(found) == pytest.approx((1 + phi) / (1 - phi), rel=0.1)


def test_a_slow_series_by_hand() -> None:
    scores = np.repeat([3.0, -1.0, 2.0, -4.0], 8) + np.tile([0.0, 0.5], 16)
    centred = scores - scores.mean()
    rho = [centred[lag:] @ centred[: 32 - lag] for lag in range(32)] / (
        centred @ centred
    )
    # 1, 0.80, 0.64, 0.44, 0.29, 0.09 and then -0.07, -0.27: the fourth pair is below 0.
    assert rho[4] + rho[5] > 0 > rho[6] + rho[7]
    found = dependence(scores)
    # Sums of five lags to either side have 32 / 11 degrees of freedom.
    assert found.freedom == pytest.approx(32 / 11)
    assert found.inflation == pytest.approx((1 + 2 * rho[1:6].sum()) * (1 + 11 / 32))


def test_a_long_series_shows_what_its_neighbours_hardly_do() -> None:
    # A first correlation of some hundredths for tens of rounds inflates all the same.
    noise = np.random.default_rng(3).normal(size=400)
    scores = noise + 0.2 * np.repeat([1.0, -1.0] * 5, 40)
    centred = scores - scores.mean()
    assert centred[1:] @ centred[:-1] / (centred @ centred) < 1.28 / 20
    assert dependence(scores).inflation > 2


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


def test_a_series_of_equal_values_changes_nothing_for_those_beside_it() -> None:
    drift = np.cumsum(np.random.default_rng(2).normal(size=(2, 80)), axis=1)
    equal = np.full(80, 7.0)

    inflation, freedom = dependences(np.stack((drift[0], equal, drift[1])))
    alone = dependences(drift)

    assert (inflation[1], freedom[1]) == (1.0, np.inf)
    assert (inflation[[0, 2]].tolist(), freedom[[0, 2]].tolist()) == (
        alone[0].tolist(),
        alone[1].tolist(),
    )
