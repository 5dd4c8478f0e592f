import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import cloudgauge
from cloudgauge.analysis.placing import Effort
from cloudgauge.billing.rates import Rates
from cloudgauge.billing.workload import Traffic, Workload
from cloudgauge.errors import ConfigError, NothingUsable
from cloudgauge.model.run import Vantage
from cloudgauge.model.target import Region
from cloudgauge.report.document import Document
from cloudgauge.report.render import to_json
from cloudgauge.workflow.choosing_regions import choose
from cloudgauge.workflow.choosing_regions_prices import Prices
from cloudgauge.workflow.choosing_regions_view import Choices
from cloudgauge.workflow.choosing_regions_wish import Residency, Wish
from cloudgauge.workflow.results import Results, load
from tests.billing.sheets import Book, traffic
from tests.workflow.two_vantages import (
    ALIBABA,
    AWS,
    AZURE,
    PLAN,
    kept,
    run_from,
    samples_with,
    two_vantages,
)

QUICK = Effort(draws=10)
ALI, AMA, MIC = (target.region.region_id for target in PLAN.targets)
BOOK = Book(
    (
        traffic(ALI, steps=(("0", "0.1"),)),
        traffic(AMA, steps=(("0", "0.3"),)),
    )
)
SHOP = Workload(name="shop", traffic=(Traffic(volume_bytes=1000 * 2**30),))
PRICES = Prices(workload=SHOP, book=BOOK, rates=Rates(to="USD"))


def region_of(target_id: str) -> Region:
    return next(one.region for one in PLAN.targets if one.target_id == target_id)


def told_of(document: Document) -> dict[str, list[dict[str, Any]]]:
    tables: dict[str, list[dict[str, Any]]] = json.loads(to_json(document))["tables"]
    return tables


def told(found: Choices) -> dict[str, list[dict[str, Any]]]:
    return told_of(found.document())


def vantage(
    parent: Path,
    name: str,
    means: Mapping[str, float],
    *,
    run: int,
    cloud: str | None = None,
) -> Path:
    info = run_from(name, run=run)
    info = replace(info, vantage=Vantage(name=name, cloud_region=cloud))
    return kept(parent, info, samples_with(means, seed=run))


def test_one_region_is_the_best_for_all_and_two_are_the_best_for_each(
    tmp_path: Path,
) -> None:
    results = two_vantages(tmp_path)
    one = choose(results, Wish.of(1), effort=QUICK)
    assert one.regions == (AMA,)
    two = choose(results, Wish.of(2), effort=QUICK)
    assert two.regions == (ALI, AMA)
    tables = told(two)
    assert [
        (row["region"], row["users"], row["users_share"]) for row in tables["regions"]
    ] == [(ALI, "here", 0.5), (AMA, "there", 0.5)]
    here, there = tables["users"]
    assert here["p50_low_ms"] < here["p50_ms"] < here["p50_high_ms"]
    assert (here["user"], here["region"]) == ("here", ALI)
    assert there["p50_ms"] == pytest.approx(60, abs=1)
    (how,) = tables["choice"]
    assert (how["objective"], how["unit"], how["gap"]) == ("latency", "ms", 0)
    assert (how["proof"], how["sets"], how["draws"]) == ("all-sets", 3, 10)
    assert how["same_share"] == 1
    assert how["regret_95"] == 0
    assert "fixed_a_month" not in tables["regions"][0]


def test_users_may_weigh_more(tmp_path: Path) -> None:
    wish = Wish.of(1, weights="here=0.9,there=0.1")
    found = choose(two_vantages(tmp_path), wish, effort=QUICK)
    assert found.regions == (ALI,)
    (note,) = [one for one in found.document().notes if one.startswith("this holds")]
    assert "weighed here 0.9, there 0.1" in note


def test_the_cheapest_that_keeps_a_promise_is_chosen_and_billed(
    tmp_path: Path,
) -> None:
    results = two_vantages(tmp_path)
    wish = Wish.of("1..2", objective="cost", within="75ms", share="50%", at="p50")
    found = choose(results, wish, prices=PRICES, effort=QUICK)
    assert found.regions == (ALI,)
    tables = told(found)
    (row,) = tables["regions"]
    assert (float(row["traffic_a_month"]), row["currency"]) == (100, "USD")
    assert [user["kept"] for user in tables["users"]] == ["yes", "no"]
    assert tables["left_out"] == [{"region": MIC, "why": "to-internet: no price"}]
    assert float(tables["choice"][0]["billed_a_month"]) == 100

    strict = replace(wish, within=Wish.of(1, within="75ms", share="100%").within)
    both = choose(results, strict, prices=PRICES, effort=QUICK)
    # AWS alone would keep it, but half of the traffic is cheaper from Alibaba.
    assert both.regions == (ALI, AMA)
    assert both.placed.cost == pytest.approx(200)


def test_what_costs_nothing_known_may_be_chosen_where_cost_does_not_matter(
    tmp_path: Path,
) -> None:
    wish = Wish.of(1, residency=Residency(providers=("azure",)))
    found = choose(two_vantages(tmp_path), wish, prices=PRICES, effort=QUICK)
    assert found.regions == (MIC,)
    assert told(found)["regions"][0]["priced"] == "to-internet: no price"
    notes = found.document().notes
    assert "a month of all together has no price: to-internet: no price" in notes


def test_where_no_set_will_do_it_says_what_to_loosen(tmp_path: Path) -> None:
    wish = Wish.of(1, within="65ms", share="100%", at="p50")
    found = choose(two_vantages(tmp_path), replace(wish, most=1), effort=QUICK)
    assert found.regions == (AMA,)
    wish = Wish.of(1, within="55ms", share="100%", at="p50")
    none = choose(two_vantages(tmp_path), wish, effort=QUICK)
    assert none.regions == ()
    share, time = told(none)["would_do"]
    assert (share["limit"], share["to"], share["regions"]) == ("--share", "50%", ALI)
    assert (time["limit"], time["regions"]) == ("--within", AMA)
    assert float(time["to"].removesuffix(" ms")) == pytest.approx(60, abs=1)
    assert "no regions of 3 that can be chosen keep all limits" in str(none)


def test_where_no_single_limit_is_to_blame_that_is_said(tmp_path: Path) -> None:
    wish = Wish.of(1, within="1ms", share="100%", at="p50", budget="1 USD")
    found = choose(two_vantages(tmp_path), wish, prices=PRICES, effort=QUICK)
    notes = found.document().notes
    assert "would_do" not in told(found)
    assert any(note.startswith("no single limit is to blame") for note in notes)


def test_a_budget_too_small_says_in_money_what_would_do(tmp_path: Path) -> None:
    wish = Wish.of(1, budget="10 USD")
    found = choose(two_vantages(tmp_path), wish, prices=PRICES, effort=QUICK)
    row, more = told(found)["would_do"], found.document().notes
    assert [(one["limit"], one["to"]) for one in row] == [("--budget", "100.00 USD")]
    assert more


def test_copies_that_must_be_near_want_sets_from_the_regions_themselves(
    tmp_path: Path,
) -> None:
    wish = Wish.of(2, replication="40ms")
    with pytest.raises(ConfigError, match=r"^--replication: no set was measured from"):
        choose(two_vantages(tmp_path / "users"), wish, effort=QUICK)
    users = {ALIBABA: 10.0, AWS: 20.0, AZURE: 30.0}
    inside = {ALIBABA: 5.0, AWS: 90.0, AZURE: 25.0}
    results = load(
        [
            vantage(tmp_path, "users", users, run=1),
            vantage(tmp_path, "inside", inside, run=2, cloud=ALI),
        ]
    )
    near = replace(wish, question=Wish.of(1, weights="users=1,inside=0").question)
    found = choose(results, near, effort=QUICK)
    assert found.regions == (ALI, MIC)
    assert [user["user"] for user in told(found)["users"]] == ["users"]


def test_of_three_vantages_some_are_drawn(tmp_path: Path) -> None:
    paths = [
        vantage(tmp_path, name, means, run=at)
        for at, (name, means) in enumerate(
            (
                ("one", {ALIBABA: 10.0, AWS: 30.0, AZURE: 90.0}),
                ("two", {ALIBABA: 30.0, AWS: 10.0, AZURE: 90.0}),
                ("three", {ALIBABA: 11.0, AWS: 30.0, AZURE: 90.0}),
            ),
            start=1,
        )
    ]
    found = choose(load(paths), Wish.of(1), effort=Effort(draws=60))
    (how,) = told(found)["choice"]
    assert found.regions == (ALI,)
    assert 0.5 < how["same_share"] < 1
    assert how["regret_95"] > 5
    notes = found.document().notes
    assert any("(rounds and vantages, seed 1)" in note for note in notes)
    assert any(note.startswith(f"also chosen in draws: {AMA} ") for note in notes)
    again = choose(load(paths), Wish.of(1), effort=Effort(draws=60))
    assert to_json(again.document()) == to_json(found.document())


def test_a_wish_that_cannot_be_met_is_refused_with_the_reason(tmp_path: Path) -> None:
    results: Results = two_vantages(tmp_path)
    with pytest.raises(ConfigError, match=r"^-k: wants 4 regions, and 3 can be chosen"):
        choose(results, Wish.of(4))
    with pytest.raises(ConfigError, match=r"^--workload: is wanted: without it"):
        choose(results, Wish.of(1, objective="cost"))
    nowhere = Residency(areas=("oceania",))
    with pytest.raises(
        NothingUsable, match=r"^no region can be chosen, such as .*area"
    ):
        choose(results, Wish.of(1, residency=nowhere))


def test_choices_show_themselves_in_a_notebook(tmp_path: Path) -> None:
    found = cloudgauge.choose(two_vantages(tmp_path), cloudgauge.Wish.of(1))
    assert repr(found) == (
        "<Choices: 1 region of 3 that can be chosen, for the users of 2 vantages>"
    )
    assert "<table" in found._repr_html_()
    assert str(found).startswith("# 1 region of 3")
