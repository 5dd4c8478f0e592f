import json
from pathlib import Path

import pytest

import cloudgauge
from cloudgauge.billing.rates import Rates
from cloudgauge.billing.workload import Machines, Workload
from cloudgauge.cli.terminal import draw
from cloudgauge.errors import ConfigError
from cloudgauge.report.render import to_json
from cloudgauge.workflow.choosing_regions_prices import Prices
from cloudgauge.workflow.frontier import frontier
from cloudgauge.workflow.frontier_view import Frontier
from cloudgauge.workflow.question import Question
from cloudgauge.workflow.results import load
from tests.billing.sheets import Book, hourly, traffic
from tests.workflow.test_choosing_regions import ALI, AMA, MIC, SHOP, told_of
from tests.workflow.two_vantages import two_vantages

DATA = Path(__file__).parents[2] / "notebooks" / "data"
BOOK = Book(
    (
        traffic(ALI, steps=(("0", "0.1"),)),
        traffic(AMA, steps=(("0", "0.3"),)),
        traffic(MIC, steps=(("0", "0.4"),)),
    )
)
PRICES = Prices(workload=SHOP, book=BOOK, rates=Rates(to="USD"))


def standing(found: Frontier) -> dict[str, tuple[str | None, str | None]]:
    rows = told_of(found.document())["frontier"]
    return {row["region"]: (row["beaten_by"], row["surely_by"]) for row in rows}


def test_what_is_slower_and_dearer_is_told_by_whom_it_is_beaten(
    tmp_path: Path,
) -> None:
    found = frontier(two_vantages(tmp_path), PRICES)
    assert standing(found) == {
        AMA: (None, None),
        ALI: (None, None),
        MIC: (f"{AMA} and 1 more", f"{AMA} and 1 more"),
    }
    assert found.regions == (AMA, ALI)
    first = told_of(found.document())["frontier"][0]
    assert first["p50_low_ms"] < first["p50_ms"] < first["p50_high_ms"]
    assert float(first["cost_a_month"]) == 300
    # 300 USD for 1000 times 2^30 bytes; 100 kB a million times are 100 GB.
    assert float(first["per_gb"]) == pytest.approx(300 / 1073.741824)
    assert float(first["per_million_requests"]) == pytest.approx(30000 / 1073.741824)
    assert "rate_mbit_per_s" not in first


def test_weights_turn_what_is_beaten(tmp_path: Path) -> None:
    question = Question.of(weights="here=1,there=0")
    found = frontier(two_vantages(tmp_path), PRICES, question=question)
    assert found.regions == (ALI,)
    assert standing(found)[AMA] == (ALI, ALI)


def test_what_has_no_price_is_held_against_none(tmp_path: Path) -> None:
    prices = Prices(workload=SHOP, book=Book(BOOK.tariffs[:2]), rates=Rates(to="USD"))
    found = frontier(two_vantages(tmp_path), prices, quantile=0.95)
    assert set(standing(found)) == {ALI, AMA}
    (apart,) = told_of(found.document())["held_against_none"]
    assert (apart["region"], apart["why"]) == (MIC, "to-internet: no price")
    assert apart["p95_ms"] > 100


def test_without_traffic_a_gigabyte_has_no_price(tmp_path: Path) -> None:
    machines = Workload(name="machines", machines=(Machines(count=1),))
    book = Book((hourly(ALI, price="1"), hourly(AMA, price="2")))
    prices = Prices(workload=machines, book=book, rates=Rates(to="USD"))
    found = frontier(two_vantages(tmp_path), prices, regions="a*")
    rows = told_of(found.document())["frontier"]
    assert [(row["per_gb"], row["per_million_requests"]) for row in rows] == [
        (None, None)
    ] * 2


def test_measured_rates_stand_beside_the_price_of_what_is_moved() -> None:
    results = load([DATA / "private-four-vantages", DATA / "private-downloads"])
    found = cloudgauge.frontier(results, cloudgauge.Prices.of(_keys()))
    rates = {
        row["region"]: row["rate_mbit_per_s"]
        for row in told_of(found.document())["frontier"]
    }
    assert rates["aws/ap-southeast-1"] > 10
    assert rates["aws/ap-south-1"] is None


def test_a_rate_is_held_against_no_cost(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^--metric: want a time to hold against"):
        frontier(
            two_vantages(tmp_path), PRICES, question=Question.of(metric="throughput")
        )


def test_a_frontier_shows_itself_and_draws_itself(tmp_path: Path) -> None:
    found = frontier(two_vantages(tmp_path), PRICES)
    title = "2 of 3 regions are beaten by none in connect p50 and the cost of shop"
    assert repr(found) == f"<Frontier: {title}>"
    assert str(found).startswith(f"# {title}")
    assert "<table" in found._repr_html_()
    figure = found.plot()
    assert f"beaten by none: 1 {AMA}, 2 {ALI}" in figure.caption
    assert f"beaten by {AMA}" in figure.summary
    assert json.loads(to_json(found.document()))["kind"] == "frontier"


def _keys() -> dict[str, object]:
    egress = [{"volume": "5 TB"}]
    return {"schema": 1, "name": "shop", "egress": egress}


@pytest.mark.parametrize("width", [80, 120, 200])
def test_a_frontier_fits_the_terminal_and_loses_no_letter(width: int) -> None:
    found = frontier(load(DATA / "private-four-vantages"), Prices.of(_keys()))
    text = draw(found.document(), width=width, styled=False)
    assert max(len(line) for line in text.splitlines()) <= width
    (row,) = [one for one in text.splitlines() if one.startswith(" aws/ap-southeast-1")]
    assert "aws/ap-south-1" in row or "no room for: beaten by" in text
