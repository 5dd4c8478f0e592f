from dataclasses import replace

import pytest

from cloudgauge.errors import LimitExceeded
from cloudgauge.model.download import DownloadSpec
from cloudgauge.model.plan import Ceilings, Pacing, Plan
from cloudgauge.model.price import parse_money
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.planning.limits import check_limits, forecast
from tests.fakes.plans import (
    download_plan,
    object_in,
    plan_of,
    price_of,
    target,
    targets_of,
)

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


DOWNLOADS = download_plan(
    [object_in("aws", "one"), object_in("aws", "two"), object_in("huawei", "three")],
    download=DownloadSpec(streams=(1,), transfer_bytes=100 * 10**6),
    pacing=Pacing(rounds=5, round_ns=1),
)
BOTH = replace(DOWNLOADS, targets=PLAN.targets, pacing=replace(PLAN.pacing, rounds=5))


def test_forecast_of_downloads_counts_transfers_and_has_no_loads() -> None:
    ahead = forecast(DOWNLOADS)

    assert (ahead.total.visits, ahead.total.transfers) == (0, 15)
    assert ahead.objects_by_provider == (("aws", 2), ("huawei", 1))
    assert ahead.targets_by_provider == ()
    assert ahead.loads == ()
    assert ahead.duration_ns == 15 * 19 * NS_PER_S
    assert ahead.bill.unpriced == ("aws/one", "aws/two", "huawei/three")


def test_forecast_of_both_leans_on_rates_as_latency_alone_does() -> None:
    alone = replace(PLAN, controls=(), pacing=BOTH.pacing)

    assert forecast(BOTH).loads == forecast(alone).loads


def test_forecast_tells_the_cost_in_the_ceilings_currency_or_in_any() -> None:
    prices = (
        price_of("aws/one", "0.80 CNY"),
        price_of("aws/one", "0.10 USD"),
        price_of("aws/two", "0.80 CNY"),
    )
    plan = replace(DOWNLOADS, egress_prices=prices)
    capped = replace(plan, ceilings=Ceilings(cost=parse_money("9 CNY")))

    assert [sum_.currency for sum_ in forecast(plan).bill.sums] == ["CNY", "USD"]
    assert [sum_.currency for sum_ in forecast(capped).bill.sums] == ["CNY"]
    assert forecast(capped).bill.unpriced == ("huawei/three",)


def test_downloads_within_their_ceilings_pass_with_and_without_latency() -> None:
    check_limits(DOWNLOADS)
    check_limits(BOTH)


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (
            replace(DOWNLOADS, ceilings=Ceilings(requests=914)),
            "requests: the plan sends 915, the ceiling is 914; take fewer rounds, "
            "objects or streams, less transfer_bytes, or raise ceilings.requests",
        ),
        (
            replace(DOWNLOADS, ceilings=Ceilings(traffic_bytes=10**9)),
            "traffic: the plan moves about 1.64 GB, the ceiling is 1 GB; take fewer "
            "rounds, objects or streams, less transfer_bytes, or raise "
            "ceilings.traffic",
        ),
        (
            replace(DOWNLOADS, ceilings=Ceilings(duration_ns=200 * NS_PER_S)),
            "duration: the plan takes 4m45s, the ceiling is 3m20s; take fewer rounds "
            "or a shorter duration, or raise ceilings.duration",
        ),
        (
            replace(DOWNLOADS, ceilings=Ceilings(cost=parse_money("1 USD"))),
            "cost: no price for aws/one, aws/two, huawei/three in USD, which the "
            "ceiling of 1 USD is in: targets/aws/prices.toml, "
            "targets/huawei/prices.toml has no [[egress]] row of internet for them; "
            "add one with --targets FILE, choose regions that have one, or drop "
            "ceilings.cost",
        ),
        (
            replace(BOTH, ceilings=Ceilings(visits_per_s=2)),
            "visits_per_s: 30 visits a round need a round of at least 20s700ms to "
            "stay clear of 2 a second, the round is 10s; take fewer rounds in the "
            "same time, fewer targets, or raise ceilings.visits_per_s",
        ),
    ],
)
def test_downloads_beyond_a_ceiling_are_refused_with_what_to_do(
    plan: Plan, message: str
) -> None:
    with pytest.raises(LimitExceeded) as caught:
        check_limits(plan)

    assert str(caught.value) == message
