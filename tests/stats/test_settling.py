"""A transfer of ten seconds in bins of a tenth, unless a test says otherwise."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from cloudgauge.stats.settling import Settled, settle

Floats = NDArray[np.float64]
Bins = Callable[[np.random.Generator], Floats]
COUNT = 100
RUNS = 100
AT_S = np.arange(1, COUNT + 1) / 10
PLACE = np.arange(COUNT)


def noisy(rates: Floats, rng: np.random.Generator, spread: float = 0.03) -> Floats:
    return rates * np.exp(rng.normal(scale=spread, size=len(rates)))


def settled(bins: Bins, *, rtt_s: float = 0.02) -> list[Settled]:
    found = []
    for seed in range(RUNS):
        rates = bins(np.random.default_rng(seed))
        found.append(settle(rates, np.arange(1, len(rates) + 1) / 10, rtt_s))
    return found


def points(found: list[Settled]) -> Floats:
    return np.array([one.point for one in found if one.point is not None])


def correlated(rng: np.random.Generator) -> Floats:
    """Lag-one correlation of 0.8, as bins of long transfers have."""
    drawn = rng.normal(scale=0.1 * 0.6, size=COUNT)
    log = [rng.normal(scale=0.1)]
    for step in drawn[1:]:
        log.append(0.8 * log[-1] + step)
    return np.asarray(100 * np.exp(log))


def cubic(period_s: float) -> Bins:
    """The window of CUBIC (RFC 9438) between losses that each take 30 %."""

    def bins(rng: np.random.Generator) -> Floats:
        since = (AT_S + rng.uniform(0, period_s)) % period_s / period_s
        return noisy(100 * (1 - 0.3 * (1 - since) ** 3), rng)

    return bins


@pytest.mark.parametrize(
    ("bins", "least_share", "within"),
    [
        (lambda rng: noisy(np.full(COUNT, 100.0), rng, 0.02), 1.0, 0.02),
        # 80 bins of 20 %: a median's standard error is 2.8 %, so 4 of them.
        (lambda rng: noisy(np.full(COUNT, 100.0), rng, 0.2), 0.97, 0.12),
        (correlated, 0.93, 0.15),
        # Doubling every half second for four seconds, then the link is full.
        (
            lambda rng: noisy(100 * 2.0 ** np.minimum((PLACE - 40) / 5, 0), rng),
            1.0,
            0.02,
        ),
    ],
    ids=["quiet", "noise", "correlated", "slow start"],
)
def test_a_rate_that_lasts_is_found(
    bins: Bins, least_share: float, within: float
) -> None:
    found = settled(bins)
    assert sum(one.is_settled for one in found) >= least_share * RUNS
    assert np.abs(points(found) / 100 - 1).max() <= within


@pytest.mark.parametrize(
    # A single tooth of eight seconds may break just before the end.
    ("period_s", "least_share"),
    [(1.5, 0.95), (3.0, 0.9), (8.0, 0.75)],
)
def test_the_sawtooth_of_a_full_link_is_one_level(
    period_s: float, least_share: float
) -> None:
    found = settled(cubic(period_s))
    # The mean of 1 - 0.3 (1 - x)^3 over a period is 1 - 0.3 / 4 = 0.925, its median
    # 1 - 0.3 / 8 = 0.9625.
    assert sum(one.is_settled for one in found) >= least_share * RUNS
    assert np.abs(points(found) - 94.5).max() <= 8


@pytest.mark.parametrize("full_s", [3.0, 5.0, 5.8, 6.5, 8.0, 9.0, 9.8])
def test_a_burst_is_never_the_rate(full_s: float) -> None:
    full = round(full_s * 10)
    rates = np.concatenate((np.full(full, 100.0), np.full(COUNT - full, 10.0)))
    found = settled(lambda rng: noisy(rates, rng))
    for one in found:
        # What lasted at least half of the eight seconds that are looked at is the
        # sustained rate; else there is a range with both in it.
        if full_s <= 5.9:
            assert one.point == pytest.approx(10, rel=0.03)
            assert one.from_s == pytest.approx(full_s, abs=0.15)
        else:
            assert one.point is None
            assert not one.is_settled
            assert one.last is not None
            assert one.low is not None
            assert one.high == pytest.approx(100, rel=0.03)
            assert one.low < 45


@pytest.mark.parametrize("name", ["ramp", "halving", "stall"])
def test_what_keeps_changing_is_not_settled(name: str) -> None:
    rates = {
        "ramp": np.linspace(10, 100, COUNT),
        # A window that is halved at each loss and grows a step a round trip.
        "halving": 50 + 50 * (AT_S % 3) / 3,
        "stall": np.where((AT_S > 6) & (AT_S <= 7.5), 0.0, 100.0),
    }[name]
    found = settled(lambda rng: noisy(rates, rng))
    assert sum(one.is_settled for one in found) <= 0.02 * RUNS
    caveats = {caveat.name for one in found for caveat in one.caveats}
    assert caveats == {"not settled"}
    for one in found:
        if one.point is None:
            assert one.low is not None
            assert one.high is not None
            assert one.last is not None
            assert one.low < one.high
            assert one.low <= one.last <= one.high


def test_why_a_transfer_did_not_settle_is_said_with_its_times() -> None:
    found = settle(np.where(AT_S <= 7.0, 100.0, 10.0), AT_S, 0.02)
    (caveat,) = found.caveats
    assert caveat.text == "the last level held only from 7.0 s to the end at 10.0 s"
    assert found.last == pytest.approx(10)
    found = settle(np.where(AT_S <= 9.8, 100.0, 10.0), AT_S, 0.02)
    (caveat,) = found.caveats
    assert caveat.text == "the rate fell just before the end at 10.0 s"
    assert found.low == found.last == pytest.approx((100 + 2 * 10) / 3)


@pytest.mark.parametrize("rtt_s", [0.06, 0.15, 0.17, 0.23, 0.31])
def test_gusts_of_one_a_round_trip_bend_nothing(rtt_s: float) -> None:
    # 1,000 bytes at once every round trip: 1,000 / rtt_s a second. A bin of a tenth
    # of a second holds one gust, two or none.
    gusts_s = np.arange(0, 20, rtt_s)
    counts, _ = np.histogram(gusts_s, bins=np.arange(0, 20.05, 0.1))
    found = settle(counts * 10_000.0, np.arange(1, len(counts) + 1) / 10, rtt_s)
    assert found.point == pytest.approx(1_000 / rtt_s, rel=0.05)


@pytest.mark.parametrize("mbit_per_s", [2.0, 9.64, 48.2])
def test_what_is_read_in_whole_records_bends_nothing(mbit_per_s: float) -> None:
    # In a tenth of a second at 9.64 Mbit/s come 7.35 records of 16 KiB, so 7 or 8.
    record_bytes, bytes_per_s = 16_384, mbit_per_s * 125_000
    read_bytes = np.floor(np.append(0, AT_S) * bytes_per_s / record_bytes)
    rates = np.diff(read_bytes) * record_bytes * 10
    found = settle(rates, AT_S, 0.02, grain=record_bytes)
    # A window may hold one record more or less, of 64 at least.
    assert found.point == pytest.approx(bytes_per_s, rel=1 / 64)
    assert abs(float(np.median(rates[20:])) / bytes_per_s - 1) > 0.005


def test_a_grain_beyond_the_whole_part_gives_its_mean() -> None:
    rates = np.where(PLACE % 2, 110.0, 90.0)
    assert settle(rates, AT_S, 0, grain=1e6).point == pytest.approx(100)


def test_a_lost_packet_is_no_change_of_the_rate() -> None:
    # Nothing for two tenths of a second, as after a retransmission timer.
    rates = np.where((AT_S > 6.05) & (AT_S < 6.25), 0.0, 100.0)
    found = settle(rates, AT_S, 0.02)
    assert found.is_settled
    assert found.point == pytest.approx(100)
    assert found.n == 26


def test_ten_round_trips_are_dropped_where_that_is_longer() -> None:
    # The slower beginning is within 25 %, so after two seconds it would count.
    rates = np.where(AT_S <= 4.0, 80.0, 100.0)
    assert settle(rates, AT_S, 0.1).low == pytest.approx(80)
    far = settle(rates, AT_S, 0.4)
    assert far.from_s >= 4.0
    assert far.low == far.high == far.point == pytest.approx(100)


def test_the_span_of_a_settled_rate_holds_it() -> None:
    for one in settled(correlated):
        if one.point is not None:
            assert one.low is not None
            assert one.high is not None
            assert one.low <= one.point <= one.high


@pytest.mark.parametrize("count", [0, 5, 20, 24])
def test_a_transfer_that_is_soon_over_is_too_short(count: int) -> None:
    found = settle(np.full(count, 100.0), AT_S[:count], 0.02)
    assert found.point is None
    assert found.caveats[0].name == "too short"
    assert found.caveats[0].text == (
        "too little came after the first 2.0 s, which are dropped, to tell a settled "
        "rate: a transfer of more bytes or time is needed"
    )
    wanted = pytest.approx(100) if count > 20 else None
    assert found.low == found.high == found.last == wanted
    assert found.n == max(count - 20, 0)
    assert found.from_s == pytest.approx(2.0)


def test_a_transfer_that_gives_nothing_more_has_no_rate() -> None:
    found = settle(np.where(AT_S <= 1.0, 100.0, 0.0), AT_S, 0.02)
    assert found.point is None
    assert (found.low, found.high, found.last) == (0, 0, 0)


def test_a_stump_at_the_end_is_part_of_the_bin_before_it() -> None:
    # Five milliseconds in which nothing came are no empty bin.
    rates, at_s = np.append(np.full(COUNT, 100.0), 0.0), np.append(AT_S, 10.005)
    found = settle(rates, at_s, 0.02)
    assert found.point == pytest.approx(100)
    assert found.n == 80


def test_a_rate_without_a_round_trip_is_estimated_all_the_same() -> None:
    assert settle(np.full(COUNT, 100.0), AT_S, 0).point == pytest.approx(100)


def test_the_unit_of_the_rates_does_not_matter() -> None:
    rates = correlated(np.random.default_rng(1))
    one, other = settle(rates, AT_S, 0.02), settle(rates * 125_000, AT_S, 0.02)
    assert one.point is not None
    assert other.point == pytest.approx(one.point * 125_000)
    assert (one.n, one.from_s) == (other.n, other.from_s)


@pytest.mark.parametrize(
    ("rates", "times_s", "rtt_s", "message"),
    [
        (np.ones(2), np.ones(3), 0.1, r"one length, got \(2,\), \(3,\)"),
        (np.ones((1, 2)), np.ones((1, 2)), 0.1, "of one length"),
        (np.array([-1.0]), np.ones(1), 0.1, "rates must be finite and at least 0"),
        (np.array([np.inf]), np.ones(1), 0.1, "rates must be finite and at least 0"),
        (np.ones(2), np.ones(2), 0.1, "times_s must be finite and rise from above 0"),
        (np.ones(1), np.zeros(1), 0.1, "times_s must be finite and rise from above 0"),
        (np.ones(1), np.array([np.inf]), 0.1, "times_s must be finite and rise"),
        (np.ones(1), np.ones(1), -1.0, "rtt_s must be at least 0, got -1.0"),
    ],
)
def test_what_is_no_transfer_is_refused(
    rates: Floats, times_s: Floats, rtt_s: float, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        settle(rates, times_s, rtt_s)


def test_a_negative_grain_is_refused() -> None:
    with pytest.raises(ValueError, match=r"grain must be at least 0, got -1.0"):
        settle(np.ones(2), AT_S[:2], 0.1, grain=-1.0)
