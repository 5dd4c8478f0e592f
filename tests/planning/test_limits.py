from dataclasses import replace

import pytest

from cloudgauge.errors import LimitExceeded
from cloudgauge.model.plan import Ceilings, Pacing, Plan
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.planning.limits import check_limits, forecast
from tests.fakes.plans import plan_of, target, targets_of

PLAN = plan_of(
    targets_of(aws=20, gcp=10),
    controls=("gcp/place-1:object-storage",),
    pacing=Pacing(rounds=10, round_ns=10 * NS_PER_S),
)


def test_forecast_counts_what_is_sent() -> None:
    ahead = forecast(PLAN)

    assert ahead.total.visits == 310
    assert ahead.total.requests == 1550
    assert ahead.duration_ns == 100 * NS_PER_S
    assert ahead.targets_by_provider == (("aws", 20), ("gcp", 10))
    assert ahead.total.up_bytes == 310 * (1400 + 5 * 500)
    assert ahead.total.down_bytes == 310 * (5600 + 5 * 1200)
    assert ahead.total.traffic_bytes == ahead.total.up_bytes + ahead.total.down_bytes


def test_forecast_shows_the_loads_and_the_busiest_host() -> None:
    loads = {(load.limit, load.name): load for load in forecast(PLAN).loads}

    assert set(loads) == {
        ("visits_per_s", ""),
        ("visits_per_s_provider", "aws"),
        ("visits_per_s_provider", "gcp"),
        ("visits_per_s_host", "place-1.gcp.example"),
    }
    assert loads["visits_per_s", ""].mean_per_s == pytest.approx(3.1)
    assert loads["visits_per_s_provider", "aws"].mean_per_s == pytest.approx(2.0)
    busiest = loads["visits_per_s_host", "place-1.gcp.example"]
    assert busiest.mean_per_s == pytest.approx(0.2)
    assert busiest.densest_per_s == 1
    assert busiest.ceiling_per_s == 1
    assert 3 <= loads["visits_per_s", ""].densest_per_s <= 5


def test_forecast_of_a_long_plan_looks_at_its_first_rounds_only() -> None:
    longest = replace(PLAN, pacing=Pacing(rounds=10**9, round_ns=10 * NS_PER_S))

    assert forecast(longest).total.visits == 31 * 10**9


def test_plan_within_its_ceilings_passes() -> None:
    check_limits(PLAN)


@pytest.mark.parametrize(
    ("plan", "limit", "message"),
    [
        (
            replace(PLAN, ceilings=Ceilings(requests=1549)),
            "requests",
            "requests: the plan sends 1550, the ceiling is 1549; take fewer rounds, "
            "targets or warm_requests, or raise ceilings.requests",
        ),
        (
            replace(PLAN, ceilings=Ceilings(traffic_bytes=10**6)),
            "traffic",
            "traffic: the plan moves about 4.8 MB, the ceiling is 1 MB; take fewer "
            "rounds, targets or warm_requests, or raise ceilings.traffic",
        ),
        (
            replace(PLAN, ceilings=Ceilings(duration_ns=99 * NS_PER_S)),
            "duration",
            "duration: the plan takes 1m40s, the ceiling is 1m39s; take fewer rounds "
            "or a shorter duration, or raise ceilings.duration",
        ),
        (
            replace(PLAN, ceilings=Ceilings(visits_per_s=2)),
            "visits_per_s",
            "visits_per_s: 31 visits a round need a round of at least 21s400ms to stay "
            "clear of 2 a second, the round is 10s; take fewer rounds in the same "
            "time, fewer targets, or raise ceilings.visits_per_s",
        ),
        (
            replace(PLAN, pacing=Pacing(rounds=1, round_ns=2 * NS_PER_S)),
            "visits_per_s_host",
            "visits_per_s_host: 2 visits a round to place-1.gcp.example need a round "
            "of at least 4s600ms to stay clear of 1 a second, the round is 2s; take "
            "fewer rounds in the same time, fewer targets, or raise "
            "ceilings.visits_per_s_host",
        ),
    ],
)
def test_plan_beyond_a_ceiling_is_refused_with_what_to_do(
    plan: Plan, limit: str, message: str
) -> None:
    with pytest.raises(LimitExceeded) as caught:
        check_limits(plan)

    assert caught.value.limit == limit
    assert str(caught.value) == message


def test_the_rate_that_is_passed_most_is_the_one_told() -> None:
    plan = plan_of(
        [
            *targets_of(aws=30),
            *(target("gcp", f"p-{k}", host="h.example") for k in range(9)),
        ],
        pacing=Pacing(rounds=1, round_ns=NS_PER_S),
    )

    with pytest.raises(LimitExceeded, match=r"9 visits a round to h\.example"):
        check_limits(plan)
