import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cloudgauge.stats.block_medians import block_medians, in_places

_cells = st.one_of(st.integers(-9, 9).map(float), st.just(math.nan))


@given(arrays(np.float64, (3, 11), elements=_cells), st.sampled_from([1, 3, 5]))
def test_a_block_is_the_median_of_what_is_there(
    differences: np.ndarray, each: int
) -> None:
    found = block_medians(in_places(differences, each))
    assert found.shape == (3, 11 // each)
    for row, column in np.ndindex(found.shape):
        block = differences[row, column * each : (column + 1) * each]
        known = block[~np.isnan(block)]
        if len(known):
            assert found[row, column] == np.median(known)
        else:
            assert math.isnan(found[row, column])


@pytest.mark.parametrize(
    ("block", "median"),
    [
        ([1, math.inf, math.inf], math.inf),
        ([1, 2, math.inf], 2),
        ([1, math.nan, math.inf], math.inf),
        ([-math.inf, math.nan, math.inf], math.nan),
        ([-math.inf, 3, math.inf], 3),
        ([math.inf, math.inf, math.nan], math.inf),
    ],
)
def test_what_never_came_is_beyond_all_that_did(
    block: list[float], median: float
) -> None:
    assert block_medians(in_places(np.array([block]), 3))[0, 0] == pytest.approx(
        median, nan_ok=True
    )
