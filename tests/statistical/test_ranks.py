"""Short simulations under fixed seeds; benchmarks/statistics has 500 replicates."""

import pytest

from benchmarks.statistics.alarms import Family, sound
from benchmarks.statistics.asking import (
    OURS,
    WIDEST,
    best_width,
    least_coverage,
    simulate,
)
from benchmarks.statistics.every_pair import EVERY_PAIR, JITTERED
from benchmarks.statistics.noise import CORRELATED as CORRELATED_NOISE
from benchmarks.statistics.noise import NOISES, PLANNED, Noise
from benchmarks.statistics.series import (
    CORRELATED,
    INDEPENDENT,
    SPREAD,
    TIMING_OUT,
    Series,
)
from benchmarks.statistics.vantages import cover_vantages

REPLICATES = 100


def most(share: float, replicates: int) -> float:
    """A share that is that by chance, three standard errors up."""
    return share + 3 * float((share * (1 - share) / replicates) ** 0.5)


@pytest.mark.parametrize(
    "kind", [INDEPENDENT, CORRELATED, SPREAD, JITTERED, TIMING_OUT]
)
def test_intervals_of_pairs_cover_what_they_say_and_are_not_wide(
    kind: Series,
) -> None:
    found = simulate(EVERY_PAIR, kind, rounds=300, replicates=REPLICATES, seed=4)

    assert found[0].coverage >= least_coverage(REPLICATES)
    assert found[0].width <= WIDEST * best_width(found)


@pytest.mark.parametrize("noise", NOISES, ids=lambda noise: noise.name)
def test_equal_targets_are_seldom_told_apart_and_slower_ones_found(
    noise: Noise,
) -> None:
    found = sound(Family(noise=noise, targets=6), seed=5, replicates=40)

    assert found.pair <= 0.07
    assert found.by_holm <= most(0.05, 40)
    assert found.by_ranks <= most(0.05, 40)
    assert found.power >= 0.8
    assert found.power_ranks >= 0.8 or noise is CORRELATED_NOISE


@pytest.mark.parametrize("rounds", [10, 20])
@pytest.mark.parametrize("noise", PLANNED, ids=lambda noise: noise.name)
def test_few_rounds_of_equal_targets_are_seldom_told_apart(
    noise: Noise, rounds: int
) -> None:
    family = Family(noise=noise, targets=6, rounds=rounds)

    found = sound(family, seed=7, replicates=60)

    assert found.pair <= most(0.05, 60)
    assert found.by_holm <= most(0.05, 60)
    assert found.by_ranks <= most(0.05, 60)


@pytest.mark.parametrize("kind", [INDEPENDENT, CORRELATED, SPREAD, TIMING_OUT])
@pytest.mark.parametrize("rounds", [24, 60])
def test_intervals_of_few_rounds_have_ends_and_cover(kind: Series, rounds: int) -> None:
    ours, *_ = simulate(EVERY_PAIR, kind, rounds=rounds, replicates=60, seed=8)

    assert ours.endless == 0
    assert ours.coverage >= least_coverage(60)


def test_means_over_vantages_that_are_fixed_are_covered() -> None:
    for ours, *_ in cover_vantages(60, seed=6, replicates=50):
        assert ours.way == OURS
        assert ours.coverage >= least_coverage(50)
