"""Who begins when: a campaign's orders, kept so that it can be taken up again."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cloudgauge.errors import ConfigError
from cloudgauge.fleet.messages import Order
from cloudgauge.model.campaign import Pin
from cloudgauge.planning.plain import (
    canonical_json,
    from_plain,
    parse_json_table,
    to_plain,
)
from cloudgauge.planning.shares import spread, stagger_ns
from cloudgauge.store.folder import keep, machine_errors, write_whole

ORDERS = "orders.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedOrder:
    """What one vantage is to do."""

    vantage: str
    order: Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What all of them are to do, in the order of their names."""

    orders: tuple[NamedOrder, ...]


def new_orders(
    pin: Pin, order: Order, vantages: Sequence[str], *, staggered: bool
) -> Orders:
    """Give each vantage its start, and its share of every host's ceiling.

    All draw one order of targets. So even together each begins one visit after the one
    before it, as near as a host's ceiling lets them. Staggered, each begins as long
    after it as a round has room for, and visits a host the more seldom. Either way a
    host never sees more of all of them than its ceiling allows.

    Args:
        pin: Of the campaign.
        order: The first one's.
        vantages: Their names.
        staggered: Rather than together.
    """
    count = len(vantages)
    apart = spread(pin.plan, count) if staggered else 1
    step_ns = apart * stagger_ns(pin.plan)
    return Orders(
        orders=tuple(
            NamedOrder(
                vantage=name,
                order=Order(
                    campaign=order.campaign,
                    start_wall_ns=order.start_wall_ns + place * step_ns,
                    sharers=count * apart,
                    store=order.store,
                ),
            )
            for place, name in enumerate(sorted(vantages))
        )
    )


def keep_orders(folder: Path, orders: Orders) -> None:
    """Have the disk keep the orders.

    Raises:
        MachineError: It cannot.
    """
    path = folder / ORDERS
    with machine_errors(path):
        write_whole(path, canonical_json(to_plain(orders)).encode("ascii"))
        keep(folder)


def kept_orders(folder: Path, vantages: Sequence[str]) -> Orders | None:
    """The orders of an earlier start of the same campaign; None if there are none.

    Raises:
        ConfigError: They are of other vantages.
        MachineError: They cannot be read.
    """
    path = folder / ORDERS
    if not path.is_file():
        return None
    with machine_errors(path):
        text = path.read_text(encoding="ascii", errors="replace")
    orders = from_plain(Orders, parse_json_table(text, str(path)), str(path))
    names = [one.vantage for one in orders.orders]
    if names != sorted(vantages):
        problem = f"the campaign was begun with {', '.join(names)}; name the same"
        raise ConfigError(str(path), problem)
    return orders
