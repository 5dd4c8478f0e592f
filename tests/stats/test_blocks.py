import numpy as np
import pytest

from cloudgauge.stats.blocks import block_length
from cloudgauge.stats.values import Floats


def correlated(correlation: float, rounds: int, seed: int) -> Floats:
    rng = np.random.default_rng(seed)
    series = rng.standard_normal(rounds)
    for at in range(1, rounds):
        series[at] += correlation * series[at - 1]
    return series


def typical(correlation: float, rounds: int = 1000) -> float:
    lengths = [
        block_length(correlated(correlation, rounds, seed)) for seed in range(25)
    ]
    return float(np.median(lengths))


def test_blocks_are_as_long_as_the_series_remembers() -> None:
    # (3/2 (2 rho / (1 - rho^2))^2 n)^(1/3) for AR(1) with an indicator's correlation,
    # 2 / pi asin(0.7) = 0.49 at the first lag: about 13.
    assert typical(0.0) <= 4
    assert 8 <= typical(0.7) <= 25
    assert typical(0.9) > typical(0.7) > typical(0.3)


def test_spikes_and_timeouts_do_not_set_the_length() -> None:
    series = correlated(0.7, 600, 1)
    spiked = series.copy()
    above = np.flatnonzero(series > np.median(series))
    spiked[above[::9]] = np.inf

    assert block_length(spiked) == block_length(series)


def test_rounds_that_are_missing_are_passed_over() -> None:
    series = correlated(0.7, 300, 2)

    with_gaps = np.insert(series, [10, 20, 200], np.nan)

    assert block_length(with_gaps) == block_length(series)


def test_a_drifting_series_has_the_longest_blocks_there_are() -> None:
    # 3 roots of 300, a third of 12.
    assert block_length(np.arange(300.0)) == 52
    assert block_length(np.arange(12.0)) <= 4


@pytest.mark.parametrize(
    "values",
    [[], [1.0, 2.0], [5.0] * 40, [0.0, 1.0] * 30],
    ids=["none", "few", "equal", "swinging"],
)
def test_nothing_to_be_told_is_one_round_a_block(values: list[float]) -> None:
    assert block_length(values) == 1
