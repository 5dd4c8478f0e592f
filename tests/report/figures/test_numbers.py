"""The numbers of a picture are the numbers that it was given."""

import json
import math
from dataclasses import replace
from typing import Any

import pytest

from cloudgauge.report.figure import Figure
from cloudgauge.report.figures.ecdf import ecdf
from cloudgauge.report.figures.heat_map import heat_map
from cloudgauge.report.figures.pair_matrix import pair_matrix
from cloudgauge.report.figures.rank_intervals import rank_intervals
from cloudgauge.report.figures.series import series
from cloudgauge.report.figures.shift_intervals import shift_intervals
from cloudgauge.report.figures.strips import strips
from cloudgauge.report.figures.throughput_bars import throughput_bars
from cloudgauge.report.figures.values import (
    Distribution,
    HeatCell,
    PairCell,
    Quantile,
    region_anchor,
)
from cloudgauge.report.figures.world_map import world_map
from cloudgauge.stats.summary import quantile_interval
from cloudgauge.stats.verdict import Verdict
from tests.report.figures.drawings import (
    ENDLESS,
    NO_TARGET,
    NOWHERE,
    SETTLED,
    SINGAPORE,
    UNSETTLED,
    course,
    distribution,
    estimate,
    label,
    map_point,
    shift,
    silent,
    standing,
)


def tables(figure: Figure) -> Any:
    assert figure.spec is not None
    return figure.spec["datasets"]


def size(figure: Figure, *, without: str = "") -> int:
    spec = dict(figure.spec or {})
    spec["datasets"] = {k: v for k, v in tables(figure).items() if k != without}
    return len(json.dumps(spec))


def with_values(values: tuple[float, ...]) -> Distribution:
    marks = tuple(
        Quantile(p=p, estimate=quantile_interval(values, p)) for p in (0.5, 0.95)
    )
    return Distribution(label="a", provider="aws", values=values, quantiles=marks)


def test_a_curve_is_the_share_of_values_at_or_below_each() -> None:
    (curve,) = tables(ecdf([with_values((3.0, 1.0, 2.0, 4.0))]))["curves"]
    assert curve["v"][:-1] == [1, 1, 2, 3, 4]
    assert curve["share"] == [0, 0.25, 0.5, 0.75, 1, 1]


def test_a_thinned_curve_is_exact_at_the_quantiles_and_the_ends() -> None:
    values = tuple(float(one) for one in range(1, 5_001))
    figure = ecdf([with_values(values)])
    (curve,) = tables(figure)["curves"]
    steps = dict(zip(curve["v"], curve["share"], strict=True))
    assert len(curve["v"]) <= 202
    assert (steps[2_500], steps[4_750], steps[5_000]) == (0.5, 0.95, 1)
    assert "at most 200 points" in figure.caption


def test_a_curve_with_timeouts_does_not_reach_the_top() -> None:
    figure = ecdf([with_values((1.0, 2.0, 3.0, math.inf))])
    (curve,) = tables(figure)["curves"]
    assert curve["share"][-1] == 0.75
    assert "timeouts" in figure.caption


def test_quantiles_stand_where_they_were_estimated_with_their_ends() -> None:
    found = distribution(1)
    marks = tables(ecdf([found]))["marks"]
    middle = found.quantiles[0].estimate
    assert [mark["quantile"] for mark in marks] == ["p50", "p95"]
    assert marks[0]["v"] == pytest.approx(middle.point, rel=1e-5)
    assert marks[0]["low"] == pytest.approx(middle.low, rel=1e-5)
    assert marks[0]["high"] == pytest.approx(middle.high, rel=1e-5)
    assert (marks[0]["beyond_low"], marks[1]["beyond_high"]) == (False, True)


def test_strips_stand_by_their_medians_and_say_who_never_answered() -> None:
    figure = strips([silent(), *(distribution(at) for at in (3, 1, 2))])
    data = tables(figure)
    assert [row["label"] for row in data["rows"]] == [label(1), label(2), label(3)]
    assert [row["text"] for row in data["silent"]] == ["no value: 12 of 12 failed"]
    assert figure.spec is not None
    domain = figure.spec["layer"][0]["encoding"]["y"]["scale"]["domain"]
    assert domain[-1] == "huawei/silent"


def test_an_endless_end_is_an_arrow_at_the_axis_and_said() -> None:
    figure = strips([with_values((1.0, 2.0, 3.0))])
    (row,) = tables(figure)["rows"]
    assert (row["beyond_low"], row["beyond_high"]) == (True, True)
    assert row["low"] < 1
    assert row["high"] > 3
    assert "arrow" in figure.caption
    assert math.isfinite(row["high"])


def test_every_dot_is_a_value_that_was_given() -> None:
    found = distribution(2, rounds=200)
    (dots,) = tables(strips([found]))["dots"]
    given = {float(f"{value:.6g}") for value in found.values}
    assert len(dots["v"]) == len(dots["j"]) == 60
    assert set(dots["v"]) <= given


def test_of_many_regions_forty_are_drawn_in_little_and_it_is_said() -> None:
    figure = strips([distribution(at, rounds=500) for at in range(200)])
    assert len(tables(figure)["rows"]) == 40
    assert "40 best by p50 of 200" in figure.caption
    assert size(figure) < 60_000
    few = strips([distribution(at, rounds=500) for at in range(24)])
    assert size(few) < 60_000


def test_a_course_keeps_gaps_timeouts_blocks_and_changes_apart() -> None:
    figure = series([course(0)])
    data = tables(figure)
    (dots,) = data["rounds"]
    assert len(dots["t"]) == len(dots["v"]) == 38
    assert len(data["endless"][0]["t"]) == 1
    assert [row["beyond_high"] for row in data["blocks"]] == [False, True]
    assert data["changes"][0]["text"].startswith("from 10.0 to 15.0 ms at 2026-09-21")
    assert "1 lasting change" in figure.caption
    assert "1 round timed out" in figure.caption


def test_a_round_far_out_is_a_triangle_at_the_edge_and_counted() -> None:
    plain = course(0)
    medians = (*plain.medians[:-1], 900.0)
    figure = series([replace(plain, medians=medians, blocks=plain.blocks[:1])])
    data = tables(figure)
    (outlier,) = data["outliers"]
    assert (outlier["is_high"], outlier["number"]) == (True, "900")
    assert outlier["v"] < 20
    assert max(data["rounds"][0]["v"]) == 15
    assert "Full triangles at the edge: 1 dot beyond it, 900 ms." in figure.caption
    assert "Full triangles" not in series([plain]).caption


def test_an_interval_far_out_ends_in_an_arrow_at_the_edge() -> None:
    plain = course(0)
    far = replace(plain.blocks[0], estimate=estimate(10.0, 9.0, 900.0))
    figure = series([replace(plain, blocks=(far,))])
    (block,) = tables(figure)["blocks"]
    assert (block["beyond_low"], block["beyond_high"]) == (False, True)
    assert block["high"] < 20
    assert "an end beyond the edge" in figure.caption


def test_bars_without_an_end_lie_beside_one_another() -> None:
    figure = ecdf([distribution(at) for at in range(8)])
    marks = tables(figure)["marks"]
    sides = [mark["beside"] for mark in marks if mark["quantile"] == "p95"]
    assert len(set(sides)) == 8
    assert all(0.9 < side <= 1 for side in sides)
    assert {mark["beside"] for mark in marks if mark["quantile"] == "p50"} == {0.5}
    assert "a little above one another" in figure.caption


def test_a_long_course_is_thinned_by_medians_of_neighbours() -> None:
    figure = series([course(0, rounds=1_000)])
    (dots,) = tables(figure)["rounds"]
    assert len(dots["v"]) <= 240
    assert set(dots["v"]) == {10, 15}
    assert "up to 5 rounds" in figure.caption


def test_a_cell_says_p50_and_its_ends_in_an_ink_that_can_be_read() -> None:
    cells = [
        HeatCell(vantage="x", label="dark", provider="aws", p50=estimate(1.0)),
        HeatCell(vantage="x", label="light", provider="aws", p50=estimate(300.0)),
        HeatCell(vantage="x", label="endless", provider="aws", p50=ENDLESS),
        HeatCell(vantage="x", label="failed", provider="aws", p50=None),
    ]
    figure = heat_map(cells)
    data = tables(figure)
    by_label = {cell["label"]: cell for cell in data["cells"]}
    assert by_label["dark"]["p50"] == "1.00"
    assert by_label["dark"]["ends"] == "0.950 to 1.05"
    assert by_label["endless"]["ends"] == ""
    assert "No interval: so few rounds bound neither" in figure.caption
    assert [by_label[one]["ink"] for one in ("dark", "light")] == ["light", "dark"]
    assert [cell["p50"] for cell in data["silent"]] == ["failed"]


def test_cells_without_any_interval_say_so_once() -> None:
    figure = heat_map([HeatCell(vantage="x", label="a", provider="aws", p50=ENDLESS)])
    assert "has no end: they are too few" in figure.caption
    half = estimate(30.0, -math.inf, 31.0)
    figure = heat_map([HeatCell(vantage="x", label="a", provider="aws", p50=half)])
    assert tables(figure)["cells"][0]["ends"] == "< to 31.0"
    assert "< or > in place of an end" in figure.caption


def test_places_are_bars_from_the_best_to_the_worst() -> None:
    figure = rank_intervals([standing(at, of=6) for at in range(1, 7)])
    row = tables(figure)["rows"][2]
    assert (row["from"], row["to"], row["place"]) == (2.6, 5.4, 3)
    assert (row["places"], row["short"]) == ("3 to 5", "bc")


def test_a_mark_is_the_place_by_the_median_alone_within_its_bar() -> None:
    first, second = standing(1, of=6), standing(2, of=6)
    assert first.p50 is not None
    ahead = replace(second, low_rank=1, p50=estimate(first.p50.point - 0.1))
    rows = tables(rank_intervals([first, ahead, standing(3, of=6)]))["rows"]
    assert [row["place"] for row in rows] == [2, 1, 3]
    nearest = replace(standing(6, of=6), p50=estimate(0.1))
    rows = tables(rank_intervals([standing(1, of=6), nearest]))["rows"]
    assert rows[1]["place"] == nearest.low_rank


def test_a_verdict_has_a_word_by_its_direction_and_its_margin() -> None:
    found = [shift(0, Verdict.DIFFERS), shift(1, Verdict.EQUIVALENT)]
    rows = tables(shift_intervals(found, baseline="b"))["rows"]
    assert [row["word"] for row in rows] == ["worse", "equivalent"]
    assert (rows[0]["inner"], rows[0]["v"], rows[0]["outer"]) == (-2, 4, 2)
    assert "not drawn" not in shift_intervals(found, baseline="b").caption


def test_a_pair_is_drawn_from_both_sides() -> None:
    pair = PairCell(row="a", column="b", verdict=Verdict.DIFFERS, row_is_better=True)
    rows = tables(pair_matrix(["a", "b"], [pair]))["cells"]
    assert [(row["label"], row["word"]) for row in rows] == [
        ("a", ["better"]),
        ("b", ["worse"]),
    ]


def test_a_region_has_the_colour_of_its_best_vantage_and_leads_to_its_row() -> None:
    points = [map_point(1, "lab"), map_point(1, "singapore"), map_point(2, "singapore")]
    figure = world_map(points, [SINGAPORE, NOWHERE])
    (rows,) = tables(figure)["rows"]
    assert rows["v"] == [7, 6]
    assert rows["vantage"] == ["singapore", "singapore"]
    assert rows["href"] == [f"#{region_anchor(label(at))}" for at in (2, 1)]
    assert len(tables(figure)["arcs"][0]["geometry"]["coordinates"]) == 2
    plain = world_map(points, [SINGAPORE], links=False)
    assert "href" not in tables(plain)["rows"][0]


def test_a_vantage_without_coordinates_is_said_and_has_no_arcs() -> None:
    figure = world_map([map_point(1, "lab")], [NOWHERE])
    assert figure.spec is not None
    assert tables(figure)["arcs"] == []
    assert tables(figure)["vantages"] == []
    assert "Nobody said where lab is" in figure.caption


def test_without_a_map_it_is_said_whether_anything_was_measured() -> None:
    assert world_map([], [SINGAPORE]).why_not.startswith("No connect was measured")
    silent_point = replace(map_point(1, "singapore"), p50=None)
    figure = world_map([silent_point], [SINGAPORE])
    assert figure.why_not.startswith("Nothing answered")


def test_a_map_of_many_regions_is_small_beside_its_land() -> None:
    vantages = [SINGAPORE, *(f"vantage-{at}" for at in range(4))]
    names = ["singapore", *(str(one) for one in vantages[1:])]
    points = [map_point(at, name) for at in range(250) for name in names]
    figure = world_map(points, [SINGAPORE])
    assert size(figure, without="land") < 60_000
    assert tables(figure)["land"]["type"] == "Topology"


def test_a_rate_that_did_not_settle_is_hollow_and_no_target_is_said() -> None:
    figure = throughput_bars([UNSETTLED, NO_TARGET, SETTLED])
    data = tables(figure)
    assert [row["settled"] for row in data["rows"]] == [True, False]
    assert [row["v"] for row in data["rows"]] == [240, 48]
    words = [row["text"] for row in data["words"]]
    assert words == ["", "not settled", "no throughput target"]


@pytest.mark.parametrize(
    ("region", "anchor"),
    [
        ("aws/us-east-1", "region-aws-us-east-1"),
        ("mine/A_b", "region-mine-a-b"),
        ('x/"><script>', "region-x-script"),
    ],
)
def test_an_anchor_is_letters_digits_and_hyphens(region: str, anchor: str) -> None:
    assert region_anchor(region) == anchor
