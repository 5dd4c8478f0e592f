import math

import numpy as np
import pytest

from cloudgauge.analysis.pooling import pooled_pairs, steady_pairs
from cloudgauge.stats.pairs import Pairs, all_pairs
from tests.analysis.values import noise


def pairs(seed: int, *means: float, count: int = 40) -> Pairs:
    columns = [noise(count, at=mean, seed=seed + at) for at, mean in enumerate(means)]
    return all_pairs(np.array(columns).T)


def test_shifts_are_averaged_and_variances_add_by_the_squares_of_the_weights() -> None:
    one, other = pairs(1, 0, 5), pairs(20, 0, 9)

    both = pooled_pairs([one, other], [0.25, 0.75])

    assert both.shift[0] == pytest.approx(0.25 * one.shift[0] + 0.75 * other.shift[0])
    wanted = math.hypot(0.25 * one.error[0], 0.75 * other.error[0])
    assert both.error[0] == pytest.approx(wanted)
    assert both.low[0] < both.shift[0] < both.high[0]
    assert both.p[0] < 0.001
    assert both.n[0] == 80
    assert both.rounds == 80


def test_one_vantage_alone_keeps_its_shift_and_error() -> None:
    one = pairs(1, 0, 5, 7)
    both = pooled_pairs([one], [1.0])
    np.testing.assert_allclose(both.shift, one.shift)
    np.testing.assert_allclose(both.error, one.error)
    np.testing.assert_allclose(both.freedom, np.maximum(one.freedom, 1))


def test_noise_of_two_vantages_stands_side_by_side_in_unit_rows() -> None:
    one, other = pairs(1, 0, 5, 7), pairs(20, 0, 9, 9)
    both = pooled_pairs([one, other], [0.5, 0.5])
    width = one.directions.shape[1] + other.directions.shape[1]
    assert both.directions.shape == (3, width)
    np.testing.assert_allclose((both.directions**2).sum(axis=1), 1)


def test_what_one_vantage_does_not_know_has_no_bound() -> None:
    unseen = np.column_stack((noise(40, at=0, seed=1), [math.nan] * 40))
    both = pooled_pairs([pairs(1, 0, 5), all_pairs(unseen)], [0.5, 0.5])
    assert both.p[0] == 1
    assert both.error[0] == math.inf
    assert not both.directions.any()


def test_two_alike_differ_no_oftener_than_said() -> None:
    wrong = sum(
        pooled_pairs([pairs(9 * at, 5, 5), pairs(9 * at + 4, 5, 5)], [0.5, 0.5]).p[0]
        < 0.05
        for at in range(200)
    )
    # 5 % of 200, and three standard errors.
    assert wrong <= 19


def equal_targets(seed: int, *, rounds: int = 12, targets: int = 6) -> np.ndarray:
    return np.random.default_rng(seed).normal(50, 1, (rounds, targets))


def test_few_rounds_of_equal_noise_have_intervals_of_equal_width() -> None:
    """Where by chance the rounds of some pair seem to depend on one another."""
    worst = 0.0
    for seed in range(20):
        parts = [steady_pairs(equal_targets(seed + at)) for at in (0, 100)]
        assert all(len(set(part.freedom.tolist())) == 1 for part in parts)
        both = pooled_pairs(parts, [0.5, 0.5])
        widths = both.high - both.low
        worst = max(worst, float(widths.max() / np.median(widths)))
    assert worst < 4


def test_rounds_that_depend_on_one_another_widen_every_pair() -> None:
    rng = np.random.default_rng(3)
    steps = rng.normal(0, 1, (60, 4))
    for at in range(1, 60):
        steps[at] = 0.9 * steps[at - 1] + math.sqrt(1 - 0.81) * steps[at]
    slow, shuffled = steady_pairs(steps), steady_pairs(rng.permutation(steps))
    assert (slow.error > 1.5 * shuffled.error).all()
    assert (slow.freedom < shuffled.freedom).all()


def test_one_pair_that_depends_alone_is_held_to_its_own() -> None:
    cells = equal_targets(5, rounds=60, targets=8)
    cells[:, 7] += 4 * np.sin(np.arange(60) / 8)
    pairs = steady_pairs(cells)
    with_it = (pairs.second == 7) | (pairs.first == 7)
    assert pairs.error[with_it].min() > 3 * pairs.error[~with_it].max()


def test_of_many_rounds_each_pair_shows_its_own_dependence() -> None:
    cells = equal_targets(5, rounds=120, targets=5)
    np.testing.assert_array_equal(steady_pairs(cells).error, all_pairs(cells).error)
    fewer = cells[:-1]
    assert (steady_pairs(fewer).error != all_pairs(fewer).error).any()


def test_equal_values_have_no_error_and_no_round_has_no_bound() -> None:
    same = steady_pairs(np.full((5, 2), 7.0))
    assert same.error[0] == 0
    never = np.column_stack(([1.0] * 5, [math.nan] * 5))
    assert steady_pairs(never).error[0] == math.inf
    beyond = np.column_stack(([1.0] * 5, [math.inf] * 5))
    assert steady_pairs(beyond).error[0] == math.inf


def test_one_round_has_no_bound() -> None:
    assert steady_pairs(np.array([[1.0, 2.0]])).error[0] == math.inf
