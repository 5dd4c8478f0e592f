from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from cloudgauge.analysis.series import WordCount
from cloudgauge.analysis.throughput import TransferSummary, summarise_transfers
from cloudgauge.analysis.transfers import BinFigures, RoundTrips, Transfer
from cloudgauge.stats.caveat import Weight
from cloudgauge.stats.settling import Settled, settle

AT_S = np.arange(1, 101) / 10
MBIT = 125_000.0
NONE = RoundTrips(n=0, failed=0, unstamped=0, p50_ms=None, p95_ms=None)


def trips(p50_ms: float, p95_ms: float, **changes: int) -> RoundTrips:
    made = RoundTrips(n=10, failed=0, unstamped=0, p50_ms=p50_ms, p95_ms=p95_ms)
    return replace(made, **changes)


def steady(mbit_per_s: float) -> Settled:
    return settle(np.full(100, mbit_per_s * MBIT), AT_S, 0.02)


def bucket(mbit_per_s: float) -> Settled:
    rates = np.where(np.arange(100) < 70, mbit_per_s, mbit_per_s / 10)
    return settle(rates * MBIT, AT_S, 0.02)


def transfer(
    settled: Settled | None,
    *,
    failure: str | None = None,
    idle: RoundTrips = NONE,
    loaded: RoundTrips = NONE,
) -> Transfer:
    quiet = np.zeros(100)
    bins = BinFigures(
        ends_s=AT_S,
        body_bytes_per_s=quiet,
        wire_bytes_per_s=quiet,
        rtt_s=quiet,
        window_bytes=quiet + 1e9,
        unread_bytes=quiet,
        drain_share=quiet,
        cpu_share=quiet,
    )
    return Transfer(
        target_id="aws/place-1:agent", family="ipv4", streams=1, seq=1,
        failure=failure, body_bytes=1_000, settled=settled,
        bins=bins, idle=idle, loaded=loaded,
    )  # fmt: skip


def summary_of(transfers: Sequence[Transfer]) -> TransferSummary:
    (found,) = summarise_transfers(transfers, None)
    return found


def mbit(bytes_per_s: float | None) -> float | None:
    return None if bytes_per_s is None else bytes_per_s / MBIT


def test_a_rate_is_the_median_of_tests_and_its_span_theirs() -> None:
    found = summary_of([transfer(steady(rate)) for rate in (90, 100, 104)])
    assert mbit(found.rate.point) == pytest.approx(100)
    assert mbit(found.rate.low) == pytest.approx(90)
    assert mbit(found.rate.high) == pytest.approx(104)
    assert (found.tests, found.settled, found.body_bytes) == (3, 3, 3_000)
    assert found.caveats == ()


def test_most_tests_must_settle_for_a_rate() -> None:
    settled, burst = transfer(steady(100)), transfer(bucket(100))
    half = summary_of([settled, burst])
    assert mbit(half.rate.point) == pytest.approx(100)
    assert mbit(half.rate.low) == pytest.approx(10)
    fewer = summary_of([settled, burst, burst])
    assert fewer.rate.point is None
    assert mbit(fewer.rate.low) == pytest.approx(10)
    assert mbit(fewer.rate.high) == pytest.approx(100)
    assert fewer.settled == 1


def test_why_tests_did_not_settle_is_said_once() -> None:
    found = summary_of([transfer(bucket(100)), transfer(bucket(50))])
    (caveat,) = found.caveats
    assert caveat.name == "not settled"
    assert caveat.text == (
        "2 of 2 tests did not settle: the last level held only from 7.0 s to the end "
        "at 10.0 s, at 10 Mbit/s in the end"
    )


def test_a_rate_beyond_a_gigabit_is_written_out() -> None:
    fast = replace(bucket(100), last=229.5e6)
    (caveat,) = summary_of([transfer(fast)]).caveats
    assert caveat.text.endswith("at 1,836 Mbit/s in the end")


def test_a_transfer_of_nothing_has_no_rate_to_name() -> None:
    short = settle(np.array([]), np.array([]), 0.02)
    found = summary_of([transfer(short)])
    assert (found.rate.point, found.rate.low, found.rate.high) == (None, None, None)
    assert found.caveats[0].name == "too short"
    assert found.caveats[0].text.endswith("more bytes or time is needed")


def test_a_burst_that_only_the_first_tests_get_is_no_rate() -> None:
    # Settled, each of them: the bucket of the first two was not empty in time.
    rates = (100, 100, 10, 10, 10)
    found = summary_of([transfer(steady(rate)) for rate in rates])
    assert mbit(found.rate.point) == pytest.approx(10)
    (caveat,) = found.caveats
    assert caveat.name == "tests differ"
    assert caveat.text == (
        "its 5 settled tests went from 10 to 100 Mbit/s: a link that is shared or let "
        "a burst through has no one rate"
    )


def test_failed_tests_are_counted_and_in_no_rate() -> None:
    found = summary_of(
        [
            transfer(steady(100)),
            transfer(None, failure="stalled"),
            transfer(None, failure="no-length"),
            transfer(None, failure="stalled"),
        ]
    )
    assert mbit(found.rate.point) == pytest.approx(100)
    assert (found.tests, found.settled) == (4, 1)
    assert found.failures == (
        WordCount(word="stalled", count=2),
        WordCount(word="no-length", count=1),
    )


def test_latency_under_load_is_paired_within_each_test() -> None:
    # The idle round trip doubles from test to test; what the load adds does not.
    found = summary_of(
        [
            transfer(steady(9), idle=trips(20, 22), loaded=trips(50, 72)),
            transfer(steady(9), idle=trips(40, 44), loaded=trips(71, 104)),
            transfer(steady(9), idle=trips(80, 88), loaded=trips(109, 128)),
        ]
    ).under_load
    assert found.idle_p50_ms == 40
    assert found.added_p50_ms == 30
    assert found.added_p95_ms == 50
    assert found.loaded_p50_ms == 71
    assert found.per_minute == pytest.approx(60_000 / 71)
    assert found.n == 3


def test_a_test_without_idle_round_trips_adds_nothing_that_can_be_told() -> None:
    found = summary_of([transfer(steady(9), loaded=trips(50, 72))]).under_load
    assert found.added_p50_ms is None
    assert found.idle_p50_ms is None
    assert found.per_minute == pytest.approx(1_200)
    assert found.n == 0


def test_round_trips_that_failed_or_have_the_programs_time_are_said() -> None:
    loaded = trips(50, 72, failed=2, unstamped=3)
    found = summary_of([transfer(steady(9), idle=trips(20, 22), loaded=loaded)])
    assert [(caveat.name, caveat.weight) for caveat in found.caveats] == [
        ("unanswered", Weight.DOUBT),
        ("user clock", Weight.NOTE),
    ]
    assert found.caveats[0].text == (
        "2 of 12 small requests under load were not answered: they are in none of its "
        "round trips"
    )
    assert found.caveats[1].text == (
        "3 of 10 small requests under load were timed by the program: its own work is "
        "in them"
    )


def test_series_are_told_apart_by_target_family_and_streams() -> None:
    one = transfer(steady(100))
    others = [
        replace(one, streams=8),
        replace(one, family="ipv6"),
        replace(one, target_id="aws/place-0:agent"),
    ]
    found = summarise_transfers([one, *others, one], None)
    keys = [(item.target_id, item.family, item.streams, item.tests) for item in found]
    assert keys == [
        ("aws/place-0:agent", "ipv4", 1, 1),
        ("aws/place-1:agent", "ipv4", 1, 2),
        ("aws/place-1:agent", "ipv4", 8, 1),
        ("aws/place-1:agent", "ipv6", 1, 1),
    ]
    assert summarise_transfers([], None) == ()
