from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudgauge.billing.bill import Bill, Gift, bill_of
from cloudgauge.billing.workload import Addresses, Machines, Traffic, Workload
from cloudgauge.model.price import Money
from cloudgauge.model.tariff import Charge, Pool
from tests.billing.sheets import (
    ALL,
    AWS_BR,
    AWS_FREE,
    AWS_US,
    AZURE_US,
    Book,
    allowance,
    hourly,
    tiers,
    traffic,
)

GIB = 2**30
HOME, AWAY = "acme/home", "acme/away"


def egress(*volumes: int, **more: Any) -> Workload:
    """A workload of nothing but traffic to the Internet, in bytes."""
    return Workload(
        name="egress",
        traffic=tuple(Traffic(volume_bytes=volume, **more) for volume in volumes),
    )


def usd(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="USD")


@pytest.mark.parametrize(
    ("region_id", "gib", "want"),
    [
        # (1024 - 100) x 0.09, the account's allowance taken first
        ("aws/us-east-1", 1024, "83.16"),
        # (1024 - 100) x 0.087, the free part is a tier
        ("azure/eastus", 1024, "80.388"),
        # (1024 - 200) x 0.085
        ("gcp/us-central1", 1024, "70.04"),
        # 1024 x 0.123
        ("alibaba/cn-hangzhou", 1024, "125.952"),
    ],
)
def test_a_month_of_traffic_costs_what_the_vendor_asks(
    region_id: str, gib: int, want: str
) -> None:
    bill = bill_of(egress(gib * GIB), (region_id,), ALL)
    assert bill.total() == usd(want)


def test_tiers_are_applied_one_after_another() -> None:
    # 10240 x 0.15 + 10240 x 0.138, no allowance
    bill = bill_of(egress(20480 * GIB), ("aws/sa-east-1",), Book((AWS_BR,)))
    assert bill.total() == usd("2949.12")
    (line,) = bill.lines
    assert [(part.quantity, part.price) for part in line.parts] == [
        (Decimal(10240), Decimal("0.15")),
        (Decimal(10240), Decimal("0.138")),
    ]


def test_an_allowance_is_given_once_over_all_regions_in_the_order_named() -> None:
    together = ("aws/sa-east-1", "aws/us-east-1")
    bill = bill_of(egress(60 * GIB), together, ALL)
    brazil, usa = bill.lines
    assert brazil.gifts == (Gift(allowance=AWS_FREE, quantity=Decimal(60)),)
    assert usa.gifts == (Gift(allowance=AWS_FREE, quantity=Decimal(40)),)
    assert brazil.known == usd("0")
    assert bill.total() == usd("1.8")
    assert bill_of(egress(60 * GIB), together[::-1], ALL).total() == usd("3")


def test_what_nothing_is_left_for_names_no_allowance() -> None:
    bill = bill_of(egress(100 * GIB, 5 * GIB, receivers=()), ("aws/us-east-1",), ALL)
    (line,) = bill.lines
    assert line.gifts == (Gift(allowance=AWS_FREE, quantity=Decimal(100)),)
    assert line.quantity == 5
    second = bill_of(egress(200 * GIB), ("aws/us-east-1", "aws/sa-east-1"), ALL)
    assert [len(one.gifts) for one in second.lines] == [1, 0]


def test_two_allowances_are_given_one_after_another_and_never_twice() -> None:
    more = replace(AWS_FREE, row="prices.toml: allowance[1]", volume=Decimal(30))
    book = Book((AWS_US,), (AWS_FREE, more))
    (line,) = bill_of(egress(120 * GIB), ("aws/us-east-1",), book).lines
    assert [gift.quantity for gift in line.gifts] == [100, 20]
    assert line.quantity == 0
    assert line.cost == usd("0")
    assert line.parts == ()


def test_an_allowance_of_a_route_is_not_given_to_another() -> None:
    other = replace(AWS_FREE, routes=("premium",))
    book = Book((AWS_US,), (other,))
    bill = bill_of(egress(100 * GIB), ("aws/us-east-1",), book)
    assert bill.total() == usd("9")
    same = Book((AWS_US,), (replace(AWS_FREE, routes=("default",)),))
    assert bill_of(egress(100 * GIB), ("aws/us-east-1",), same).total() == usd("0")


def test_an_allowance_is_not_for_traffic_that_stays_with_the_vendor() -> None:
    inside = traffic("aws/us-east-1", charge=Charge.TO_OTHER_ZONE)
    workload = Workload(
        name="zones", traffic=(Traffic(volume_bytes=10 * GIB, to_zones=True),)
    )
    bill = bill_of(workload, ("aws/us-east-1",), Book((inside,), (AWS_FREE,)))
    assert bill.total() == usd("1")


def test_an_accounts_volume_is_added_up_over_its_regions_and_a_regions_is_not() -> None:
    shared = traffic(HOME, AWAY, steps=(("0", "0"), ("10", "1")), pool=Pool.ACCOUNT)
    both = bill_of(egress(10 * GIB), (HOME, AWAY), Book((shared,)))
    (line,) = both.lines
    assert line.region_ids == (HOME, AWAY)
    assert both.total() == usd("10")
    own = replace(shared, pool=Pool.REGION)
    assert bill_of(egress(10 * GIB), (HOME, AWAY), Book((own,))).total() == usd("0")


def test_what_goes_past_the_last_tier_has_no_price_and_the_rest_has() -> None:
    short = traffic(HOME, steps=(("0", "0.5"),), end="10")
    bill = bill_of(egress(12 * GIB), (HOME,), Book((short,)))
    (line,) = bill.unknown()
    assert line.why_not == "no price above 10 GB"
    assert line.cost is None
    assert bill.total() is None
    assert bill.known("USD") == usd("5")
    assert [part.price for part in line.parts] == [Decimal("0.5"), None]
    assert bill_of(egress(10 * GIB), (HOME,), Book((short,))).total() == usd("5")


def test_what_has_no_price_is_a_line_without_one_and_never_zero() -> None:
    workload = Workload(
        name="shop",
        machines=(Machines(count=2),),
        addresses=(Addresses(count=1),),
        traffic=(Traffic(volume_bytes=GIB),),
    )
    machine = hourly(HOME, price="0.1")
    bill = bill_of(workload, (HOME,), Book((machine,)))
    assert [line.charge for line in bill.lines] == [
        Charge.MACHINE,
        Charge.PUBLIC_IPV4,
        Charge.TO_INTERNET,
    ]
    assert bill.total() is None
    assert bill.total(Charge.MACHINE) == usd("146")
    assert bill.total(Charge.TO_INTERNET) is None
    assert [line.why_not for line in bill.unknown()] == ["no price", "no price"]
    assert [line.known for line in bill.unknown()] == [None, None]
    assert bill.known("USD") == usd("146")


def test_a_bill_of_nothing_has_no_total() -> None:
    inside = Workload(
        name="inside", traffic=(Traffic(volume_bytes=GIB, to_region=HOME),)
    )
    bill = bill_of(inside, (HOME,), Book())
    assert bill == Bill(region_ids=(HOME,), lines=())
    assert bill.total() is None
    assert bill.currencies == ()


def test_two_currencies_have_no_common_total() -> None:
    book = Book(
        (hourly(HOME, price="0.7", currency="CNY"), traffic(HOME, steps=(("0", "1"),)))
    )
    workload = replace(egress(GIB), machines=(Machines(count=1, hours=Decimal(10)),))
    bill = bill_of(workload, (HOME,), book)
    assert bill.currencies == ("CNY", "USD")
    assert bill.total() is None
    assert bill.known("CNY") == Money(amount=Decimal(7), currency="CNY")
    assert bill.known("USD") == usd("1")


def test_a_region_is_read_in_the_currency_in_which_most_has_a_price() -> None:
    book = Book(
        (
            hourly(HOME, price="0.7", currency="CNY"),
            traffic(HOME, row="cdt", currency="CNY"),
            traffic(HOME, row="bgp"),
        )
    )
    workload = replace(egress(GIB), machines=(Machines(count=1),))
    assert bill_of(workload, (HOME,), book).currencies == ("CNY",)
    assert bill_of(egress(GIB), (HOME,), book).currencies == ("USD",)
    assert bill_of(egress(GIB), (HOME,), book, currency="CNY").currencies == ("CNY",)
    assert bill_of(egress(GIB), (HOME,), book, currency="EUR").currencies == ("USD",)


def test_lines_come_in_the_order_of_regions_and_charges() -> None:
    book = Book((hourly(AWAY, price="1"), traffic(HOME), traffic(AWAY)))
    workload = replace(egress(GIB), machines=(Machines(count=1),))
    bill = bill_of(workload, (HOME, AWAY), book)
    assert [(line.charge, line.region_ids[0]) for line in bill.lines] == [
        (Charge.MACHINE, HOME),
        (Charge.MACHINE, AWAY),
        (Charge.TO_INTERNET, HOME),
        (Charge.TO_INTERNET, AWAY),
    ]


VOLUMES = st.integers(1, 10**16)
FALLING = st.lists(
    st.tuples(st.integers(1, 100_000), st.decimals(0, 9, places=10)),
    max_size=4,
    unique_by=lambda step: step[0],
).map(
    lambda steps: (
        ("0", "9"),
        *zip(
            map(str, sorted(start for start, _ in steps)),
            map(str, sorted((price for _, price in steps), reverse=True)),
            strict=True,
        ),
    )
)


@given(volumes=st.lists(VOLUMES, min_size=1, max_size=4), steps=FALLING)
def test_lines_and_parts_add_up_to_the_total_exactly(
    volumes: list[int], steps: tuple[tuple[str, str], ...]
) -> None:
    tariff = traffic("aws/us-east-1", steps=steps)
    bill = bill_of(egress(*volumes), ("aws/us-east-1",), Book((tariff,), (AWS_FREE,)))
    (line,) = bill.lines
    assert line.quantity is not None
    assert bill.total() == line.cost == tariff.cost_of(line.quantity)
    parts = sum(Fraction(one.cost.amount) for one in line.parts if one.cost is not None)
    by_hand = sum(
        Fraction(one.quantity) * Fraction(one.price)
        for one in line.parts
        if one.price is not None
    )
    assert line.cost is not None
    assert parts == by_hand == Fraction(line.cost.amount)
    free = sum(Fraction(gift.quantity) for gift in line.gifts)
    assert (Fraction(line.quantity) + free) * GIB == sum(volumes)


@given(volumes=st.lists(VOLUMES, min_size=2, max_size=2), steps=FALLING)
def test_regions_of_one_pool_cost_what_one_region_with_all_of_it_does(
    volumes: list[int], steps: tuple[tuple[str, str], ...]
) -> None:
    tariff = traffic(HOME, AWAY, steps=steps, pool=Pool.ACCOUNT)
    free = allowance(HOME, AWAY, gb="100")
    split = Workload(
        name="split",
        traffic=tuple(
            Traffic(volume_bytes=volume, regions=(region_id,))
            for volume, region_id in zip(volumes, (HOME, AWAY), strict=True)
        ),
    )
    shared = bill_of(split, (HOME, AWAY), Book((tariff,), (free,))).total()
    whole = bill_of(egress(sum(volumes)), (HOME,), Book((tariff,), (free,))).total()
    assert shared == whole
    # Each region's tiers by themselves: falling prices are reached later.
    apart = Book((replace(tariff, pool=Pool.REGION),), (free,))
    alone = bill_of(split, (HOME, AWAY), apart).total()
    assert alone is not None
    assert whole is not None
    assert alone.amount >= whole.amount


@given(
    volumes=st.lists(VOLUMES, min_size=2, max_size=2),
    more=VOLUMES,
    which=st.integers(0, 1),
    prices=st.tuples(FALLING, FALLING),
)
def test_more_traffic_never_costs_less(
    volumes: list[int],
    more: int,
    which: int,
    prices: tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]],
) -> None:
    book = Book(
        (traffic(HOME, steps=prices[0]), traffic(AWAY, steps=prices[1])),
        (allowance(HOME, AWAY, gb="100"),),
    )

    def amount(sizes: list[int]) -> Decimal:
        workload = Workload(
            name="both",
            traffic=tuple(
                Traffic(volume_bytes=size, regions=(region_id,))
                for size, region_id in zip(sizes, (HOME, AWAY), strict=True)
            ),
        )
        total = bill_of(workload, (HOME, AWAY), book).total()
        assert total is not None
        return total.amount

    larger = [
        size + (more if place == which else 0) for place, size in enumerate(volumes)
    ]
    assert amount(larger) >= amount(volumes)


def test_azure_pools_by_meter() -> None:
    other = replace(
        AZURE_US,
        row="zone 2",
        region_ids=("azure/southeastasia",),
        tiers=tiers(("0", "0"), ("100", "0.12")),
    )
    regions = ("azure/eastus", "azure/southeastasia")
    bill = bill_of(egress(100 * GIB), regions, Book((AZURE_US, other)))
    assert bill.total() == usd("0")
