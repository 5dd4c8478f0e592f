from dataclasses import replace

import numpy as np
import pytest

from cloudgauge.analysis.placing import (
    Effort,
    RegionCost,
    Wanted,
    Within,
    place,
)
from cloudgauge.analysis.serving import serving_of
from cloudgauge.placement.problem import Objective
from cloudgauge.placement.relief import Loosened
from tests.analysis.test_serving import group

REGIONS = ["x/a", "x/b", "y/c"]
WANTED = Wanted(objective=Objective.LATENCY, quantile=0.5, least=1, most=1)
COSTS = {
    "x/a": RegionCost(fixed=100, traffic=50),
    "x/b": RegionCost(fixed=10, traffic=5),
    "y/c": RegionCost(fixed=1, traffic=400),
}


def around(middle: float) -> list[float]:
    """A few rounds about a median."""
    return [middle + step / 10 for step in range(-10, 11)]


def users(*medians: tuple[float, float, float]) -> list[dict[str, list[float]]]:
    return [
        {region: around(ms) for region, ms in zip(REGIONS, row, strict=True)}
        for row in medians
    ]


SERVING = serving_of(
    [
        group(str(at), times)
        for at, times in enumerate(users((10, 20, 50), (70, 30, 20)))
    ],
    REGIONS,
)


def test_the_best_regions_are_chosen_and_users_told_their_region() -> None:
    found = place(SERVING, WANTED, {}, None, Effort(draws=20))
    assert found.regions == ("x/b",)
    assert found.choice is not None
    assert found.choice.value == pytest.approx(25)
    assert found.chosen_share == {"x/b": 1.0}
    assert found.stability is not None
    assert (found.stability.same_share, found.stability.draws) == (1, 20)
    assert found.cost is None
    one, two = found.users
    assert (one.region_id, two.region_id) == ("x/b", "x/b")
    assert one.latency.low <= one.latency.point <= one.latency.high
    assert one.promised is None


def test_with_two_each_user_goes_to_the_nearer_one() -> None:
    two = replace(WANTED, least=2, most=2)
    found = place(SERVING, two, COSTS, None, Effort(draws=5))
    assert found.regions == ("x/a", "y/c")
    assert [user.region_id for user in found.users] == ["x/a", "y/c"]
    assert found.cost == pytest.approx(101 + 25 + 200)


def test_a_promise_and_cost_are_kept_in_mind() -> None:
    within = Within(limit_ms=35, share=1, quantile=0.95)
    wanted = replace(WANTED, objective=Objective.COST, most=3, within=within)
    found = place(SERVING, wanted, COSTS, None, Effort(draws=5))
    assert found.regions == ("x/b",)
    assert found.cost == pytest.approx(15)
    assert found.users[1].promised is not None
    assert found.users[1].promised.point > found.users[1].latency.point


def test_where_nothing_will_do_it_is_told_what_would() -> None:
    within = Within(limit_ms=25, share=1, quantile=0.5)
    found = place(SERVING, replace(WANTED, within=within), {}, None, Effort())
    assert (found.choice, found.regions, found.users) == (None, (), ())
    told = {one.limit: (one.to, one.regions) for one in found.loosenings}
    assert told == {
        Loosened.SHARE: (0.5, ("x/a",)),
        Loosened.WITHIN: (30, ("x/b",)),
        Loosened.MOST: (2, ("x/a", "y/c")),
    }


@pytest.mark.parametrize("objective", [Objective.LATENCY, Objective.WORST])
def test_no_more_regions_are_chosen_than_keep_the_limits(objective: Objective) -> None:
    wanted = replace(WANTED, objective=objective, most=3)
    assert len(place(SERVING, wanted, {}, None, Effort(draws=5)).regions) == 1
    within = Within(limit_ms=25, share=1, quantile=0.5)
    found = place(SERVING, replace(wanted, within=within), {}, None, Effort(draws=5))
    assert found.regions == ("x/a", "y/c")
    assert found.choice is not None
    assert found.choice.set_count == 3


def test_regions_too_far_apart_are_not_chosen_together() -> None:
    pairs = np.array([[0.0, 5.0, 90.0], [5.0, 0.0, 90.0], [90.0, 90.0, 0.0]])
    wanted = replace(WANTED, least=2, most=2, replication_ms=50.0)
    found = place(SERVING, wanted, {}, pairs, Effort(draws=5))
    assert found.regions == ("x/a", "x/b")


def test_draws_in_which_nothing_keeps_the_limits_are_not_counted() -> None:
    one = serving_of([group("one", {"x/a": [10.0, 10.0, 40.0, 40.0, 10.0]})], ["x/a"])
    within = Within(limit_ms=1e-3, share=1, quantile=0.5)
    assert place(one, replace(WANTED, within=within), {}, None, Effort()).choice is None
    kept = replace(WANTED, within=replace(within, limit_ms=10))
    found = place(one, kept, {}, None, Effort(draws=50))
    assert found.stability is not None
    assert 0 < found.stability.draws < 50
