"""Clocks held against one another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudgauge.fleet.clock_offset import (
    ClockOffset,
    Exchange,
    clock_text,
    offset_from,
)
from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S

_SECONDS = st.integers(min_value=0, max_value=5 * NS_PER_S)
_WAYS = st.lists(st.tuples(_SECONDS, _SECONDS), min_size=1, max_size=8)


@given(ahead_ns=st.integers(-(10**12), 10**12), ways_ns=_WAYS)
def test_the_truth_is_within_the_uncertainty_however_unlike_the_ways_are(
    ahead_ns: int, ways_ns: list[tuple[int, int]]
) -> None:
    sent_ns = 10**18
    exchanges = [
        Exchange(
            asked_wall_ns=sent_ns + ahead_ns,
            round_trip_ns=there_ns + back_ns,
            told_wall_ns=sent_ns + there_ns,
        )
        for there_ns, back_ns in ways_ns
    ]

    offset = offset_from(exchanges)

    assert abs(offset.ahead_ns - ahead_ns) <= offset.uncertainty_ns
    least_ns = min(there + back for there, back in ways_ns)
    assert offset.uncertainty_ns <= least_ns // 2 + 1


def test_a_start_is_told_in_the_worker_s_own_time() -> None:
    five_minutes_ahead = ClockOffset(ahead_ns=300 * NS_PER_S, uncertainty_ns=5)

    assert five_minutes_ahead.to_worker_ns(1_000) == 1_000 + 300 * NS_PER_S


@pytest.mark.parametrize(
    ("ahead_ns", "uncertainty_ns", "surely_ns"),
    [(10, 4, 6), (-10, 4, 6), (3, 4, 0), (0, 0, 0)],
)
def test_only_what_is_beyond_the_uncertainty_is_surely_off(
    ahead_ns: int, uncertainty_ns: int, surely_ns: int
) -> None:
    offset = ClockOffset(ahead_ns=ahead_ns, uncertainty_ns=uncertainty_ns)

    assert offset.surely_off_ns == surely_ns


def test_an_offset_is_written_with_its_uncertainty() -> None:
    small = ClockOffset(ahead_ns=1_200_000, uncertainty_ns=400_000)
    large = ClockOffset(ahead_ns=-300 * NS_PER_S, uncertainty_ns=2 * NS_PER_MS)

    assert clock_text(small) == "+1.2 ms ± 0.4 ms"
    assert clock_text(large) == "-5m ± 2.0 ms"


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="round_trip_ns must be >= 0"):
        Exchange(asked_wall_ns=0, round_trip_ns=-1, told_wall_ns=0)
    with pytest.raises(ValueError, match="uncertainty_ns must be >= 0"):
        ClockOffset(ahead_ns=0, uncertainty_ns=-1)
    with pytest.raises(ValueError, match="empty"):
        offset_from([])
