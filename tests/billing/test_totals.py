from datetime import date
from decimal import Decimal

from cloudgauge.billing.bill import Bill, bill_of
from cloudgauge.billing.rates import Rate, Rates
from cloudgauge.billing.totals import cost_of, currencies_of, sum_of, totals
from cloudgauge.billing.workload import Addresses, Machines, Traffic, Workload
from cloudgauge.model.price import Money
from cloudgauge.model.tariff import Charge
from tests.billing.sheets import Book, hourly, traffic

NO_RATES = Rates()
TO_DOLLARS = Rates(
    to="USD",
    rates=(Rate(currency="CNY", per_dollar=Decimal(8), dated=date(2026, 11, 1)),),
)
SHOP = Workload(
    name="shop",
    machines=(Machines(count=1, hours=Decimal(10)),),
    addresses=(Addresses(count=1, hours=Decimal(10)),),
    traffic=(Traffic(volume_bytes=2**30),),
)
IPV4 = Charge.PUBLIC_IPV4
BOOK = Book(
    (
        *(
            hourly("a/whole", price=price, charge=charge)
            for price, charge in (("0.9", Charge.MACHINE), ("0.1", IPV4))
        ),
        traffic("a/whole", steps=(("0", "5"),)),
        *(hourly("a/cheap", price="0.1", charge=one) for one in (Charge.MACHINE, IPV4)),
        traffic("a/cheap", steps=(("0", "5"),)),
        hourly("a/most", price="9"),
        traffic("a/most"),
        hourly("a/little", price="0.1"),
        hourly("c/mixed", price="0.8", currency="CNY"),
        hourly("c/mixed", price="0.1", charge=IPV4),
        traffic("c/mixed"),
    )
)


def bill(region_id: str) -> Bill:
    return bill_of(SHOP, (region_id,), BOOK)


def usd(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="USD")


def test_whole_bills_come_first_and_those_with_little_known_late() -> None:
    ids = ("a/none", "a/little", "a/most", "a/whole", "c/mixed", "a/cheap")
    found = totals([bill(one) for one in ids], NO_RATES)
    assert [
        (one.bill.region_ids[0], one.currency, one.is_whole, one.known) for one in found
    ] == [
        ("c/mixed", "CNY", False, Money(amount=Decimal(8), currency="CNY")),
        ("a/cheap", "USD", True, usd("7")),
        ("a/whole", "USD", True, usd("15")),
        ("c/mixed", "USD", False, usd("1.1")),
        ("a/most", "USD", False, usd("90.1")),
        ("a/little", "USD", False, usd("1")),
        ("a/none", None, False, None),
    ]


def test_a_rate_makes_one_total_of_two_currencies() -> None:
    mixed = bill("c/mixed")
    assert currencies_of(mixed, NO_RATES) == ("CNY", "USD")
    assert currencies_of(mixed, NO_RATES, Charge.MACHINE) == ("CNY",)
    assert cost_of(mixed, NO_RATES) is None
    assert currencies_of(mixed, TO_DOLLARS) == ("USD",)
    assert sum_of(mixed, TO_DOLLARS, "USD", Charge.MACHINE) == usd("1")
    assert cost_of(mixed, TO_DOLLARS) == usd("2.1")
    (one,) = totals([mixed], TO_DOLLARS)
    assert (one.is_whole, one.known) == (True, usd("2.1"))


def test_what_is_partly_unknown_has_no_cost() -> None:
    assert cost_of(bill("a/most"), NO_RATES) is None
    assert cost_of(bill("a/most"), NO_RATES, Charge.MACHINE) == usd("90")
    assert cost_of(bill("a/none"), NO_RATES) is None
