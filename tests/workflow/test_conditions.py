from dataclasses import replace
from pathlib import Path

import pytest

from cloudgauge.analysis.comparison import Comparison
from cloudgauge.analysis.metric import Metric
from cloudgauge.errors import ConfigError
from cloudgauge.stats.summary import Estimate
from cloudgauge.stats.verdict import Verdict
from cloudgauge.workflow.comparing import compare
from cloudgauge.workflow.conditions import broken, parse_condition
from tests.workflow.two_vantages import ALIBABA, AWS, two_vantages


def row_of(parent: Path, low: float, high: float, verdict: Verdict) -> Comparison:
    """A comparison with a baseline of 50 ms and this interval."""
    (row, _) = compare(two_vantages(parent), of=ALIBABA, against=AWS).rows
    p50 = Estimate(point=50.0, low=49.0, high=51.0, confidence=0.95, n=40)
    middle = (low + high) / 2
    shift = Estimate(point=middle, low=low, high=high, confidence=0.95, n=40)
    return replace(row, shift=shift, baseline_p50=p50, verdict=verdict)


@pytest.mark.parametrize(
    ("text", "low", "high", "is_broken"),
    [
        ("slower:5ms", 5.1, 9.0, True),
        # The point is beyond 5 ms, the interval is not.
        ("slower:5ms", 4.9, 9.0, False),
        ("slower:5ms", -9.0, -6.0, False),
        ("slower:10%", 5.1, 9.0, True),
        ("slower:10%", 4.9, 9.0, False),
        ("faster:5ms", -9.0, -5.1, True),
        ("faster:5ms", -9.0, -4.9, False),
        ("faster:10%", 5.1, 9.0, False),
        ("differs", 1.0, 9.0, True),
        ("undecided", 1.0, 9.0, False),
    ],
)
def test_a_condition_holds_where_the_whole_interval_does(
    tmp_path: Path, text: str, low: float, high: float, *, is_broken: bool
) -> None:
    row = row_of(tmp_path, low, high, Verdict.DIFFERS)
    condition = parse_condition(text, Metric.CONNECT)
    assert condition.holds_for(row) is is_broken


def test_a_difference_that_was_corrected_away_breaks_nothing(tmp_path: Path) -> None:
    row = row_of(tmp_path, 6.0, 9.0, Verdict.UNDECIDED)
    assert not parse_condition("slower:5ms", Metric.CONNECT).holds_for(row)
    assert parse_condition("undecided", Metric.CONNECT).holds_for(row)


def test_a_shift_within_the_margin_may_still_be_surely_beyond_a_lesser_amount(
    tmp_path: Path,
) -> None:
    row = row_of(tmp_path, 1.2, 1.6, Verdict.EQUIVALENT)
    assert parse_condition("slower:1ms", Metric.CONNECT).holds_for(row)


def test_what_could_not_be_compared_breaks_nothing_but_undecided(
    tmp_path: Path,
) -> None:
    row = replace(row_of(tmp_path, 6.0, 9.0, Verdict.UNDECIDED), shift=None)
    assert not parse_condition("slower:1ms", Metric.CONNECT).holds_for(row)
    without = replace(
        row_of(tmp_path / "2", 6.0, 9.0, Verdict.DIFFERS), baseline_p50=None
    )
    assert not parse_condition("slower:1%", Metric.CONNECT).holds_for(without)


def test_each_comparison_that_is_as_it_must_not_be_is_named(tmp_path: Path) -> None:
    found = compare(two_vantages(tmp_path), of=ALIBABA, against=AWS)
    conditions = [parse_condition(text, Metric.CONNECT) for text in ("slower:5ms",)]
    assert broken(conditions, found.rows) == (f"slower:5ms: {AWS} from here",)
    (together,) = found.together
    faster = [parse_condition("faster:2ms", Metric.CONNECT)]
    assert broken(faster, [together]) == (f"faster:2ms: {AWS} from all vantages",)


@pytest.mark.parametrize(
    "text", ["slower", "slower:", "slower:x", "differs:5ms", "equivalent", "", "5ms"]
)
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="--fail-on: want "):
        parse_condition(text, Metric.CONNECT)
