import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudgauge.analysis.metric import Metric
from cloudgauge.analysis.rounds import Attempts, Line, Rounds
from cloudgauge.analysis.serving import (
    UserGroup,
    lines_of,
    pairs_of,
    quantiles,
    serving_of,
)
from cloudgauge.stats.summary import quantile_of

NONE = np.nan


def group(
    name: str, times: dict[str, list[float]], *, weight: float = 1.0
) -> UserGroup:
    """Users whose targets are named as their regions, with a letter behind."""
    lines = tuple(Line(target_id=target, family="ipv4") for target in sorted(times))
    values = np.array([times[line.target_id] for line in lines]).T
    count = len(values)
    rounds = Rounds(
        metric=Metric.CONNECT,
        lines=lines,
        runs=np.zeros(count, dtype=np.int64),
        wall_ns=np.arange(count, dtype=np.int64),
        values=values,
        attempts=(Attempts(),) * len(lines),
    )
    return UserGroup(
        name=name,
        weight=weight,
        rounds=rounds,
        region_of={target: target.partition(":")[0] for target in times},
    )


def test_times_are_laid_out_user_by_region_and_what_is_not_known_is_endless() -> None:
    serving = serving_of(
        [
            group("one", {"x/a": [1, 2, 3], "x/b": [9, NONE, NONE]}, weight=3),
            group("two", {"x/a": [5, 5, np.inf]}),
            group("nobody", {"x/a": [7]}, weight=0),
        ],
        ["x/a", "x/b"],
    )
    assert serving.users == ("one", "two")
    assert serving.weights.tolist() == [0.75, 0.25]
    assert serving.quantiles(0.5).tolist() == [[2, 9], [5, np.inf]]
    assert serving.quantiles(0.95).tolist() == [[3, 9], [np.inf, np.inf]]
    assert serving.estimate(0, 0, 0.5).point == 2
    assert not serving.draws_vantages


def test_of_several_lines_that_which_most_users_have_speaks_for_all() -> None:
    users = [
        group("one", {"x/a:log": [1], "x/a:web": [2]}),
        group("two", {"x/a:log": [NONE], "x/a:web": [3]}),
    ]
    assert lines_of(users, ["x/a"])["x/a"].target_id == "x/a:web"
    assert lines_of(users[:1], ["x/a"])["x/a"].target_id == "x/a:log"
    assert lines_of(users, ["x/b"]) == {}


def test_rounds_are_drawn_within_their_vantage_and_stay_together() -> None:
    count = 40
    times = {
        "x/a": [float(one) for one in range(count)],
        "x/b": [100.0 + one for one in range(count)],
    }
    serving = serving_of([group("one", times), group("two", times)], ["x/a", "x/b"])
    drawn = serving.drawn(np.random.default_rng(1))
    assert drawn.users == serving.users
    for values in drawn.values:
        assert len(values) == count
        assert set(values[:, 1] - values[:, 0]) == {100}
    assert (drawn.values[0] != drawn.values[1]).any()
    again = serving.drawn(np.random.default_rng(1))
    assert (again.values[0] == drawn.values[0]).all()


def test_of_three_vantages_some_are_drawn_twice_and_some_not_at_all() -> None:
    users = [
        group(name, {"x/a": [1, 2, 3]}, weight=weight)
        for name, weight in (("one", 1), ("two", 2), ("three", 1))
    ]
    serving = serving_of(users, ["x/a"])
    rng = np.random.default_rng(1)
    seen = {serving.drawn(rng).users for _ in range(50)}
    assert serving.draws_vantages
    assert {("one", "two", "three"), ("two",)} <= seen
    for _ in range(10):
        drawn = serving.drawn(rng)
        assert drawn.weights.sum() == pytest.approx(1)
        assert len(drawn.users) == len(drawn.values) == len(drawn.blocks)


def test_between_regions_the_longer_direction_counts_and_the_unknown_is_endless() -> (
    None
):
    groups = {
        "x/a": group("in-a", {"x/a": [1, 1], "x/b": [10, 12], "x/c": [5, 5]}),
        "x/b": group("in-b", {"x/a": [20, 20], "x/c": [np.inf, np.inf]}),
        "x/z": group("elsewhere", {"x/a": [1, 1]}),
    }
    assert pairs_of(groups, ["x/a", "x/b", "x/c"]).tolist() == [
        [0, 20, 5],
        [20, 0, np.inf],
        [5, np.inf, 0],
    ]


@given(
    st.lists(st.sampled_from([1.0, 2.0, 7.5, np.inf, np.nan]), min_size=1, max_size=30),
    st.sampled_from([0.05, 0.5, 0.9, 0.95]),
)
def test_quantiles_of_columns_are_those_of_the_summary(
    values: list[float], p: float
) -> None:
    known = np.sort([one for one in values if not np.isnan(one)])
    wanted = quantile_of(known, p) if len(known) else np.inf
    column = np.array(values)[:, None]
    assert quantiles(np.hstack([column, column]), p).tolist() == [wanted] * 2
