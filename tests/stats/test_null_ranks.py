from itertools import combinations, product

import numpy as np
import pytest

from cloudgauge.stats.null_ranks import (
    rank_sum_bound,
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


def test_the_tail_of_signed_ranks_counts_ties_and_half_ranks() -> None:
    # All of three positive: 1 / 8 to either side.
    assert signed_rank_tail(np.array([1.0, 2.0, 3.0]), 6.0) == 0.25
    # Ranks 1.5, 1.5, 3: sums 0, 1.5 twice, 3 twice, 4.5 twice and 6.
    ranks = np.array([1.5, 1.5, 3.0])
    assert signed_rank_tail(ranks, 1.5) == pytest.approx(2 * 3 / 8)
    assert signed_rank_tail(ranks, 3.0) == 1
