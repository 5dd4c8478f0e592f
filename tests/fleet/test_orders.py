"""Who begins when."""

from pathlib import Path

import pytest

from cloudgauge.errors import ConfigError
from cloudgauge.fleet.messages import Order
from cloudgauge.fleet.orders import keep_orders, kept_orders, new_orders
from cloudgauge.model.quantity import NS_PER_S
from tests.fleet.processes import small_pin

FIRST = Order(campaign="c" * 32, start_wall_ns=7 * NS_PER_S, sharers=4)
NAMES = ("a", "b", "c", "d")


def test_together_all_rounds_begin_at_one_instant() -> None:
    orders = new_orders(small_pin(*NAMES), FIRST, NAMES, staggered=False)

    assert {one.order.start_wall_ns for one in orders.orders} == {7 * NS_PER_S}
    assert {one.order.sharers for one in orders.orders} == {4}


def test_staggered_each_begins_its_share_of_a_round_later() -> None:
    pin = small_pin(*NAMES, round_ms=2_000)

    orders = new_orders(pin, FIRST, ("d", "b", "a", "c"), staggered=True)

    starts_ns = {one.vantage: one.order.start_wall_ns for one in orders.orders}
    assert starts_ns == {
        name: 7 * NS_PER_S + place * NS_PER_S // 2 for place, name in enumerate(NAMES)
    }


def test_orders_are_taken_up_again_by_the_same_vantages_alone(tmp_path: Path) -> None:
    orders = new_orders(small_pin(*NAMES), FIRST, NAMES, staggered=True)

    assert kept_orders(tmp_path, NAMES) is None
    keep_orders(tmp_path, orders)
    assert kept_orders(tmp_path, NAMES) == orders
    with pytest.raises(ConfigError, match="was begun with a, b, c, d; name the same"):
        kept_orders(tmp_path, ("a", "b"))
