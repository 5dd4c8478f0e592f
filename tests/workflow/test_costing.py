import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import cloudgauge as cg
from cloudgauge.errors import ConfigError, ConfigErrors
from cloudgauge.model.price import Money, parse_money
from cloudgauge.report.render import to_csv
from tests.workflow.acme_prices import ALL, AWAY, DEAR, GIB, HOME, SHOP, acme

FX = ("CNY=7@2026-11-01", "EUR=0.5@2026-11-02")


@pytest.fixture
def shelf(tmp_path: Path) -> cg.PriceShelf:
    return cg.PriceShelf(files=(acme(tmp_path),), today=date(2026, 11, 22))


def costs(shelf: cg.PriceShelf, **more: Any) -> cg.Costs:
    workload: Mapping[str, Any] = {**SHOP, **more}
    regions = () if "together" in more else ALL
    return cg.cost(workload, regions=regions, shelf=shelf)


def rows(
    found: cg.Costs, table: int = 0, *, detail: bool = False
) -> list[dict[str, Any]]:
    told = found.document(detail=detail).tables[table]
    names = [column.name for column in told.columns]
    return [dict(zip(names, row, strict=True)) for row in told.rows]


def test_each_region_costs_what_its_own_prices_come_to(shelf: cg.PriceShelf) -> None:
    found = costs(shelf)
    # 20 h x 0.1 and 50 GB x 0.5, the other 100 GB are free
    assert found.of(HOME) == parse_money("27.0 EUR")
    assert found.fixed(HOME) == parse_money("2.0 EUR")
    assert found.egress(HOME) == parse_money("25.0 EUR")
    assert found.of(AWAY) == parse_money("29.0 EUR")
    assert found.of(DEAR) is None
    assert found.fixed(DEAR) == parse_money("14.0 CNY")
    assert found.egress(DEAR) is None
    assert found.egress(DEAR, 10) is None
    for asked in (found.of, found.fixed, found.egress):
        assert asked("acme/mars-1") is None


def test_another_volume_is_priced_tier_by_tier(shelf: cg.PriceShelf) -> None:
    found = costs(shelf)
    assert found.egress(HOME, 100 * GIB) == Money(amount=Decimal(0), currency="EUR")
    # 100 free, 100 x 0.5, 50 x 0.25
    assert found.egress(HOME, 250 * GIB) == parse_money("62.50 EUR")
    assert found.egress(AWAY, 1100 * GIB) == parse_money("500.0 EUR")
    assert found.egress(AWAY, 1101 * GIB) is None
    quiet = costs(shelf, egress=[])
    assert quiet.egress(HOME) is None
    assert quiet.egress(HOME, GIB) is None


def test_the_table_says_what_is_unknown_and_how_old_a_row_is(
    shelf: cg.PriceShelf,
) -> None:
    dear, home, away = rows(costs(shelf))
    assert home == {
        "region": HOME,
        "total": "27",
        "total_at_least": None,
        "currency": "EUR",
        "machines": "2",
        "egress": "25",
        "unknown": None,
        "oldest_price": "2026-09-01",
        "oldest_price_days": 82,
    }
    assert (away["region"], away["total"]) == (AWAY, "29")
    assert dear["total"] is None
    assert dear["total_at_least"] == "14"
    assert dear["egress"] is None
    assert dear["unknown"] == "to-internet: no price"
    told = str(costs(shelf))
    assert "| at least 14.00 | CNY |" in told
    assert "CNY and EUR are not held against one another" in told
    assert "never taken for 0: acme/dear-1" in told


def test_what_is_partly_known_is_in_the_total_and_no_figure_of_its_own(
    shelf: cg.PriceShelf,
) -> None:
    found = costs(shelf, egress=[{"volume": "1200 GiB"}])
    away = next(row for row in rows(found) if row["region"] == AWAY)
    assert (away["machines"], away["egress"]) == ("4", None)
    # 100 are free, 1000 cost 0.5, and beyond nobody knows
    assert (away["total"], away["total_at_least"]) == (None, "504")
    assert away["unknown"] == "to-internet: no price above 1000 GB"


def test_nothing_known_is_a_row_without_any_figure(shelf: cg.PriceShelf) -> None:
    found = costs(shelf, machine=[{"count": 1, "sku": "none"}])
    last = rows(found)[-1]
    assert last["region"] == DEAR
    assert (last["total"], last["total_at_least"], last["currency"]) == (None,) * 3
    assert last["oldest_price"] is None
    assert "no price at all: acme/dear-1" in found.document().notes
    nothing = cg.cost(
        {"schema": 1, "name": "x", "machine": [{"count": 1, "sku": "none"}]},
        regions=[HOME],
        shelf=shelf,
    )
    assert nothing.document().provenance == ()


def test_rates_bring_amounts_into_one_currency_and_are_told(
    shelf: cg.PriceShelf,
) -> None:
    found = cg.cost(SHOP, regions=ALL, fx=FX, shelf=shelf)
    assert found.of(HOME) == parse_money("54 USD")
    assert [row["currency"] for row in rows(found)] == ["USD"] * 3
    assert found.document().provenance[-2:] == (
        "rate: 1 USD = 7 CNY (2026-11-01)",
        "rate: 1 USD = 0.5 EUR (2026-11-02)",
    )
    euro = cg.cost(SHOP, regions=ALL, fx=FX, currency="EUR", shelf=shelf)
    assert euro.of(HOME) == parse_money("27 EUR")
    assert euro.fixed(DEAR) == parse_money("1 EUR")


@pytest.mark.parametrize(
    ("currency", "fx", "problem"),
    [
        ("USD", (), "acme/away-1 is priced in EUR, and no rate is given for EUR"),
        ("GBP", FX, "acme/away-1 is priced in EUR, and no rate is given for GBP"),
    ],
)
def test_a_currency_without_a_rate_is_refused(
    shelf: cg.PriceShelf, currency: str, fx: tuple[str, ...], problem: str
) -> None:
    with pytest.raises(ConfigError, match=f"--currency: {problem}; want one such as"):
        cg.cost(SHOP, regions=ALL, currency=currency, fx=fx, shelf=shelf)


def test_a_rate_of_a_day_that_is_yet_to_come_is_refused(shelf: cg.PriceShelf) -> None:
    fx = ("CNY=7@2026-11-22", "EUR=0.5@2026-11-23")
    with pytest.raises(ConfigError) as caught:
        cg.cost(SHOP, regions=ALL, fx=fx, shelf=shelf)
    told = "--fx: want a rate of today or before, got one of 2026-11-23"
    assert str(caught.value) == told
    # Who says no day is asked for none.
    assert cg.cost(SHOP, regions=ALL, fx=fx, shelf=replace(shelf, today=None))


def test_an_amount_without_a_rate_stays_where_no_currency_is_asked_for(
    shelf: cg.PriceShelf,
) -> None:
    found = cg.cost(SHOP, regions=ALL, fx=FX[:1], shelf=shelf)
    assert [row["currency"] for row in rows(found)] == ["EUR", "EUR", "USD"]


def test_regions_that_run_together_share_what_the_account_gets_free(
    shelf: cg.PriceShelf,
) -> None:
    found = costs(shelf, together=[AWAY, HOME])
    (row,) = rows(found)
    assert row["region"] == f"{AWAY} + {HOME}"
    # 40 h and 20 h of machines; 50 GB of one's traffic and 150 of the other's
    assert row["total"] == str(4 + 2 + 25 + 50 + Decimal("12.5"))
    assert found.document().title == f"a month of shop in {AWAY} + {HOME}"
    assert any("taken once" in note for note in found.document().notes)
    assert found.of(HOME) is None
    unknown = costs(shelf, together=[HOME, DEAR])
    assert rows(unknown)[0]["unknown"].startswith(
        "to-internet of acme/dear-1: no price"
    )
    with pytest.raises(ConfigError, match="together: names the regions that run"):
        cg.cost({**SHOP, "together": [HOME]}, regions=[HOME], shelf=shelf)


@pytest.mark.parametrize(
    ("traffic", "total"),
    [
        ({"to": "mainland-china"}, "450"),
        # To another region of the same cloud it has no price but to the Americas.
        ({"to": DEAR}, None),
        ({"to": "europe"}, "25"),
        ({"to": AWAY}, "3"),
        ({"to": "other-zones"}, "1.5"),
        ({"to": "internet", "in": [AWAY]}, None),
        ({"to": HOME}, None),
    ],
)
def test_where_traffic_goes_decides_its_price(
    shelf: cg.PriceShelf, traffic: Mapping[str, Any], total: str | None
) -> None:
    workload = {
        "schema": 1,
        "name": "traffic",
        "egress": [{"volume": "150 GiB", **traffic}],
    }
    (row,) = rows(cg.cost(workload, regions=[HOME], shelf=shelf))
    assert row["total"] == total


def test_a_vendors_area_and_a_route_that_is_asked_for_count(
    shelf: cg.PriceShelf,
) -> None:
    assert costs(shelf, routes={"acme": "fast"}).egress(HOME) == parse_money("350 EUR")
    around = cg.cost(
        {
            "schema": 1,
            "name": "x",
            "egress": [{"volume": "1 GiB", "to": "gcp/australia-southeast1"}],
        },
        regions=[HOME],
        shelf=shelf,
    )
    assert around.egress(HOME) == parse_money("0 EUR")


def test_names_that_nothing_has_are_told_at_once_with_the_nearest(
    shelf: cg.PriceShelf,
) -> None:
    with pytest.raises(ConfigErrors) as caught:
        costs(
            shelf,
            together=["acme/hom-1", "acme/hom-1"],
            routes={"acm": "x", "acme": "fst"},
            machine=[{"count": 1, "in": ["acme/awai-1"], "sku": {"awz": "m"}}],
            egress=[
                {"volume": "1 GB", "to": "mainland-chna"},
                {"volume": "1 GB", "to": "acme/dea-1"},
                {"volume": "1 GB", "to": "xyzzy"},
            ],
        )
    told = str(caught.value).splitlines()
    assert told[:10] == [
        'workload: together: no region "acme/hom-1"; did you mean "acme/home-1"?',
        'workload: together: no region "acme/hom-1"; did you mean "acme/home-1"?',
        'workload: machine[0].in: no region "acme/awai-1"; did you mean "acme/away-1"?',
        'workload: egress[1].to: no region "acme/dea-1"; did you mean "acme/dear-1"?',
        "workload: together: names a region twice",
        'workload: egress[0].to: no destination "mainland-chna"; did you mean '
        '"mainland-china"?',
        told[6],
        'workload: routes: no provider "acm"; did you mean "acme"?',
        'workload: machine[0].sku: no provider "awz"; did you mean "aws"?',
        'workload: routes.acme: no route "fst"; did you mean "fast"?',
    ]
    assert told[6].startswith('workload: egress[2].to: no destination "xyzzy"; want')


def test_a_workload_that_uses_nothing_is_refused() -> None:
    with pytest.raises(ConfigError, match="workload: a workload must use something"):
        cg.cost({"schema": 1, "name": "nothing"})


def test_every_line_is_traced_to_row_date_and_source(shelf: cg.PriceShelf) -> None:
    found = cg.cost(SHOP, regions=[HOME], shelf=shelf)
    machines, free, traffic = rows(found, 1, detail=True)
    assert machines["row"].endswith("acme.toml: machine[0]")
    assert (free["quantity"], free["unit_price"], free["cost"]) == ("100", "free", None)
    assert free["row"].endswith("acme.toml: allowance[0]")
    # The row of its own tier, though the price is made of two.
    assert traffic["row"].endswith("acme.toml: egress[0]")
    assert (traffic["quantity"], traffic["unit_price"]) == ("50", "0.5")
    assert (traffic["dated"], traffic["days"]) == ("2026-09-01", 82)
    traced = found.document(detail=True).provenance
    assert len(traced) == 4
    assert traced[1].endswith("egress[0], egress[1] (2026-09-01): our own price list")
    asked = rows(costs(shelf, machine=[{"count": 1, "sku": "none"}]), 1, detail=True)
    assert "machine, none" in {row["charge"] for row in asked}


def focus(found: cg.Costs) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(to_csv(found.focus()))))


def test_lines_are_written_under_the_names_of_focus(shelf: cg.PriceShelf) -> None:
    found = cg.cost(
        {**SHOP, "egress": [{"volume": "250 GiB"}]}, regions=ALL, fx=FX, shelf=shelf
    )
    lines = focus(found)
    for line in lines:
        if line["ListCost"]:
            unit, quantity = line["ListUnitPrice"], line["PricingQuantity"]
            assert Decimal(unit) * Decimal(quantity) == Decimal(line["ListCost"])
        else:
            assert line["x_Note"] == "no price"
    home = [line for line in lines if line["RegionId"] == "home-1"]
    assert [line["PricingUnit"] for line in home] == ["Hours", "GB", "GB", "GB"]
    assert [line["x_Note"] for line in home] == ["", "free", "", ""]
    assert [line["x_TierStart"] for line in home] == ["0", "", "0", "100"]
    assert home[0]["ServiceCategory"] == "Compute"
    assert home[1]["ServiceCategory"] == "Networking"
    assert home[0]["SkuId"] == "acme.large"
    assert home[0]["BillingCurrency"] == "EUR"
    assert (home[0]["x_ConvertedCost"], home[0]["x_ConvertedCurrency"]) == ("4", "USD")
    assert home[0]["x_FxRate"] == "1 USD = 0.5 EUR (2026-11-02)"
    told = [line["x_Row"].rpartition(": ")[2] for line in home]
    assert told == ["machine[0]", "allowance[0]", "egress[0]", "egress[1]"]
    assert home[0]["RegionName"] == "Acme/Home-1"


def test_what_is_not_converted_has_no_rate_in_the_file(shelf: cg.PriceShelf) -> None:
    plain = focus(costs(shelf))
    assert {line["x_ConvertedCost"] for line in plain} == {""}
    some = focus(cg.cost(SHOP, regions=ALL, fx=FX[:1], shelf=shelf))
    assert {line["x_ConvertedCurrency"] for line in some} == {"", "USD"}
    same = focus(cg.cost(SHOP, regions=[HOME], fx=FX, currency="EUR", shelf=shelf))
    assert {line["x_FxRate"] for line in same} == {""}
    far = focus(costs(shelf, egress=[{"volume": "2000 GiB"}]))
    assert "no price above 1000 GB" in {line["x_Note"] for line in far}


def test_in_a_notebook_it_shows_itself(shelf: cg.PriceShelf) -> None:
    found = costs(shelf)
    assert "<table>" in found._repr_html_()
    assert (
        repr(found) == "<Costs: a month of shop in 3 regions, each as if all ran there>"
    )
    undated = cg.cost(SHOP, regions=[HOME], shelf=cg.PriceShelf(files=shelf.files))
    assert rows(undated)[0]["oldest_price_days"] is None
