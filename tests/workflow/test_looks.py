import math
from dataclasses import replace
from typing import Any

from cloudgauge.model.run import Decision, Remaining
from cloudgauge.stats import sequential
from cloudgauge.workflow.looks import (
    LEAST_ROUNDS,
    Look,
    conclusion,
    look_line,
    standings_of,
)

LOOK = Look(
    number=40,
    family="ipv4",
    rounds=40,
    still=("b", "a"),
    left=(),
    gone=1,
    evidence=12.3,
)


def look(**changes: Any) -> Look:
    return replace(LOOK, **changes)


def test_the_rounds_wanted_are_those_of_the_statistics() -> None:
    assert LEAST_ROUNDS == sequential.LEAST_ROUNDS


def test_a_look_names_who_is_next_and_what_is_wanted() -> None:
    assert look_line(look()) == (
        "look 40, ipv4, 40 rounds: 2 of 3 may be best; next to leave is b with "
        "evidence 12 of 30"
    )
    assert "evidence 1234 of" in look_line(look(evidence=1234.4))


def test_a_look_that_decides_says_so() -> None:
    assert look_line(look(still=("a",), left=("b",))) == (
        "look 40, ipv4, 40 rounds: decided: a; b left now"
    )


def test_many_that_leave_at_once_are_counted() -> None:
    told = look_line(look(left=tuple("cdefghi")))
    assert "c, d, e, f, g and 2 more left now" in told


def remaining(target_id: str, *, rounds: int = 40) -> Remaining:
    return Remaining(target_id=target_id, family="ipv4", rounds=rounds, evidence=1.0)


def test_nothing_that_bounds_a_difference_is_said_too() -> None:
    both = (remaining("a"), remaining("b"))
    open_end = Decision(snapshot=True, looks=9, departures=(), remaining=both)
    _, why = conclusion(open_end)
    assert why == "ipv4: no interval bounds by how much they differ"
    few = tuple(remaining(name, rounds=12) for name in "ab")
    _, why = conclusion(Decision(snapshot=True, looks=9, departures=(), remaining=few))
    assert why == "ipv4: nobody leaves before 30 rounds"


def test_a_difference_that_timeouts_leave_open_has_no_interval() -> None:
    mostly_out = [(10.0 + 0.01 * (at % 7), math.inf) for at in range(40)]
    ((_, late),) = standings_of([mostly_out], [0])
    assert late.behind is None
    # The fastest timed out where the other did not.
    once_out = [(10.0 + 0.01 * (at % 7), 10.0) for at in range(39)] + [(math.inf, 10.0)]
    ((_, other),) = standings_of([once_out], [0])
    assert other.behind is None
    unseen = [(10.0, math.nan)] * 40
    ((_, never),) = standings_of([unseen], [0])
    assert never.behind is None
