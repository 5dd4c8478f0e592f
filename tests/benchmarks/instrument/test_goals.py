from dataclasses import replace

import pytest

from benchmarks.instrument import goals
from benchmarks.instrument.figures import Spread
from benchmarks.instrument.outcome import Outcome
from benchmarks.instrument.report import Row
from benchmarks.instrument.sides import sides_of
from benchmarks.instrument.stages import Effort, Part, ProberName, Stage, programme


def _spread(p50: float, p99: float) -> Spread:
    return Spread(count=100, p50=p50, p99=p99, most=2 * p99)


def _outcome(stage: Stage) -> Outcome:
    """A prober that gets worse with the load; the peer ten times as bad as we are."""
    bad = 1.0 if stage.prober is ProberName.OWN else 10.0
    at = stage.load.visits_per_s / 100
    return Outcome(
        stage=stage,
        errors_ms={
            "first_byte": _spread(0.1 * bad, at * bad),
            "connect": _spread(0.1 * bad, 0.2 * bad),
        },
        lateness_ms=_spread(1, 19),
        first_packet_ms=_spread(1, 10 * at),
        offered=100,
        begun=100,
        failed=1,
        unmatched=0,
        cpu_ms=2.0 + 0.5 * stage.load.warm_requests,
        peak_bytes=2**20,
        tree_peak_bytes=3 * 2**20,
        exit_code=0,
    )


_STAGES = programme(frozenset(Part), frozenset(ProberName), Effort())
_OUTCOMES = tuple(map(_outcome, _STAGES))


def _row(figure: str, load: str = "") -> Row:
    found = [
        row
        for row in goals.rows_of(_OUTCOMES)
        if row.figure.startswith(figure) and load in row.load
    ]
    (row,) = found
    return row


def test_cold_error_may_be_a_tenth_of_the_peers_from_120_visits_a_second_on() -> None:
    slow = _row("first byte, error p99", "200 targets, 50 visits/s")
    fast = _row("first byte, error p99", "200 targets, 120 visits/s")
    assert (slow.goal, fast.goal) == (1.0, 0.1)
    assert fast.ratio == pytest.approx(0.1)
    assert fast.met is True


def test_knee_lies_where_the_made_up_error_passes_three_milliseconds() -> None:
    row = _row("knee: first byte's p99 error passes 3 ms")
    # Ours is load / 100, so it reaches 3 at 300, the last step, and passes nowhere;
    # the peer's is load / 10 and is beyond it at the first step already.
    assert row.value is None
    assert row.peer_value == 50
    assert "up to 300 cold visits a second" in row.note


def test_cost_of_a_warm_request_is_what_more_of_them_add() -> None:
    row = _row("CPU of a warm request")
    assert row.value == row.peer_value == 0.5
    assert row.met is True


def test_slope_needs_more_than_one_number_of_targets() -> None:
    assert _row("slope").value == pytest.approx(0)
    alone = [outcome for outcome in _OUTCOMES if outcome.stage.load.targets == 1]
    assert goals.rows_of(alone) == ()


def test_peer_that_was_left_out_leaves_our_own_figures() -> None:
    own = [outcome for outcome in _OUTCOMES if outcome.stage.prober is ProberName.OWN]
    rows = goals.rows_of(own)
    assert {row.peer for row in rows if row.goal_is_ratio} <= {"", ProberName.BARE}
    assert any(row.figure == "lateness p99" and row.met for row in rows)


def test_every_prober_that_reports_stands_side_by_side() -> None:
    sides = sides_of(_OUTCOMES)
    assert {side.prober for side in sides} == set(ProberName) - {ProberName.BARE}
    assert {side.achieved for side in sides} == {0.99}


def test_stage_that_broke_down_is_said_in_a_note() -> None:
    broken = replace(_OUTCOMES[0], exit_code=70)
    assert sides_of([broken])[0].note.endswith("ended with exit code 70.")
