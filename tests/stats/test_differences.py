import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from cloudgauge.stats.differences import (
    MADE_PER_ROW,
    Standing,
    Sums,
    beyond,
    with_stand_ins,
)
from cloudgauge.stats.values import Floats

some = arrays(
    np.float64,
    st.integers(1, 12),
    elements=st.one_of(
        st.floats(-1e6, 1e6, allow_subnormal=False), st.sampled_from([0.0, 1.0])
    ),
).map(np.sort)


@settings(max_examples=40)
@given(rows=some, columns=some)
def test_every_rank_of_all_sums_is_right(rows: Floats, columns: Floats) -> None:
    sums = Sums(rows=rows, columns=columns)
    wanted = np.sort(np.add.outer(rows, columns).ravel())
    assert [sums.smallest(k + 1) for k in range(sums.count)] == wanted.tolist()
    assert sums.middle() == pytest.approx(np.median(wanted), rel=1e-12, abs=1e-9)


@settings(max_examples=40)
@given(values=some)
def test_every_rank_of_all_pairs_is_right(values: Floats) -> None:
    sums = Sums(rows=values, columns=values, each_pair_once=True)
    places = np.triu_indices(len(values))
    wanted = np.sort(np.add.outer(values, values)[places])
    assert [sums.smallest(k + 1) for k in range(sums.count)] == wanted.tolist()


@pytest.mark.parametrize("kind", ["smooth", "heavy", "coarse", "coarser", "equal"])
def test_ranks_among_more_sums_than_are_made_are_right(kind: str) -> None:
    rng = np.random.default_rng(4)
    both = {
        "smooth": rng.normal(50, 5, size=(2, 600)),
        "heavy": rng.standard_cauchy(size=(2, 600)),
        "coarse": rng.integers(0, 1_000, size=(2, 600)) / 8,
        "coarser": rng.integers(0, 2, size=(2, 600)) * 0.1,
        "equal": np.full((2, 600), 0.3),
    }[kind]
    rows, columns = np.sort(both)
    wanted = np.sort(np.add.outer(rows, columns).ravel())
    assert len(wanted) > MADE_PER_ROW * len(rows)
    sums = Sums(rows=rows, columns=columns)
    for rank in (1, 2, 1_000, 179_999, 180_000, 359_000, 360_000):
        assert sums.smallest(rank) == pytest.approx(wanted[rank - 1], abs=1e-12)
    pairs = Sums(rows=rows, columns=rows, each_pair_once=True)
    wanted = np.sort(np.add.outer(rows, rows)[np.triu_indices(600)])
    for rank in (1, 90_150, 180_300):
        assert pairs.smallest(rank) == pytest.approx(wanted[rank - 1], abs=1e-12)


@settings(max_examples=40)
@given(known=some, beyond_it=st.integers(0, 3), before_it=st.integers(0, 3))
def test_what_stands_for_infinity_is_beyond_every_other_sum(
    known: Floats, beyond_it: int, before_it: int
) -> None:
    values = np.concatenate(
        (known, np.full(beyond_it, math.inf), np.full(before_it, -math.inf))
    )
    (standing,) = Standing.of(values)
    assert np.isfinite(standing.values).all()
    assert standing.values[: len(known)].tolist() == known.tolist()
    with np.errstate(invalid="ignore"):
        wanted = np.add.outer(values, values)
    found = np.add.outer(standing.values, standing.values)
    for one, other in zip(wanted.ravel(), found.ravel(), strict=True):
        told = beyond(float(other), 2 * standing.centre, standing.reach)
        if math.isnan(one):
            # Opposite infinities cancel.
            assert told == pytest.approx(2 * standing.centre)
        else:
            assert told == one


def test_where_nothing_is_known_only_the_side_is() -> None:
    one, other = Standing.of(np.array([math.inf]), np.array([3.0, 5.0]))
    assert one.centre == 0
    assert other.centre == 4
    assert beyond(float(one.values[0] + 5.0), 4.0, one.reach) == math.inf
    assert beyond(-50.0, 4.0, one.reach) == -math.inf


@given(
    arrays(
        np.float64,
        array_shapes(min_dims=2, max_dims=2, max_side=8),
        elements=st.one_of(
            st.integers(-20, 20).map(float), st.sampled_from([math.inf, -math.inf])
        ),
    )
)
def test_rows_have_the_stand_ins_of_each_alone(values: Floats) -> None:
    found, centre, far = with_stand_ins(values)

    for at, row in enumerate(values):
        (wanted,) = Standing.of(row)
        assert found[at].tolist() == wanted.values.tolist()
        assert centre[at] == wanted.centre
        assert far[at] / 4 == wanted.reach


@given(rows=some, columns=some, value=st.floats(-10, 10))
def test_sums_up_to_a_value_are_counted(
    rows: Floats, columns: Floats, value: float
) -> None:
    sums = Sums(rows=rows, columns=columns)
    # As they are compared: a value less a row with a column.
    rest = value - rows[:, None]

    assert sums.upto(value) == (columns <= rest).sum()
    assert sums.upto(value, below=True) == (columns < rest).sum()
