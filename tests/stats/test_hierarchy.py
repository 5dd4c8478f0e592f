import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from cloudgauge.stats.hierarchy import Resampling, hierarchical
from cloudgauge.stats.values import Floats

INF = math.inf
FEW = Resampling(resamples=500)


def chance() -> np.random.Generator:
    return np.random.default_rng(11)


def of_vantages(
    vantages: int, rounds: int, spread: float
) -> tuple[Floats, NDArray[np.int64]]:
    """Values of vantages whose levels differ, and their labels."""
    rng = np.random.default_rng(vantages)
    labels = np.repeat(np.arange(vantages), rounds)
    levels = spread * rng.standard_normal(vantages)
    return levels[labels] + rng.standard_normal(len(labels)), labels


def test_the_point_is_the_weighted_mean_of_the_vantages_medians() -> None:
    values = [1.0, 2.0, 3.0, 10.0, 20.0]
    vantages = ["a", "a", "a", "b", "b"]

    levels = (np.array(vantages), np.arange(5))

    plain = hierarchical(values, levels, rng=chance(), how=FEW)
    weighted = hierarchical(
        values, levels, rng=chance(), how=replace(FEW, weights=(3.0, 1.0))
    )

    # Medians 2 and 15.
    assert plain.point == 8.5
    assert weighted.point == (3 * 2 + 15) / 4
    assert plain.n == 5


def test_vantages_that_are_fixed_are_never_left_out() -> None:
    values, vantages = of_vantages(5, 60, spread=100.0)
    rounds = np.arange(len(values))

    fixed = hierarchical(values, [vantages, rounds], rng=chance(), how=FEW)
    # The t of so few vantages is beyond all but a thousandth of the resamples.
    many = Resampling(resamples=2000, fixed_top=False)
    drawn = hierarchical(values, [vantages, rounds], rng=chance(), how=many)

    # A median of 60 normal values is off by 1.25 / root 60 = 0.16; of five, 0.072.
    assert fixed.high - fixed.low == pytest.approx(4 * 0.072, rel=0.2)
    assert drawn.high - drawn.low > 50
    assert fixed.caveats == ()
    (caveat,) = drawn.caveats
    assert caveat.text == "5 units at the top are too few to stand for others"


def test_many_vantages_may_be_drawn_without_a_doubt() -> None:
    values, vantages = of_vantages(40, 10, spread=1.0)

    found = hierarchical(
        values,
        [vantages, np.arange(len(values))],
        rng=chance(),
        how=replace(FEW, fixed_top=False),
    )

    # Levels and medians of ten: variances 1 and 0.14, over 40.
    assert found.caveats == ()
    assert found.high - found.low == pytest.approx(3.92 * math.sqrt(1.14 / 40), rel=0.3)


def test_values_of_one_path_are_drawn_together() -> None:
    # Ten paths of 50 equal values say no more than ten values.
    rng = np.random.default_rng(0)
    paths = np.repeat(np.arange(20), 50)
    values = rng.standard_normal(20)[paths]
    one = np.zeros(len(values))

    by_path = hierarchical(values, [one, paths], rng=chance(), how=FEW)
    by_value = hierarchical(
        values, [one, np.arange(len(values))], rng=chance(), how=FEW
    )

    assert by_path.high - by_path.low > 3 * (by_value.high - by_value.low)


def test_a_path_of_one_vantage_is_no_path_of_another() -> None:
    values = np.array([1.0, 2.0, 11.0, 12.0])
    vantages, paths = [0, 0, 1, 1], [0, 1, 0, 1]

    how = replace(FEW, confidence=0.8)
    found = hierarchical(values, [vantages, paths], rng=chance(), how=how)

    # Each vantage keeps two of its own: 1 to 2 and 11 to 12.
    assert (found.low, found.point, found.high) == (6.0, 6.5, 7.0)


def test_one_block_of_all_rounds_tells_nothing_of_others() -> None:
    values, vantages = of_vantages(1, 20, spread=1.0)

    found = hierarchical(
        values,
        [vantages, np.arange(len(values))],
        rng=chance(),
        how=replace(FEW, block=20),
    )

    assert (found.low, found.high) == (-INF, INF)
    (caveat,) = found.caveats
    assert caveat.text == "1 units in 500 resamples give no ends of an interval"


def test_blocks_keep_what_rounds_have_in_common() -> None:
    rng = np.random.default_rng(3)
    steps = rng.standard_normal(400)
    for at in range(1, 400):
        steps[at] += 0.8 * steps[at - 1]
    levels = [np.zeros(400), np.arange(400)]

    alone = hierarchical(steps, levels, rng=chance(), how=FEW)
    blocks = hierarchical(steps, levels, rng=chance(), how=replace(FEW, block=20))

    assert blocks.high - blocks.low > 1.7 * (alone.high - alone.low)


def test_other_quantiles_are_of_each_vantage() -> None:
    values = np.arange(1.0, 101.0)

    found = hierarchical(
        values, [np.zeros(100), values], rng=chance(), how=replace(FEW, p=0.9)
    )

    # Either of the 90th and the 91st would do.
    assert found.point == 90.5
    # Of 100 values the 90 % point is off by 3 ranks: 0.9 +- 2 x 0.03.
    assert found.low == pytest.approx(84, abs=2)
    assert found.high == pytest.approx(96, abs=2)


def test_timeouts_are_longer_than_all_others() -> None:
    values = np.array([1.0, 2.0, 3.0, INF, INF, INF, INF])

    found = hierarchical(values, [np.zeros(7), np.arange(7)], rng=chance(), how=FEW)

    assert found.point == INF
    assert found.low < INF


@pytest.mark.parametrize(
    ("values", "levels", "how", "message"),
    [
        ([1.0, 2.0], [[0, 0]], FEW, "want a level below the fixed one at the top"),
        ([1.0, 2.0], [], FEW, "want values and a label of each at every level"),
        ([1.0, 2.0], [[0]], FEW, "all of one length"),
        ([], [[]], FEW, "all of one length"),
        ([1.0, math.nan], [[0, 0]], FEW, "want values that are not NaN"),
        (
            [1.0],
            [[0], [0]],
            replace(FEW, resamples=0),
            "at least one resample and block",
        ),
        ([1.0], [[0], [0]], replace(FEW, block=0), "at least one resample and block"),
        ([1.0], [[0], [0]], replace(FEW, weights=(1.0, 2.0)), "want 1 weights above 0"),
        ([1.0], [[0], [0]], replace(FEW, weights=(0.0,)), "want 1 weights above 0"),
        ([1.0], [[0], [0]], replace(FEW, p=1.0), "p must be between 0 and 1"),
        ([1.0], [[0], [0]], replace(FEW, confidence=0.0), "confidence must be between"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    values: list[float], levels: list[list[int]], how: Resampling, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        hierarchical(values, levels, rng=chance(), how=how)
