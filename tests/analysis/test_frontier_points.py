import numpy as np
import pytest

from cloudgauge.analysis.frontier_points import beaten_regions, region_estimates
from cloudgauge.stats.summary import Estimate
from tests.analysis.test_placing import around
from tests.analysis.test_serving import group


def estimate(point: float, reach: float) -> Estimate:
    return Estimate(
        point=point, low=point - reach, high=point + reach, confidence=0.95, n=9
    )


def test_over_vantages_it_is_the_mean_by_their_weights() -> None:
    users = [
        group("one", {"x/a": around(10), "x/b": around(30)}, weight=3),
        group("two", {"x/a": around(50), "x/b": [np.nan] * 21}),
        group("nobody", {"x/b": around(1)}, weight=0),
    ]
    found = region_estimates(users, ["x/b", "x/a"], 0.5)
    # x/b has no value at the second vantage, which counts.
    assert list(found) == ["x/a"]
    assert found["x/a"].point == pytest.approx(20)
    assert found["x/a"].low < 20 < found["x/a"].high
    # For two regions at once.
    assert found["x/a"].confidence == pytest.approx(0.975)


def test_what_mostly_timed_out_or_was_not_measured_has_no_figure() -> None:
    late = [1.0, np.inf, np.inf]
    users = [group("one", {"x/a": around(10)[:3], "x/b": late})]
    assert list(region_estimates(users, ["x/a", "x/b", "x/c"], 0.5)) == ["x/a"]
    elsewhere = [*users, group("two", {"x/b": [1.0, 1.0]})]
    assert region_estimates(elsewhere, ["x/a"], 0.5) == {}


def test_who_is_beaten_knows_by_whom_and_whether_beyond_the_noise() -> None:
    latencies = {
        "x/fast": estimate(10, 1),
        "x/near": estimate(11, 1),
        "x/far": estimate(40, 1),
        "x/unpriced": estimate(1, 1),
    }
    found = beaten_regions(latencies, {"x/fast": 5, "x/near": 6, "x/far": 6})
    assert list(found) == ["x/fast", "x/near", "x/far"]
    assert found["x/fast"].is_on_frontier
    assert (found["x/near"].by, found["x/near"].surely_by) == (("x/fast",), ())
    assert found["x/far"].surely_by == ("x/fast", "x/near")
