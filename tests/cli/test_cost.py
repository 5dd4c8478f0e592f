import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cloudgauge.cli.app import app
from cloudgauge.cli.terminal import draw
from cloudgauge.settings.workload_file import EXAMPLE
from cloudgauge.workflow.costing import PriceShelf, cost
from tests.workflow.acme_prices import ALL, HOME, SHOP, acme

RUNNER = CliRunner()
WORKLOAD = """
schema = 1
name = "shop"
[[machine]]
count = 2
hours = 10
[[egress]]
volume = "150 GiB"
"""


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    path = tmp_path / "shop.toml"
    path.write_text(WORKLOAD, encoding="utf-8")
    return ["cost", str(path), "--targets", str(acme(tmp_path)), "--provider", "acme"]


def test_a_row_a_region_in_the_order_of_totals(asked: list[str]) -> None:
    ended = RUNNER.invoke(app, [*asked, "--format", "json"])
    assert ended.exit_code == 0, ended.output
    told = json.loads(ended.stdout)
    assert told["kind"] == "cost"
    assert [row["total"] for row in told["tables"]["regions"]] == [
        None,
        "27",
        "29",
    ]
    assert "lines" not in told["tables"]
    ended = RUNNER.invoke(app, [*asked, "-v", "--partition", "public", "--all"])
    assert "what it is made of" in ended.stdout
    assert "acme.toml: machine[0] (2026-09-01): our own price list" in ended.stdout


def test_one_region_is_shown_line_by_line(asked: list[str]) -> None:
    ended = RUNNER.invoke(app, [*asked, "--region", HOME])
    assert ended.exit_code == 0
    assert "what it is made of" in ended.stdout


def test_csv_has_the_names_of_focus(asked: list[str], tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    ended = RUNNER.invoke(app, [*asked, "--format", "csv", "-o", str(out), "-q"])
    assert ended.exit_code == 0
    with out.open(encoding="utf-8") as file:
        names = csv.DictReader(file).fieldnames
    assert names is not None
    assert {"ListUnitPrice", "PricingUnit", "BillingCurrency", "RegionId"} <= set(names)


def test_a_currency_without_a_rate_ends_with_2_and_one_sentence(
    asked: list[str],
) -> None:
    ended = RUNNER.invoke(app, [*asked, "--currency", "USD"])
    assert ended.exit_code == 2
    assert ended.stderr == (
        "cloudgauge: --currency: acme/away-1 is priced in EUR, and no rate is given "
        "for EUR; want one such as --fx EUR=7.1@2026-11-01\n"
    )
    assert RUNNER.invoke(app, [*asked, "--fx", "EUR=0.5@2026-11-02"]).exit_code == 0
    ended = RUNNER.invoke(app, [*asked, "--fx", "EUR=0.5"])
    assert ended.exit_code == 2
    assert 'want a rate such as "CNY=7.1@2026-11-01"' in ended.stderr


def test_an_unknown_region_ends_with_2(asked: list[str]) -> None:
    ended = RUNNER.invoke(app, [*asked, "--region", "acme/hoome-1"])
    assert ended.exit_code == 2
    assert 'no region "acme/hoome-1"; did you mean "acme/home-1"?' in ended.stderr


def test_a_mistake_in_the_file_ends_with_2(asked: list[str]) -> None:
    Path(asked[1]).write_text(WORKLOAD.replace("150", "-150"), encoding="utf-8")
    ended = RUNNER.invoke(app, asked)
    assert ended.exit_code == 2
    assert "shop.toml: egress[0].volume: want a byte count" in ended.stderr


def test_an_example_is_written_and_never_over_something(tmp_path: Path) -> None:
    path = tmp_path / "shop.toml"
    assert RUNNER.invoke(app, ["cost", "--example"]).stdout == EXAMPLE
    assert RUNNER.invoke(app, ["cost", "--example", "-o", str(path)]).exit_code == 0
    assert path.read_text(encoding="utf-8") == EXAMPLE
    ended = RUNNER.invoke(app, ["cost", "--example", "-o", str(path)])
    assert ended.exit_code == 2
    assert "is there already; name another file" in ended.stderr
    nowhere = tmp_path / "no" / "shop.toml"
    ended = RUNNER.invoke(app, ["cost", "--example", "-o", str(nowhere)])
    assert ended.exit_code == 74


def test_the_shipped_sheets_price_the_example(tmp_path: Path) -> None:
    path = tmp_path / "shop.toml"
    path.write_text(EXAMPLE, encoding="utf-8")
    asked = ["cost", str(path), "--provider", "aws", "--format", "json"]
    ended = RUNNER.invoke(app, asked, env={"HOME": "", "XDG_DATA_HOME": ""})
    assert ended.exit_code == 0, ended.output
    rows = json.loads(ended.stdout)["tables"]["regions"]
    assert any(row["total"] for row in rows)


def test_without_a_workload_it_says_how_to_get_one() -> None:
    ended = RUNNER.invoke(app, ["cost"])
    assert ended.exit_code == 2
    assert "cloudgauge cost --example writes one to begin with" in ended.stderr


@pytest.mark.parametrize("width", [80, 120, 200])
def test_a_bill_fits_the_terminal_and_keeps_its_total(
    tmp_path: Path, width: int
) -> None:
    shelf = PriceShelf(files=(acme(tmp_path),))
    found = cost(SHOP, regions=ALL, shelf=shelf)
    text = draw(found.document(), width=width, styled=False)
    assert max(len(line) for line in text.splitlines()) <= width
    row = next(line for line in text.splitlines() if HOME in line)
    assert row.split()[:3] == [HOME, "27.00", "EUR"]
    assert "at least 14.00" in text
    assert "to-internet" in text
