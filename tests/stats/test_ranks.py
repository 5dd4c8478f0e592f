import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from cloudgauge.stats.ranks import rank_below


def test_ranks_of_the_median_are_those_of_tables() -> None:
    # Of 10 values, P(at most 1 below the median) is 11 / 1024 and P(at most 2) is
    # 56 / 1024: at 2.5 % the second smallest is the end.
    assert int(rank_below(10, 0.5, 0.025)) == 2
    # 1 / 64 is below 2.5 %, 1 / 32 is not.
    assert int(rank_below(6, 0.5, 0.025)) == 1
    assert rank_below(5, 0.5, 0.025) == 0
    # Conover, Practical Nonparametric Statistics, table A3: n = 20, p = 1/2.
    assert int(rank_below(20, 0.5, 0.025)) == 6


@pytest.mark.parametrize(("p", "needed"), [(0.9, 36), (0.95, 72), (0.99, 368)])
def test_the_far_side_of_a_tail_takes_many_values(p: float, needed: int) -> None:
    # p^n must be at most 2.5 %.
    assert rank_below(needed, 1 - p, 0.025) >= 1
    assert rank_below(needed - 1, 1 - p, 0.025) == 0


@given(
    n=st.integers(1, 3_000),
    p=st.floats(0.01, 0.99),
    alpha=st.sampled_from([0.005, 0.025, 0.05, 0.4]),
)
def test_the_rank_is_the_greatest_that_is_safe(n: int, p: float, alpha: float) -> None:
    rank = int(rank_below(n, p, alpha))
    # The k-th smallest is above the quantile if at most k - 1 values are below it.
    assert rank == 0 or special.bdtr(rank - 1, n, p) <= alpha * (1 + 1e-9)
    if rank < n:
        assert special.bdtr(rank, n, p) > alpha * (1 - 1e-9)


@given(n=st.floats(1, 500), more=st.floats(0, 50), p=st.floats(0.05, 0.95))
def test_more_values_never_give_a_lower_rank(n: float, more: float, p: float) -> None:
    assert rank_below(n + more, p, 0.025) >= rank_below(n, p, 0.025) - 1e-3


def test_a_rank_that_is_whole_but_for_rounding_is_tried() -> None:
    # With a chance of exactly 11 / 1024 the second of ten is above the median.
    assert rank_below(10, 0.5, 11 / 1024) == 2
    assert 2 > rank_below(10, 0.5, 11 / 1024 - 1e-9) > 1.99


def test_where_any_rank_is_safe_it_is_the_last() -> None:
    assert rank_below(10, 0.999, 0.5) == 10


@pytest.mark.parametrize(
    ("n", "p", "alpha"),
    [
        # Where a normal count has the rank, too high and too low.
        (5_000, 0.01, 1e-9),
        (400, 0.99, 1e-9),
        (50_000.5, 0.5, 0.025),
        (50_000.5, 0.05, 0.025),
    ],
)
def test_a_rank_between_whole_ones_has_the_chance_that_was_asked_for(
    n: float, p: float, alpha: float
) -> None:
    rank = rank_below(n, p, alpha)
    if rank:
        chance = special.betainc(n - rank + 1, rank, 1 - p)
        assert chance == pytest.approx(alpha, rel=1e-8)
    else:
        assert special.betainc(n, 1, 1 - p) > alpha
