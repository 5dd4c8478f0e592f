import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from cloudgauge.stats.contrasts import Buckets, Ordered

Floats = NDArray[np.float64]

some = arrays(
    np.float64,
    array_shapes(min_dims=2, max_dims=2, max_side=40),
    elements=st.one_of(
        st.floats(-1e6, 1e6), st.sampled_from([0.0, 1.0, -1e9, 1e9, 5e-324])
    ),
)


@settings(max_examples=60, deadline=None)
@given(values=some, share=st.floats(0, 1))
def test_what_is_found_is_what_sorting_finds(values: Floats, share: float) -> None:
    m, n = values.shape
    rank = 1 + round(share * (n - 1))

    found = Ordered.of(values).at(np.full((m, 1), rank))[:, 0]

    assert found.tolist() == np.sort(values, axis=1)[:, rank - 1].tolist()


@settings(max_examples=60, deadline=None)
@given(values=some, shares=st.lists(st.floats(0, 1), min_size=2, max_size=4))
def test_several_ranks_are_found_at_once(values: Floats, shares: list[float]) -> None:
    m, n = values.shape
    ranks = [1 + round(share * (n - 1)) for share in sorted(shares)]

    found = Ordered.of(values).at(np.tile(ranks, (m, 1)))

    assert found.tolist() == np.sort(values, axis=1)[:, np.array(ranks) - 1].tolist()


@settings(max_examples=60, deadline=None)
@given(values=some)
def test_the_middle_is_the_median(values: Floats) -> None:
    found = Ordered.of(values).middle()

    assert found == pytest.approx(np.median(values, axis=1))


def test_many_values_with_a_tail_are_found_as_well() -> None:
    values = np.random.default_rng(1).standard_cauchy((5, 4001))
    for rank in (1, 40, 2001, 3990, 4001):
        found = Ordered.of(values).at(np.full((5, 1), rank))[:, 0]
        assert found.tolist() == np.sort(values, axis=1)[:, rank - 1].tolist()


def test_buckets_lie_evenly_about_the_middle() -> None:
    # What lies as far above the middle as below it is in the bucket opposite.
    steps = np.arange(1, 30) / 16
    values = np.concatenate((-steps[::-1], [0.0], steps))[None, :]

    places = Buckets.of(values, np.array([-2.0]), np.array([2.0]), 65).places[0]

    assert places.max() < 65
    assert places[29] == 32
    assert (np.diff(places) >= 0).all()
    assert np.abs(places + places[::-1] - 64).max() <= 1


def test_equal_ends_make_one_bucket() -> None:
    values = np.array([[1.0, 1.0, 2.0]])

    found = Buckets.of(values, np.array([1.0]), np.array([1.0]), 8)

    assert set(found.places[0].tolist()) == {1}
    upto = found.upto(np.arange(-1, 8)[None])
    assert upto[0].tolist() == [0, 0, 3, 3, 3, 3, 3, 3, 3]
