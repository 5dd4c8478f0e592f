from dataclasses import replace
from datetime import date
from pathlib import Path

from cloudgauge.workflow.price_checking import check_prices
from cloudgauge.workflow.price_sheets import PriceShelf
from tests.catalog.price_overlays import overlay_text
from tests.catalog.target_files import egress, endpoint, ipv4, machine, region, write

TODAY = date(2026, 11, 22)
SHIPPED = PriceShelf(folder=None, today=TODAY)


def findings(shelf: PriceShelf) -> list[str]:
    check = check_prices(shelf)
    (table,) = check.document.tables
    if table.name != "findings":
        assert check.error_count == 0
        return []
    assert check.error_count == len(table.rows)
    return [f"{Path(str(where)).name}: {problem}" for where, problem in table.rows]


def test_the_shipped_sheets_are_clean_and_counted() -> None:
    check = check_prices(SHIPPED)
    assert check.error_count == 0
    assert check.document.title == "0 errors in 359 price rows of 6 sheets"
    (table,) = check.document.tables
    assert [column.name for column in table.columns] == [
        *("provider", "regions", "machine", "to_internet", "public_ipv4"),
        *("to_other_region", "to_other_zone", "none", "prices", "old"),
    ]
    assert table.rows == (
        ("alibaba", 40, 27, 29, 29, 0, 0, 11, 53, 52),
        ("aws", 39, 35, 32, 0, 28, 34, 1, 67, 63),
        ("azure", 71, 57, 51, 0, 21, 0, 12, 36, 5),
        ("gcp", 43, 43, 40, 0, 0, 43, 0, 78, 13),
        ("huawei", 37, 0, 1, 0, 0, 0, 36, 2, 0),
        ("tencent", 24, 16, 16, 0, 0, 0, 8, 27, 26),
    )


def test_a_file_of_ones_own_is_checked_beside_the_shipped(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        region(),
        endpoint(),
        egress(tier_start=7),
        machine(regions=["acme/delft-1"]),
        ipv4(currency="EUO"),
    )
    assert findings(replace(SHIPPED, files=(path,))) == [
        'mine.toml: machine[0].regions[0]: no region "acme/delft-1"',
        "mine.toml: egress[0].tier_start: the first tier of acme/rotterdam-1 begins "
        "at 7, want 0; what is free is a tier of price 0, or an [[allowance]]",
        'mine.toml: ipv4[0].currency: no currency "EUO" in ISO 4217; did you mean '
        '"EUR"?',
    ]


def test_a_slip_of_the_decimal_point_is_found_among_the_shipped_prices(
    tmp_path: Path,
) -> None:
    row = egress(regions=["aws/us-east-1"], currency="USD", price="9")
    (found,) = findings(replace(SHIPPED, files=(write(tmp_path, row),)))
    assert "egress[0].price: 9 is " in found
    assert "times above the median of" in found


def test_what_refreshes_wrote_is_checked_and_a_file_of_theirs_can_be_named(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "prices"
    folder.mkdir()
    good = overlay_text(egress(regions=["aws/us-east-1"], currency="USD"))
    inside = folder / "prices-aws.toml"
    inside.write_text(good, encoding="utf-8")
    kept = PriceShelf(folder=folder, files=(inside,), today=TODAY)
    assert findings(kept) == []
    assert check_prices(kept).document.title.endswith("360 price rows of 7 sheets")
    inside.write_text(good[: len(good) // 2], encoding="utf-8")
    assert findings(PriceShelf(folder=folder, today=TODAY)) != []


def test_one_error_is_told_as_one(tmp_path: Path) -> None:
    path = write(tmp_path, region(), endpoint(), ipv4(source=[]))
    check = check_prices(replace(SHIPPED, files=(path,)))
    assert check.document.title.startswith("1 error in 360 price rows")
