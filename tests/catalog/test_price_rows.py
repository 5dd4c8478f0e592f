from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from cloudgauge.catalog.files import price_rows
from cloudgauge.catalog.price_overlay import overlay_of
from cloudgauge.catalog.price_rows import EgressRow, MachineRow
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

RowText = Callable[..., str]


def problems(folder: Path, *rows: str) -> list[str]:
    file = read(folder, region(), endpoint(), *rows)
    return [
        f"{error.where.rpartition(': ')[2]}: {error.problem}" for error in file.errors
    ]


def test_every_kind_of_price_is_read_in_the_order_of_its_table(tmp_path: Path) -> None:
    tables = (ipv4(), machine(), allowance(), transfer(), egress())
    found = list(price_rows((read(tmp_path, *tables),)))
    assert [place.row.rpartition(": ")[2] for place, _, _ in found] == [
        *("egress[0]", "transfer[0]", "machine[0]", "ipv4[0]", "allowance[0]")
    ]


@pytest.mark.parametrize("make", [egress, transfer, machine, ipv4])
@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"price": 0.09}, 'price: want an exact price as a string such as "0.09"'),
        ({"price": "-0.09"}, 'price: want an exact price as a string such as "0.09"'),
        ({"price": "0,09"}, 'price: want an exact price as a string such as "0.09"'),
        ({"currency": "euro"}, "currency: want three capital letters of ISO 4217"),
        ({"dated": None}, "dated: is missing"),
        ({"source": None}, "source: is missing"),
        ({"checked": None}, "checked: is missing"),
        ({"regions": []}, "regions: want at least one region"),
        ({"confidence": "pattern"}, 'confidence: want "high", "medium" or "low"'),
        ({"unit": "MB"}, "unit: want "),
        ({"colour": "red"}, "colour: unknown key; want one of "),
    ],
)
def test_a_price_row_that_is_wrong_is_told_with_its_key(
    tmp_path: Path, make: RowText, changes: dict[str, TomlValue], told: str
) -> None:
    (found,) = problems(tmp_path, make(**changes))
    table, _, rest = found.partition("[0].")
    assert table in {"egress", "transfer", "machine", "ipv4"}
    assert rest.startswith(told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (transfer(destination="internet"), "transfer[0].destination: want"),
        (egress(destination="other-region"), "egress[0].destination: want"),
        (egress(pool="planet"), 'egress[0].pool: want "region" or "account"'),
        (egress(unit_bytes=1000), "egress[0].unit_bytes: want 1000000000 or"),
        (egress(tier_start=-1), "egress[0].tier_start: input should be greater"),
        (machine(vcpus=0), "machine[0].vcpus: input should be greater"),
        (machine(memory_gib=0), "machine[0].memory_gib: want a whole number above 0"),
        (machine(memory_gib=3.75), "machine[0].memory_gib: want a whole number above"),
        (machine(memory_gib=True), "machine[0].memory_gib: want a whole number above"),
        (machine(unit="GB"), 'machine[0].unit: want "hour", got "GB"'),
        (ipv4(sku="address"), "ipv4[0].sku: unknown key"),
        (allowance(volume="0.0"), "allowance[0].volume: want a whole number above 0"),
        (allowance(unit="hour"), 'allowance[0].unit: want "GB" or "GiB"'),
        (allowance(dated=None), "allowance[0].dated: is missing"),
    ],
)
def test_what_one_kind_alone_wants_is_told(
    tmp_path: Path, text: str, told: str
) -> None:
    (found,) = problems(tmp_path, text)
    assert found.startswith(told)


def test_a_gib_has_no_other_count_of_bytes(tmp_path: Path) -> None:
    assert problems(tmp_path, egress(unit="GiB", unit_bytes=10**9)) == [
        "egress[0]: want 1073741824 bytes in a GiB, got 1000000000"
    ]


@pytest.mark.parametrize(
    ("unit", "unit_bytes", "wanted"),
    [
        ("GB", None, 10**9),
        ("GB", 2**30, 2**30),
        ("GiB", None, 2**30),
        ("GiB", 2**30, 2**30),
    ],
)
def test_a_unit_has_the_bytes_that_the_vendor_counts(
    tmp_path: Path, unit: str, unit_bytes: int | None, wanted: int
) -> None:
    file = read(tmp_path, egress(unit=unit, unit_bytes=unit_bytes))
    ((_, row, _),) = price_rows((file,))
    assert isinstance(row, EgressRow)
    assert row.bytes_in_unit == wanted


def test_memory_is_exact(tmp_path: Path) -> None:
    ((_, row, _),) = price_rows((read(tmp_path, machine(memory_gib="3.75")),))
    assert isinstance(row, MachineRow)
    assert row.memory_gib == Decimal("3.75")


def test_the_rows_of_the_manual_are_good(tmp_path: Path) -> None:
    manual = (Path(__file__).parents[2] / "targets" / "README.md").read_text("utf-8")
    section = manual[manual.index("## `prices.toml`") :]
    rows, head = (part.partition("```")[0] for part in section.split("```toml\n")[1:3])
    file = read(tmp_path, rows)
    assert file.errors == ()
    assert len(list(price_rows((file,)))) == 5
    assert overlay_of(head, where="prices-aws.toml").errors == ()
