from datetime import date
from pathlib import Path

import pytest

from cloudgauge.catalog.files import shipped_files
from cloudgauge.catalog.price_doubts import doubtful_prices
from tests.catalog.target_files import (
    allowance,
    egress,
    ipv4,
    machine,
    read,
    transfer,
)

TODAY = date(2026, 11, 22)


def told(folder: Path, *rows: str, today: date = TODAY) -> list[str]:
    file = read(folder, *rows)
    assert file.errors == ()
    return [
        f"{error.where.rpartition(': ')[2]}: {error.problem}"
        for error in doubtful_prices((file,), today)
    ]


def test_good_prices_raise_no_doubt(tmp_path: Path) -> None:
    assert told(tmp_path, egress(), transfer(), machine(), ipv4(), allowance()) == []


def test_the_shipped_sheets_raise_no_doubt() -> None:
    assert list(doubtful_prices(shipped_files(), TODAY)) == []


def test_a_price_of_tomorrow_is_doubted(tmp_path: Path) -> None:
    assert told(tmp_path, machine(), today=date(2026, 11, 21)) == [
        "machine[0].checked: lies in the future, today is 2026-11-21"
    ]
    assert told(tmp_path, allowance(dated="2026-11-23")) == [
        "allowance[0].dated: want no later than 2026-11-22, when it was checked, "
        "got 2026-11-23"
    ]


def test_a_currency_that_does_not_exist_is_doubted(tmp_path: Path) -> None:
    assert told(tmp_path, ipv4(currency="EUO")) == [
        'ipv4[0].currency: no currency "EUO" in ISO 4217; did you mean "EUR"?'
    ]


def test_a_source_that_no_price_cites_is_doubted(tmp_path: Path) -> None:
    sources = '[sources]\nlist = "our price list"\nold-list = "another"\n'
    assert told(tmp_path, sources, egress(source=["list"])) == [
        "sources.old-list: no row cites it"
    ]


@pytest.mark.parametrize(("price", "way"), [("1.81", "above"), ("0.0044", "below")])
def test_a_price_out_of_all_proportion_is_doubted(
    tmp_path: Path, price: str, way: str
) -> None:
    rows = [egress(receivers=place) for place in ("here", "there", "elsewhere")]
    (found,) = told(tmp_path, *rows, egress(price=price))
    assert found == (
        f"egress[3].price: {price} is 20 times {way} the median of 4 prices of "
        "to-internet in EUR"
    )
    assert told(tmp_path, *rows[:1], egress(price=price)) == []
    assert told(tmp_path, *rows, egress(price="0")) == []


def test_units_and_sizes_are_made_alike_before_prices_are_compared(
    tmp_path: Path,
) -> None:
    # A machine of 32 times the vCPUs may cost 32 times as much.
    machines = [
        machine(sku=f"acme.{count}", by_default=False) for count in ("a", "b", "c")
    ]
    large = machine(sku="acme.d", vcpus=64, price="3.2")
    assert told(tmp_path, *machines, large) == []
    (found,) = told(tmp_path, *machines, machine(sku="acme.d", price="3.2"))
    assert "32 times above the median of 4 prices of machine in EUR" in found
    # 1.9 a GiB is below 20 times 0.09 a GB.
    rows = [egress(receivers=place) for place in ("here", "there", "elsewhere")]
    assert told(tmp_path, *rows, egress(unit="GiB", price="1.9")) == []
    assert len(told(tmp_path, *rows, egress(price="1.9"))) == 1


def test_currencies_are_judged_apart(tmp_path: Path) -> None:
    rows = [egress(receivers=place) for place in ("here", "there", "elsewhere")]
    assert told(tmp_path, *rows, egress(currency="JPY", price="14")) == []
