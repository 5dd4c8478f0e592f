"""Short simulations under fixed seeds; benchmarks/statistics has 500 replicates."""

import numpy as np
import pytest

from benchmarks.statistics.anytime import SLOWER, WORLDS, World, exclude
from benchmarks.statistics.noise import autocorrelated
from cloudgauge.stats.sequential import SignProcess, confidence_sequence


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_equal_targets_are_hardly_ever_excluded_however_often_one_looks(
    world: World,
) -> None:
    found = exclude(world, seed=1, replicates=20, looks=200)

    # 5 % and three standard errors of 20 are 19.6 %: not four of them.
    assert found.ever <= 3 / 20


@pytest.mark.parametrize("world", SLOWER, ids=lambda world: world.name)
def test_a_slower_target_is_excluded(world: World) -> None:
    found = exclude(world, seed=2, replicates=10, looks=500)

    assert found.ever >= 0.8


def test_signs_of_random_pairs_hold_under_any_dependence() -> None:
    # Both targets take what the moment brings; which comes first is drawn.
    rng = np.random.default_rng(3)
    ever = 0
    for _ in range(200):
        moments = autocorrelated(rng, 1400, 1, 0.95)[:, 0].reshape(700, 2)
        swapped = rng.random(700) < 0.5
        first = np.where(swapped, moments[:, 1], moments[:, 0])
        second = np.where(swapped, moments[:, 0], moments[:, 1])
        process = SignProcess()
        for baseline, candidate in zip(first, second, strict=True):
            process = process.after(baseline, candidate)
            if process.evidence >= 20:
                ever += 1
                break

    assert ever / 200 <= 0.05 + 3 * (0.05 * 0.95 / 200) ** 0.5


@pytest.mark.parametrize("correlation", [0.0, 0.7])
def test_a_confidence_sequence_hardly_ever_misses(correlation: float) -> None:
    rng = np.random.default_rng(4)
    missed = 0
    for _ in range(40):
        found = confidence_sequence(autocorrelated(rng, 250, 1, correlation)[:, 0])
        missed += bool(((found.low > 0) | (found.high < 0)).any())

    assert missed / 40 <= 0.05 + 3 * (0.05 * 0.95 / 40) ** 0.5
