import json
import math
from dataclasses import replace
from pathlib import Path

from cloudgauge.report.render import to_json, to_markdown
from cloudgauge.workflow.comparing import compare
from cloudgauge.workflow.comparison_view import Comparisons
from cloudgauge.workflow.results import load
from tests.workflow.test_ranking import ALIKE, mostly_beyond
from tests.workflow.two_vantages import (
    ALIBABA,
    AWS,
    kept,
    run_from,
    samples_with,
    two_vantages,
)


def with_timeouts(parent: Path) -> Comparisons:
    samples = samples_with(ALIKE, seed=1, change=mostly_beyond)
    return compare(
        load(kept(parent, run_from("here"), samples)), of=ALIBABA, against=AWS
    )


def test_a_side_that_timed_out_is_shown_as_longer_than_what_was_waited(
    tmp_path: Path,
) -> None:
    document = with_timeouts(tmp_path).document()

    (row,) = json.loads(to_json(document))["tables"]["comparisons"]
    assert (row["p50_ms"], row["p50_beyond_ms"]) == (None, 10_000.0)
    assert row["baseline_p50_ms"] is not None
    assert row["baseline_p50_beyond_ms"] is None
    assert r"| \> 10 s |" in to_markdown(document)


def test_a_shift_without_a_number_says_why_it_has_none(tmp_path: Path) -> None:
    found = with_timeouts(tmp_path)

    (row,) = found.rows
    assert row.shift is not None
    assert row.shift.low == row.shift.high == math.inf
    texts = [caveat.text for caveat in row.caveats]
    told = "so many timed out that the shift is no number: it is beyond all others"
    assert told in texts
    assert not any("no width" in text for text in texts)


def test_limits_may_differ_from_side_to_side(tmp_path: Path) -> None:
    found = with_timeouts(tmp_path)
    sides = replace(found.rows[0], limits=(3_000.0, 5_000.0))
    document = replace(found, rows=(sides,)).document()
    (row,) = json.loads(to_json(document))["tables"]["comparisons"]
    assert row["p50_beyond_ms"] == 5_000.0


def test_a_notebook_does_not_repeat_what_is_the_same_in_every_row(
    tmp_path: Path,
) -> None:
    found = compare(two_vantages(tmp_path), of=ALIBABA, against=AWS)
    html, _, below = found._repr_html_().partition("</table>")
    for gone in ("series", "target", "baseline", "paired", "burst"):
        assert f">{gone}</th>" not in html
    assert "the same in every row: " in below
    assert ">verdict</th>" in html
