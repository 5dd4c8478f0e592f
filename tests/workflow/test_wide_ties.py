import math
from collections.abc import Sequence

import pytest

from cloudgauge.analysis.metric import Metric
from cloudgauge.analysis.ranking import Place, Ranking
from cloudgauge.analysis.rounds import Attempts
from cloudgauge.stats.summary import Estimate
from cloudgauge.workflow.wide_ties import wide_ties
from tests.analysis.values import line

NEAR, BETWEEN, FAR = "aws/near", "gcp/between", "azure/far"


def place(
    region: str, point: float | None, *, rounds: int = 40, timed_out: int = 0
) -> Place:
    p50 = None
    if point is not None:
        p50 = Estimate(point=point, low=-math.inf, high=math.inf, confidence=0.95, n=9)
    return Place(
        line=line(region),
        p50=p50,
        behind=None,
        low_rank=1,
        high_rank=3,
        letters="a",
        rounds=rounds,
        attempts=Attempts(made=40, answered=40 - timed_out, timed_out=timed_out),
    )


def ranking(
    places: Sequence[Place],
    *better: tuple[str, str],
    vantage: str = "",
    metric: Metric = Metric.CONNECT,
) -> Ranking:
    def name(region: str) -> str:
        return line(region).target_id

    return Ranking(
        metric=metric,
        vantage=vantage,
        places=tuple(places),
        is_paired=True,
        is_burst=False,
        rounds=40,
        better=frozenset((name(one), name(other)) for one, other in better),
    )


THREE = (place(NEAR, 97.0), place(BETWEEN, 112.9), place(FAR, 170.8))


def test_a_region_that_is_tied_beyond_another_is_named_with_the_reason() -> None:
    (told,) = wide_ties([ranking(THREE, (NEAR, BETWEEN))], Metric.CONNECT)
    assert told == (
        "a tie by width (all): azure/far:object-storage (170.8 ms) shares a letter "
        "with aws/near:object-storage (97.0 ms) though gcp/between:object-storage "
        "(112.9 ms) does not, since its rounds vary more, or depend more on one another"
    )


@pytest.mark.parametrize(
    ("far", "why"),
    [
        (place(FAR, 170.8, rounds=7), "it has a value in 7 rounds, not 40"),
        (place(FAR, 170.8, timed_out=3), "it timed out 3 times"),
    ],
)
def test_the_reason_is_what_makes_the_interval_wide(far: Place, why: str) -> None:
    found = ranking((*THREE[:2], far), (NEAR, BETWEEN), vantage="lab")
    (told,) = wide_ties([found], Metric.CONNECT)
    assert "a tie by width (lab): " in told
    assert told.endswith(why)


def test_others_are_counted() -> None:
    places = (*THREE, place("huawei/further", 180.0))
    (told,) = wide_ties([ranking(places, (NEAR, BETWEEN))], Metric.CONNECT)
    assert told.endswith(", and 1 more such ties")


def test_the_one_between_is_the_nearest_that_is_worse() -> None:
    further = place("huawei/further", 150.0)
    places = (*THREE[:2], further, THREE[2])
    found = ranking(places, (NEAR, BETWEEN), (NEAR, "huawei/further"))
    (told,) = wide_ties([found], Metric.CONNECT)
    assert "though gcp/between:object-storage (112.9 ms) does not" in told


def test_of_rates_the_less_is_further_off() -> None:
    places = (place(FAR, 10.0), place(BETWEEN, 50.0), place(NEAR, 90.0))
    found = ranking(places, (NEAR, BETWEEN), metric=Metric.THROUGHPUT)
    (told,) = wide_ties([found], Metric.THROUGHPUT)
    assert "azure/far:object-storage (10.0 Mbit/s) shares a letter with aws/" in told


def test_an_order_without_gaps_and_regions_never_seen_need_no_word() -> None:
    order = ((NEAR, BETWEEN), (NEAR, FAR), (BETWEEN, FAR))
    assert not list(wide_ties([ranking(THREE, *order)], Metric.CONNECT))
    assert not list(wide_ties([ranking(THREE)], Metric.CONNECT))
    unseen = (*THREE[:2], place(FAR, None))
    assert not list(wide_ties([ranking(unseen, (NEAR, BETWEEN))], Metric.CONNECT))
