from pathlib import Path

import pytest

from cloudgauge.errors import ConfigErrors
from cloudgauge.settings.workload_file import (
    EXAMPLE,
    check_workload,
    read_workload,
)


def test_the_example_is_a_workload(tmp_path: Path) -> None:
    path = tmp_path / "shop.toml"
    path.write_text(EXAMPLE, encoding="utf-8")
    row = read_workload(path)
    assert row.name == "shop"
    assert [one.volume for one in row.egress] == [5 * 10**12, 800 * 2**30]
    assert [one.to for one in row.egress] == ["internet", "mainland-china"]
    assert (row.machine[0].count, row.machine[0].hours) == (2, 730)
    # What it tells of in comments is right, too.
    path.write_text(EXAMPLE.replace("\n# ", "\n"), encoding="utf-8")
    assert read_workload(path).egress[2].to == "other-zones"
    assert read_workload(path).address[0].count == 2


def test_a_machine_is_named_for_all_or_by_provider() -> None:
    table = {"schema": 1, "name": "x", "machine": [{"count": 1, "sku": "big"}]}
    assert check_workload(table).machine[0].sku == {"": "big"}
    table = {"schema": 1, "name": "x", "machine": [{"count": 1, "sku": {"aws": "m"}}]}
    assert check_workload(table).machine[0].sku == {"aws": "m"}
    assert check_workload({"schema": 1, "name": "x"}).machine == ()


def test_every_mistake_is_told_at_once_with_its_key() -> None:
    table = {
        "schema": 2,
        "name": "bad",
        "machin": [],
        "machine": [{"count": 0, "hours": 745, "sku": {"aws": 3}}],
        "address": [{"count": True}],
        "egress": [
            {"volume": "-5 TB"},
            {"volume": "5"},
            {"volume": "0 B"},
            {"volume": 5},
            {"volume": "2000 PB"},
            {"volume": "1 GB", "too": "internet"},
        ],
    }
    with pytest.raises(ConfigErrors) as caught:
        check_workload(table)
    told = str(caught.value).splitlines()
    starts = (
        "workload: schema: want 1, got 2",
        "workload: machine[0].count: input should be greater than or equal to 1",
        "workload: machine[0].hours: input should be less than or equal to 744",
        'workload: machine[0].sku: want a machine such as "m7i.large" or one by prov',
        "workload: address[0].count: ",
        'workload: egress[0].volume: want a byte count such as "64 KiB" or "5 MB", got',
        'workload: egress[1].volume: want a byte count such as "64 KiB" or "5 MB", got',
        "workload: egress[2].volume: input should be greater than 0",
        'workload: egress[3].volume: want a byte count such as "64 KiB" or "5 MB", got',
        "workload: egress[4].volume: input should be less than or equal to 10000000",
        "workload: egress[5].too: unknown key; want one of in, to, volume; did you",
        "workload: machin: unknown key; want one of address, egress, machine, name",
    )
    assert len(told) == len(starts)
    for line, start in zip(told, starts, strict=True):
        assert line.startswith(start), line
