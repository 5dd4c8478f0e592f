from dataclasses import replace
from decimal import Decimal

import pytest

from cloudgauge.errors import LimitExceeded
from cloudgauge.model.download import DownloadSpec
from cloudgauge.model.plan import Ceilings, Pacing, Plan
from cloudgauge.model.price import EgressPrice, Money, parse_money
from cloudgauge.planning.bill import (
    check_cost,
    foreseen_bill,
    named,
    price_for,
    shown_sum,
    visits_bill,
)
from cloudgauge.planning.totals import totals
from cloudgauge.planning.traffic import transfer_down_bytes, visit_down_bytes
from tests.fakes.plans import download_plan, object_in, plan_of, price_of, targets_of

ONE = DownloadSpec(streams=(1,), transfer_bytes=10**9)
# What one such transfer may receive; the derivation is in test_traffic.
DOWN_BYTES = transfer_down_bytes(ONE, 1)


def priced(*prices: EgressPrice, cost: str | None = None, rounds: int = 1) -> Plan:
    """Two regions, each downloaded from once a round over one stream."""
    return replace(
        download_plan(
            [object_in("aws", "one"), object_in("tencent", "two")],
            download=ONE,
            pacing=Pacing(rounds=rounds, round_ns=1),
            ceilings=Ceilings(cost=parse_money(cost) if cost else None),
        ),
        egress_prices=prices,
    )


AWS = price_of("aws/one", "0.10 USD")
TENCENT = price_of("tencent/two", "0.50 CNY", unit="GiB")


def test_a_bill_is_bytes_times_price_to_the_last_digit() -> None:
    bill = foreseen_bill(priced(AWS, TENCENT, rounds=3))

    assert [line.region_id for line in bill.lines] == ["aws/one", "tencent/two"]
    assert {line.down_bytes for line in bill.lines} == {3 * DOWN_BYTES}
    in_usd = Decimal(3 * DOWN_BYTES) / 10**9 * Decimal("0.10")
    in_cny = Decimal(3 * DOWN_BYTES) / 2**30 * Decimal("0.50")
    assert bill.sums == (
        Money(amount=in_cny, currency="CNY"),
        Money(amount=in_usd, currency="USD"),
    )
    assert bill.unpriced == ()


def test_answers_to_visits_are_billed_by_series_and_round_and_controls_twice() -> None:
    targets = targets_of(aws=1, huawei=1)
    first = targets[0].target_id
    plan = plan_of(targets, controls=(first,), pacing=Pacing(rounds=7, round_ns=1))
    region_id = targets[0].region.region_id

    bill = visits_bill(plan, iter((price_of(region_id, "0.10 USD"),)))

    series_bytes = 7 * visit_down_bytes(plan.probe)
    assert [line.down_bytes for line in bill.lines] == [2 * series_bytes, series_bytes]
    assert sum(line.down_bytes for line in bill.lines) == totals(plan).down_bytes
    (usd,) = bill.sums
    assert usd.amount == Decimal(2 * series_bytes) / 10**9 * Decimal("0.10")
    assert bill.unpriced == (targets[1].region.region_id,)


def test_every_stream_count_family_and_round_is_billed() -> None:
    spec = DownloadSpec(streams=(1, 8))
    plan = replace(priced(AWS, TENCENT, rounds=5), download=spec)

    (line, _) = foreseen_bill(plan).lines

    each_round = transfer_down_bytes(spec, 1) + transfer_down_bytes(spec, 8)
    assert line.down_bytes == 5 * each_round


def test_an_unknown_price_is_no_price_and_never_nothing() -> None:
    bill = foreseen_bill(priced(AWS))

    assert bill.unpriced == ("tencent/two",)
    assert bill.lines[1].cost is None
    assert [money.currency for money in bill.sums] == ["USD"]


def test_a_plan_of_latency_has_no_bill() -> None:
    bill = foreseen_bill(plan_of(targets_of(aws=1)))

    assert (bill.lines, bill.sums, bill.unpriced) == ((), (), ())


def test_a_price_is_taken_in_the_currency_that_is_asked_for() -> None:
    in_cny, in_usd = price_of("aws/one", "0.80 CNY"), price_of("aws/one", "0.12 USD")
    plan = priced(in_cny, in_usd)

    assert price_for(plan, "aws/one", "CNY") == in_cny
    assert price_for(plan, "aws/one", "USD") == in_usd
    assert price_for(plan, "aws/one", "EUR") is None
    assert price_for(plan, "aws/one") == in_usd
    assert price_for(priced(in_cny), "aws/one") == in_cny
    assert price_for(plan, "tencent/two") is None


def test_a_plan_that_keeps_its_ceiling_of_cost_passes() -> None:
    in_usd = price_of("tencent/two", "0.05 USD")
    worst = foreseen_bill(priced(AWS, in_usd)).sums[0]

    check_cost(priced(AWS, in_usd, cost=str(worst)))
    check_cost(priced(AWS))
    check_cost(replace(plan_of(targets_of(aws=1)), ceilings=Ceilings(cost=worst)))


def test_a_plan_that_costs_a_hair_more_than_its_ceiling_is_refused() -> None:
    in_usd = price_of("tencent/two", "0.05 USD")
    worst = foreseen_bill(priced(AWS, in_usd)).sums[0].amount
    just_below = worst - Decimal("1e-12")

    with pytest.raises(LimitExceeded) as caught:
        check_cost(priced(AWS, in_usd, cost=f"{just_below} USD"))

    assert caught.value.limit == "cost"


def test_refusal_names_both_sums() -> None:
    plan = priced(AWS, price_of("tencent/two", "0.05 USD"), cost="0.05 USD", rounds=10)

    with pytest.raises(LimitExceeded) as caught:
        check_cost(plan)

    assert str(caught.value) == (
        "cost: the plan's downloads may cost 1.60 USD, the ceiling is 0.05 USD; take "
        "fewer rounds, regions or streams, smaller transfer_bytes, or raise "
        "ceilings.cost"
    )


@pytest.mark.parametrize("prices", [(AWS,), (AWS, TENCENT)])
def test_ceiling_of_cost_without_a_price_names_the_missing_row(
    prices: tuple[EgressPrice, ...],
) -> None:
    with pytest.raises(LimitExceeded) as caught:
        check_cost(priced(*prices, cost="2.50 USD"))

    assert caught.value.limit == "cost"
    assert str(caught.value) == (
        "cost: no price for tencent/two in USD, which the ceiling of 2.50 USD is in: "
        "targets/tencent/prices.toml has no [[egress]] row of internet for them; add "
        "one with --targets FILE, choose regions that have one, or drop ceilings.cost"
    )


def test_a_sum_is_shown_to_the_hundredth_and_never_too_low() -> None:
    assert shown_sum(parse_money("1234.001 USD")) == "1,234.01 USD"
    assert shown_sum(parse_money("0.5 CNY")) == "0.50 CNY"
    assert shown_sum(parse_money("0 USD")) == "0.00 USD"


def test_of_many_names_the_first_are_told() -> None:
    assert named(("a",)) == "a"
    assert named(("a", "b", "c", "d", "e")) == "a, b, c, d, e"
    assert named(("a", "b", "c", "d", "e", "f")) == "a, b, c, d and 2 more"
