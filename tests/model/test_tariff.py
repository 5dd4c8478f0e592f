from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudgauge.model.price import Money
from cloudgauge.model.tariff import Allowance, Charge, Tariff, Tier
from tests.model.test_target import REGION


def _tiers(*steps: tuple[str, str], end: str | None = None) -> tuple[Tier, ...]:
    """Tiers from their starts and prices."""
    ends = [*(start for start, _ in steps[1:]), end]
    return tuple(
        Tier(
            start=Decimal(start),
            end=None if stop is None else Decimal(stop),
            price=Decimal(price),
        )
        for (start, price), stop in zip(steps, ends, strict=True)
    )


TARIFF = Tariff(
    row="acme/prices.toml: egress 1",
    charge=Charge.TO_INTERNET,
    region_ids=("acme/a-1",),
    currency="USD",
    unit="GB",
    unit_bytes=2**30,
    tiers=_tiers(("0", "0.09"), ("10240", "0.085"), ("51200", "0.07")),
    dated=date(2026, 9, 1),
    provenance=REGION.provenance,
)
ALLOWANCE = Allowance(
    row="acme/prices.toml: allowance 1",
    region_ids=("acme/a-1",),
    volume=Decimal(100),
    unit="GB",
    unit_bytes=2**30,
    dated=date(2026, 9, 1),
    provenance=REGION.provenance,
)


@pytest.mark.parametrize(
    ("tiers", "volume", "amount"),
    [
        (_tiers(("0", "0.09")), "924", "83.16"),
        (_tiers(("0", "0"), ("100", "0.087"), ("10335", "0.083")), "1024", "80.388"),
        (_tiers(("0", "0"), ("200", "0.085")), "1024", "70.04"),
        (_tiers(("0", "0.123")), "1024", "125.952"),
        (_tiers(("0", "0.15"), ("10240", "0.138")), "20480", "2949.12"),
        (_tiers(("0", "0.15"), end="10"), "10", "1.5"),
        (_tiers(("0", "0.15")), "0", "0"),
    ],
)
def test_each_part_of_a_volume_is_paid_at_the_price_of_its_tier(
    tiers: tuple[Tier, ...], volume: str, amount: str
) -> None:
    cost = replace(TARIFF, tiers=tiers).cost_of(Decimal(volume))
    assert cost == Money(amount=Decimal(amount), currency="USD")


def test_beyond_the_last_tier_that_is_known_there_is_no_price() -> None:
    known = replace(TARIFF, tiers=_tiers(("0", "0.15"), end="10"))
    assert known.cost_of(Decimal("10.000001")) is None


@given(
    volume=st.decimals(0, 10**12, places=6),
    prices=st.lists(st.decimals(0, 1000, places=10), min_size=3, max_size=3),
)
def test_a_sum_is_exact(volume: Decimal, prices: list[Decimal]) -> None:
    starts = ("0", "10240", "51200")
    steps = [(at, str(price)) for at, price in zip(starts, prices, strict=True)]
    cost = replace(TARIFF, tiers=_tiers(*steps)).cost_of(volume)
    edges = [Fraction(0), Fraction(10240), Fraction(51200), Fraction(volume)]
    want = sum(
        max(Fraction(0), min(Fraction(volume), end) - start) * Fraction(price)
        for start, end, price in zip(
            edges, [*edges[1:3], max(edges)], prices, strict=False
        )
    )
    assert cost is not None
    assert Fraction(cost.amount) == want


@pytest.mark.parametrize("volume", ["-1", "NaN", "Infinity"])
def test_a_volume_that_cannot_be_is_refused(volume: str) -> None:
    with pytest.raises(ValueError, match=r"^a volume must be finite and >= 0, got"):
        TARIFF.cost_of(Decimal(volume))


@pytest.mark.parametrize(
    ("start", "end", "price", "message"),
    [
        ("-1", None, "1", r"^start of a tier must be finite and >= 0, got -1$"),
        ("NaN", None, "1", r"^start of a tier must be finite and >= 0, got NaN$"),
        ("5", "5", "1", r"^end of a tier must be above its start 5, got 5$"),
        ("5", "Infinity", "1", r"^end of a tier must be above its start 5, got Inf"),
        ("0", None, "-1", r"^price of a tier must be finite and >= 0, got -1$"),
        ("0", None, "NaN", r"^price of a tier must be finite and >= 0, got NaN$"),
    ],
)
def test_a_tier_that_cannot_be_is_refused(
    start: str, end: str | None, price: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Tier(
            start=Decimal(start),
            end=None if end is None else Decimal(end),
            price=Decimal(price),
        )


def test_tiers_leave_no_gap_and_do_not_overlap() -> None:
    low, high = _tiers(("0", "1"), end="10"), _tiers(("20", "1"))
    with pytest.raises(
        ValueError,
        match=r"^acme/prices\.toml: egress 1: tiers from 0 and 20 have a gap: "
        r"the first ends at 10$",
    ):
        replace(TARIFF, tiers=low + high)
    for end in ("30", None):
        with pytest.raises(ValueError, match=r"tiers from 0 and 20 overlap"):
            replace(TARIFF, tiers=_tiers(("0", "1"), end=end) + high)


@pytest.mark.parametrize("tiers", [(), _tiers(("100", "1"))])
def test_the_first_tier_begins_at_nothing(tiers: tuple[Tier, ...]) -> None:
    with pytest.raises(ValueError, match=r"egress 1: the first tier must begin at 0$"):
        replace(TARIFF, tiers=tiers)


@pytest.mark.parametrize(
    ("unit", "unit_bytes"), [("GB", 1), ("GiB", 10**9), ("hour", 10**9), ("TB", 1)]
)
def test_a_unit_is_told_with_the_bytes_in_it(unit: str, unit_bytes: int) -> None:
    with pytest.raises(ValueError, match=r'unit must be "GB", "GiB" or "hour" with'):
        replace(TARIFF, unit=unit, unit_bytes=unit_bytes)
    with pytest.raises(ValueError, match=r'unit must be "GB" or "GiB" with'):
        replace(ALLOWANCE, unit=unit, unit_bytes=unit_bytes)


def test_hours_are_of_tariffs_alone() -> None:
    assert replace(TARIFF, unit="hour", unit_bytes=1).unit == "hour"
    with pytest.raises(ValueError, match=r'got "hour" of 1$'):
        replace(ALLOWANCE, unit="hour", unit_bytes=1)


def test_a_row_is_of_some_region() -> None:
    with pytest.raises(ValueError, match=r"egress 1: want at least one region$"):
        replace(TARIFF, region_ids=())
    with pytest.raises(ValueError, match=r"allowance 1: want at least one region$"):
        replace(ALLOWANCE, region_ids=())


@pytest.mark.parametrize("volume", ["0", "-1", "NaN"])
def test_an_allowance_is_of_something(volume: str) -> None:
    with pytest.raises(ValueError, match=r"an allowance must be finite and > 0, got"):
        replace(ALLOWANCE, volume=Decimal(volume))
