import math

import numpy as np
import pytest

from cloudgauge.analysis.rounds import Attempts, joined
from tests.analysis.values import HOUR_NS, MIDNIGHT_NS, line, rounds_with

ONE, OTHER = line("aws/place-1"), line("gcp/place-1")


def test_rounds_of_runs_stand_one_after_the_other_and_what_one_has_not_is_absent() -> (
    None
):
    first = rounds_with({ONE: [1, 2], OTHER: [3, math.inf]})
    second = rounds_with({ONE: [5, 6, 7]})

    both = joined([first, second])

    assert both.lines == (ONE, OTHER)
    np.testing.assert_array_equal(both.of(ONE), [1, 2, 5, 6, 7])
    np.testing.assert_array_equal(
        both.of(OTHER), [3, math.inf, math.nan, math.nan, math.nan]
    )
    assert list(both.runs) == [0, 0, 1, 1, 1]
    assert both.attempts_of(ONE).made == 5
    assert both.attempts_of(OTHER) == first.attempts_of(OTHER)


def test_attempts_add_up_and_keep_every_word() -> None:
    one = Attempts(made=3, answered=2, timed_out=1, clocks=frozenset({"kernel"}))
    other = Attempts(made=4, answered=4, resent=2, clocks=frozenset({"user"}))

    both = one + other

    assert (both.made, both.answered, both.failed) == (7, 6, 1)
    assert (both.timed_out, both.resent) == (1, 2)
    assert both.clocks == {"kernel", "user"}


def test_some_lines_keep_their_values_and_attempts() -> None:
    whole = rounds_with({ONE: [1, 2], OTHER: [3, 4]})

    part = whole.some([OTHER])

    assert part.lines == (OTHER,)
    np.testing.assert_array_equal(part.values, [[3], [4]])
    assert part.attempts == (whole.attempts_of(OTHER),)


def test_without_timeouts_the_values_are_those_that_were_answered() -> None:
    whole = rounds_with({ONE: [1, math.inf, math.nan]})
    np.testing.assert_array_equal(whole.answered().of(ONE), [1, math.nan, math.nan])


@pytest.mark.parametrize(
    ("count", "quarters", "is_burst"),
    [(1, (), True), (12, (0, 1), True), (14, (0, 1, 2), False)],
)
def test_coverage_says_which_hours_the_rounds_speak_for(
    count: int, quarters: tuple[int, ...], *, is_burst: bool
) -> None:
    coverage = rounds_with({ONE: [1.0] * count}).coverage()

    assert coverage.rounds == count
    assert coverage.begin_ns == MIDNIGHT_NS
    assert coverage.end_ns == MIDNIGHT_NS + (count - 1) * HOUR_NS
    assert coverage.quarters == quarters
    assert coverage.is_burst is is_burst
