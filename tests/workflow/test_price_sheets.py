from datetime import date
from pathlib import Path

import pytest

from cloudgauge.errors import ConfigError, ConfigErrors
from cloudgauge.model.target import Selection
from cloudgauge.model.tariff import Charge
from cloudgauge.report.document import Cell, Document, Table
from cloudgauge.workflow.price_sheets import PriceShelf, list_prices, show_prices
from tests.catalog.price_overlays import overlay_text
from tests.catalog.target_files import (
    allowance,
    egress,
    endpoint,
    ipv4,
    machine,
    region,
    transfer,
    write,
)

TODAY = date(2026, 11, 22)
SHIPPED = PriceShelf(folder=None, today=TODAY)
HERE = "acme/rotterdam-1"
ACME = Selection(providers=("acme",))


def shelf(folder: Path, *rows: str) -> PriceShelf:
    path = write(folder, region(), endpoint(), *rows)
    return PriceShelf(folder=folder / "prices", files=(path,), today=TODAY)


def dicts(table: Table) -> list[dict[str, Cell]]:
    names = [column.name for column in table.columns]
    return [dict(zip(names, row, strict=True)) for row in table.rows]


def rows_of(document: Document, name: str = "prices") -> list[dict[str, Cell]]:
    (table,) = [table for table in document.tables if table.name == name]
    return dicts(table)


def test_a_region_has_a_row_for_each_currency(tmp_path: Path) -> None:
    document = list_prices(
        ACME,
        shelf(
            tmp_path,
            '[sources]\nlist = "our price list"\n',
            machine(source=["list"], confidence="low"),
            machine(sku="acme.small", by_default=False, dated="2019-01-01"),
            egress(tier_end=10, source=["list"]),
            egress(tier_start=10, price="0.05", source=["list"]),
            egress(route="premium", by_default=False, price="0.5"),
            ipv4(currency="USD", dated="2026-05-25"),
            transfer(dated="2019-01-01"),
        ),
    )
    assert document.title == "prices of 1 of 1 region"
    euro, dollar = rows_of(document)
    assert euro == {
        "region": HERE,
        "currency": "EUR",
        "machine_hour": "0.1",
        "to_internet": "0.09",
        "unit": "GB",
        "age_days": 82,
        "old": False,
        # 10 x 0.09 + 990 x 0.05
        "terabyte_month": "50.40",
        "free": None,
        "ipv4_hour": "no price",
        "confidence": "low",
        "machine": "acme.large",
        "source": "list",
    }
    assert (dollar["machine_hour"], dollar["to_internet"]) == ("no price", "no price")
    assert (dollar["terabyte_month"], dollar["unit"]) == ("no price", None)
    assert (dollar["ipv4_hour"], dollar["old"]) == ("0.005", True)
    assert dollar["source"] == "our own price list"


@pytest.mark.parametrize(
    ("dated", "old"), [("2026-05-26", False), ("2026-05-25", True)]
)
def test_a_price_is_old_after_180_days(
    tmp_path: Path, dated: str, *, old: bool
) -> None:
    document = list_prices(ACME, shelf(tmp_path, ipv4(dated=dated)))
    (row,) = rows_of(document)
    assert row["old"] is old
    said = [note for note in document.notes if "older than 180 days" in note]
    assert bool(said) is old
    if old:
        assert said[0].startswith("1 of 1 prices are older than 180 days")


def test_what_is_free_comes_off_a_terabyte(tmp_path: Path) -> None:
    by_allowance = shelf(tmp_path, egress(), allowance(volume=200))
    (row,) = rows_of(list_prices(ACME, by_allowance))
    # 800 x 0.09
    assert (row["free"], row["terabyte_month"]) == ("200 GB", "72.00")
    of_another = shelf(tmp_path, egress(), allowance(volume=200, routes=["premium"]))
    (row,) = rows_of(list_prices(ACME, of_another))
    assert (row["free"], row["terabyte_month"]) == (None, "90.00")
    by_tier = shelf(tmp_path, egress(tier_end=100, price="0"), egress(tier_start=100))
    (row,) = rows_of(list_prices(ACME, by_tier))
    assert (row["free"], row["terabyte_month"]) == ("100 GB", "81.00")
    assert row["to_internet"] == "0.09"
    larger = shelf(tmp_path, egress(), allowance(volume=2000))
    (row,) = rows_of(list_prices(ACME, larger))
    assert row["terabyte_month"] == "0.00"


def test_bytes_are_counted_as_the_vendor_counts_them(tmp_path: Path) -> None:
    # 10^12 bytes are 931.32 units of 2^30: less 100, at 0.09.
    rows = (egress(unit_bytes=2**30), allowance(unit_bytes=2**30))
    (row,) = rows_of(list_prices(ACME, shelf(tmp_path, *rows)))
    assert row["terabyte_month"] == "74.82"
    mixed = (egress(unit_bytes=2**30), allowance())
    (row,) = rows_of(list_prices(ACME, shelf(tmp_path, *mixed)))
    # 900 x 10^9 bytes are 838.19 units.
    assert row["terabyte_month"] == "75.44"


def test_a_volume_past_the_known_tiers_has_no_price(tmp_path: Path) -> None:
    (row,) = rows_of(list_prices(ACME, shelf(tmp_path, egress(tier_end=999))))
    assert (row["to_internet"], row["terabyte_month"]) == ("0.09", "no price")


def test_prices_that_depend_on_the_receivers_are_a_span() -> None:
    document = list_prices(Selection(regions=("gcp/us-central1",)), SHIPPED)
    (row,) = rows_of(document)
    assert row["to_internet"] == "0.12 to 0.23"
    assert row["free"] == "1 GiB"


def test_a_region_that_nobody_priced_says_so(tmp_path: Path) -> None:
    document = list_prices(ACME, shelf(tmp_path))
    assert document.title == "prices of 0 of 1 region"
    (row,) = rows_of(document)
    assert row["currency"] is None
    assert row["age_days"] is None
    prices = ("machine_hour", "to_internet", "terabyte_month", "ipv4_hour")
    assert {row[name] for name in prices} == {"no price"}
    assert any(note.startswith("no price: ") for note in document.notes)


def test_one_currency_alone_is_shown() -> None:
    selection = Selection(regions=("alibaba/cn-shenzhen",))
    (row,) = rows_of(list_prices(selection, SHIPPED, currency="CNY"))
    assert (row["currency"], row["ipv4_hour"]) == ("CNY", "no price")
    (row,) = rows_of(list_prices(selection, SHIPPED, currency="EUR"))
    assert (row["currency"], row["machine_hour"]) == ("EUR", "no price")


def test_every_price_of_a_charge_is_a_row_that_can_be_traced(tmp_path: Path) -> None:
    prices = shelf(
        tmp_path,
        egress(tier_end=10, receivers="Australia", pool="account", unit_bytes=2**30),
        machine(),
    )
    document = list_prices(ACME, prices, charge=Charge.TO_INTERNET)
    assert document.title == "to-internet of 1 of 1 region"
    (row,) = rows_of(document)
    assert row == {
        "region": HERE,
        "currency": "EUR",
        "price": "0.09",
        "unit": "GB",
        "of": "default",
        "age_days": 82,
        "receivers": "Australia",
        "by_default": True,
        "old": False,
        "confidence": "high",
        "dated": "2026-09-01",
        "sheet": "own",
        "source": "our own price list",
        "row": f"{tmp_path / 'mine.toml'}: egress[0]",
        "unit_bytes": 2**30,
        "pool": None,
        "tiers": "0.09 from 0; no price from 10",
    }
    nothing = list_prices(ACME, prices, charge=Charge.TO_OTHER_ZONE)
    assert nothing.title == "to-other-zone of 0 of 1 region"
    assert rows_of(nothing) == []


def test_a_region_is_shown_with_tiers_allowances_notes_and_sources(
    tmp_path: Path,
) -> None:
    prices = shelf(
        tmp_path,
        '[sources]\nlist = "our price list"\n',
        egress(tier_end=10, source=["list"], note="Flat."),
        egress(tier_start=10, price="0.05", source=["list"]),
        machine(note="The usual one."),
        allowance(routes=["default"], note="Once."),
    )
    document = show_prices(HERE, prices)
    assert document.title == f"{HERE}: Rotterdam, 2 prices"
    assert [row["charge"] for row in rows_of(document)] == ["machine", "to-internet"]
    assert [
        (row["price"], row["start"], row["end"]) for row in rows_of(document, "tiers")
    ] == [("0.09", "0", "10"), ("0.05", "10", None)]
    (given,) = rows_of(document, "allowances")
    assert (given["volume"], given["routes"], given["regions"]) == ("100", "default", 1)
    assert document.notes[:3] == (
        "machine acme.large in EUR: The usual one.",
        "to-internet default in EUR: Flat.",
        "allowance: Once.",
    )
    assert document.provenance == (
        "our own price list: our own price list",
        "list: our price list",
    )


def test_a_region_without_prices_is_shown_as_such(tmp_path: Path) -> None:
    document = show_prices(HERE, shelf(tmp_path))
    assert document.title == f"{HERE}: Rotterdam, 0 prices"
    assert [table.name for table in document.tables] == ["prices"]
    assert document.tables[0].rows == ()


def test_refreshed_prices_are_marked(tmp_path: Path) -> None:
    folder = tmp_path / "prices"
    folder.mkdir()
    text = overlay_text(egress(regions=["aws/us-east-1"], currency="USD"))
    (folder / "prices-aws.toml").write_text(text, encoding="utf-8")
    prices = PriceShelf(folder=folder, today=TODAY)
    east = Selection(regions=("aws/us-east-?",))
    document = list_prices(east, prices, charge=Charge.TO_INTERNET)
    assert [(row["region"], row["sheet"]) for row in rows_of(document)] == [
        ("aws/us-east-1", "refreshed"),
        ("aws/us-east-2", "shipped"),
    ]
    assert document.notes[-1].startswith("sheet refreshed: ")


def test_what_is_wrong_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigErrors, match=r"egress\[0\]\.tier_start"):
        list_prices(ACME, shelf(tmp_path, egress(tier_start=5)))
    with pytest.raises(ConfigError, match='did you mean "aws/eu-west-1"'):
        show_prices("aws/eu-wst-1", SHIPPED)
    with pytest.raises(
        ConfigError, match=r'^--currency: no price in "EURO"; .* in CNY, EUR, USD$'
    ):
        list_prices(Selection(), SHIPPED, currency="EURO")
    with pytest.raises(ConfigError, match='--provider: no provider "azur"'):
        list_prices(Selection(providers=("azur",)), SHIPPED)
