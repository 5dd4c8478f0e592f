import math

import numpy as np
import pytest

from cloudgauge.stats.bootstrap import (
    Resamples,
    block_bootstrap,
    medians,
    simultaneous,
)
from cloudgauge.stats.values import Floats

NAN = np.nan


def noisy(rounds: int = 80, targets: int = 3, seed: int = 0) -> Floats:
    rng = np.random.default_rng(seed)
    return np.asarray(rng.standard_normal((rounds, targets)) + np.arange(targets))


def first_and_last(matrix: Floats) -> Floats:
    return np.asarray(matrix[[0, -1], 0])


def test_medians_are_of_what_is_there() -> None:
    cells = np.array([[1, NAN, np.inf], [3, NAN, 2], [8, NAN, np.inf], [NAN] * 3])

    found = medians(cells)

    assert found[0] == 3
    assert math.isnan(found[1])
    assert found[2] == math.inf
    assert medians(cells[1:3, [0, 2]]).tolist() == [5.5, math.inf]


def test_the_same_chance_gives_the_same_resamples() -> None:
    one, other = (
        block_bootstrap(noisy(), rng=np.random.default_rng(4), resamples=20, block=3)
        for _ in "ab"
    )

    assert one.values.tolist() == other.values.tolist()
    assert one.values.shape == (20, 3)
    assert one.block == 3


def test_rounds_of_a_block_follow_each_other_around_the_end() -> None:
    cells = np.arange(10.0)[:, None]

    # Of 10 rounds in blocks of 10, the last is the one before the first.
    found = block_bootstrap(
        cells,
        first_and_last,
        rng=np.random.default_rng(1),
        resamples=200,
        block=10,
    )

    first, last = found.values.T
    assert set(first) == set(range(10))
    assert ((first - last) % 10 == 1).all()


def test_targets_of_a_round_stay_together() -> None:
    cells = noisy(targets=1) + np.array([0.0, 5.0])

    found = block_bootstrap(cells, rng=np.random.default_rng(2), resamples=50)

    assert found.values[:, 1] - found.values[:, 0] == pytest.approx(np.full(50, 5.0))


def test_estimates_are_percentiles_of_the_resamples() -> None:
    # Of 199 resamples, 2.5 % of 200 are 5: the fifth from either end.
    resamples = Resamples(
        point=np.array([100.0]),
        values=np.arange(1.0, 200.0)[:, None],
        n=np.array([1_000_000_000]),
        block=1,
    )

    (found,) = resamples.estimates()

    assert (found.low, found.point, found.high) == (5.0, 100.0, 195.0)
    assert (found.confidence, found.n) == (0.95, 1_000_000_000)


def test_resamples_without_a_value_are_counted() -> None:
    values = np.arange(1.0, 400.0)
    values[::2] = NAN
    resamples = Resamples(
        point=np.array([200.0]),
        values=values[:, None],
        n=np.array([1_000_000_000]),
        block=1,
    )

    (found,) = resamples.estimates()

    (caveat,) = found.caveats
    assert caveat.text == "200 of 399 resamples have no value"
    # Of the 199 left, 2, 4, and so on, the fifth from either end.
    assert (found.low, found.high) == (10.0, 390.0)


def test_few_rounds_or_blocks_are_held_to_student() -> None:
    # Of 10 units: t is 2.262 with 9 degrees of freedom, times root 10/9 is 2.384,
    # beyond which is 0.86 % of a normal variable: of 1,000 the eighth.
    widths = []
    for n, block in ((10, 1), (40, 4), (1_000_000_000, 1)):
        resamples = Resamples(
            point=np.array([500.0]),
            values=np.arange(1.0, 1000.0)[:, None],
            n=np.array([n]),
            block=block,
        )
        (found,) = resamples.estimates()
        widths.append((found.low, found.high))

    assert widths == [(8.0, 992.0), (8.0, 992.0), (25.0, 975.0)]


def test_too_few_resamples_bound_nothing() -> None:
    found = block_bootstrap(noisy(), rng=np.random.default_rng(0), resamples=10)

    assert found.estimates()[0].low == -math.inf
    assert found.estimates()[0].high == math.inf


def test_an_interval_never_leaves_its_point_out() -> None:
    resamples = Resamples(
        point=np.array([0.0]),
        values=np.arange(1.0, 200.0)[:, None],
        n=np.array([1_000_000_000]),
        block=1,
    )

    assert resamples.estimates()[0].low == 0.0


def test_what_is_missing_is_counted_column_by_column() -> None:
    cells = noisy(rounds=50)
    cells[:20, 1] = NAN

    found = block_bootstrap(cells, rng=np.random.default_rng(0), resamples=5)

    assert found.n.tolist() == [50, 30, 50]


def test_a_statistic_of_no_value_is_none() -> None:
    cells = noisy(rounds=50)
    cells[:, 1] = NAN

    found = block_bootstrap(cells, rng=np.random.default_rng(0), resamples=5)

    with pytest.raises(ValueError, match="column 1 has no value"):
        found.estimates()


@pytest.mark.parametrize(
    ("cells", "resamples", "block", "message"),
    [
        (np.zeros(4), 5, 1, r"want rounds by targets, got shape \(4,\)"),
        (np.zeros((0, 2)), 5, 1, r"want rounds by targets, got shape \(0, 2\)"),
        (np.zeros((4, 2)), 0, 1, "got 0, 1"),
        (np.zeros((4, 2)), 5, 5, "1 to 4 a block, got 5, 5"),
        (np.zeros((4, 2)), 5, 0, "got 5, 0"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    cells: Floats, resamples: int, block: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        block_bootstrap(
            cells, rng=np.random.default_rng(0), resamples=resamples, block=block
        )


def test_simultaneous_intervals_are_wider_than_each_by_itself() -> None:
    resamples = block_bootstrap(
        noisy(targets=6), rng=np.random.default_rng(0), resamples=2000
    )

    every = simultaneous(resamples)
    to_one = simultaneous(resamples, against=2)

    assert len(every.point) == 15
    assert to_one.first.tolist() == [2] * 5
    assert to_one.second.tolist() == [0, 1, 3, 4, 5]
    # For normal noise of 80 rounds the greatest of 15 differences of 6 is beyond
    # 2.85 errors in 5 % (studentised range 4.03 over root 2), of 5 beyond 2.5.
    errors = (resamples.values[:, 1] - resamples.values[:, 0]).std(ddof=1)
    assert every.high[0] - every.point[0] == pytest.approx(2.85 * errors, rel=0.06)
    at = int(np.flatnonzero(to_one.second == 1)[0])
    errors = (resamples.values[:, 1] - resamples.values[:, 2]).std(ddof=1)
    assert to_one.high[at] - to_one.point[at] == pytest.approx(2.5 * errors, rel=0.06)


def test_differences_without_noise_have_no_width_and_widen_no_other() -> None:
    cells = np.column_stack((noisy(targets=2), np.zeros(80)))
    cells[:, 1] = cells[:, 0] + 3
    resamples = block_bootstrap(cells, rng=np.random.default_rng(0), resamples=500)

    found = simultaneous(resamples)

    assert (found.low[0], found.high[0]) == (
        pytest.approx(3.0),
        pytest.approx(3.0),
    )
    assert np.isfinite(found.high).all()
