"""Who begins when."""

from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cloudgauge.errors import ConfigError
from cloudgauge.fleet.messages import Order
from cloudgauge.fleet.orders import Orders, keep_orders, kept_orders, new_orders
from cloudgauge.model.campaign import Pin
from cloudgauge.model.plan import Ceilings
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.planning.parts import Cutting
from cloudgauge.planning.seqs import SeqSpans
from cloudgauge.planning.shares import check_share, share_of, stagger_ns
from cloudgauge.planning.spacing import window_of
from tests.fakes.plans import plan_of, target
from tests.fleet.processes import small_pin
from tests.planning.strategies import least_round_of

FIRST = Order(campaign="c" * 32, start_wall_ns=7 * NS_PER_S, sharers=4)
NAMES = ("a", "b", "c", "d")


def starts_of(orders: Orders) -> list[int]:
    return [one.order.start_wall_ns - 7 * NS_PER_S for one in orders.orders]


def sent_of(pin: Pin, order: Order, **late: Any) -> dict[str, list[int]]:
    """When each host is visited by who carries an order out."""
    plan, at_round = pin.plan, late.pop("at_round", 0)
    cutting = Cutting(
        plan=plan,
        part_rounds=plan.pacing.rounds,
        end_round=plan.pacing.rounds,
        sharers=order.sharers,
        **late,
    )
    begin_ns = order.start_wall_ns + at_round * plan.round_span_ns
    hosts = {one.target_id: one.endpoint.host for one in plan.targets}
    found: dict[str, list[int]] = defaultdict(list)
    for part in cutting.on_schedule(at_round):
        for slot in cutting.slots_of(part):
            found[hosts[slot.target_id]].append(begin_ns + slot.due_ns)
    return found


def test_together_each_begins_one_visit_after_the_one_before() -> None:
    orders = new_orders(small_pin(*NAMES), FIRST, NAMES, staggered=False)

    step_ns = stagger_ns(small_pin(*NAMES).plan)
    assert starts_of(orders) == [place * step_ns for place in range(4)]
    assert {one.order.sharers for one in orders.orders} == {4}


def test_staggered_they_begin_as_far_apart_as_a_round_has_room_for() -> None:
    pin = small_pin(*NAMES)
    pacing = replace(pin.plan.pacing, round_ns=100 * NS_PER_S)
    ceilings = replace(pin.plan.ceilings, visits_per_s_host=1.0)
    pin = replace(pin, plan=replace(pin.plan, pacing=pacing, ceilings=ceilings))

    orders = new_orders(pin, FIRST, ("d", "b", "a", "c"), staggered=True)

    # Four times 1.1 s must fit into a round twice, and that twice over: 17.6 s.
    assert starts_of(orders) == [place * 5 * 1_100_000_000 for place in range(4)]
    assert [one.vantage for one in orders.orders] == list(NAMES)
    assert {one.order.sharers for one in orders.orders} == {20}


@pytest.mark.parametrize("staggered", [False, True])
@pytest.mark.parametrize("count", [2, 3, 7])
@pytest.mark.parametrize("rate", [0.3, 1.0, 2.0, 3.7, 5.0, 11.0])
def test_no_host_sees_more_of_a_whole_fleet_than_its_ceiling(
    rate: float, count: int, *, staggered: bool
) -> None:
    pin = crowded_pin(rate, count)
    names = [f"v{place}" for place in range(count)]
    orders = new_orders(pin, FIRST, names, staggered=staggered)
    # One comes late, and has some of it already: it keeps to the others' times.
    per_round = pin.plan.slots_per_round
    held = SeqSpans.joining([(3 * per_round, 3 * per_round + 7)])

    sent: dict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(orders.orders):
        late = {"at_round": 3, "held": held} if place == 1 else {}
        check_share(pin.plan, one.order.sharers)
        for host, times in sent_of(pin, one.order, **late).items():
            sent[host] += times

    window = window_of(rate)
    for times in map(sorted, sent.values()):
        pairs = zip(times, times[window.count :], strict=False)
        assert min(b - a for a, b in pairs) >= window.span_ns


def crowded_pin(rate: float, count: int) -> Pin:
    """A plan whose hosts are visited as often as so many vantages may."""
    targets = [
        target("aws", f"place-{place}", host=f"h{place % 2}.example")
        for place in range(14)
    ]
    ceilings = Ceilings(visits_per_s_host=rate)
    plan = plan_of(targets, ceilings=ceilings)
    shared = replace(plan, ceilings=share_of(ceilings, count))
    round_ns = least_round_of(shared)
    pacing = replace(plan.pacing, round_ns=round_ns, rounds=8, jitter=0.8)
    plan = replace(plan, pacing=pacing)
    return replace(small_pin(*NAMES), plan=plan)


def test_orders_are_taken_up_again_by_the_same_vantages_alone(tmp_path: Path) -> None:
    orders = new_orders(small_pin(*NAMES), FIRST, NAMES, staggered=True)

    assert kept_orders(tmp_path, NAMES) is None
    keep_orders(tmp_path, orders)
    assert kept_orders(tmp_path, NAMES) == orders
    with pytest.raises(ConfigError, match="was begun with a, b, c, d; name the same"):
        kept_orders(tmp_path, ("a", "b"))
