import xml.etree.ElementTree as ET
from typing import Any

import pytest

from benchmarks.instrument.picture import points_of, svg_of


def _side(
    prober: str, rate: int, p99: float, reading: str = "first byte"
) -> dict[str, Any]:
    return {
        "load": f"200 targets, {rate} visits/s, 0 warm",
        "prober": prober,
        "reading": reading,
        "error_ms": {"p99": p99},
    }


RESULTS = {
    "sides": [
        _side("cloudgauge", 120, 0.12),
        _side("cloudgauge", 50, 0.1),
        _side("cloudgauge", 50, 0.05),
        _side("cloudgauge", 50, 0.2, reading="connect"),
        _side("blackbox_exporter", 50, 2.0),
        {**_side("blackbox_exporter", 120, 30.0), "error_ms": None},
        {**_side("cloudgauge", 50, 9.0), "load": "250 targets, 50 visits/s, 4 warm"},
    ]
}


def test_only_first_bytes_of_cold_visits_are_drawn_in_order_of_load() -> None:
    assert points_of(RESULTS) == {
        "cloudgauge": [(50, 0.1), (120, 0.12)],
        "blackbox_exporter": [(50, 2.0)],
    }


def test_the_picture_is_well_formed_and_names_every_prober_and_its_unit() -> None:
    root = ET.fromstring(svg_of(points_of(RESULTS), "a < b"))  # noqa: S314  our own
    texts = [element.text for element in root.iter() if element.tag.endswith("text")]
    assert {"cloudgauge", "blackbox_exporter", "a < b", "3 ms"} <= set(texts)
    assert "p99 error of a prober, ms (log scale)" in texts
    circles = [element for element in root.iter() if element.tag.endswith("circle")]
    assert len(circles) == 3


def test_a_larger_error_is_drawn_higher() -> None:
    root = ET.fromstring(svg_of(points_of(RESULTS), ""))  # noqa: S314  our own
    heights = [float(e.attrib["cy"]) for e in root.iter() if e.tag.endswith("circle")]
    ours, slower, theirs = heights
    assert ours > slower > theirs


def test_names_do_not_stand_upon_one_another() -> None:
    close = {"sides": [_side("cloudgauge", 50, 1.0), _side("httping", 50, 1.01)]}
    close["sides"][1]["reading"] = "whole request"
    root = ET.fromstring(svg_of(points_of(close), ""))  # noqa: S314  our own
    names = [e for e in root.iter() if e.text in {"cloudgauge", "httping"}]
    upper, lower = (float(element.attrib["y"]) for element in names)
    assert lower - upper >= 13


def test_without_cold_visits_there_is_no_picture() -> None:
    with pytest.raises(ValueError, match="run the part `cold`"):
        svg_of({}, "")
