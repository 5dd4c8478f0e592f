import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudgauge.stats.block_medians import block_medians, in_places
from cloudgauge.stats.compare import paired_shift
from cloudgauge.stats.multiplicity import holm
from cloudgauge.stats.pairs import all_pairs

INF, NAN = np.inf, np.nan


def noisy(rounds: int, targets: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    shared = rng.standard_normal((rounds, 1))
    return np.asarray(
        50 + shared + rng.standard_normal((rounds, targets)) + 0.2 * np.arange(targets)
    )


def test_each_pair_is_what_its_two_targets_alone_give() -> None:
    cells = noisy(60, 5)

    pairs = all_pairs(cells)

    assert len(pairs.n) == 10
    for at, (one, other) in enumerate(zip(pairs.first, pairs.second, strict=True)):
        wanted = paired_shift(cells[:, one], cells[:, other])
        assert pairs.place(one, other) == pairs.place(other, one) == at
        assert pairs.shift[at] == pytest.approx(wanted.point)
        assert pairs.low[at] == pytest.approx(wanted.low)
        assert pairs.high[at] == pytest.approx(wanted.high)
    assert pairs.p_adjusted.tolist() == holm(pairs.p).tolist()


def test_what_is_shared_by_a_round_is_in_no_shift() -> None:
    cells = noisy(60, 3)

    moved = cells + 1000 * np.random.default_rng(1).standard_normal((60, 1))

    assert all_pairs(moved).shift == pytest.approx(all_pairs(cells).shift)


def test_a_pair_is_turned_over_when_asked_the_other_way_round() -> None:
    pairs = all_pairs(noisy(60, 4))

    one, other = pairs.estimate(1, 3), pairs.estimate(3, 1)

    assert (one.low, one.point, one.high) == (-other.high, -other.point, -other.low)
    assert one.n == other.n == 60
    assert one.confidence == 0.95


@given(st.integers(0, 1000))
def test_rounds_without_one_of_both_are_left_out_of_that_pair_alone(seed: int) -> None:
    cells = noisy(40, 3, seed)
    rng = np.random.default_rng(seed)
    missing = rng.random(40) < 0.2
    cells[missing, 1] = NAN

    pairs = all_pairs(cells)

    assert pairs.n.tolist() == [40 - missing.sum(), 40, 40 - missing.sum()]
    wanted = paired_shift(cells[~missing, 0], cells[~missing, 1])
    assert pairs.estimate(0, 1).point == pytest.approx(wanted.point)
    assert pairs.both_beyond.tolist() == [0, 0, 0]


def test_rounds_in_which_both_timed_out_are_counted_and_left_out() -> None:
    cells = noisy(40, 2)
    cells[:3] = INF
    cells[3:5, 1] = INF
    cells[5, 0] = NAN

    pairs = all_pairs(cells)

    assert pairs.both_beyond.tolist() == [3]
    assert pairs.n.tolist() == [36]
    wanted = paired_shift(cells[:, 0], cells[:, 1])
    assert pairs.estimate(0, 1).high == pytest.approx(wanted.high)


def test_targets_that_no_round_has_both_of_are_not_compared() -> None:
    cells = noisy(40, 3)
    cells[:20, 0] = NAN
    cells[20:, 1] = NAN

    pairs = all_pairs(cells)

    assert pairs.n.tolist() == [0, 20, 20]
    assert np.isnan(pairs.shift[0])
    assert (pairs.low[0], pairs.high[0], pairs.p[0]) == (-INF, INF, 1.0)
    assert not pairs.directions[0].any()
    with pytest.raises(ValueError, match="columns 0 and 1 have no round in common"):
        pairs.estimate(0, 1)


@pytest.mark.parametrize("rounds", [100, 300])
def test_it_says_of_how_many_means_shifts_are_made(rounds: int) -> None:
    pairs = all_pairs(noisy(rounds, 2))

    texts = [caveat.text for caveat in pairs.caveats]
    if rounds == 100:
        assert pairs.reduced_to is None
        assert texts == []
    else:
        assert pairs.reduced_to == 4_200
        assert texts == ["shifts are made of 4,200 of the 45,150 means of two rounds"]
    assert (pairs.targets, pairs.rounds) == (2, rounds)


def test_directions_are_as_correlated_as_the_shifts_are() -> None:
    # Shifts of two pairs with one target in common have a correlation of 1/2, of none
    # 0, whatever the targets share.
    rng = np.random.default_rng(2)
    with_one, with_none = [], []
    for _ in range(60):
        drawn = rng.standard_normal((300, 4)) + 5 * rng.standard_normal((300, 1))
        pairs = all_pairs(drawn)
        unit = pairs.directions
        assert np.linalg.norm(unit, axis=1) == pytest.approx(np.ones(6))
        with_one.append(unit[pairs.place(0, 1)] @ unit[pairs.place(0, 2)])
        with_none.append(unit[pairs.place(0, 1)] @ unit[pairs.place(2, 3)])

    # 18 cosines: an error of 1 / sqrt(18 x 60), so 0.03, three times.
    assert np.mean(with_one) == pytest.approx(0.5, abs=0.09)
    assert np.mean(with_none) == pytest.approx(0.0, abs=0.09)


def test_directions_stay_where_the_rounds_are_if_some_are_missing() -> None:
    cells = noisy(300, 2)
    whole = all_pairs(cells).directions[0]
    cells[::50, 0] = NAN

    assert all_pairs(cells).directions[0] @ whole > 0.95


def test_equal_targets_move_in_no_direction() -> None:
    pairs = all_pairs(np.column_stack((np.arange(9.0), np.arange(9.0))))

    assert not pairs.directions.any()
    assert pairs.p.tolist() == [1.0]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (np.zeros(3), r"rounds by at least two targets, got shape \(3,\)"),
        (np.zeros((3, 1)), r"at least two targets, got shape \(3, 1\)"),
        (np.zeros((0, 2)), r"at least two targets, got shape \(0, 2\)"),
        (np.array([[0.0, -INF]]), "a value is minus infinity"),
    ],
)
def test_what_is_no_matrix_of_rounds_is_refused(
    cells: np.ndarray, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        all_pairs(cells)


def test_a_level_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="confidence must be between 0 and 1"):
        all_pairs(noisy(5, 2), confidence=1.0)


@pytest.mark.parametrize(("one", "other"), [(0, 0), (0, 3), (-1, 1)])
def test_what_are_not_two_columns_is_refused(one: int, other: int) -> None:
    pairs = all_pairs(noisy(5, 3))

    with pytest.raises(ValueError, match=f"want two of 3 columns, got {one} and"):
        pairs.place(one, other)


def test_rounds_can_be_taken_as_blocks_by_their_medians() -> None:
    rng = np.random.default_rng(8)
    matrix = rng.lognormal(size=(62, 3)) + np.array([0, 0.5, 1])
    matrix[4:9, 1] = np.nan
    matrix[20, 2] = np.inf
    pairs = all_pairs(matrix, each=3)
    for first, second in ((0, 1), (0, 2), (1, 2)):
        differences = (matrix[:, second] - matrix[:, first])[None]
        blocks = block_medians(in_places(differences, 3))[0]
        alone = all_pairs(np.column_stack((np.zeros(20), blocks)))
        at = pairs.place(first, second)
        found = (pairs.shift[at], pairs.low[at], pairs.high[at], pairs.p[at])
        wanted = (alone.shift[0], alone.low[0], alone.high[0], alone.p[0])
        assert found == pytest.approx(wanted)
    assert pairs.n[pairs.place(0, 1)] == 57
    assert [caveat.text for caveat in pairs.caveats] == [
        "rounds are taken as 20 blocks of 3, by their medians"
    ]


def test_of_many_blocks_not_all_means_are_made_and_both_is_said() -> None:
    matrix = np.random.default_rng(9).normal(size=(1000, 2))
    pairs = all_pairs(matrix, each=7)
    assert pairs.reduced_to is not None
    assert 1000 <= pairs.reduced_to < 1300
    (caveat,) = pairs.caveats
    assert caveat.text.startswith(
        "rounds are taken as 142 blocks of 7, by their medians; shifts are made of 1,"
    )
    plain = all_pairs(matrix)
    assert pairs.shift[0] == pytest.approx(plain.shift[0], abs=0.05)
    assert 0.9 < pairs.error[0] / plain.error[0] < 1.4


@pytest.mark.parametrize("each", [0, 2, -1, 11])
def test_blocks_are_odd_and_no_longer_than_the_series(each: int) -> None:
    with pytest.raises(
        ValueError, match=r"^want blocks of an odd number of at most 10, got"
    ):
        all_pairs(np.zeros((10, 2)), each=each)
