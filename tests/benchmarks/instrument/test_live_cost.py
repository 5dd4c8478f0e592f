from dataclasses import replace

from benchmarks.instrument.live_cost import Cost, to_markdown

_COST = Cost(
    prober_s=4.0,
    drawing_s=0.3,
    seconds=50.0,
    targets=24,
    visits=120,
    lateness_p50_ms=0.25,
    lateness_p99_ms=2.5,
    connect_p50_ms=32.0,
    first_byte_p50_ms=64.0,
)


def test_the_worst_of_the_drawn_runs_is_held_against_the_goal() -> None:
    dearer = replace(_COST, drawing_s=0.9)
    plain = replace(_COST, drawing_s=0.0)

    text = to_markdown(((True, _COST), (False, plain), (True, dearer)), "a machine")

    assert "Drawing took at most 1.80% of a core; wanted is less than 2%: met." in text
    assert "| 24 | no | 120 | 4.00 | 0.00 | 0.00% | 0.250 | 2.500 |" in text
    assert "a machine" in text


def test_a_goal_that_is_missed_is_said() -> None:
    text = to_markdown(((True, replace(_COST, drawing_s=1.0)),), "a machine")

    assert "at most 2.00% of a core; wanted is less than 2%: MISSED." in text
