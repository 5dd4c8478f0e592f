"""What holds of every kind of picture."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from xml.etree import ElementTree as ET

import altair as alt
import pytest

from cloudgauge.report.figure import Figure
from cloudgauge.report.figures.ecdf import ecdf
from cloudgauge.report.figures.frontier_scatter import frontier_scatter
from cloudgauge.report.figures.heat_map import heat_map
from cloudgauge.report.figures.pair_matrix import pair_matrix
from cloudgauge.report.figures.rank_intervals import rank_intervals
from cloudgauge.report.figures.series import series
from cloudgauge.report.figures.shift_intervals import shift_intervals
from cloudgauge.report.figures.strips import strips
from cloudgauge.report.figures.throughput_bars import throughput_bars
from cloudgauge.report.figures.values import HeatCell
from cloudgauge.report.figures.world_map import world_map
from cloudgauge.report.themes import Theme
from tests.report.figures.drawings import (
    HOSTILE,
    KINDS,
    NO_TARGET,
    SINGAPORE,
    drawings,
    silent,
    standing,
)

EMPTY: dict[str, Callable[[], Figure]] = {
    "ecdf": lambda: ecdf([]),
    "ecdf of silence": lambda: ecdf([silent()]),
    "strips": lambda: strips([]),
    "strips of silence": lambda: strips([silent()]),
    "series": lambda: series([]),
    "heat map": lambda: heat_map([]),
    "heat map of silence": lambda: heat_map(
        [HeatCell(vantage="a", label="b", provider="aws", p50=None)]
    ),
    "ranks": lambda: rank_intervals([]),
    "ranks of one": lambda: rank_intervals([standing(1, of=1)]),
    "shifts": lambda: shift_intervals([], baseline="a"),
    "pairs": lambda: pair_matrix([], []),
    "pairs of one": lambda: pair_matrix(["a"], []),
    "map": lambda: world_map([], [SINGAPORE]),
    "throughput": lambda: throughput_bars([]),
    "frontier": lambda: frontier_scatter([], latency_name="p50", currency="USD"),
    "throughput without a target": lambda: throughput_bars([NO_TARGET]),
}


@cache
def svg_of(kind: str) -> str:
    """Of a picture whose first region has a hostile name."""
    return drawings(HOSTILE)[kind].svg("light", width_px=390)


def encodings(spec: Any) -> Iterator[tuple[str, Any]]:
    """Every channel of every layer."""
    for layer in spec["layer"]:
        yield from layer.get("encoding", {}).items()


def test_every_kind_is_drawn_here() -> None:
    assert tuple(drawings()) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_is_valid_by_the_schema_of_vega_lite(kind: str) -> None:
    alt.LayerChart.from_dict(dict(drawings()[kind].themed("dark")), validate=True)


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_is_as_wide_as_what_it_is_put_into(kind: str) -> None:
    spec = drawings()[kind].spec
    assert spec is not None
    assert spec["width"] == "container"
    assert "config" not in spec


@pytest.mark.parametrize("kind", KINDS)
def test_every_axis_of_numbers_has_a_title_with_a_unit(kind: str) -> None:
    spec = drawings()[kind].spec
    assert spec is not None
    titles = {
        one.get("title")
        for channel, one in encodings(spec)
        if channel in {"x", "y"} and one.get("type") in {"quantitative", "temporal"}
    } | {
        one["legend"]["title"]
        for channel, one in encodings(spec)
        if channel == "color" and one.get("type") == "quantitative"
    }
    units = ("ms", "%", "Mbit/s", "UTC", "place", "rank", "USD")
    assert all(title and any(unit in title for unit in units) for title in titles)
    assert titles or kind == "pair-matrix"


@pytest.mark.parametrize("kind", KINDS)
def test_a_hostile_name_is_text_in_the_picture(kind: str) -> None:
    drawn = svg_of(kind)
    # Drawn here, by us.
    root = ET.fromstring(drawn)  # noqa: S314  see above
    assert not [one for one in root.iter() if one.tag.endswith("script")]
    assert "\x1b" not in drawn
    assert "\u202e" not in drawn
    assert "<script" not in drawn


@pytest.mark.parametrize("kind", [one for one in KINDS if one != "throughput-bars"])
def test_a_hostile_name_is_shown_with_its_escapes(kind: str) -> None:
    figure = drawings(HOSTILE)[kind]
    assert "\\x1b[31m\\u202eevil" in figure.summary
    assert "<script>alert" in json.dumps(figure.spec)


@pytest.mark.parametrize("kind", KINDS)
def test_no_expression_is_made_of_a_name(kind: str) -> None:
    spec = drawings(HOSTILE)[kind].spec
    assert spec is not None
    program = {key: value for key, value in spec.items() if key != "datasets"}
    # Names stand in the domains of scales, as values; nowhere else.
    for layer in program["layer"]:
        assert "script" not in json.dumps(layer.get("transform", []))
        assert "script" not in json.dumps(layer["mark"])
    plain = drawings()[kind].spec
    assert plain is not None
    assert [one.get("transform") for one in program["layer"]] == [
        one.get("transform") for one in plain["layer"]
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_says_itself_in_words(kind: str) -> None:
    figure = drawings()[kind]
    assert figure.title
    assert figure.caption.endswith(".")
    assert figure.summary.startswith(figure.caption)
    assert len(figure.summary) > len(figure.caption)


@pytest.mark.parametrize("kind", EMPTY)
def test_where_there_is_nothing_to_draw_it_says_why(kind: str) -> None:
    figure = EMPTY[kind]()
    assert figure.spec is None
    assert figure.why_not.endswith(".")


@pytest.mark.parametrize("kind", KINDS)
def test_both_themes_draw_no_text_in_the_colour_of_their_ground(kind: str) -> None:
    grounds: dict[Theme, str] = {"light": "#FFFFFF", "dark": "#0D1117"}
    for theme, ground in grounds.items():
        config = drawings()[kind].themed(theme)["config"]
        inks = (config["axis"]["labelColor"], config["style"]["cg-words"]["color"])
        assert config["background"] == ground
        assert ground not in inks
