import json

import pytest

from benchmarks.instrument.figures import Spread
from benchmarks.instrument.report import (
    Detail,
    Results,
    Row,
    Side,
    to_json,
    to_markdown,
)


def _row(**fields: object) -> Row:
    plain: dict[str, object] = {
        "figure": "f",
        "load": "l",
        "value": 2.0,
        "unit": "ms",
    }
    return Row(**(plain | fields))  # type: ignore[arg-type]  # a row's own fields


def test_goal_of_a_value_is_met_up_to_the_goal() -> None:
    assert _row(goal=2.0).met is True
    assert _row(goal=1.9).met is False


def test_goal_of_a_ratio_looks_at_the_peer() -> None:
    row = _row(peer="p", peer_value=4.0, goal=0.5, goal_is_ratio=True)
    assert row.ratio == 0.5
    assert row.met is True
    assert _row(peer="p", peer_value=3.9, goal=0.5, goal_is_ratio=True).met is False


def test_missing_value_meets_no_goal_and_misses_none() -> None:
    assert _row(value=None, goal=1.0).met is None
    assert _row(peer="p", peer_value=None, goal=1.0, goal_is_ratio=True).met is None


def test_goal_that_is_the_least_is_met_from_the_goal_on() -> None:
    assert _row(goal=2.0, goal_is_least=True).met is True
    assert _row(goal=2.1, goal_is_least=True).met is False
    ratio = _row(peer="p", peer_value=2.0, goal=0.9, goal_is_ratio=True)
    assert ratio.met is False
    ratio = _row(
        peer="p", peer_value=2.0, goal=0.9, goal_is_ratio=True, goal_is_least=True
    )
    assert ratio.met is True


def test_value_that_should_have_been_there_misses_its_goal() -> None:
    assert _row(value=None, goal=1.0, has_failed=True).met is False
    assert _row(value=None, has_failed=True).met is None


def test_least_goals_are_written_with_their_sign() -> None:
    rows = (
        _row(goal=2.0, goal_is_least=True),
        _row(peer="p", peer_value=2, goal=0.9, goal_is_ratio=True, goal_is_least=True),
    )
    text = to_markdown(Results(machine="m", measured="d", rows=rows, sides=()))
    assert "| ≥ 2 ms | yes |" in text
    assert "| ≥ 0.9 of it | yes | p: 2 ms | 1 |" in text


def _detail() -> Detail:
    return Detail(
        name="links",
        text="How wide:",
        heads=("Mbit/s", "told", "ratio"),
        rows=((500, "settled", 0.98765), (10, "", None)),
    )


def test_details_follow_the_figures_and_are_records_in_json() -> None:
    results = Results(
        machine="m", measured="d", rows=(), sides=(), details=(_detail(),)
    )
    lines = to_markdown(results).splitlines()
    at = lines.index("How wide:")
    assert lines[at + 2 :] == [
        "| Mbit/s | told | ratio |",
        "| --- | --- | --- |",
        "| 500 | settled | 0.9877 |",
        "| 10 |  | - |",
    ]
    table = json.loads(to_json(results))
    assert table["details"]["links"][0] == {
        "Mbit/s": 500,
        "told": "settled",
        "ratio": 0.98765,
    }


def test_row_of_a_detail_that_lacks_a_cell_is_refused() -> None:
    with pytest.raises(ValueError, match="links: want 2 cells in each row"):
        Detail(name="links", text="", heads=("a", "b"), rows=((1,),))


def _results() -> Results:
    side = Side(
        load="200 targets",
        prober="cloudgauge",
        reading="first byte",
        error_ms=Spread(count=5, p50=0.1, p99=0.25, most=0.3),
        failed=0.0,
        achieved=1.0,
        cpu_ms=None,
        late_ms=1.5,
        unmatched=0,
        note="said once",
    )
    rows = (
        _row(goal=3.0, peer="blackbox_exporter", peer_value=40.0),
        _row(value=None, note="said once"),
    )
    return Results(machine="a machine", measured="2026-01-01", rows=rows, sides=(side,))


def test_markdown_shows_goals_peers_and_each_note_once() -> None:
    text = to_markdown(_results())
    assert "| f | l | 2 ms | ≤ 3 ms | yes | blackbox_exporter: 40 ms | 0.05 |" in text
    assert "| f | l | - |  |  |  |  |" in text
    assert (
        "| 200 targets | cloudgauge | first byte | 5 | 0.10 | 0.25 | 0.30 | 0.0% "
        "| 100% | 1.50 | - |" in text
    )
    assert text.count("said once") == 1


def test_every_line_of_a_table_has_as_many_cells_as_its_head() -> None:
    lines = to_markdown(_results()).splitlines()
    for head in (line for line in lines if line.startswith(("| figure", "| load"))):
        at = lines.index(head)
        assert lines[at + 1].count("|") == lines[at + 2].count("|") == head.count("|")


def test_json_holds_ratio_and_verdict() -> None:
    table = json.loads(to_json(_results()))
    assert table["schema_version"] == 1
    assert table["rows"][0]["ratio"] == 0.05
    assert table["rows"][0]["met"] is True
    assert table["rows"][1]["met"] is None
    assert table["sides"][0]["error_ms"]["p99"] == 0.25
