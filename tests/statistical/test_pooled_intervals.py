"""A hundred replicates each under a fixed seed; benchmarks/scale has 500."""

import pytest

from benchmarks.scale.coverage import cover
from benchmarks.statistics.series import (
    CORRELATED,
    HEAVY_CORRELATED,
    INDEPENDENT,
    TIMING_OUT,
    Series,
)


@pytest.mark.parametrize("each", [1, 4])
@pytest.mark.parametrize(
    "kind", [INDEPENDENT, CORRELATED, HEAVY_CORRELATED, TIMING_OUT]
)
def test_intervals_of_tails_hold_though_rounds_depend_on_one_another(
    kind: Series, each: int
) -> None:
    for found in cover(kind, rounds=400, each=each, replicates=100, seed=20261122):
        assert found.is_valid, found


def test_intervals_hold_where_several_rounds_are_one_block() -> None:
    for found in cover(CORRELATED, rounds=5_000, each=1, replicates=100, seed=3):
        assert found.is_valid, found
        assert found.open == 0
