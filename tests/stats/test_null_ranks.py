from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudgauge.stats.null_ranks import (
    FEW,
    rank_sum_bound,
    rank_sum_tail,
    signed_rank_bound,
    signed_rank_tail,
)


@pytest.mark.parametrize(
    # One more than the critical values at 5 %, two-sided, of Wilcoxon's table.
    ("n", "bound"),
    [(5, 0), (6, 1), (7, 3), (8, 4), (10, 9), (15, 26), (20, 53)],
)
def test_bounds_of_signed_ranks_are_those_of_the_table(n: int, bound: int) -> None:
    assert signed_rank_bound(n, 0.025) == bound


@pytest.mark.parametrize(
    # One more than the critical values of U at 5 %, two-sided.
    ("m", "n", "bound"),
    [(3, 3, 0), (4, 4, 1), (5, 5, 3), (2, 8, 1), (7, 12, 19), (20, 20, 128)],
)
def test_bounds_of_rank_sums_are_those_of_the_table(m: int, n: int, bound: int) -> None:
    assert rank_sum_bound(m, n, 0.025) == bound
    assert rank_sum_bound(n, m, 0.025) == bound


@pytest.mark.parametrize("alpha", [0.01, 0.025, 0.1, 0.3])
def test_bounds_agree_with_all_cases_one_by_one(alpha: float) -> None:
    m, n = 4, 5
    sums = [
        sum(chosen) - m * (m + 1) // 2
        for chosen in combinations(range(1, m + n + 1), m)
    ]
    shares = [np.mean([u < k for u in sums]) for k in range(m * n + 1)]
    assert rank_sum_bound(m, n, alpha) == max(
        k for k, share in enumerate(shares) if share <= alpha
    )
    totals = [
        sum(rank for rank, is_positive in enumerate(signs, start=1) if is_positive)
        for signs in product([False, True], repeat=6)
    ]
    shares = [np.mean([total < k for total in totals]) for k in range(22)]
    assert signed_rank_bound(6, alpha) == max(
        k for k, share in enumerate(shares) if share <= alpha
    )


def test_tails_are_counted() -> None:
    # All of three negative: 1 / 8; ranks 1, 2, 3: sums 0, 1, 2, 3 twice, 4, 5 and 6.
    assert signed_rank_tail(3, 0) == 1 / 8
    assert signed_rank_tail(3, 3) == 5 / 8
    assert signed_rank_tail(3, 6) == 1
    # Two and two: of six ways to mix them 1, 1, 2, 1, 1 come to 0, 1, 2, 3, 4.
    assert rank_sum_tail(2, 2, 0) == pytest.approx(1 / 6)
    assert rank_sum_tail(2, 2, 2) == pytest.approx(4 / 6)
    assert rank_sum_tail(2, 2, 4) == pytest.approx(1)


@given(st.integers(1, FEW), st.floats(1e-6, 0.5))
def test_a_bound_is_where_the_tail_is_small_enough(n: int, alpha: float) -> None:
    bound = signed_rank_bound(n, alpha)

    assert not bound or signed_rank_tail(n, bound - 1) <= alpha * (1 + 1e-9)
    assert signed_rank_tail(n, bound) > alpha
