import numpy as np
import pytest

from cloudgauge.stats.directions import cosine_count, directions_of


@pytest.mark.parametrize("n", [2, 3, 6, 7, 50, 201])
def test_directions_are_what_scores_have_of_the_first_cosines(n: int) -> None:
    scores = np.random.default_rng(n).normal(size=(3, n))
    waves = np.arange(1, 1 + cosine_count(n))
    cosines = np.cos(np.pi * (np.arange(n) + 0.5)[:, None] * waves / n)
    wanted = scores @ cosines
    wanted /= np.linalg.norm(wanted, axis=1)[:, None]
    np.testing.assert_allclose(directions_of(scores, None), wanted, atol=1e-9)


def test_rounds_that_are_not_there_contribute_nothing() -> None:
    there = np.array([[True, False, True, True, False, True]])
    scores = np.array([[1.0, -2.0, 0.5, 0.5]])
    spread = np.zeros((1, 6))
    spread[there] = scores[0]
    np.testing.assert_allclose(
        directions_of(scores, there), directions_of(spread, None), atol=1e-12
    )


def test_equal_differences_move_nothing() -> None:
    assert not directions_of(np.zeros((1, 9)), None).any()
