import numpy as np
import pytest

from cloudgauge.analysis import held_pairs
from cloudgauge.analysis.held_pairs import HeldPairs
from cloudgauge.stats.pairs import all_pairs
from tests.analysis.values import noise


def _matrix(rounds: int, targets: int) -> np.ndarray:
    columns = [noise(rounds, at=10 + at, seed=at) for at in range(targets)]
    return np.array(columns).T


def test_pairs_of_the_same_values_are_worked_on_once() -> None:
    held, matrix = HeldPairs(), _matrix(30, 4)
    first = held.of(matrix)
    assert held.of(matrix.copy()) is first
    assert held.of(matrix + 1) is not first
    np.testing.assert_array_equal(first.low, all_pairs(matrix).low)


@pytest.mark.parametrize(
    ("vantages", "rounds", "blocks"),
    [
        # 6 pairs of 1,400 rounds, and the time for them shared by so many.
        (3_000, 1_400, None),
        (8_000, 1_400, 1_400 // 3),
        (15_000, 1_400, 1_400 // 5),
        # At least 128 blocks, however many share the time.
        (10**7, 1_400, 1_400 // 9),
        (10**7, 300, None),
        (10**7, 384, 128),
    ],
)
def test_where_there_are_too_many_values_rounds_are_taken_as_blocks(
    vantages: int, rounds: int, blocks: int | None
) -> None:
    pairs = HeldPairs(vantages).of(_matrix(rounds, 4))
    assert pairs.rounds == rounds
    texts = " ".join(caveat.text for caveat in pairs.caveats)
    if blocks is None:
        assert "blocks" not in texts
    else:
        assert f"rounds are taken as {blocks:,} blocks of {rounds // blocks}" in texts


def test_two_hundred_targets_of_a_thousand_rounds_are_taken_whole() -> None:
    assert held_pairs.MOST_VALUES >= 200 * 199 // 2 * 1_000
