from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from cloudgauge.stats.pairs import Pairs, all_pairs
from cloudgauge.stats.rankset import rank_sets, ranks_of, together
from cloudgauge.stats.values import Floats

Flags = NDArray[np.bool_]


def chance() -> np.random.Generator:
    return np.random.default_rng(6)


def noisy(levels: list[float], rounds: int = 200, seed: int = 0) -> Floats:
    rng = np.random.default_rng(seed)
    shared = 5 * rng.standard_normal((rounds, 1))
    return np.asarray(shared + rng.standard_normal((rounds, len(levels))) + levels)


def test_targets_that_are_alike_share_places_and_letters() -> None:
    sets = rank_sets(noisy([30, 10, 10, 20]), rng=chance())

    assert sets.low_rank == (4, 1, 1, 3)
    assert sets.high_rank == (4, 2, 2, 3)
    assert set(sets.best) == {1, 2}
    assert sets.letters == ("c", "a", "a", "b")
    assert sets.leader in {1, 2}
    assert [caveat.name for caveat in sets.caveats] == ["reduced"]


def test_the_best_are_in_order_of_their_points() -> None:
    cells = noisy([10.0, 10.0, 10.0])

    sets = rank_sets(cells, rng=chance())

    assert list(sets.best) == np.argsort(np.median(cells, axis=0)).tolist()
    assert sets.point == pytest.approx(np.median(cells, axis=0).tolist())


def test_intervals_say_by_how_much_each_exceeds_the_leader() -> None:
    sets = rank_sets(noisy([10, 15, 30]), rng=chance())

    leader, near, far = sets.intervals
    assert leader is None
    assert near is not None
    assert far is not None
    assert near.low < 5 < near.high
    assert far.low < 20 < far.high
    # Wider than the interval of the pair alone: all three hold at once.
    alone = all_pairs(noisy([10, 15, 30])).estimate(0, 1)
    assert near.high - near.low > 1.1 * (alone.high - alone.low)
    assert near.point == alone.point


def test_the_same_chance_gives_the_same_ranks() -> None:
    one, other = (rank_sets(noisy([10, 10.2, 10.4]), rng=chance()) for _ in "ab")

    assert one.pairs.p_adjusted.tolist() == other.pairs.p_adjusted.tolist()
    assert one.low_rank == other.low_rank


def test_a_target_that_was_never_seen_may_hold_any_place() -> None:
    cells = noisy([10, 20, 30])
    cells[:, 1] = np.nan

    sets = rank_sets(cells, rng=chance())

    assert (sets.low_rank[1], sets.high_rank[1]) == (1, 3)
    assert (sets.low_rank[0], sets.high_rank[0]) == (1, 2)
    assert sets.intervals[1] is None
    assert np.isnan(sets.point[1])


def test_a_target_that_mostly_times_out_is_worse_without_a_number() -> None:
    cells = noisy([10, 10])
    cells[np.random.default_rng(0).random(200) < 0.8, 1] = np.inf

    sets = rank_sets(cells, rng=chance())

    assert sets.low_rank == (1, 2)
    found = sets.intervals[1]
    assert found is not None
    assert (found.low, found.point, found.high) == (-np.inf, np.inf, np.inf)


@given(
    seed=st.integers(0, 10_000),
    rounds=st.integers(3, 150),
    step=st.floats(0.05, 0.6),
)
def test_places_letters_and_intervals_say_the_same(
    seed: int, rounds: int, step: float
) -> None:
    # Steps about as large as can just be told, so that the three would be at odds.
    cells = noisy([10 + step * at for at in range(6)], rounds=rounds, seed=seed)
    sets = rank_sets(cells, rng=chance())
    pairs = sets.pairs
    apart = (pairs.low > 0) | (pairs.high < 0)

    assert apart.tolist() == (pairs.p_adjusted <= 0.05).tolist()
    for one, other, is_apart in zip(pairs.first, pairs.second, apart, strict=True):
        shared = set(sets.letters[one]) & set(sets.letters[other])
        assert bool(shared) != is_apart
    surely_better = np.zeros(6, dtype=int)
    np.add.at(surely_better, pairs.second[pairs.low > 0], 1)
    np.add.at(surely_better, pairs.first[pairs.high < 0], 1)
    assert sets.low_rank == tuple((1 + surely_better).tolist())


def test_adjusted_p_values_rise_with_p_and_are_no_less() -> None:
    pairs = all_pairs(noisy([10, 10.1, 10.2, 10.3, 10.4]))

    sure = together(pairs, rng=chance())

    order = np.argsort(pairs.p)
    assert (np.diff(sure.p_adjusted[order]) >= 0).all()
    # Less the error of 2,000 draws.
    assert (sure.p_adjusted > 0.8 * pairs.p - 0.02).all()
    assert (sure.p_adjusted <= 1).all()


def test_one_pair_is_held_to_itself() -> None:
    pairs = all_pairs(noisy([10, 10.1]))

    sure = together(pairs, rng=chance(), draws=20_000)

    assert sure.p_adjusted[0] == pytest.approx(pairs.p[0], abs=0.015)
    assert sure.high[0] - sure.low[0] == pytest.approx(
        pairs.high[0] - pairs.low[0], rel=0.03
    )


def test_too_few_draws_for_the_level_are_refused() -> None:
    with pytest.raises(ValueError, match=r"more draws for a level of 0\.95, got 10"):
        rank_sets(noisy([10, 20]), rng=chance(), draws=10)


@pytest.mark.parametrize("point", [[1.0], [np.nan, np.nan]])
def test_points_that_do_not_fit_are_refused(point: list[float]) -> None:
    with pytest.raises(ValueError, match="want a point of each of 2 targets"):
        ranks_of(all_pairs(noisy([10, 20])), point, rng=chance())


def test_shifts_that_go_in_a_circle_are_said_to() -> None:
    # In a third of the rounds each the order is 123, 231, 312: in two thirds of them
    # the first beats the second, the second the third, and the third the first.
    orders = np.array([[1, 2, 3.1], [3.1, 1, 2], [2, 3.1, 1]])
    rounds = np.random.default_rng(0).permutation(np.tile(orders, (200, 1)))
    cells = rounds + 0.001 * np.random.default_rng(1).standard_normal(rounds.shape)
    pairs = all_pairs(cells)
    circle = _with(pairs, shift=[1.0, -1.0, 1.0], p=[1e-9] * 3)

    sets = ranks_of(circle, [1.0, 2.0, 3.0], rng=chance())

    assert sets.best == ()
    assert [caveat.name for caveat in sets.caveats] == ["reduced", "no order"]


def _with(pairs: Pairs, *, shift: list[float], p: list[float]) -> Pairs:
    """Pairs of other shifts, each with an interval of the width 0.2."""
    middle = np.array(shift)
    ends = middle - 0.1, middle + 0.1
    return replace(pairs, shift=middle, low=ends[0], high=ends[1], p=np.array(p))


@given(st.integers(0, 10_000))
def test_places_never_contradict_the_pairs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cells = noisy(rng.uniform(10, 11, 4).tolist(), rounds=40, seed=seed)

    sets = rank_sets(cells, rng=rng, draws=200)

    for target in range(4):
        assert 1 <= sets.low_rank[target] <= sets.high_rank[target] <= 4
    assert sets.leader in sets.best or sets.caveats or sets.low_rank[sets.leader] > 1
    assert set(sets.best) == {at for at in range(4) if sets.low_rank[at] == 1}
