import xml.etree.ElementTree as ET
from typing import Any

import pytest

from benchmarks.instrument.links_picture import Told, svg_of, told_of


def _record(
    mbit_per_s: int, streams: int, own: float | None, peer: float | None
) -> dict[str, Any]:
    return {
        "Mbit/s": mbit_per_s,
        "RTT ms": 20,
        "streams": streams,
        "over goodput": own,
        "iperf3 over goodput": peer,
    }


RECORDS = [
    _record(10, 1, 0.99, 1.01),
    _record(10, 8, None, 0.7),
    _record(500, 1, 1.2, None),
]
TOLD = told_of({"details": {"links": RECORDS}})


def _texts(root: ET.Element) -> list[str | None]:
    return [element.text for element in root.iter() if element.tag.endswith("text")]


def test_downloads_are_taken_from_the_results_in_their_order() -> None:
    assert TOLD[0] == Told(link="10 Mbit/s, 20 ms", streams=1, own=0.99, peer=1.01)
    assert [one.streams for one in TOLD] == [1, 8, 1]


def test_the_picture_names_each_link_once_and_says_what_is_beyond_its_scale() -> None:
    root = ET.fromstring(svg_of(TOLD))  # noqa: S314  our own
    texts = _texts(root)
    assert texts.count("10 Mbit/s, 20 ms") == 1
    assert {"500 Mbit/s, 20 ms", "not settled", "← 0.70", "1.20 →"} <= set(texts)


def test_ours_are_dots_and_the_peer_s_are_diamonds() -> None:
    root = ET.fromstring(svg_of(TOLD))  # noqa: S314  our own
    tags = [element.tag.rpartition("}")[2] for element in root.iter()]
    # One of each stands in the legend.
    assert tags.count("circle") == 1 + 2
    assert tags.count("polygon") == 1 + 2


def test_a_rate_within_the_goal_is_drawn_upon_the_band() -> None:
    root = ET.fromstring(svg_of(TOLD[:1]))  # noqa: S314  our own
    (band,) = [e for e in root.iter() if e.tag.endswith("rect")]
    _, dot = [e for e in root.iter() if e.tag.endswith("circle")]
    left = float(band.attrib["x"])
    assert left < float(dot.attrib["cx"]) < left + float(band.attrib["width"])


def test_without_links_there_is_no_picture() -> None:
    with pytest.raises(ValueError, match="run the part `links`"):
        svg_of(told_of({"details": {}}))
