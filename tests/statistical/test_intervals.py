"""A hundred replicates each under a fixed seed; benchmarks/statistics has 500."""

import numpy as np
import pytest

from benchmarks.statistics.asking import (
    OURS,
    WIDEST,
    best_width,
    least_coverage,
    simulate,
)
from benchmarks.statistics.intervals import QUESTIONS, SHIFT_MS, false_alarms
from benchmarks.statistics.series import (
    CORRELATED,
    HEAVY,
    INDEPENDENT,
    KINDS,
    SPREAD,
    TIMING_OUT,
    Series,
)
from cloudgauge.stats.censored import availability

REPLICATES = 100
BY_NAME = {question.name: question for question in QUESTIONS}
# A sharp floor under a tail without variance: the median of the differences of ten
# batches is narrower there, by up to a third.
SHARP = {("paired shift", HEAVY.name)}


@pytest.mark.parametrize("kind", [INDEPENDENT, CORRELATED, SPREAD, HEAVY, TIMING_OUT])
@pytest.mark.parametrize(
    "name",
    [
        "p50, 1 a round",
        "p50, 5 a round",
        "p90, 1 a round",
        "paired shift",
        "shift",
        "order",
    ],
)
def test_intervals_cover_what_they_say_and_are_not_wide(
    name: str, kind: Series
) -> None:
    found = simulate(
        BY_NAME[name], kind, rounds=300, replicates=REPLICATES, seed=20261122
    )
    ours = found[0]
    assert ours.way == OURS
    assert ours.coverage >= least_coverage(REPLICATES)
    if (name, kind.name) not in SHARP:
        assert ours.width <= WIDEST * best_width(found)


@pytest.mark.parametrize("kind", BY_NAME["p50 with a limit"].kinds)
def test_quantiles_with_a_limit_cover_where_values_are_independent(
    kind: Series,
) -> None:
    (ours,) = simulate(
        BY_NAME["p50 with a limit"], kind, rounds=120, replicates=REPLICATES, seed=4
    )
    assert ours.coverage >= least_coverage(REPLICATES)


@pytest.mark.parametrize("kind", [INDEPENDENT, CORRELATED, SPREAD, HEAVY, TIMING_OUT])
def test_what_is_the_same_is_seldom_told_apart(kind: Series) -> None:
    # 5 %, plus three standard errors of 100 replicates.
    for share in false_alarms(kind, rounds=120, replicates=REPLICATES, seed=5).values():
        assert share <= 0.05 + 3 * (0.05 * 0.95 / REPLICATES) ** 0.5


@pytest.mark.parametrize("kind", [INDEPENDENT, CORRELATED, SPREAD, HEAVY, TIMING_OUT])
def test_a_shift_of_five_per_cent_is_found_in_300_rounds(kind: Series) -> None:
    found = false_alarms(kind, rounds=300, replicates=50, seed=6, shift_ms=SHIFT_MS)
    assert min(found.values()) >= 0.8


def test_shares_of_attempts_cover_on_average() -> None:
    # Wilson's interval is at 95 % on average over shares, not at each.
    rng = np.random.default_rng(7)
    held = []
    for share in (0.5, 0.9, 0.98, 0.995):
        for successes in rng.binomial(400, share, size=500):
            found = availability(int(successes), 400)
            held.append(found.low <= share <= found.high)
    assert np.mean(held) >= least_coverage(len(held))


@pytest.mark.parametrize("kind", KINDS)
def test_series_have_the_quantiles_they_tell(kind: Series) -> None:
    drawn = kind.rounds_ms(np.random.default_rng(8), 40_000, 3)
    assert drawn.shape == (40_000, 3)
    for p in (0.1, 0.5, 0.9):
        assert np.mean(drawn <= kind.quantile_ms(p)) == pytest.approx(p, abs=0.01)
