from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import cloudgauge
from cloudgauge.errors import ConfigError
from cloudgauge.model.plan import Plan
from cloudgauge.model.run import Vantage
from cloudgauge.model.sample import FailureKind, Sample
from cloudgauge.report.figure import Figure
from cloudgauge.workflow.results import Results, load
from tests.store.synthetic import keep_set, make_plan, make_samples
from tests.store.transfers import make_download_plan, make_transfers
from tests.workflow.two_vantages import (
    ALIBABA,
    AWS,
    AZURE,
    kept,
    run_from,
    samples_with,
    two_vantages,
)

KINDS = ("strips", "ecdf", "series", "heat", "map", "throughput")
LABELS = {one: one.partition(":")[0] for one in (ALIBABA, AWS, AZURE)}


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return two_vantages(tmp_path_factory.mktemp("two"))


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Results:
    means = {ALIBABA: 50.0, AWS: 60.0, AZURE: 90.0}
    parent = tmp_path_factory.mktemp("one")
    info = replace(
        run_from("here"),
        vantage=Vantage(name="here", latitude_deg=52.5, longitude_deg=13.4),
    )
    return load(kept(parent, info, samples_with(means, seed=1)))


def tables(figure: Figure) -> Any:
    assert figure.spec is not None, figure.why_not
    return figure.spec["datasets"]


def test_strips_hold_the_medians_of_the_truth(one: Results) -> None:
    rows = tables(one.plot())["rows"]
    assert [row["label"] for row in rows] == list(LABELS.values())
    for row, truth in zip(rows, (50, 60, 90), strict=True):
        assert row["v"] == pytest.approx(truth, abs=1)
        assert row["low"] <= row["v"] <= row["high"]
        assert row["rounds"] == 40


def test_labels_name_the_vantage_where_there_are_several(two: Results) -> None:
    rows = tables(two.plot(regions="aws/*"))["rows"]
    assert {row["label"] for row in rows} == {
        f"{LABELS[AWS]} · here",
        f"{LABELS[AWS]} · there",
    }


def test_regions_are_chosen_by_pattern(one: Results) -> None:
    figure = one.plot("ecdf", regions=["aws/*", "azure/*"])
    assert len(tables(figure)["curves"]) == 2
    with pytest.raises(ConfigError, match=r'regions: "nowhere/x" was not measured'):
        one.plot(regions="nowhere/x")


def test_a_heat_map_has_a_cell_for_each_vantage_and_region(two: Results) -> None:
    cells = tables(two.plot("heat"))["cells"]
    found = {(cell["from"], cell["label"]): cell["v"] for cell in cells}
    assert len(found) == 6
    assert found["there", LABELS[ALIBABA]] == pytest.approx(80, abs=1)


def test_the_map_has_the_regions_where_they_are(one: Results) -> None:
    data = tables(one.plot("map"))
    targets = {row.target_id: row for row in one.sets[0].rows_used}
    (rows,) = data["rows"]
    place = dict(zip(rows["label"], rows["latitude"], strict=True))
    # Two are in one city: their marks stand side by side about it.
    city = targets[AWS].region.latitude_deg
    assert place[LABELS[AWS]] == pytest.approx(city, abs=2)
    assert place[LABELS[AWS]] != city
    assert [star["longitude"] for star in data["vantages"]] == [13.4]


def test_a_vantage_that_nobody_placed_is_said_on_the_map(two: Results) -> None:
    figure = two.plot("map")
    assert "Nobody said where here, there is" in figure.caption
    assert tables(figure)["arcs"] == []


def test_a_course_has_blocks_with_intervals_and_no_change(one: Results) -> None:
    data = tables(one.plot("series"))
    assert len(data["blocks"]) == 3 * 5
    assert data["changes"] == []
    assert {row["row"] for row in data["rounds"]} == set(LABELS.values())


def test_a_lasting_change_is_found_with_its_size(tmp_path: Path) -> None:
    plan = make_plan(targets=3, rounds=40, warm_requests=0)

    def later_slower(sample: Sample) -> Sample:
        if sample.kernel is None or sample.slot.round_index < 20:
            return sample
        us = sample.kernel.connect_rtt_us
        slower = None if us is None else us + 15_000
        return replace(sample, kernel=replace(sample.kernel, connect_rtt_us=slower))

    means = {ALIBABA: 50.0, AWS: 60.0, AZURE: 90.0}
    samples = samples_with(means, seed=1, plan=plan, change=later_slower)
    folder = kept(tmp_path, run_from("here", plan=plan), samples, plan=plan)
    data = tables(load(folder).plot("series", regions="aws/*"))
    (change,) = data["changes"]
    assert change["text"].startswith(("from 60", "from 59"))
    assert " to 75." in change["text"] or " to 74." in change["text"]


def failed_samples(plan: Plan) -> Iterator[Sample]:
    for sample in make_samples(plan, failing=0):
        if sample.exchange == 0:
            yield replace(sample, failure=FailureKind.REFUSED)


@pytest.mark.parametrize("kind", KINDS)
def test_where_everything_failed_there_is_a_reason_and_no_picture(
    tmp_path: Path, kind: str
) -> None:
    plan = make_plan(targets=3, rounds=3, warm_requests=0)
    folder = keep_set(tmp_path, plan, failed_samples(plan))
    figure = load(folder).plot(kind)
    assert figure.spec is None
    assert figure.why_not.startswith(("No visit has a connect value", "No download"))


def test_downloads_are_drawn_with_the_range_of_their_tests(tmp_path: Path) -> None:
    plan = make_download_plan()
    opened = load(keep_set(tmp_path, plan, make_transfers(plan)))
    figure = opened.plot("throughput")
    table = opened.throughput()
    rows = tables(figure)["rows"]
    assert {(row["label"], row["streams"]) for row in rows} == {
        (target_id.partition(":")[0], streams)
        for target_id, streams in zip(table["target_id"], table["streams"], strict=True)
    }
    words = [row["text"] for row in tables(figure)["words"]]
    assert words.count("no throughput target") == len(plan.objectless)


def test_another_kind_is_refused_with_those_that_there_are(one: Results) -> None:
    with pytest.raises(ConfigError, match="kind: want one of strips, ecdf, series"):
        one.plot("pie")
    with pytest.raises(ConfigError, match="want one of connect, tls"):
        one.plot(metric="ping")


def test_a_ranking_draws_its_places_over_all_vantages_or_from_one(two: Results) -> None:
    found = cloudgauge.rank(two)
    over_all = found.plot()
    assert over_all.title == "Places by connect, over all vantages"
    rows = tables(over_all)["rows"]
    assert [row["label"] for row in rows] == [LABELS[a] for a in (AWS, ALIBABA, AZURE)]
    here = found.plot(vantage="here")
    assert here.title == "Places by connect, from here"
    assert tables(here)["rows"][0]["label"] == LABELS[ALIBABA]
    with pytest.raises(ConfigError, match='want one of here, there, got "x"'):
        found.plot(vantage="x")


def test_a_ranking_draws_all_its_pairs(two: Results) -> None:
    figure = cloudgauge.rank(two).plot("pairs", vantage="there")
    cells = {row["label"]: row["word"] for row in tables(figure)["cells"]}
    assert cells[LABELS[AWS]] == ["better", "better"]
    assert sorted(cells[LABELS[AZURE]]) == ["worse", "worse"]
    with pytest.raises(ConfigError, match='want ranks or pairs, got "pie"'):
        cloudgauge.rank(two).plot("pie")


def test_comparisons_draw_every_shift_with_its_verdict(two: Results) -> None:
    found = cloudgauge.compare(two, of=ALIBABA, against=AWS)
    figure = found.plot()
    rows = {row["from"]: row for row in tables(figure)["rows"]}
    assert rows["here"]["v"] == pytest.approx(10, abs=1)
    assert rows["there"]["v"] == pytest.approx(-20, abs=1)
    assert (rows["here"]["word"], rows["there"]["word"]) == ("worse", "better")
    assert ALIBABA in figure.caption
