from collections.abc import Callable
from pathlib import Path

import pytest

from cloudgauge.catalog.files import ReadFile
from cloudgauge.catalog.lint import errors_in
from tests.catalog.target_files import (
    TomlValue,
    allowance,
    egress,
    endpoint,
    ipv4,
    machine,
    read,
    region,
    transfer,
)

DELFT = region(id="acme/delft-1") + endpoint(
    region="acme/delft-1", url="https://delft.example.net/"
)


def told(*files: ReadFile) -> list[str]:
    return [f"{Path(error.where).name}: {error.problem}" for error in errors_in(files)]


def told_of(folder: Path, *rows: str) -> list[str]:
    return told(read(folder, region(), endpoint(), *rows))


def test_tiers_that_follow_one_another_are_good(tmp_path: Path) -> None:
    tiers = (
        egress(tier_end=100, price="0"),
        egress(tier_start=100, tier_end=1000),
        egress(tier_start=1000, tier_end=5000, price="0.07"),
        egress(tier_start=5000, price="0.05"),
    )
    assert told_of(tmp_path, *tiers) == []


def test_prices_that_differ_in_what_they_are_of_stand_side_by_side(
    tmp_path: Path,
) -> None:
    assert (
        told_of(
            tmp_path,
            egress(),
            egress(currency="USD"),
            egress(route="premium", by_default=False),
            egress(receivers="Australia"),
        )
        == []
    )


def test_a_tier_ends_after_its_start(tmp_path: Path) -> None:
    assert told_of(
        tmp_path, egress(tier_end=100), egress(tier_start=100, tier_end=100)
    ) == ["mine.toml: egress[1].tier_end: want more than tier_start 100, got 100"]


@pytest.mark.parametrize("start", [0, 50, 101])
def test_a_tier_begins_where_the_one_before_it_ends(tmp_path: Path, start: int) -> None:
    file = read(
        tmp_path,
        region(),
        endpoint(),
        egress(tier_end=100),
        egress(tier_start=start, price="0.05"),
    )
    assert told(file) == [
        "mine.toml: egress[1].tier_start: want 100, where the tier of "
        f"acme/rotterdam-1 at {file.where}: egress[0].tier_end ends, got {start}"
    ]


def test_nothing_follows_the_last_tier(tmp_path: Path) -> None:
    file = read(tmp_path, region(), endpoint(), egress(), egress(price="0.05"))
    assert told(file) == [
        "mine.toml: egress[1].tier_start: acme/rotterdam-1 has its last tier already "
        f"at {file.where}: egress[0].tier_start"
    ]


def test_the_tiers_of_a_price_have_one_unit(tmp_path: Path) -> None:
    rows = (egress(tier_end=100), egress(tier_start=100, unit="GiB"))
    assert told_of(tmp_path, *rows) == [
        "mine.toml: egress[1].tier_start: want the unit GB of the tier before it, "
        "got GiB"
    ]


def test_a_row_for_many_regions_is_told_once(tmp_path: Path) -> None:
    both: TomlValue = ["acme/delft-1", "acme/rotterdam-1"]
    found = told_of(tmp_path, DELFT, egress(regions=both), egress(regions=both))
    assert len(found) == 1
    assert "acme/delft-1 has its last tier already" in found[0]


def test_a_region_that_stands_twice_in_a_row_is_told(tmp_path: Path) -> None:
    (found,) = told_of(
        tmp_path, egress(regions=["acme/rotterdam-1", "acme/rotterdam-1"])
    )
    assert "acme/rotterdam-1 has its last tier already" in found


def test_a_price_of_no_region_names_the_nearest(tmp_path: Path) -> None:
    row = egress(regions=["acme/rotterdam-1", "acme/roterdam-1"])
    assert told_of(tmp_path, row) == [
        'mine.toml: egress[0].regions[1]: no region "acme/roterdam-1"; did you mean '
        '"acme/rotterdam-1"?'
    ]


def test_a_price_in_the_folder_of_another_provider_is_told(tmp_path: Path) -> None:
    mine = read(tmp_path, region(), endpoint())
    file = read(tmp_path, egress(), name="prices.toml")
    shipped = ReadFile(
        where="targets/aws/prices.toml", provider="aws", table=file.table
    )
    assert told(mine, shipped) == [
        'prices.toml: egress[0].regions[0]: want "aws/…" in this folder, got '
        '"acme/rotterdam-1"'
    ]


def test_a_price_needs_a_source_that_is_there(tmp_path: Path) -> None:
    assert told_of(tmp_path, egress(source=[])) == [
        "mine.toml: egress[0].source: want at least one source"
    ]
    sources = '[sources]\nlist-2026 = "our price list"\n'
    rows = (region(), endpoint(), egress(source=["list-2025"]))
    assert told(read(tmp_path, sources, *rows)) == [
        'mine.toml: egress[0].source[0]: no source "list-2025" in [sources] of this '
        'file; did you mean "list-2026"?'
    ]


def test_a_users_own_price_stands_beside_a_shipped_one(tmp_path: Path) -> None:
    mine = read(tmp_path, region(), endpoint(), egress(price="0.01"))
    file = read(tmp_path, egress(), name="prices.toml")
    shipped = ReadFile(
        where="targets/acme/prices.toml", provider="acme", table=file.table
    )
    assert told(shipped, mine) == []
    again = read(tmp_path, egress(price="0.02"), name="more.toml")
    assert told(shipped, mine, again) == [
        "more.toml: egress[0].tier_start: acme/rotterdam-1 has its last tier already "
        f"at {mine.where}: egress[0].tier_start"
    ]


def test_a_price_begins_at_0(tmp_path: Path) -> None:
    assert told_of(tmp_path, transfer(tier_start=100)) == [
        "mine.toml: transfer[0].tier_start: the first tier of acme/rotterdam-1 begins "
        "at 100, want 0; what is free is a tier of price 0, or an [[allowance]]"
    ]


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"unit_bytes": 2**30}, "the unit_bytes of the tier before it, 1000000000, g"),
        ({"pool": "account"}, "the pool of the tier before it, region, got account"),
        ({"by_default": False}, "the by_default of the tier before it, True, got Fal"),
    ],
)
def test_the_tiers_of_a_price_differ_in_nothing_else(
    tmp_path: Path, changes: dict[str, TomlValue], wanted: str
) -> None:
    rows = (egress(tier_end=100), egress(tier_start=100, **changes))
    (found,) = told_of(tmp_path, *rows)
    assert found.startswith(f"mine.toml: egress[1].tier_start: want {wanted}")


@pytest.mark.parametrize("make", [machine, ipv4, allowance])
def test_a_price_stands_once(tmp_path: Path, make: Callable[..., str]) -> None:
    table = make.__name__
    file = read(tmp_path, region(), endpoint(), make(), make())
    assert told(file) == [
        f"mine.toml: {table}[1].regions: acme/rotterdam-1 has such a price already at "
        f"{file.where}: {table}[0]"
    ]
    twice = make(regions=["acme/rotterdam-1", "acme/rotterdam-1"])
    assert len(told_of(tmp_path, twice)) == 1


def test_prices_of_another_currency_machine_or_route_stand_beside(
    tmp_path: Path,
) -> None:
    rows = (
        machine(),
        machine(currency="USD"),
        machine(sku="acme.small", by_default=False),
        ipv4(),
        ipv4(currency="USD"),
        allowance(),
        allowance(routes=["default"]),
        transfer(),
        transfer(destination="same-region-other-zone"),
    )
    assert told_of(tmp_path, *rows) == []


def test_a_region_has_one_default_machine_in_a_currency(tmp_path: Path) -> None:
    file = read(tmp_path, region(), endpoint(), machine(), machine(sku="acme.small"))
    assert told(file) == [
        "mine.toml: machine[1].by_default: acme/rotterdam-1 has its default machine "
        f"at {file.where}: machine[0]"
    ]


def test_each_refresh_is_a_sheet_of_its_own(tmp_path: Path) -> None:
    mine = read(tmp_path, region(), endpoint())
    rows = [
        ReadFile(
            where=name,
            provider=None,
            table=read(tmp_path, egress(), machine(), name=name).table,
            refreshed=True,
        )
        for name in ("prices-1.toml", "prices-2.toml")
    ]
    assert told(mine, *rows) == []
