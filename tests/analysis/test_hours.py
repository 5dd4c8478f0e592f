import math

import numpy as np
import pytest

from cloudgauge.analysis.hours import (
    at_hours_of_all,
    common_hours,
    hours_text,
    near_in_day,
)
from cloudgauge.analysis.sides import Side
from tests.analysis.values import HOUR_NS, MIDNIGHT_NS, line, rounds_with

DAY_NS = 24 * HOUR_NS
ONE, OTHER = line("aws/one"), line("gcp/other")


def at_hours(*hours: float) -> np.ndarray:
    return np.array([MIDNIGHT_NS + int(one * HOUR_NS) for one in hours])


@pytest.mark.parametrize(
    ("mine", "its", "near"),
    [
        ([0, 3, 4], [0], [True, True, False]),
        # Midnight is no border, on either side of it.
        ([23], [1], [True]),
        ([1], [23], [True]),
        # Whatever the date.
        ([25, 49, 61], [26], [True, True, False]),
        ([12], [], [False]),
        ([], [12], []),
    ],
)
def test_near_is_within_three_hours_of_the_time_of_day(
    mine: list[float], its: list[float], near: list[bool]
) -> None:
    assert near_in_day(at_hours(*mine), at_hours(*its)).tolist() == near


def test_two_sides_keep_the_rounds_of_their_common_hours_alone() -> None:
    # Of a whole day the one has every hour, the other but the first two.
    one = Side(rounds=rounds_with({ONE: [1.0] * 24}), line=ONE)
    few = [2.0, 2.0, *[math.nan] * 22]
    other = Side(rounds=rounds_with({OTHER: few}), line=OTHER)
    mine, its = common_hours(one, other)
    # From 21:00 to 04:00.
    assert mine.seen == 8
    assert its.seen == 2
    assert mine.rounds.attempts == one.rounds.attempts


def test_every_line_has_a_counterpart_of_all_others_or_no_value() -> None:
    first = [1.0] * 6 + [math.nan] * 6
    second = [math.nan] * 6 + [1.0] * 6
    kept = at_hours_of_all(rounds_with({ONE: first, OTHER: second}))
    # Hours 0 to 5 and 6 to 11: those within three of the other's are left.
    assert np.flatnonzero(~np.isnan(kept.of(ONE))).tolist() == [3, 4, 5]
    assert np.flatnonzero(~np.isnan(kept.of(OTHER))).tolist() == [6, 7, 8]


def test_a_line_without_a_value_keeps_no_other_from_being_ranked() -> None:
    rounds = rounds_with({ONE: [1.0] * 4, OTHER: [math.nan] * 4})
    assert at_hours_of_all(rounds).of(ONE).tolist() == [1.0] * 4


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([1.0, 1.0, 1.0, math.nan], "00:00 to 02:00 UTC"),
        ([1.0, *[math.nan] * 21, 1.0, 1.0], "22:00 to 00:00 UTC"),
        ([math.nan, 1.0], "01:00 to 01:00 UTC"),
        ([math.nan], "no hour"),
    ],
)
def test_hours_are_told_around_the_longest_gap(values: list[float], text: str) -> None:
    assert hours_text(Side(rounds=rounds_with({ONE: values}), line=ONE)) == text
