import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cloudgauge.placement.frontier import frontier

_figures = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 3)),
    min_size=1,
    max_size=8,
)


def test_what_is_slower_and_dearer_is_beaten_and_surely_where_intervals_are_apart() -> (
    None
):
    fast, cheap, near, far = frontier(
        np.array([10.0, 30.0, 11.0, 40.0]),
        np.array([5.0, 1.0, 6.0, 6.0]),
        low_ms=np.array([9.0, 28.0, 10.5, 35.0]),
        high_ms=np.array([11.0, 36.0, 12.0, np.inf]),
    )
    assert fast.is_on_frontier
    assert cheap.is_on_frontier
    # Slower by less than the intervals say, and dearer.
    assert (near.beaten_by, near.surely_by) == ((0,), ())
    # Fastest first; the cheap one's interval reaches into its own.
    assert (far.beaten_by, far.surely_by) == ((0, 2, 1), (0, 2))


def test_equals_do_not_beat_each_other() -> None:
    same = np.array([5.0, 5.0])
    for standing in frontier(same, same, low_ms=same, high_ms=same):
        assert standing.is_on_frontier


@given(_figures)
def test_the_frontier_is_what_nothing_beats(
    figures: list[tuple[int, int, int]],
) -> None:
    latency, cost, reach = np.array(figures, dtype=np.float64).T
    standings = frontier(latency, cost, low_ms=latency - reach, high_ms=latency + reach)
    on = [at for at, standing in enumerate(standings) if standing.is_on_frontier]
    assert on
    for at, standing in enumerate(standings):
        assert at not in standing.beaten_by
        assert set(standing.surely_by) <= set(standing.beaten_by)
        # Who is beaten is beaten by one of the frontier.
        assert at in on or set(on) & set(standing.beaten_by)
